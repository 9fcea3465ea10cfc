#!/bin/bash
# Every kind of file and attribute below /etc is back after a save and a boot, by
# the word of stat, getfattr, getfacl and getcap; what was not to be saved is gone.
. tests/ns/overlay.sh

restore
(
	cd root || exit
	echo mine >etc/hostname
	chown 1000:4000000000 etc/hostname
	chmod 0640 etc/hostname
	rm etc/motd
	rm -r etc/gone.d etc/opq
	mkdir etc/opq etc/empty etc/sticky root/.ssh
	echo new >etc/opq/new
	chmod 1777 etc/sticky
	chmod 2755 etc/empty
	chmod 700 root/.ssh
	echo key >root/.ssh/authorized_keys
	ln -s ../nowhere etc/dangling
	ln -s "$(printf 't%.0s' $(seq 900))" etc/long-link
	echo linked >etc/link-1
	ln etc/link-1 etc/link-2
	ln etc/link-1 etc/empty/link-3
	setfattr -n trusted.note -v hello etc/link-1
	setfattr -n user.note -v "$(printf 'v%.0s' $(seq 2000))" etc/link-1 2>/dev/null || :
	cp /bin/true etc/able
	setcap cap_net_raw,cap_net_admin+ep etc/able
	setfacl -m u:1234:rw,g:77:r etc/conf.d/1
	setfacl -d -m g:99:rx etc/empty
	echo two >etc/conf.d/2
	chmod 600 etc/conf.d/3
	deep=etc/$(printf 'd%.0s' $(seq 120))
	mkdir "$deep"
	echo deep >"$deep/$(printf 'f%.0s' $(seq 200))"
	echo space >"etc/a name with blanks"
	echo utf >etc/ünïcode
	echo bytes >etc/$'not\xffutf8'
	head -c 3000000 /dev/urandom >etc/large
	: >etc/zero
	touch -d '2001-02-03 04:05:06.789012345' etc/hostname etc/sticky
	touch -d '1960-01-01 00:00:00.5' etc/zero
	touch -h -d 1999-01-01 etc/dangling
	# none of these is saved
	mkdir -p home/user
	echo gone >home/user/file
	echo gone >root/.history
	echo 77 >etc/daemon.pid
	mkfifo etc/fifo
	mknod etc/null c 1 3
	cp /bin/true etc/suid
	chmod 4755 etc/suid
	echo x >etc/.wh.evil
)
not_saved='^etc/(daemon.pid|fifo|null|suid|\.wh\.evil)|^root/.history|^home'

# $1: where the picture goes. Sizes of directories count entries: left out.
picture() {
	(
		cd root || exit
		find etc root | LC_ALL=C sort | grep -aEv "$not_saved" >../paths
		xargs -d '\n' stat -c '%n %A %u:%g %h %y %N' <../paths | sed 's/^\([^ ]* d[^ ]* [^ ]*\) [0-9]*/\1/' >"../$1.stat"
		xargs -d '\n' getfattr -d -m - -h <../paths >"../$1.attributes" 2>/dev/null
		xargs -d '\n' getfacl -n <../paths >"../$1.acl" 2>/dev/null
		xargs -d '\n' getcap <../paths >"../$1.cap" 2>/dev/null
		find etc root -type f | LC_ALL=C sort | grep -aEv "$not_saved" | xargs -d '\n' sha256sum >"../$1.sum"
	)
}

picture before
check "the save succeeds" save
check "what can't be saved is named" test "$(grep -c '^left out: ' save.out)" = 4
check "the boot restores it" restore
check "with nothing to complain about" test "$(cat restore.out)" = \
	"$(grep -o '^restored=1 sequence=1 files=[0-9]* source=slot-0$' restore.out)"
picture after
for what in stat attributes acl cap sum; do
	check "identical: $what" diff "before.$what" "after.$what"
done
check "the picture is of something" test "$(wc -l <before.stat)" -gt 25
check "capabilities are among it" grep -q cap_net_raw before.cap
check "what was not saved is gone" test ! -e root/home/user -a ! -e root/etc/suid -a ! -e root/etc/fifo
check "deleted files stay deleted" test ! -e root/etc/motd -a ! -e root/etc/gone.d -a ! -e root/etc/opq/old
check "a replaced directory is opaque again" \
	test "$(getfattr --only-values -n trusted.overlay.opaque layer/upper/etc/opq 2>/dev/null)" = y
check "hard links are one file" test root/etc/link-1 -ef root/etc/empty/link-3

check "saved again, the archive is the same" sh -c '
	"$0" . save >save.out 2>&1 && gunzip -c <"$1" >1 2>/dev/null; gunzip -c <"$2" >2 2>/dev/null; cmp 1 2' \
	"$driver" "$(slot 0)" "$(slot 1)"

# An image's new defaults show through where nothing was changed.
echo shipped-2 >pristine/etc/hostname
echo new >pristine/etc/conf.d/4
echo hidden >pristine/etc/opq/newer
restore
check "a new default shows through" grep -q new root/etc/conf.d/4
check "a changed file stays the user's" grep -q mine root/etc/hostname
check "a replaced directory shows nothing of the new image" test ! -e root/etc/opq/newer

for i in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	echo "round $i" >root/etc/round
	save && restore && grep -qx "round $i" root/etc/round || break
done
check "twenty rounds in a row" grep -q "sequence=20 " restore.out
finish
