#!/bin/bash
# `slate save` killed, or failed, at each of its system calls that reach the medium:
# what was saved before is still there, and a save that said it succeeded did.
# timeout: 240
. tests/ns/overlay.sh

command -v strace >/dev/null || { echo "ok a killed save # SKIP no strace"; exit 0; }
calls=openat,pwrite64,write,fsync,fdatasync,syncfs,fadvise64,pread64,mkdirat,flock,fchmod

start_over() {
	umount -R root layer 2>/dev/null
	rm -rf medium/slate restored
	restore
	for i in 1 2 3 4 5; do
		echo "kept $i" >root/etc/hostname
		[ "$i" -gt "${1:-5}" ] || save
	done
}

# The newest generation that a boot takes, in $generation, and the file in $text.
boot() {
	restore || return
	generation=$(sed -n 's/^restored=. sequence=\([0-9]*\) .*/\1/p' restore.out)
	text=$(cat root/etc/hostname)
}

# With the last `strace -e inject` arguments: is nothing lost and nothing claimed?
judge() {
	boot || { echo "# no boot: $(cat restore.out)"; return 1; }
	case $generation:$text in
	"$before:kept $before") [ "$status" != 0 ] || { echo "# success claimed, not there"; return 1; } ;;
	# where a slot failed, the next one has the next number; where one could not be
	# read, it is far above
	"$((before + 1)):new" | "$((before + 2)):new" | "$((before + 1024)):new" | "$((before + 1023)):new") ;;
	*) echo "# generation $generation has '$text'"; return 1 ;;
	esac
	# and the medium can be written again
	echo "again" >root/etc/hostname
	save && boot && [ "$text" = again ]
}

# $1: what is injected, with NR for the number of the call; counts in $points.
sweep() {
	before=$2
	points=0
	for call in $(echo "$calls" | tr , ' '); do
		for nr in $(seq 400); do
			rm -rf medium && cp -a template medium
			boot
			echo new >root/etc/hostname
			{
				strace -f -o trace -e trace="$call" -e inject="$call:$1:when=$nr" \
					"$driver" . save >save.out 2>&1
				status=$?
			} 2>/dev/null # the shell's "Killed"
			grep -q -e INJECTED -e 'killed by SIGKILL' trace || break
			points=$((points + 1))
			judge || { echo "# $call $nr $1: status $status: $(tail -1 save.out)"; return 1; }
		done
	done
	[ "$points" -ge "$3" ]
}

# Small slots would not be slate's: but copies of 16 MiB for each point take long.
small_slots() {
	for file in medium/slate/saved/default/slot-*; do
		truncate -s 65536 "$file"
	done
}

start_over
small_slots
cp -a medium template
check "killed anywhere, with four generations" sweep signal=SIGKILL 5 15
echo "# $points points"
for errno in EIO ENOSPC; do
	check "$errno anywhere, with four generations" sweep "error=$errno" 5 15
	echo "# $points points"
done

start_over 0
rm -r template
cp -a medium template
before=0
calls=mkdirat,fsync,syncfs,fdatasync
judge() {
	boot || return 1
	case $generation:$text in
	0:shipped) [ "$status" != 0 ] ;;
	*:new) ;;
	*) return 1 ;;
	esac
}
check "killed anywhere in the first save" sweep signal=SIGKILL 0 5
check "EIO anywhere in the first save" sweep error=EIO 0 5
finish
