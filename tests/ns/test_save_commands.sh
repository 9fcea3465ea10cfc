#!/bin/bash
# The commands of the finished slate and lbu, on a machine's own paths: a chroot
# whose /run/slate is laid out as slate-boot leaves it, the medium a real file system.
. tests/ns/overlay.sh
. "$OVERLAY_TEST/tests/ns/commands.sh" || exit 1

check "without a medium a save says so" fails 'slate: save: no medium is mounted on /run/slate/medium' /bin/slate save
check "a diff against the image needs no medium" prints "" /bin/slate diff --image

mount_medium

options() {
	findmnt -no OPTIONS $run/medium | grep -o -e '^r[ow]' -e nosuid -e nodev -e noexec -e noatime | tr '\n' ' '
}

check "nothing is saved yet" prints \
	"GENERATION  SAVED               FILES      SIZE  WHERE     STATE" /bin/slate generations
check "restore of what is not there" fails "generation 7 is not on the medium" /bin/slate restore 7
in_root /bin/sh -c 'echo mine >/etc/hostname; rm /etc/motd; mkdir /etc/new; echo n >/etc/new/n
	chmod 600 /etc/conf.d/1; rm -r /etc/opq; mkdir /etc/opq; echo o >/etc/opq/o; echo no >/home/user/x'
changes='U etc/conf.d/1 (mode) [config]
U etc/hostname (content) [identity]
D etc/motd [config]
A etc/new [config]
A etc/new/n [config]
U etc/opq (replaced) [config]
A etc/opq/o [config]'
check "diff: what changed, and how" prints "$changes" /bin/slate diff
check "a dry run says the same, without how" prints "$(echo "$changes" | sed 's/ [[(].*//')" /bin/slate save -n
check "lbu status says the same" prints "$(echo "$changes" | sed 's/ [[(].*//')" /bin/lbu status
check "list: what would be saved" says '^etc/.wh.motd$' /bin/slate list
check "save" says '^generation 1 saved: [0-9]* files, 1 KiB, slot-0$' /bin/slate save -m "first one"
check "the medium is as it was mounted" test "$(options)" = "ro nosuid nodev noexec noatime "
check "nothing is left to save" prints "" /bin/slate diff
check "diff --image still tells all" prints "$changes" /bin/slate diff --image
check "the message is kept" says 'first one' /bin/slate generations
check "generations as JSON" sh -c 'chroot /run/merged /bin/slate generations --json |
	/usr/bin/python3 -c "import json, sys; assert json.load(sys.stdin)[\"slots\"][0][\"generation\"] == 1"'
check "diff as JSON" sh -c 'chroot /run/merged /bin/slate diff --image --json |
	/usr/bin/python3 -c "import json, sys; assert len(json.load(sys.stdin)) == 7"'
check "save as JSON" sh -c 'chroot /run/merged /bin/slate save --json |
	/usr/bin/python3 -c "import json, sys; assert json.load(sys.stdin)[\"generation\"] == 2"'
check "verify" prints "slot-0: generation 1 is good
slot-1: generation 2 is good
slot-2: empty
slot-3: empty" /bin/slate verify

in_root /bin/sh -c 'echo other >/etc/hostname; rm -r /etc/new; touch /etc/opq/p /etc/unsaved; echo back >/etc/motd'
check "revert to what was saved, or to the image" prints "/etc/hostname is as in generation 2
/etc/new is as in generation 2
/etc/opq is as in generation 2
/etc/motd is as in generation 2
/etc/unsaved is as in the image" /bin/slate revert /etc/hostname /etc/new /etc/opq /etc/motd /etc/unsaved
check "after it nothing has changed" prints "" /bin/slate diff
check "and the files are there" test "$(cat $root/etc/hostname $root/etc/new/n $root/etc/opq/o)" = "mine
n
o"
check "a relative path is one of the working directory" prints "/etc/hostname is as in generation 2" \
	/bin/sh -c 'cd /etc && slate revert hostname'
