#!/bin/bash
# Generations put into the running root: afterwards it is to the byte what a boot of that
# generation makes of it; and when it is killed, or a system call fails, anywhere in the
# middle, it is what it was before.
# timeout: 400
. tests/ns/overlay.sh

# Everything about everything in the root: type, mode, owner, content, link, attributes.
inventory() {
	/usr/bin/python3 - <<-'EOF'
		import os, stat
		for folder, folders, files in sorted(os.walk(b"root")):
		    if folder == b"root" and b".slate-live" in folders:
		        folders.remove(b".slate-live")
		    for name in [b""] + sorted(folders + files):
		        path = os.path.join(folder, name)
		        st = os.lstat(path)
		        row = [path, oct(st.st_mode), st.st_uid, st.st_gid]
		        if stat.S_ISLNK(st.st_mode):
		            row.append(os.readlink(path))
		        elif stat.S_ISREG(st.st_mode):
		            row.append(open(path, "rb").read())
		        row += [(x, os.getxattr(path, x, follow_symlinks=False))
		                for x in sorted(os.listxattr(path, follow_symlinks=False))]
		        print(*row)
	EOF
}

live() {
	"$driver" . live "$@" >live.out 2>&1
}

cat >>pristine/etc/motd <<<"second line"
mkdir -p pristine/etc/kept.d pristine/var
echo k >pristine/etc/kept.d/k
ln -s motd pristine/etc/issue
echo log >pristine/var/log
restore

# 1: a bit of everything
(
	cd root/etc || exit
	echo one >hostname
	rm motd
	rm -r opq gone.d
	mkdir opq
	echo new >opq/new
	mkdir -p deep/er/est
	echo d >deep/er/est/file
	ln deep/er/est/file deep/hard
	ln -s ../x deep/soft
	chmod 2750 conf.d
	chown 12:34 conf.d/1
	setfattr -n trusted.mine -v yes conf.d/2
	rm issue
	mkdir issue
	echo i >issue/i
	rm conf.d/3
)
save && inventory >one
# 2: much of it otherwise
(
	cd root/etc || exit
	echo two >hostname
	echo motd again >motd
	rm -r deep issue
	echo deep >deep
	ln -s hostname issue
	chmod 755 conf.d
	setfattr -x trusted.mine conf.d/2
	mkdir gone.d
	echo b >gone.d/b
	rm -r opq
	ln -s conf.d opq
)
save && inventory >two
# 3: nothing but the image
"$driver" . reset >/dev/null
cp -a medium template
inventory >two.before
check "a save leaves the root alone" cmp two two.before

same_as() {
	inventory >now
	diff "$1" now >difference || { head -20 difference live.out; return 1; }
}

# Boots generation $2, then goes live to $1, and compares with a boot of $1.
goes() {
	restore "generation=$2" && live "$1" && inventory >now && restore "generation=$1" &&
		inventory >booted && diff booted now
}

restore generation=3
inventory >three
restore generation=1
check "a boot of it is what was saved" same_as one
for from in 1 2 3; do
	for to in 1 2 3; do
		check "from generation $from to $to" goes $to $from
		[ $from != $to ] || check "of which nothing changes" test ! -s live.out
	done
done
restore generation=2
live 1
check "and back again" sh -c '"$1" . live 2 >live.out 2>&1' sh "$driver"
check "is as it was" same_as two
check "no stage is left" test ! -e root/.slate-live
live -
check "the image" same_as three
live 2
live 1
"$driver" . save >/dev/null
restore
check "and boots as it was" same_as one

restore generation=2
echo excluded >root/var/log
mkdir root/etc/mine && echo m >root/etc/mine/m
live 1
check "what no save keeps stays" test "$(cat root/var/log)" = excluded
check "what is not in the generation goes" test ! -e root/etc/mine
restore generation=2
live 1 etc/hostname etc/deep
check "paths alone: these" test "$(cat root/etc/hostname root/etc/deep/hard)" = "one
d"
check "and no others" test "$(cat root/etc/motd)" = "motd again"
restore generation=1
live - etc/opq etc/issue etc/motd
check "paths of the image" test "$(cat root/etc/opq/old root/etc/motd; readlink root/etc/issue)" = "old
motd
second line
motd"
mkdir root/etc/run.d
mkfifo root/etc/run.d/fifo
live 2
check "a FIFO stays, and its directory" test -p root/etc/run.d/fifo

restore generation=2
mount -t tmpfs -o size=1m tmpfs root/etc/conf.d
check "a mount in the way" sh -c '! "$1" . live 1 >live.out 2>&1 && grep -q "; nothing was changed" live.out' sh "$driver"
umount root/etc/conf.d
check "and nothing was changed" same_as two
check "no stage is left of it" test ! -e root/.slate-live

# --- Killed and failing anywhere ---

command -v strace >/dev/null || { echo "ok killed anywhere # SKIP no strace"; finish; exit; }

# After a failure that was told: as before. After a kill: as before once it is settled,
# or as wanted.
judge() {
	"$driver" . settle >settle.out 2>&1 || { echo "# settle: $(cat settle.out)"; return 1; }
	[ ! -e root/.slate-live ] || { echo "# a stage is left"; return 1; }
	inventory >now
	cmp -s now two && fresh=y && { [ "$status" != 0 ] || { echo "# success claimed"; return 1; }; return; }
	cmp -s now one && { [ "$status" = 0 ] || [ "$1" = killed ] || { echo "# failure claimed"; return 1; }; return; }
	diff two now | head -10
	return 1
}

# Each call that changes something, of the others one in a few, and all with SLATE_LONG.
sweep() {
	points=0
	for call in renameat,renameat2:1 linkat:3 unlinkat,unlink:3 mkdirat:1 openat,openat2:11 fchmod:3 fchown:5 \
		fsetxattr,setxattr:2 utimensat:5 write:2; do
		step=${call#*:}
		call=${call%:*}
		for nr in $(seq 1 "$([ "$SLATE_LONG" ] && echo 1 || echo "$step")" 400); do
			[ "$fresh" ] || restore generation=2
			fresh=
			{
				strace -f -o trace -e trace="$call" -e inject="$call:$2:when=$nr" \
					"$driver" . live 1 >live.out 2>&1
				status=$?
			} 2>/dev/null
			grep -q -e INJECTED -e 'killed by SIGKILL' trace || break
			points=$((points + 1))
			judge "$1" || { echo "# $call $nr $2: status $status: $(tail -1 live.out)"; return 1; }
		done
	done
	[ "$points" -ge "$3" ]
}

check "killed anywhere" sweep killed signal=SIGKILL 40
echo "# $points points"
check "EIO anywhere" sweep failed error=EIO 30
echo "# $points points"
finish
