#!/bin/bash
# No hostile archive is restored, not even in part; each refusal gives its reason;
# nothing outside the root is touched. The archives come from hostile.py.
# timeout: 240
. tests/ns/overlay.sh

export TMPFS=size=32m,mode=0755
ln -s ../usr pristine/etc/alternative
ln -s usr/lib pristine/lib
mkdir pristine/usr/lib
/usr/bin/python3 "$OVERLAY_TEST/tests/ns/hostile.py" medium >list

# Where a write outside would go: the names are those in hostile.py.
canary=/tmp/canary
[ -e $canary ] || echo canary >$canary
outside() {
	ls -A / "$base" | grep -vx -e before -e after
	ls -A /tmp | grep -e evil -e canary -e eeee
	sha256sum $canary
	find pristine | sort | xargs stat -c '%n %a %u %s' | sha256sum
}
restore
outside >before

refused() {
	restore "apkovl=$1"
	said=$(grep '^degraded: ' restore.out)
	grep -q '^restored=0 ' restore.out || { echo "# $1 was restored"; return 1; }
	case $said in *"$2"*) ;; *) echo "# $1: $said (wanted: $2)"; return 1 ;; esac
	# what was begun is gone with its tmpfs
	[ -z "$(find layer/upper -mindepth 1)" ] || { echo "# $1 left something"; return 1; }
}

bad=0 count=0
while IFS="$(printf '\t')" read -r archive reason; do
	count=$((count + 1))
	refused "$archive" "$reason" || bad=$((bad + 1))
done <list
echo "# $count archives"
check "every hostile archive is refused with its reason" test "$bad" = 0
check "there are at least two hundred" test "$count" -ge 200
outside >after
check "nothing outside was touched" diff before after
rm -f $canary

# Beside the hostile ones a good generation is still found.
rm -f medium/*.tar.gz
echo mine >root/etc/hostname
save
tar -C pristine -cz etc/motd | cat - <(echo evil) >medium/evil.apkovl.tar.gz
restore
check "a good generation is restored beside them" grep -q '^restored=1 sequence=1 ' restore.out
finish
