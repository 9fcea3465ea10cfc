#!/bin/sh
# `slate image write`: what it refuses, and that what it wrote is there. Disks are
# loop devices where this machine lets us have them.
set -u

slate=${BUILD:-build}/slate
case $slate in /*) ;; *) slate=$PWD/$slate ;; esac
dir=$(mktemp -d)
loop=
trap 'umount "$dir/mnt" 2>/dev/null; [ -z "$loop" ] || losetup -d "$loop"; rm -rf "$dir"' EXIT
cd "$dir" || exit 1
PATH=$PATH:/usr/sbin:/sbin
failed=0

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1"; failed=1; shift; printf '# %s\n' "$@"; }
holds() { # NAME COMMAND...
	name=$1
	shift
	if output=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$output"; fi
}
refuses() { # NAME PATTERN COMMAND...
	name=$1 pattern=$2
	shift 2
	output=$("$@" 2>&1)
	status=$?
	if [ $status -eq 1 ] && printf '%s' "$output" | grep -q -- "$pattern"; then ok "$name"
	else not_ok "$name" "status $status: $output"; fi
}

head -c 3000001 /dev/urandom >image
head -c 4000000 /dev/zero | tr '\0' x >target

holds 'an image is written to a file' "$slate" image write image target
holds 'to the last byte' cmp -n 3000001 image target
holds 'and nothing behind it' sh -c 'tail -c 999999 target | tr -d x | cmp - /dev/null'
holds 'the file is as large as it was' [ "$(stat -c %s target)" -eq 4000000 ]

truncate -s 8M table
printf 'label: gpt\nfirst-lba: 2048\nstart=1MiB, size=4MiB, name=FIRST\nsize=1MiB, name=SECOND\n' | sfdisk -q table
truncate -s 40M stick
holds 'an image with a partition table is written to a larger disk' "$slate" image write table stick
said=$(sfdisk --verify stick 2>&1; sfdisk -d stick 2>&1)
if printf '%s' "$said" | grep -q 'backup GPT table'; then not_ok 'its backup is at the end' "$said"; else ok 'its backup is at the end'; fi
holds 'and the room behind the partitions is in the table' [ "$(printf '%s\n' "$said" | sed -n 's/^last-lba: //p')" -eq 81886 ]
holds 'the partitions are as they were' sh -c \
	'sfdisk -d table | grep name= | sed s,table,stick, >one; sfdisk -d stick | grep name= >two; test -s one && cmp one two'
dd if=/dev/zero of=stick bs=512 seek=1 count=1 conv=notrunc status=none
has=$(sfdisk -d stick 2>&1)
if printf '%s' "$has" | grep -q 'name="SECOND"'; then ok 'the backup alone is a whole table'; else not_ok 'the backup alone is a whole table' "$has"; fi
truncate -s 8M stick
holds 'on a disk of its size' "$slate" image write table stick
holds 'the image is as it was' cmp table stick

head -c 1000 target >small
cp small before
refuses 'a target that is too small' 'small has .* MiB, the image 2.9; nothing was written' \
	"$slate" image write image small
holds 'and it is as it was' cmp small before
refuses 'a target that is not there' 'No such file' "$slate" image write image /dev/nothing-here
holds 'and it is not made' [ ! -e /dev/nothing-here ]
refuses 'an image that is not there' 'open nowhere' "$slate" image write nowhere target
refuses 'the image as its own target' 'is the image itself' "$slate" image write image image
refuses 'what is neither a disk nor a file' 'neither a disk' "$slate" image write image /dev/null
ln image again
refuses 'the image by another name' 'is the image itself' "$slate" image write image again
"$slate" image write image >/dev/null 2>&1
holds 'a missing argument is a usage error' [ $? -eq 2 ]
"$slate" image write --forse image target >/dev/null 2>&1
holds 'an unknown option is a usage error' [ $? -eq 2 ]

truncate -s 8M disk
loop=$(losetup -f --show disk 2>/dev/null) || loop=
if [ -z "$loop" ]; then
	echo 'ok a disk # SKIP no loop devices here'
	exit $failed
fi
holds 'an image is written to a disk' "$slate" image write image "$loop"
holds 'and is on it' cmp -n 3000001 image disk
mkfs.ext4 -q -F "$loop" 2>/dev/null
mkdir mnt
if mount "$loop" mnt 2>/dev/null; then
	refuses 'a disk that is mounted' 'is in use: unmount' "$slate" image write image "$loop"
	umount mnt
	mount "$loop" mnt
	holds 'it is as it was' umount mnt
	mount "$loop" mnt
	holds 'by force it is written to' "$slate" image write --force image "$loop"
else
	echo 'ok a disk that is mounted # SKIP no mounts here'
fi
exit $failed
