# source: qrencode
# needs:
# files:
compile -DSTATIC_IN_RELEASE=static -DMAJOR_VERSION=4 -DMINOR_VERSION=1 -DMICRO_VERSION=1 -DVERSION='\"4.1.1\"' \
	bitstream.c mask.c mmask.c mqrspec.c qrencode.c qrinput.c qrspec.c rsecc.c split.c
archive libqrencode.a
cp qrencode.h "$OUT/include/"
