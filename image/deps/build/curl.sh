# source: curl
# needs: mbedtls
# files:
# HTTP and HTTPS for slate-fetch: no other protocol, no cookies, no passwords of
# files, and names are resolved by the C library.
configure --with-mbedtls --without-zlib --without-brotli --without-zstd --without-libpsl --without-libidn2 \
	--without-nghttp2 --without-librtmp --without-libssh2 --without-ca-bundle --without-ca-path \
	--disable-dict --disable-file --disable-ftp --disable-gopher --disable-imap --disable-ipfs \
	--disable-ldap --disable-mqtt --disable-pop3 --disable-rtsp --disable-smb --disable-smtp \
	--disable-telnet --disable-tftp --disable-websockets --disable-unix-sockets --disable-cookies \
	--disable-ares --disable-threaded-resolver --disable-docs --disable-manual --disable-alt-svc \
	--disable-hsts --disable-doh --disable-mime --disable-netrc --disable-proxy --disable-aws \
	--disable-ntlm --disable-kerberos-auth --disable-negotiate-auth --disable-digest-auth \
	--disable-bearer-auth --disable-tls-srp --disable-dateparse --disable-progress-meter \
	--disable-symbol-hiding --disable-dependency-tracking --enable-headers-api --disable-verbose
make $jobs -C lib libcurl.la
make -C lib install-libLTLIBRARIES
make -C include install
