# source: zlib
# needs:
# files:
compile -D_LARGEFILE64_SOURCE=1 -DHAVE_HIDDEN -DHAVE_UNISTD_H ./*.c
archive libz.a
cp zlib.h zconf.h "$OUT/include/"
