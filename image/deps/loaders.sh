#!/bin/sh
# loaders.sh: what media start by with Secure Boot switched on: shim and GRUB as Debian has
# had them signed, and systemd's stub for those who sign themselves. build/loaders has
# them below usr/lib, as their packages do.
# Fetched once, through the private apt; nothing is installed on this machine.
set -eu
. "${0%/*}/lib.sh"

suite=bookworm
packages="shim-signed shim-helpers-$debian_arch-signed grub-efi-$debian_arch-signed systemd-boot-efi"
folder=$cache/kernels/${cross:+$arch-}loaders

fetch() {
	apt_update "$suite"
	say "fetching the boot loaders that Debian has signed"
	work=$(mktemp -d "$cache/kernels/fetch.XXXXXX")
	(cd "$work" && step loaders apt_private "$suite" apt-get -q download $packages)
	mkdir "$work/root"
	for package in "$work"/*.deb; do step loaders dpkg -x "$package" "$work/root"; done
	rm -rf "$work/root/usr/share" "$work/root/usr/lib/tmpfiles.d" "$folder"
	mv "$work/root" "$folder"
	rm -rf "$work"
}

if [ ! -d "$folder" ]; then
	mkdir -p "$cache/kernels"
	exec 8>"$cache/kernels/lock"
	flock 8
	[ -d "$folder" ] || fetch
	exec 8>&-
fi
mkdir -p "$build"
ln -sfn "$folder" "$build/loaders"
