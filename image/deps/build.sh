#!/bin/sh
# build.sh NAME: unpacks the source of a component into a temporary folder,
# applies Debian's patches where they were fetched, and runs build/NAME.sh there.
# deps.sh sets OUT, WITH, FETCHED, PACKAGE and TOOLCHAIN.
set -eu
. "${0%/*}/lib.sh"

sources=$cache/sources
jobs=-j$(nproc)

unpack() {
	while read -r _ package _ file; do
		[ "$package" = "$PACKAGE" ] || continue
		case $file in
		*.debian.tar.*) mkdir debian && tar -xf "$sources/$file" -C debian --strip-components 1 ;;
		*) tar -xf "$sources/$file" --strip-components 1 ;;
		esac
	done <"$FETCHED"
}

# The generated build system is not made anew because a patch touched its source.
patch_as_debian() {
	[ -f debian/patches/series ] || return 0
	grep -v '^ *\(#.*\)\{0,1\}$' debian/patches/series | while read -r name _; do
		patch -p1 -s <"debian/patches/$name"
	done
	for made in aclocal.m4 configure config.h.in Makefile.in; do
		find . -name "$made" -exec touch {} +
	done
}

# compile FLAGS... FILES...: objects of the same names below the current folder.
compile() {
	flags=
	while [ $# -gt 0 ]; do
		case $1 in *.c) break ;; *) flags="$flags $1"; shift ;; esac
	done
	printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} \
		sh -c "$CC $CFLAGS $CPPFLAGS $flags -c {} -o \$(echo {} | sed 's|^[./]*||; s|/|_|g').o"
}

# archive NAME: an archive of what compile made, in the component's lib folder.
archive() {
	mkdir -p "$OUT/lib" "$OUT/include"
	"$AR" rcs "$OUT/lib/$1" ./*.o
}

configure() {
	./configure --host="$arch-linux-musl" --build="$(gcc -dumpmachine)" --prefix="$OUT" \
		--libdir="$OUT/lib" --disable-shared --enable-static "$@"
}

CC=$TOOLCHAIN/bin/musl-gcc
AR=${cross}gcc-ar RANLIB=${cross}gcc-ranlib NM=${cross}gcc-nm STRIP=${cross}strip
CFLAGS='-Os -g1 -fPIE -ffunction-sections -fdata-sections -fstack-protector-strong'
CPPFLAGS= LDFLAGS=-static
PKG_CONFIG_LIBDIR=
for folder in $WITH; do
	CPPFLAGS="$CPPFLAGS -I$folder/include"
	LDFLAGS="$LDFLAGS -L$folder/lib"
	PKG_CONFIG_LIBDIR=$PKG_CONFIG_LIBDIR:$folder/lib/pkgconfig
done
export CC AR RANLIB NM STRIP CFLAGS CPPFLAGS LDFLAGS PKG_CONFIG_LIBDIR

script=$deps_dir/build/$1.sh
work=$(mktemp -d "${TMPDIR:-/tmp}/slate-$1.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$OUT"
cd "$work"
unpack
patch_as_debian
. "$script"
