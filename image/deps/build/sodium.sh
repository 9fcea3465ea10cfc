# source: libsodium
# needs:
# files:
# The tarball ships no configure; these are the few facts that it would find.
of_configure() { sed -n "s/^$1\(.*\)${2:-}.*/\1/p" configure.ac | head -n 1; }
make_header="s/@VERSION@/$(of_configure 'AC_INIT(\[libsodium\],\[' '\],')/
	s/@SODIUM_LIBRARY_VERSION_MAJOR@/$(of_configure SODIUM_LIBRARY_VERSION_MAJOR=)/
	s/@SODIUM_LIBRARY_VERSION_MINOR@/$(of_configure SODIUM_LIBRARY_VERSION_MINOR=)/
	s/@SODIUM_LIBRARY_MINIMAL_DEF@//"
include=src/libsodium/include/sodium
sed "$make_header" $include/version.h.in >$include/version.h
compile -std=gnu11 -D_GNU_SOURCE -DCONFIGURED=1 -DDEV_MODE=0 -DNATIVE_LITTLE_ENDIAN=1 -DHAVE_SYS_MMAN_H=1 \
	-DHAVE_MMAP=1 -DHAVE_MLOCK=1 -DHAVE_MADVISE=1 -DHAVE_MPROTECT=1 -DHAVE_NANOSLEEP=1 \
	-DHAVE_POSIX_MEMALIGN=1 -DHAVE_GETPID=1 -DHAVE_GETRANDOM=1 -DHAVE_LINUX_COMPATIBLE_GETRANDOM=1 -DHAVE_SYS_RANDOM_H=1 \
	-DHAVE_EXPLICIT_BZERO=1 -DHAVE_WEAK_SYMBOLS=1 -DHAVE_TI_MODE=1 -DHAVE_ATOMIC_OPS=1 \
	-DHAVE_C11_MEMORY_FENCES=1 -DTLS=_Thread_local -I$include -Isrc/libsodium/include \
	$(find src/libsodium -name '*.c' | LC_ALL=C sort)
archive libsodium.a
cp -r src/libsodium/include/sodium.h src/libsodium/include/sodium "$OUT/include/"
