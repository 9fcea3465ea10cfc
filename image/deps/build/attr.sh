# source: attr
# needs:
# files:
configure --disable-nls
make $jobs libattr.la
make install-libLTLIBRARIES install-data
