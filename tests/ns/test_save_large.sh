#!/bin/bash
# Archives too large to be kept in memory: the first is measured and made again, those
# after it go straight into a slot of about the size of the one before.
. tests/ns/overlay.sh

# large MIB WORD: saves that much that does not compress, and a word beside it.
large() {
	head -c "$1m" /dev/urandom >root/etc/large
	cp root/etc/large "large.$2"
	keep "$2"
}

is_whole() {
	restore && word "$1" && cmp root/etc/large "large.$1"
}

read_times() { # of the large file, by the last save
	grep -c 'openat(.*"large", O_RDONLY' trace
}

traced_save() {
	strace -f -e trace=openat -o trace "$driver" . save >save.out 2>&1
}

restore
large 5 first
check "the first large save is restored" is_whole first
echo second >root/etc/word
cp root/etc/large large.second
traced_save
check "the second one is too" is_whole second
check "it has read its files once" test "$(read_times)" = 1
check "no slot was made for it" test "$(ls medium/slate/saved/default | wc -l)" = 4

for i in 3 4 5 6; do large 5 "$i"; done
check "a large one takes turns in four slots" test "$(ls medium/slate/saved/default | wc -l)" = 4

# Slots are made twice as large as is needed; the guess is an eighth more than before.
restore
large 12 grown
check "one that has grown out of its slot gets larger ones" test "$(ls medium/slate/saved/default | wc -l)" = 8
check "and is restored" is_whole grown
check "no warning is given" test "$(grep -c degraded restore.out)" = 0
printf X | dd of="$(ls -t medium/slate/saved/default/* | head -n 1)" bs=1 seek=4096 conv=notrunc status=none
restore
check "the generation before it is still there" word 6
large 12 again
check "a large one is saved after a damaged one" is_whole again
rm root/etc/large
keep small
restore
check "a small one after a large one" word small
check "has no large file" test ! -e root/etc/large
finish
