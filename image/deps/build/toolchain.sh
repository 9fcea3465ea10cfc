# source: musl-dev linux-libc-dev
# needs:
# files:
# musl-dev's headers, startup files and libc.a with the kernel's headers beside
# them, and gcc with trixie's specs: bookworm's lack the case for -static-pie and
# would make a dynamic program without a word.
while read -r kind _ _ file; do
	[ "$kind" != deb ] || dpkg -x "$sources/$file" .
done <"$FETCHED"

triplet=$(basename usr/include/*-linux-musl)
mkdir -p "$OUT/bin"
mv "usr/include/$triplet" "$OUT/musl-include"
mv "usr/lib/$triplet" "$OUT/musl-lib"
for headers in linux asm-generic mtd sound misc scsi; do
	cp -r "usr/include/$headers" "$OUT/musl-include/"
done
cp -rL "usr/include/$(echo "$triplet" | sed s/musl/gnu/)/asm" "$OUT/musl-include/"

sed -e "s|/usr/include/$triplet|$OUT/musl-include|g" -e "s|/usr/lib/$triplet|$OUT/musl-lib|g" \
	"$OUT/musl-lib/musl-gcc.specs" >"$OUT/musl-gcc.specs"
cat >"$OUT/bin/musl-gcc" <<WRAPPER
#!/bin/sh
exec "\${REALGCC:-${cross}gcc}" "\$@" -specs "$OUT/musl-gcc.specs"
WRAPPER
chmod +x "$OUT/bin/musl-gcc"
