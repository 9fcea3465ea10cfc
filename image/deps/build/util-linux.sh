# source: util-linux
# needs:
# files:
# musl has TLS, which the configure script's test program cannot see.
configure --disable-all-programs --enable-libuuid --enable-libblkid --enable-libmount --disable-nls \
	--disable-asciidoc --disable-bash-completion --without-python --without-systemd --without-udev \
	--without-selinux --without-audit --without-cryptsetup --without-econf --disable-poman \
	ax_cv_have_tls=yes
make $jobs install-usrlib_execLTLIBRARIES install-nodist_blkidincHEADERS \
	install-nodist_mountincHEADERS install-uuidincHEADERS