check "revert --image, whatever was saved" prints "/etc/motd is as in the image" /bin/slate revert --image /etc/motd
check "that is a change" prints "A etc/motd [config]" /bin/slate diff
check "which goes back, too" prints "/etc/motd is as in generation 2" /bin/slate revert /etc/motd
check "the root itself is not reverted" fails 'whole root' /bin/slate revert /

check "reset" says '^generation 3 is empty' /bin/slate reset
check "restore of the next boot alone" says '^generation 4 is generation 1 again; the next boot' /bin/slate restore --next-boot 1
check "leaves what runs alone" prints "" /bin/slate diff
in_root /bin/sh -c 'echo other >/etc/hostname; echo u >/etc/unsaved'
check "restore of an empty one" prints "D etc/new/n
D etc/new
D etc/opq/o
D etc/unsaved
generation 5 is generation 3 again, now and at the next boot" sh -c 'slate restore -v 3 | busybox grep -e ^D -e gen'
check "the running root is the image's" test "$(cat $root/etc/hostname $root/etc/motd $root/etc/opq/old)" = "shipped
motd
old"
check "restore of a full one" says '^generation 6 is generation 4 again, now' /bin/slate restore 4
check "the running root has it" test "$(cat $root/etc/hostname $root/etc/new/n $root/etc/opq/o)" = "mine
n
o"
check "and nothing else" prints "" /bin/slate diff
check "each slot has a generation" sh -c '[ "$(chroot /run/merged /bin/slate generations | grep -c slot-)" = 4 ]'
check "diff against an empty one" prints "$changes" /bin/slate diff 5
check "diff between two generations" prints "$(echo "$changes" | sed 's/ \[.*//')" /bin/slate diff 5 6
check "with a path, the lines that differ" prints "U etc/hostname (content)
--- a/etc/hostname
+++ b/etc/hostname
@@ -1 +1 @@
-shipped
+mine" /bin/slate diff 5 6 /etc/hostname
check "one that is gone has had lines" prints "D etc/motd
--- a/etc/motd
+++ /dev/null
@@ -1 +0,0 @@
-motd" /bin/slate diff 5 6 /etc/motd
in_root /bin/sh -c 'cat /bin/busybox >/etc/new/n; echo theirs >/etc/hostname'
check "against what runs, binary files are named as such" prints "U etc/hostname (content)
--- a/etc/hostname
+++ b/etc/hostname
@@ -1 +1 @@
-mine
+theirs
U etc/new/n (content)
Binary files differ" /bin/slate diff -u
check "and go back" says '^/etc/new/n is as in generation 6$' /bin/slate revert /etc/hostname /etc/new/n
check "no watch, no trial" fails 'nobody would watch over a trial: .*; nothing was saved' /bin/slate save --try 10m
check "and none is left" test ! -e $run/trial
# Says yes to whatever slate-init is asked, and does what the unit of going back does.
cat >answer.py <<-'EOF'
	import os, socket, subprocess, sys
	server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	server.bind("/run/slate/control")
	server.listen(8)
	child = os.fork()
	if child:
	    print(child)
	    sys.exit()
	while True:
	    client, _ = server.accept()
	    verb, *units = client.recv(8192).split(b"\0")
	    if verb == b"start" and units[0] == b"slate-goback.service":
	        subprocess.run(["chroot", "/run/merged", "/bin/slate", "goback"], check=False)
	    if verb == b"manager":
	        client.send(b"shutdown=none\nfinished_us=1\n")
	    client.send(b"end=done\n")
	    client.close()
EOF
/usr/bin/python3 answer.py >answer.pid 2>&1
in_root /bin/sh -c 'echo tried >/etc/hostname; echo t >/etc/tried'
check "a save on trial" says '^on trial for 2 s: slate confirm keeps it$' /bin/slate save --try 2s
check "is in the list as such" says ' on trial$' /bin/slate generations
check "keeps other saves out" fails 'generation 7 is on trial: slate confirm keeps it' /bin/slate save
check "and is what runs" prints "" /bin/slate diff
check "its watch goes back" prints "generation 7 was on trial for 2 s: it was not confirmed; generation 6 is back" \
	/bin/slate trial
