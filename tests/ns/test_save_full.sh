#!/bin/bash
# Full file systems: a save works with a full overlay and says what is missing on a
# full medium; a restore that does not fit falls back.
. tests/ns/overlay.sh

export TMPFS=size=4m,mode=0755
restore
echo one >root/etc/hostname
save
echo two >root/etc/hostname
head -c 8m /dev/zero >root/fill 2>/dev/null
check "the overlay is full" sh -c '! echo x >root/etc/more 2>/dev/null || ! test -s root/etc/more'
check "a save works all the same" save
rm root/fill
restore
check "and is restored" grep -qx two root/etc/hostname

# What was saved on a machine with more memory.
export TMPFS=size=64m,mode=0755
restore
head -c 9m /dev/zero >root/etc/large
echo three >root/etc/hostname
check "a large file is saved" save
export TMPFS=size=4m,mode=0755
restore
check "what does not fit is not half restored" test ! -e root/etc/large
check "the generation before is restored" grep -qx two root/etc/hostname
check "the reason is told" grep -q 'degraded: slot-2: etc/large: write: No space left on device; not restored' restore.out

# Nothing fits: the root is as the image.
export TMPFS=size=64m,mode=0755
restore
for i in 1 2 3 4; do
	head -c 9m /dev/zero >root/etc/large
	echo "$i" >>root/etc/large
	save
done
export TMPFS=size=4m,mode=0755
restore
check "with nothing that fits the boot is clean" test "$(cat root/etc/hostname) $(ls root/etc/large 2>&1 | grep -c 'No such')" = "shipped 1"
check "and each is told" test "$(grep -c '^degraded: slot-.*No space' restore.out)" = 4

# --- The medium ---

unset TMPFS
umount -R medium 2>/dev/null
truncate -s 24m disk
mkfs.ext4 -q -L SLATE disk
mount -o loop disk medium 2>/dev/null || {
	echo "ok a full medium # SKIP no loop devices here"
	finish
	exit
}
mount -o remount,ro medium
export REMOUNT=1
restore
echo one >root/etc/hostname
check "the first save makes slots" save
check "the medium is read-only after it" sh -c '! touch medium/x 2>/dev/null'
head -c 9m /dev/urandom >root/etc/large
check "what can't fit is refused" sh -c '! "$0" . save >save.out 2>&1' "$driver"
check "with what is needed, free and safe" \
	grep -q 'full: [0-9]* KiB needed, [0-9]* KiB free; generation 1 (20..-..-.. ..:..) is intact' save.out
check "the medium is read-only after a failure" sh -c '! touch medium/x 2>/dev/null'
restore
check "and it is" grep -qx one root/etc/hostname
rm -f root/etc/large
for i in 2 3 4 5 6; do echo "$i" >root/etc/hostname; save; done
head -c 5m /dev/zero | tr '\0' 'x' >root/etc/large
check "slots on a full medium are used again and again" sh -c 'save() { :; }; "$0" . save >save.out 2>&1' "$driver"
restore
check "to the last one" grep -q 'sequence=7 ' restore.out

# A save that was killed leaves the medium writable; the next one puts that right.
mount -o remount,rw medium
echo eight >root/etc/hostname
save
check "a medium that was left writable is read-only after the next save" sh -c '! touch medium/x 2>/dev/null'
umount -R medium
finish
