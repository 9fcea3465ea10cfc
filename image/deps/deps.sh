#!/bin/sh
# Builds the third-party libraries and BusyBox for musl and points build/deps at
# the result. Each build/NAME.sh makes one component; it starts with
#
#     # source: the source package it unpacks, or nothing
#     # needs: the components whose headers and libraries it uses
#     # files: what else of this folder it reads
#
# and is run in its unpacked source with $OUT, the folder to install into. A
# component is rebuilt only when something that went into it has changed, and
# when nothing at all has, this script is done in milliseconds.
set -eu
. "${0%/*}/lib.sh"

# Three lanes that do not need each other, so that slow configure runs overlap.
lanes='util-linux mbedtls curl
zlib isal zstd xz sodium qrencode libarchive kmod
busybox dropbear'

whole_key() {
	{ cat "$lock" "$0" "$deps_dir"/fetch.sh "$deps_dir"/build.sh "$deps_dir"/build/* \
		"$deps_dir"/*.config "$deps_dir"/*.h
	  "${cross}gcc" -dumpmachine; "${cross}gcc" -dumpfullversion; echo "$cache"; } | digest
}

header() { sed -n "s/^# $1: *//p" "$deps_dir/build/$2.sh"; }

# The digest of all that goes into component $1, what it needs included.
key_of() {
	{ for need in $(header needs "$1"); do key_of "$need"; done
	  cat "$deps_dir/build.sh" "$deps_dir/build/$1.sh"
	  for file in $(header files "$1"); do cat "$deps_dir/$file"; done
	  for package in $(header source "$1"); do grep " $package " "$fetched"; done
	  echo "$gcc_is $cache"; } | digest
}

folder_of() { echo "$cache/built/$1-$(key_of "$1")"; }

make_component() {
	out=$(folder_of "$1")
	[ ! -e "$out/.done" ] || return 0
	say "building $1"
	rm -rf "$out"
	with=
	for need in $(header needs "$1"); do with="$with $(folder_of "$need")"; done
	rm -f "$cache/log/$1.log"
	OUT=$out WITH=$with FETCHED=$fetched PACKAGE=$(header source "$1") TOOLCHAIN=$toolchain \
		step "$1" "$deps_dir/build.sh" "$1"
	touch "$out/.done"
}

make_lane() { for component; do make_component "$component"; done; }

merge_into() {
	mkdir -p "$1"
	for component in toolchain $(echo $lanes); do
		for part in include lib bin; do
			from=$(folder_of "$component")/$part
			[ ! -d "$from" ] || cp -al "$from" "$1/"
		done
	done
}

for tool in "${cross}gcc" "${cross}gcc-ar" gcc make patch dpkg xz bzip2; do
	command -v "$tool" >/dev/null || die "$tool is missing: 'make packages' installs it"
done
key=$(whole_key)
prefix=$cache/prefix/$key
if [ ! -e "$prefix/.done" ]; then
	mkdir -p "$cache/prefix" "$cache/log"
	exec 9>"$cache/lock"
	flock 9
fi
if [ ! -e "$prefix/.done" ]; then
	fetched=$cache/fetched
	"$deps_dir/fetch.sh" >"$fetched"
	gcc_is="$("${cross}gcc" -dumpmachine) $("${cross}gcc" -dumpfullversion)"
	toolchain=
	make_component toolchain
	toolchain=$(folder_of toolchain)
	waited=
	while read -r lane; do
		(make_lane $lane) 9>&- &
		waited="$waited $!"
	done <<-LANES
		$lanes
	LANES
	for lane in $waited; do wait "$lane" || exit 1; done
	rm -rf "$prefix"
	merge_into "$prefix"
	mv "$fetched" "$prefix/sources"
	touch "$prefix/.done"
	say "done: $prefix"
fi
if [ "$(readlink "$build/deps")" != "$prefix" ]; then
	mkdir -p "$build"
	ln -sfn "$prefix" "$build/deps"
	echo "$key" >"$build/deps.key"
fi
