#!/bin/bash
# A slot that somebody made by hand, with a number that no save gives, keeps nobody
# from saving: what is saved afterwards is what the next boot restores.
. tests/ns/overlay.sh
forge=$OVERLAY_TEST/tests/ns/forge.py

same() {
	[ "$(cat root/etc/word)" = "$1" ] && return
	echo "# $(cat restore.out save.out)"
	return 1
}

last=9223372036854775807
restore && echo one >root/etc/word && save
i=0
for number in 18446744073709551615 $last $((last - 1)) $((last - 4294967295)); do
	restore
	python3 "$forge" "$(slot $i)" sequence=$number
	echo "after $number" >root/etc/word
	check "a save after a forged $number" save
	check "is restored" sh -c '"$0" . restore >restore.out 2>&1' "$driver"
	check "and holds what was saved" same "after $number"
	i=$(sed -n 's/^saved.*slot=\([0-9]*\).*/\1/p' save.out)
done
echo more >root/etc/word
check "and so does the save after it" sh -c '"$0" . save >save.out 2>&1 && "$0" . restore >restore.out 2>&1' "$driver"
check "with what was saved" same more
finish
