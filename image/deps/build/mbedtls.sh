# source: mbedtls
# needs:
# files: mbedtls-config.h
# A TLS client, nothing more: what a server, other protocols and old ciphers need is
# taken out of the library's own settings, for whoever includes its headers too.
cat "$deps_dir/mbedtls-config.h" >>include/mbedtls/mbedtls_config.h
compile -std=c11 -Iinclude -Ilibrary library/*.c
archive libmbedtls.a
# The names that a program which was made for three libraries links.
for name in mbedx509 mbedcrypto; do "$AR" rcs "$OUT/lib/lib$name.a"; done
cp -r include/mbedtls include/psa "$OUT/include/"
