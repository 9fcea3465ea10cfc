#!/bin/sh
# kernels.sh [NAME...]: Debian's kernels for the demo machine and the tests, in
# build/kernels/NAME/{vmlinuz,modules}; without a name, the one that they boot by
# default. Fetched once, through the private apt, and unpacked in the cache.
set -eu
. "${0%/*}/lib.sh"

# name, suite, package without Debian's name of the machine
kernels='
bookworm-cloud bookworm linux-image-cloud
bookworm       bookworm linux-image
trixie         trixie   linux-image
'

# Such a package is empty and depends on the image of the day.
image_of() {
	apt_private "$1" apt-cache depends --no-recommends --no-suggests "$2" |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1
}

# Unpacks a kernel package as one folder with boot/ and lib/modules/VERSION/.
unpack_kernel() {
	rm -rf "$2.new"
	mkdir -p "$2.new"
	step kernels dpkg -x "$1" "$2.new"
	if [ -d "$2.new/usr/lib/modules" ]; then
		mkdir -p "$2.new/lib"
		mv "$2.new/usr/lib/modules" "$2.new/lib/modules"
	fi
	version=$(ls "$2.new/lib/modules")
	step kernels env PATH="$PATH:/usr/sbin:/sbin" depmod -b "$2.new" "$version"
	rm -rf "$2"
	mv "$2.new" "$2"
}

fetch_kernel() {
	folder=$1 suite=$3 package=$4-$debian_arch
	apt_update "$suite"
	image=$(image_of "$suite" "$package")
	[ -n "$image" ] || die "$suite has no kernel behind $package"
	say "fetching $image of $suite"
	work=$(mktemp -d "$cache/kernels/fetch.XXXXXX")
	(cd "$work" && step kernels apt_private "$suite" apt-get -q download "$image")
	unpack_kernel "$work"/*.deb "$folder"
	rm -rf "$work"
}

link_kernel() {
	mkdir -p "$build/kernels/$1"
	ln -sfn "$(ls "$2"/boot/vmlinuz-*)" "$build/kernels/$1/vmlinuz"
	ln -sfn "$(ls -d "$2"/lib/modules/*)" "$build/kernels/$1/modules"
}

provide() {
	row=$(echo "$kernels" | grep "^$1 ") || die "no kernel is called $1"
	folder=$cache/kernels/${cross:+$arch-}$1
	if [ ! -d "$folder" ]; then
		mkdir -p "$cache/kernels"
		exec 8>"$cache/kernels/lock"
		flock 8
		[ -d "$folder" ] || fetch_kernel "$folder" $row
		exec 8>&-
	fi
	link_kernel "$1" "$folder"
}

for name in ${*:-bookworm-cloud}; do provide "$name"; done
