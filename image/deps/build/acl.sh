# source: acl
# needs: attr
# files:
configure --disable-nls
make $jobs libacl.la
make install-libLTLIBRARIES install-data
