#!/bin/sh
# packages.sh LIST...: installs the Debian packages that the lists name, one a
# line, where they are missing. Done in milliseconds when none is. On another
# distribution, or without root, it says what is needed and lets make go on.
set -eu

wanted=$(cat "$@" | sed 's/#.*//' | tr -s ' \t\n' ' ')

missing() {
	have=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null |
		sed -n 's/^ii *//p' | tr '\n' ' ')
	for package in $wanted; do
		case " $have " in *" $package "*) ;; *) printf '%s ' "$package" ;; esac
	done
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	[ -e "${BUILD:-build}/packages-told" ] && exit 0
	echo "packages: this is not Debian; what these of its packages hold is needed: $wanted" >&2
	mkdir -p "${BUILD:-build}" && touch "${BUILD:-build}/packages-told"
	exit 0
fi
need=$(missing)
[ -n "$need" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "packages: without root or sudo these can't be installed: $need" >&2
		exit 0
	fi
	as_root=sudo
fi
echo "packages: installing $need" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
		"$@" >>"$log" 2>&1
}
# an index that is a little old still has nearly all; it is fetched where that fails
apt install --no-install-recommends $need && exit 0
if apt update && apt install --no-install-recommends $need; then exit 0; fi
tail -n 15 "$log" >&2
echo "packages: could not install: $need" >&2
exit 1