check "to what was before" test "$(cat $root/etc/hostname; ls $root/etc/tried 2>&1 | grep -c 'No such')" = "mine
1"
check "and says why" grep -q "it was not confirmed; generation 6 is back" $run/degraded
check "once" prints "" /bin/slate trial
check "it is given up" says ' given up$' /bin/slate generations
check "nothing is unsaved then" prints "" /bin/slate diff
check "it can be had again" says '^generation 8 is generation 7 again, now' /bin/slate restore 7
check "as it was" test "$(cat $root/etc/hostname $root/etc/tried)" = "tried
t"
in_root /bin/sh -c 'echo kept >/etc/hostname'
check "another trial" says '^on trial for 10 min' /bin/slate save --try 10m
check "is kept when it is confirmed" prints "generation 9 is kept" /bin/slate confirm
check "no other save is kept out then" says '^generation 10 saved' /bin/slate save
check "a trial, and another one instead" sh -c 'chroot /run/merged /bin/slate save --try 10m >/dev/null &&
	chroot /run/merged /bin/slate save --try 5m | grep -q "on trial for 5 min"'
check "and a restore instead of that" says '^generation 13 is generation 10 again' /bin/slate restore 10
check "nothing is on trial then" fails 'no generation is on trial' /bin/slate confirm
check "nothing to go back from" prints "" /bin/slate trial
kill "$(cat answer.pid)"
rm $run/control
check "nothing to confirm" fails 'no generation is on trial' /bin/slate confirm
check "a time that is none" sh -c 'chroot /run/merged /bin/slate save --try soon 2>/dev/null; [ $? = 2 ]'

check "include" prints "" /bin/slate include /home/user
check "it is in the list" prints "home/user" /bin/slate include -l
check "what is included is saved" says '^home/user/x$' /bin/slate list
check "exclude takes its place" prints "added -home/user" /bin/slate exclude -v /home/user
check "what is excluded is not" sh -c '! chroot /run/merged /bin/slate list | grep home'
check "removing it" prints "" /bin/slate exclude -r home/user
check "twice is an error" fails 'slate: exclude: home/user is not in the list' /bin/slate exclude -r home/user
check "a broken list stops a save, by line" sh -c 'echo nonsense >/run/merged/etc/slate/save.list
	! chroot /run/merged /bin/slate save 2>err && grep -q "save.list: line 1: a line begins with" err
	rm -r /run/merged/etc/slate'

