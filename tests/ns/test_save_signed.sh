#!/bin/bash
# What is restored where saved configuration must be signed: what this machine or the
# operator has signed, as a whole and under its own number, and nothing else.
. tests/ns/overlay.sh
forge=$OVERLAY_TEST/tests/ns/forge.py

written() {
	sed -n 's/^saved.*slot=\([0-9]*\).*/\1/p' save.out
}

"$driver" . key "$base/ours"
"$driver" . key "$base/theirs"
export KEYS=$base/ours VERIFY=require

restore
check "under require a save is signed" keep one
check "and restored" restore
check "with nothing to tell" test -z "$(grep degraded restore.out)"
check "as it was" word one

keep two
python3 "$forge" "$(slot "$(written)")" unsigned
check "one whose signature was taken off" restore
check "is passed over by that name" told '^degraded: slot-1: not signed; not restored'
check "for the one before" word one
check "which is told" told 'generation 1 (slot-0) was restored instead'

keep three
python3 "$forge" "$(slot "$(written)")" payload
restore
check "another content" told "its signature is of something else"
check "is not restored" word one

keep four
cp "$(slot 0)" old
python3 "$forge" old sequence=99
python3 "$forge" "$(slot "$(written)")" from=old
restore
check "an old one under a higher number" told "its signature is of something else"
check "is not restored either" word one
check "saving goes on above its number" keep five
restore
check "and is restored" word five

(export KEYS=$base/theirs; keep six)
restore
check "another machine's" told 'signed by the key [0-9A-F]*, which is not trusted here'
check "is not restored" word five
cp theirs/device.pub ours/theirs.pub
restore
check "but where that key is trusted" word six
rm ours/theirs.pub

(export VERIFY=no KEYS=; keep seven)
check "an unsigned one" restore
check "is passed over" word five
VERIFY=if-signed restore
check "under if-signed it is taken" word seven
VERIFY=no restore
check "under no, too" word seven
python3 "$forge" "$(slot "$(written)")" unsigned
before=$(cat "$(slot 0)" "$(slot 1)" "$(slot 2)" "$(slot 3)" | sha256sum)
check "without a key there is no save under require" sh -c '
	mkdir -p none; ! KEYS=none "$0" . save 2>err && grep -q "no key to sign with" err' "$driver"
check "and it changes nothing" test "$before" = "$(cat "$(slot 0)" "$(slot 1)" "$(slot 2)" "$(slot 3)" | sha256sum)"

# --- Alpine archives, signed by the operator ---

command -v minisign >/dev/null || { echo "ok archives signed by minisign # SKIP no minisign"; finish; exit; }
minisign -G -W -p ours/operator.pub -s operator.key >/dev/null
minisign -G -W -p other.pub -s other.key >/dev/null
VERIFY=no KEYS= restore
echo exported >root/etc/word
"$driver" . export medium/host.apkovl.tar.gz >/dev/null
rm -r medium/slate
restore
check "an archive without a signature" told 'host.apkovl.tar.gz: not signed: there is no host.apkovl.tar.gz.minisig'
check "is not restored" test ! -e root/etc/word
minisign -S -s operator.key -m medium/host.apkovl.tar.gz >/dev/null
check "one that the operator signed" restore
check "is" word exported
minisign -S -s other.key -m medium/host.apkovl.tar.gz >/dev/null
restore
check "one that somebody else signed" told 'signature: is by the key [0-9A-F]*, which is not trusted'
VERIFY=if-signed restore
check "is not restored under if-signed" test ! -e root/etc/word
minisign -S -l -s operator.key -m medium/host.apkovl.tar.gz >/dev/null
restore
check "the older kind of signature" told "of minisign's older kind"
minisign -S -s operator.key -m medium/host.apkovl.tar.gz >/dev/null
printf x >>medium/host.apkovl.tar.gz
restore
check "bytes that were added" told 'signature: does not match'
rm medium/*.minisig
ln -s nowhere medium/host.apkovl.tar.gz.minisig
VERIFY=if-signed restore
check "a signature that can't be read is not none" test ! -e root/etc/word
finish
