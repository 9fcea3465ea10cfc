#!/bin/bash
# What slate status, diff and learn say would be lost, and by which exit status.
. tests/ns/overlay.sh
. "$OVERLAY_TEST/tests/ns/commands.sh" || exit 1

status_of() {
	wanted=$1
	shift
	in_root "$@"
	status=$?
	[ $status = "$wanted" ] && return
	echo "# $*: exit status $status: $(cat out err)"
	return 1
}

# What Python makes of the JSON that a command prints, as `said`.
json() {
	test=$1
	shift
	in_root "$@" && /usr/bin/python3 -c "import json; said = json.load(open('out')); assert $test, said" && return
	echo "# $*: $(cat out err)"
	return 1
}

mkdir -p pristine/srv pristine/home pristine/etc/ssh
check "without a medium diff can't tell, and says so by its status" status_of 1 /bin/slate diff --exit-code
mount_medium

check "nothing has changed" status_of 0 /bin/slate diff --exit-code
check "and there is nothing to learn" status_of 0 /bin/slate learn --exit-code
in_root /bin/slate save

in_root /bin/touch -d '2001-02-03 04:05:06' /etc/motd
check "another time is no change" prints "" /bin/slate diff
in_root /bin/sh -c 'echo mine >/etc/hostname; chmod 600 /etc/conf.d/1; mkdir /etc/app; echo x >/etc/app/app.log'
chown 12:34 $root/etc/conf.d/2
setfattr -n trusted.note -v x $root/etc/conf.d/3
check "content, mode, owner and attributes are, with their class" prints "A etc/app [config]
A etc/app/app.log [log]
U etc/conf.d/1 (mode) [config]
U etc/conf.d/2 (owner) [config]
U etc/conf.d/3 (attributes) [config]
U etc/hostname (content) [identity]" /bin/slate diff
check "the exit status says so" status_of 3 /bin/slate diff --exit-code
check "without --exit-code it is 0" status_of 0 /bin/slate diff
check "in brief, a line a class" prints "identity: etc/hostname (content)
config: etc/app (new), etc/conf.d/1 (mode), etc/conf.d/2 (owner) and 1 more" /bin/slate diff --brief
check "status names them too" says 'identity: etc/hostname (content)' /bin/slate status
check "status as JSON counts them" json \
	"said['overlay']['unsaved'] == {'identity': 1, 'config': 4, 'data': 0, 'cache': 0, 'log': 1}" /bin/slate status --json
check "diff as JSON" json "[c['class'] for c in said if c['path'] == 'etc/hostname'] == ['identity']" /bin/slate diff --json
in_root /bin/slate save
check "after a save nothing is lost" status_of 0 /bin/slate diff --brief --exit-code
in_root /bin/sh -c 'echo y >>/etc/app/app.log'
check "a log is a change" status_of 3 /bin/slate diff --exit-code
check "but not one to speak of" prints "" /bin/slate diff --brief
check "nor by the status" status_of 0 /bin/slate diff --brief --exit-code
in_root /bin/slate save

in_root /bin/sh -c 'mkdir -p /home/kim/.cache/app /home/kim/.ssh; echo k >/home/kim/.ssh/id; echo l >/home/kim/letter
	echo c >/home/kim/.cache/app/c; echo d >/srv/data; mkdir -p /var/log; echo l >/var/log/messages; rm /usr/bin/su
	echo swap >/etc/x.swp'
mkdir -p $root/usr/local/bin
ln -s /run/slate/bin/slate $root/usr/local/bin/slate # as the boot does it
check "what save.list leaves out is no part of diff" prints "" /bin/slate diff
check "diff --all names it" prints "A etc/x.swp [cache, not kept]
A home/kim [data, not kept]
A home/kim/.cache [cache, not kept]
A home/kim/.cache/app [cache, not kept]
A home/kim/.cache/app/c [cache, not kept]
A home/kim/.ssh [identity, not kept]
A home/kim/.ssh/id [identity, not kept]
A home/kim/letter [data, not kept]
A srv/data [data, not kept]
D usr/bin/su [data, not kept]
A usr/local [data, not kept]
A usr/local/bin [data, not kept]
A var [data, not kept]
A var/log [log, not kept]
A var/log/messages [log, not kept]" /bin/slate diff --all
check "and as JSON" json "len([c for c in said if not c['kept']]) == 15" /bin/slate diff --all --json
check "status counts what is worth keeping" says '^never kept  4 files that save.list leaves out' /bin/slate status
proposed='# identity: 2 files, 1 KiB
+home/kim
# cache: 1 file, 1 KiB
-home/kim/.cache
# data: 1 file, 1 KiB
+srv/data
# data: 1 file, 0 KiB
+usr/bin/su'
check "learn proposes lines" prints "$proposed" /bin/slate learn
check "by the exit status" status_of 3 /bin/slate learn --exit-code
check "as JSON" json "[line['line'] for line in said] == ['+home/kim', '-home/kim/.cache', '+srv/data', '+usr/bin/su']" \
	/bin/slate learn --json
check "it changes nothing" test ! -e $root/etc/slate/save.list
in_root /bin/slate exclude /usr/bin/su
check "what a line leaves out is not proposed again" prints "$(echo "$proposed" | head -6)" /bin/slate learn --add
check "the lines are in the list" test "$(cat $root/etc/slate/save.list)" = "-usr/bin/su
+home/kim
-home/kim/.cache
+srv/data"
check "then there is nothing more to learn" status_of 0 /bin/slate learn --exit-code
check "what was learned is kept" says '^home/kim/.ssh/id$' /bin/slate list
check "its cache is not" sh -c '! grep cache out'
check "a broken list is an error" sh -c 'echo nonsense >/run/merged/etc/slate/save.list
	chroot /run/merged /bin/slate learn --exit-code 2>err; [ $? = 1 ] && grep -q "save.list: line 1" err'
check "--brief goes with no other form" status_of 2 /bin/slate diff --brief --json
drop_medium
finish
