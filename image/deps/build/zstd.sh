# source: libzstd
# needs:
# files:
compile -Ilib -DZSTD_DISABLE_ASM -DXXH_NAMESPACE=ZSTD_ lib/common/*.c lib/compress/*.c lib/decompress/*.c
archive libzstd.a
cp lib/zstd.h lib/zstd_errors.h "$OUT/include/"
