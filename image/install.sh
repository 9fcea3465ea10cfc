#!/bin/sh
# Installs what `make` built below $DESTDIR$PREFIX: the tool in bin/, PID 1 in
# sbin/, and in lib/slate/ all that `slate image build` puts into an initramfs.
# The other names of `slate` lie in lib/slate/bin, out of the way of the host's.
set -eu
cd "${0%/*}/.."
build=${BUILD:-build}
to=${DESTDIR:-}${PREFIX:-/usr}
library=$to/lib/slate

install -d "$to/bin" "$to/sbin" "$library/bin" "$library/hooks" "$library/system"
install -m 755 "$build/slate" "$to/bin/slate"
for program in slate-boot slate-init slate-fetch busybox; do
	install -m 755 "$build/$program" "$library/$program"
done
ln -sf ../lib/slate/slate-init "$to/sbin/slate-init"
for name in lbu systemctl reboot poweroff halt shutdown; do
	ln -sf ../../../bin/slate "$library/bin/$name"
done

install -m 644 image/drivers.txt "$library/drivers.txt"
for part in hooks/*; do
	[ "$part" = hooks/units ] || cp -R "$part" "$library/hooks/"
done
cp -R hooks/units/. "$library/system/"
# masked.txt is the list of units that are switched off: a link each
while read -r unit rest; do
	case $unit in '' | '#'*) ;; *) ln -sf /dev/null "$library/system/$unit" ;; esac
done <"$library/system/masked.txt"
rm "$library/system/masked.txt"

for page in docs/*.[1-8]; do
	[ -f "$page" ] || continue
	install -D -m 644 "$page" "$to/share/man/man${page##*.}/${page##*/}"
done
install -D -m 644 LICENSE "$to/share/doc/slate/LICENSE"
