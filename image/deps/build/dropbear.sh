# source: dropbear
# needs: zlib
# files:
# One program for the demo machine: the server and its key maker.
configure --disable-lastlog --disable-utmp --disable-utmpx --disable-wtmp --disable-wtmpx \
	--disable-pam --enable-bundled-libtom --enable-static
make $jobs PROGRAMS='dropbear dropbearkey' MULTI=1 STATIC=1
install -D -s --strip-program="$STRIP" dropbearmulti "$OUT/bin/dropbearmulti"
