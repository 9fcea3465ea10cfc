#!/bin/bash
# A slot is an archive that everybody's tar reads, and everybody's tar makes archives
# that restore.
. tests/ns/overlay.sh

restore
(
	cd root/etc || exit
	echo mine >hostname
	rm motd
	ln -s hostname link
	ln hostname hard
	mkdir -p "$(printf 'd%.0s' $(seq 90))/$(printf 'e%.0s' $(seq 90))"
	echo long >"$(printf 'd%.0s' $(seq 90))/$(printf 'e%.0s' $(seq 90))/name"
	setfattr -n trusted.a -v b hostname
	setfacl -m u:7:r hostname
	echo ünï >ünïcode
)
save

# $1: a name for the test; the rest: a command that extracts the slot into `out`.
extracts() {
	rm -rf out
	mkdir out
	"${@:2}" >said 2>&1 || { echo "# exit status $?"; return 1; }
	[ ! -s said ] || { sed 's/^/# /' said; return 1; }
	diff -r --no-dereference -x '.wh.*' -x conf.d -x gone.d -x opq root/etc out/etc && [ -f out/etc/.wh.motd ]
}

busybox=$BUILD/busybox
[ -x "$busybox" ] || busybox=$(command -v busybox)
check "GNU tar extracts a slot without a warning" \
	extracts gnu tar -C out -xzf "$(slot 0)"
check "GNU tar with attributes" \
	extracts gnu tar -C out --xattrs --xattrs-include='*' --acls -xzf "$(slot 0)"
check "GNU tar keeps the attributes" test "$(getfattr --only-values -n trusted.a out/etc/hostname)" = b
check "GNU tar keeps the ACL" sh -c 'getfacl -n out/etc/hostname | grep -q user:7:r--'
check "bsdtar extracts a slot without a warning" extracts bsd bsdtar -C out -xpf "$(slot 0)"
check "bsdtar keeps the ACL" sh -c 'getfacl -n out/etc/hostname | grep -q user:7:r--'
check "BusyBox tar extracts a slot without a warning" \
	extracts busybox "$busybox" tar -C out -xzf "$(slot 0)"
check "Python's tarfile extracts a slot" extracts python /usr/bin/python3 -c '
import sys, tarfile
tarfile.TarFile.extraction_filter = staticmethod(lambda member, path: member)
tarfile.open(sys.argv[1]).extractall("out", numeric_owner=True)' "$(slot 0)"
check "gzip -t finds it whole" sh -c 'gzip -t <"$0" 2>&1 | grep -v "trailing zero"; true' "$(slot 0)"

# What an earlier, larger generation had in the slot is not left behind a smaller one.
head -c 700000 /dev/urandom >root/etc/large
for number in 1 2 3 4; do echo "$number" >root/etc/number; save; done
rm root/etc/large
for number in 5 6 7 8; do echo "$number" >root/etc/number; save; done
whole() {
	for number in 0 1 2 3; do
		gzip -t <"$(slot $number)" || return
		tar -xzOf "$(slot $number)" etc/number || return
	done
}
check "a slot that held more extracts without a warning, too" whole

# --- The other way round ---

mkdir -p mine/etc/sub mine/root/.ssh
echo theirs >mine/etc/hostname
chmod 640 mine/etc/hostname
echo world >mine/etc/sub/world
ln -s sub/world mine/etc/link
ln mine/etc/sub/world mine/etc/hard
chown -R 0:0 mine
chown 33:44 mine/etc/hostname
long=$(printf 'n%.0s' $(seq 130))
echo long >"mine/etc/$long"

restores() {
	rm -rf medium/slate
	restore && grep -q 'restored=1 sequence=0' restore.out || { sed 's/^/# /' restore.out; return 1; }
	[ "$(cat root/etc/hostname)" = theirs ] && [ "$(cat root/etc/$long)" = long ] &&
		[ "$(stat -c %a:%u:%g root/etc/hostname)" = 640:33:44 ] &&
		[ root/etc/hard -ef root/etc/sub/world ] && [ "$(readlink root/etc/link)" = sub/world ] &&
		[ "$(cat root/etc/conf.d/1)" = 1 ]
}

