#!/bin/bash
# timeout: 300
# Encrypted generations: nothing of them can be read on the medium, they come back with
# the key or the passphrase they were made with, and nothing else is taken for one.
. tests/ns/overlay.sh
forge=$OVERLAY_TEST/tests/ns/forge.py

written() {
	slot "$(sed -n 's/^saved.*slot=\([0-9]*\).*/\1/p' save.out)"
}

"$driver" . key "$base/ours"
"$driver" . key "$base/theirs"
"$driver" . passphrase "$base/ours" swordfish
for kind in key passphrase; do
	rm -rf medium/slate
	export KEYS=$base/ours VERIFY=no ENCRYPT=$kind
	restore
	printf 'in the clear %.0s' 1 2 3 4 5 6 7 8 >root/etc/secret
	head -c 6000000 /dev/urandom >root/etc/large
	sum=$(sha256sum <root/etc/large)
	check "$kind: a save" keep one
	check "$kind: does not fit a reader without the key" sh -c '! zcat "$0" >/dev/null 2>&1' "$(written)"
	check "$kind: is restored" restore
	check "$kind: as it was" test "$sum" = "$(sha256sum <root/etc/large)"
	check "$kind: in all its files" word one
	rm root/etc/large
	keep two
	python3 - "$(written)" <<'PY'
import sys, zlib
data = open(sys.argv[1], "rb").read()
for at in range(512, 2000):
    try:
        assert b"in the clear" not in zlib.decompressobj(-15).decompress(data[at:at + 4000])
    except zlib.error:
        pass
assert b"in the clear" not in data
PY
	check "$kind: nothing of it stands on the medium" test $? = 0
	cp "$(written)" second

	python3 "$forge" "$(written)" sequence=50
	restore
	check "$kind: under another number" told 'does not decrypt'
	check "$kind: it is passed over" word one
	cp second "$(written)"
	python3 "$forge" "$(written)" payload
	restore
	check "$kind: with another content" told 'does not decrypt'
	cp second "$(written)"
	check "$kind: put back" restore
	check "$kind: it is good" word two

	KEYS=$base/theirs restore
	[ $kind = key ] && why='does not decrypt: another key' || why='encrypted, and its passphrase was not given'
	check "$kind: with another machine's keys" told "$why"
	check "$kind: nothing is restored" test ! -e root/etc/word
	KEYS=$base/none restore
	check "$kind: without any, too" told 'degraded: .*: encrypted, and '
	restore
	check "$kind: nor saved in the clear" sh -c '! KEYS=none "$0" . save >save.out 2>&1 && grep -q "nothing was changed" save.out' "$driver"
done

"$driver" . passphrase "$base/ours" another
restore
check "a new passphrase does not open what an old one closed" told 'encrypted with another passphrase'
keep three
restore
check "but what is saved with it" word three
VERIFY=require restore
check "under require, too" word three

rm ours/passphrase
TYPED=another restore
check "a passphrase that is typed opens it" word three
check "and is asked for once" test "$(grep -c '^asked for' restore.out)" = 1
rm ours/passphrase
printf '\1' | dd of="$(written)" bs=1 seek=600 conv=notrunc 2>/dev/null
TYPED=swordfish restore
check "a damaged one is not asked about" told 'damaged (digest does not match)'
check "but the one before, with its own" word two
finish
