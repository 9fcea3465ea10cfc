#!/bin/sh
# Fetches the sources that sources.lock names into $SLATE_CACHE/sources, and
# prints for each of its lines: KIND PACKAGE VERSION FILE as found.
#
# A file whose digest is the locked one is taken as it is. Where the mirror has
# moved on, the suite's present version takes its place: apt checks it against
# the suite's signed index, and one warning names what differs from the lock.
# With --present all of them are the suite's present versions.
set -eu
. "${0%/*}/lib.sh"

suite=trixie
store=$cache/sources
present=${1:-}
moved=
updated=

update_once() {
	[ -z "$updated" ] || return 0
	apt_update "$suite"
	updated=yes
}

# fetch_locked KIND PACKAGE VERSION FILE: into the current folder.
fetch_locked() {
	case $1/$4 in
	deb/*) step fetch apt_private "$suite" apt-get -q download "$2=$3" ;;
	*.orig.tar.*) step fetch source_part "$2=$3" --tar-only ;;
	*) step fetch source_part "$2=$3" --diff-only ;;
	esac
}

source_part() {
	apt_private "$suite" apt-get -q source --download-only --only-source "$2" "$1"
}

# The suite's own version of a package, as the lock would name it now.
present_version() {
	case $1 in
	deb) apt_private "$suite" apt-cache show --no-all-versions "$2" ;;
	*) apt_private "$suite" apt-cache showsrc --only-source "$2" ;;
	esac | sed -n 's/^Version: //p' | sort -V | tail -n 1
}

# The name that VERSION's file of the same sort as FILE has.
present_file() {
	upstream=${3#*:}
	case $1/$4 in
	deb/*) echo "$2_$upstream${4##*"${4%_*}"}" ;;
	*.orig.tar.*) echo "$2_${upstream%-*}.orig.tar.${4##*.}" ;;
	*) echo "$2_$upstream.debian.tar.${4##*.}" ;;
	esac
}

settle_locked() {
	sha256_is "$5" "$store/$4" && return 0
	update_once
	(cd "$store" && fetch_locked "$1" "$2" "$3" "$4") 2>/dev/null || :
	sha256_is "$5" "$store/$4" && return 0
	rm -f "$store/$4"
	return 1
}

# Leaves in $version and $file what stands in for one line of the lock.
settle() {
	version=$3 file=$4
	if [ -z "$present" ] && settle_locked "$@"; then return 0; fi
	update_once
	version=$(present_version "$1" "$2")
	file=$(present_file "$1" "$2" "$version" "$4")
	[ -f "$store/$file" ] || (cd "$store" && fetch_locked "$1" "$2" "$version" "$file")
	# a package's epoch is a part of a downloaded file's name
	[ -f "$store/$file" ] || file=$(cd "$store" && ls -t "$2"_*"${4##*.}" 2>/dev/null | head -n 1)
	[ -n "$file" ] || die "$2: $suite has no $4 any more"
	[ "$file" != "$4" ] || [ -n "$present" ] || [ "$version" != "$3" ] ||
		die "$store/$file: not what was tested, under the same version"
	moved="$moved $2 $version (tested: $3);"
}

mkdir -p "$store"
while read -r kind package locked name sum; do
	case $kind/$name in
	'/' | '#'*) continue ;;
	deb/*_"$debian_arch".deb | deb/*_all.deb | source/*) ;;
	*) continue ;; # another machine's
	esac
	settle "$kind" "$package" "$locked" "$name" "$sum"
	echo "$kind $package $version $file"
done <"$lock"
[ -n "$present" ] || [ -z "$moved" ] || say "warning: the mirror has moved on from what was tested:${moved%;}"