made_by() {
	rm -f medium/*.apkovl.tar.gz
	"$@" && restores
}

for format in gnu oldgnu pax posix; do
	check "GNU tar, $format, restores" made_by tar -C mine --format=$format -czf medium/box.apkovl.tar.gz etc
	check "GNU tar, $format, with ./ restores" \
		made_by tar -C mine --format=$format -czf medium/box.apkovl.tar.gz ./etc .
done
rm -f medium/*.apkovl.tar.gz
# lbu -e
encrypted=medium/box.apkovl.tar.gz.aes-256-cbc
by_openssl() {
	tar -C mine -cz etc | openssl enc -aes-256-cbc -salt "$@" -pass pass:word >$encrypted 2>/dev/null && restores
}
passed_over() {
	restore && grep -q "^degraded: ${encrypted#*/}: $1; not restored" restore.out &&
		[ "$(cat root/etc/hostname)" = shipped ] || { sed 's/^/# /' restore.out; return 1; }
}
mkdir keys
export KEYS=$base/keys VERIFY=no TYPED=word
check "openssl's way since 1.1.0 restores" by_openssl
check "openssl's way before restores" by_openssl -md md5
check "openssl with -pbkdf2 restores" by_openssl -pbkdf2
check "the passphrase was asked for" grep -q "^asked for: ${encrypted#*/}" restore.out
TYPED=other restore
check "but not again in the same boot" grep -q 'restored=1 sequence=0' restore.out
mv $encrypted medium/box.20261124100300.tar.gz.aes-256-cbc
check "a backup of one restores" restores
mv medium/box.20261124100300.tar.gz.aes-256-cbc $encrypted
rm keys/openssl
TYPED=other
check "another passphrase is told" passed_over 'that is not the passphrase, or .*'
unset TYPED
check "that none was given, too" passed_over 'encrypted, and its passphrase was not given'
printf 'word\nmore\n' >keys/openssl.line
check "the first line of a key file opens it" restores
cp $encrypted whole
truncate -s -16 $encrypted
check "one that is cut short" passed_over 'does not decrypt to its end: cut short, or damaged'
python3 -c 'data = bytearray(open("whole", "rb").read()); data[200] ^= 1; open("'$encrypted'", "wb").write(data)'
check "and one that is damaged is refused, not half restored" passed_over '.*'
rm -r keys $encrypted
unset KEYS VERIFY
tar -C mine -cz etc | openssl enc -aes-128-cbc -k word -out medium/box.apkovl.tar.gz.aes-128-cbc 2>/dev/null
encrypted=medium/box.apkovl.tar.gz.aes-128-cbc
check "one by another cipher is not passed over in silence" passed_over 'encrypted with another cipher than .*'
rm $encrypted
check "bsdtar, pax, restores" made_by bsdtar -C mine --format pax -czf medium/box.apkovl.tar.gz etc
check "bsdtar, gnutar, restores" made_by bsdtar -C mine --format gnutar -czf medium/box.apkovl.tar.gz etc
check "BusyBox tar restores" made_by "$busybox" tar -C mine -czf medium/box.apkovl.tar.gz etc
check "Python's tarfile restores" made_by /usr/bin/python3 -c '
import tarfile
with tarfile.open("medium/box.apkovl.tar.gz", "w:gz") as made:
    made.add("mine/etc", "etc")'
# lbu's way: the names of files, no directory recursed into, some not named at all
list() {
	(cd mine && find etc ! -name sub | tar -czf ../medium/box.apkovl.tar.gz --no-recursion -T -)
}
check "lbu's way restores" made_by list
two() {
	tar -C mine -cz etc/hostname "etc/$long" >medium/box.apkovl.tar.gz
	tar -C mine -cz etc/sub etc/link etc/hard >>medium/box.apkovl.tar.gz
}
refused() {
	two && restore && grep -q 'bytes after the end of the archive; not restored' restore.out &&
		[ "$(cat root/etc/hostname)" = shipped ]
}
check "two archives in one file are refused, not half read" refused

# --- Odd, and right ---

odd() {
	rm -rf medium/slate medium/*.apkovl.tar.gz
	/usr/bin/python3 - <<-END
		import io, tarfile
		with tarfile.open("medium/box.apkovl.tar.gz", "w:gz") as made:
		    for name, data in [("etc/opq/new", b"new"), ("etc/opq/.wh..wh..opq", b""), ("etc/.wh.motd", b""),
		                       ("etc/twice", b"first"), ("etc/twice", b"second"),
		                       ("etc/conf.d/deep/er/file", b"deep"), ("./etc//./odd", b"odd")]:
		        info = tarfile.TarInfo(name)
		        info.size = len(data)
		        made.addfile(info, io.BytesIO(data))
	END
	restore
}
odd
check "an opaque mark may come after what is in its directory" \
	test "$(cat root/etc/opq/new) $(ls root/etc/opq)" = "new new"
check "a deletion needs no directory before it" test ! -e root/etc/motd
check "of a file that is there twice the later counts" test "$(cat root/etc/twice)" = second
check "directories that are not named are made" test "$(cat root/etc/conf.d/deep/er/file root/etc/conf.d/1)" = deep1
check "odd names are reduced" test "$(cat root/etc/odd)" = odd
finish