mkdir -p $root/etc/slate/hooks/pre-save.d $root/etc/slate/hooks/post-save.d
printf '#!/bin/sh\necho "before $SLATE_NAME"\necho hooked >/etc/hooked\n' >$root/etc/slate/hooks/pre-save.d/10
printf '#!/bin/sh\necho "after $SLATE_GENERATION"\n' >$root/etc/slate/hooks/post-save.d/10
chmod +x $root/etc/slate/hooks/*/10
check "hooks run before and after a save" sh -c 'chroot /run/merged /bin/slate save >out 2>err &&
	grep -q "10: before default" err && grep -q "10: after 14" err'
check "what the pre-save hook wrote is saved" prints "" /bin/slate diff
printf '#!/bin/sh\nexit 3\n' >$root/etc/slate/hooks/pre-save.d/20
chmod +x $root/etc/slate/hooks/pre-save.d/20
check "a failing pre-save hook stops it" fails 'nothing was saved: pre-save hook 20: exited with status 3' /bin/slate save
rm -r $root/etc/slate/hooks

check "export into a directory" says '^wrote /tmp/.*\.apkovl\.tar\.gz$' /bin/slate save --export /tmp
check "the archive is plain" sh -c 'chroot /run/merged tar -tzf /run/merged/tmp/*.apkovl.tar.gz >/dev/null 2>&1 ||
	tar -tzf /run/merged/tmp/*.apkovl.tar.gz | grep -qx etc/hostname'
check "export to standard output" sh -c 'chroot /run/merged /bin/slate save --export - | tar -tz | grep -qx etc/hostname'

check "two saves at a time: one gives up in the end" sh -c '
	exec 9>/run/slate/save.lock; flock 9; ! chroot /run/merged /bin/slate save 9>&- 2>err &&
	grep -q "another save is running" err'
check "a medium left writable is put right by any command" sh -c '
	mount -o remount,rw /run/merged/run/slate/medium; chroot /run/merged /bin/slate generations >/dev/null 2>err
	grep -q "read-only again" err && ! touch /run/merged/run/slate/medium/x 2>/dev/null'
printf 'nosave\n' >$run/settings
check "nosave" fails 'this boot may not write (nosave); nothing was changed' /bin/slate save
rm $run/settings

# --- lbu ---

echo lbu >$root/etc/hostname
check "lbu commit is silent" prints "" /bin/lbu commit
check "lbu_commit -v is not" says 'saved' /bin/lbu_commit -v
check "lbu ci -n shows only" prints "" /bin/lbu ci -n
check "lbu list-backup, newest left out" sh -c '[ "$(chroot /run/merged /bin/lbu lb | head -1)" = 15 ]'
check "lbu revert" prints "" /bin/lbu revert 15
check "lbu inc and ex" sh -c 'chroot /run/merged /bin/lbu inc -v srv && chroot /run/merged /bin/lbu add -l | grep -qx srv &&
	chroot /run/merged /bin/lbu ex srv && chroot /run/merged /bin/lbu delete -l | grep -qx srv'
check "lbu pkg to standard output" sh -c 'chroot /run/merged /bin/lbu pkg - | tar -tz | grep -qx etc/hostname'
check "lbu pkg -v to a file" says '^etc/hostname$' /bin/lbu package -v /tmp/mine.tar.gz
check "lbu ls" says '^etc/hostname$' /bin/lbu ls
check "lbu with another medium" fails 'floppy is not the medium of this machine, LABEL=SLATE (/dev/loop' /bin/lbu ci floppy
check "lbu never writes plain what was to be encrypted" fails 'nothing was saved' /bin/lbu ci -e
check "lbu without a verb" fails '^usage: lbu' /bin/lbu
check "usage is status 2" sh -c 'chroot /run/merged /bin/slate restore 1 2 2>/dev/null; [ $? = 2 ]'

cp -a $run/medium/slate before
check "a generation more" says 'saved' /bin/slate save
mount -o remount,rw $run/medium
rm -r $run/medium/slate
cp -a before $run/medium/slate
mount -o remount,ro $run/medium
check "one that is gone is told" sh -c 'chroot /run/merged /bin/slate generations 2>err >/dev/null &&
	grep -q "generation [0-9]* was on the medium, and the newest is [0-9]* now" err'
check "and by a save, which is numbered above it" sh -c '
	n=$(sed "s/.*=//" /run/slate/known) && chroot /run/merged /bin/slate save >out 2>err &&
	grep -q "generation $((n + 1)) saved" out && grep -q "was on the medium" err'
check "after which nothing is missing" sh -c 'chroot /run/merged /bin/slate generations 2>&1 | grep -q newest &&
	! chroot /run/merged /bin/slate generations 2>&1 | grep "was on the medium"'

check "a save waits for another one to end" sh -c '
	flock /run/slate/save.lock sleep 1 & sleep 0.2; chroot /run/merged /bin/slate save'

mount -o remount,rw $run/medium
printf '\1' | dd of=$run/medium/slate/saved/default/slot-1.apkovl.tar.gz bs=1 seek=600 conv=notrunc 2>/dev/null
check "verify names damage" sh -c '! chroot /run/merged /bin/slate verify >out 2>err; grep -q "^slot-1: damaged" out'
drop_medium
finish
