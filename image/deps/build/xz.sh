# source: xz-utils
# needs:
# files:
# Decoders only: libkmod reads .ko.xz.
configure --disable-encoders --disable-xz --disable-xzdec --disable-lzmadec --disable-lzmainfo \
	--disable-scripts --disable-doc --disable-nls --disable-threads --disable-lzip-decoder \
	--disable-microlzma --disable-ifunc
make $jobs -C src/liblzma install
