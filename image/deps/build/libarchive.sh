# source: libarchive
# needs: zlib zstd xz
# files:
configure --disable-acl --disable-bsdtar --disable-bsdcat --disable-bsdcpio --disable-bsdunzip --enable-posix-regex-lib=libc \
	--without-bz2lib --without-libb2 --without-iconv --without-lz4 --without-lzo2 \
	--without-cng --without-nettle --without-openssl --without-xml2 --without-expat \
	--without-mbedtls
make $jobs libarchive.la
make install-libLTLIBRARIES install-includeHEADERS
