# source: kmod
# needs: xz zstd zlib
# files: kmod-config.h
compile -std=gnu11 -include "$deps_dir/kmod-config.h" -I. -Ishared libkmod/*.c shared/*.c
archive libkmod.a
cp libkmod/libkmod.h "$OUT/include/"
