#!/bin/sh
# A packager's install lands below DESTDIR whole, and the tool finds its parts there.
set -u
bad=0
check() {
	name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; bad=1; fi
}

dest=$(mktemp -d)
trap 'rm -rf "$dest"' EXIT
check "it installs" env DESTDIR="$dest" PREFIX=/usr image/install.sh
for file in bin/slate sbin/slate-init lib/slate/slate-boot lib/slate/slate-init \
	lib/slate/slate-fetch lib/slate/busybox lib/slate/drivers.txt lib/slate/bin/lbu lib/slate/bin/reboot; do
	check "/usr/$file is there" test -s "$dest/usr/$file"
done
check "nothing lies outside the prefix" test "$(ls "$dest")" = usr
check "nothing is writable by others" test -z "$(find "$dest/usr" ! -type l -perm /022)"
check "every program runs" "$dest/usr/bin/slate" --version
check "its other names run" "$dest/usr/lib/slate/bin/lbu" --help
exit $bad
