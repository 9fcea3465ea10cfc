# Sourced after overlay.sh by tests of the finished slate and lbu on a machine's own
# paths: a chroot, $root, whose /run/slate is laid out as slate-boot leaves it.
# mount_medium puts a real file system where the medium is.

[ -x "$BUILD/slate" ] || { echo "not ok slate is built"; exit 1; }
run=/run/slate
mount -t tmpfs tmpfs /run
mount --make-shared /run
mkdir -p $run/medium $run/root $run/overlay $run/bin /run/merged
root=/run/merged

(
	cd pristine || exit
	mkdir -p bin proc run tmp dev home/user
	cp "$BUILD/busybox" bin/busybox
	for applet in sh cat rm mkdir cp ls tar touch chmod; do ln -s busybox bin/$applet; done
	cp "$BUILD/slate" bin/slate
	ln -s slate bin/lbu
	ln -s slate bin/lbu_commit
)
mount --bind pristine $run/root
mount -o remount,bind,ro $run/root
mount -t tmpfs -o size=16m tmpfs $run/overlay
mkdir $run/overlay/upper $run/overlay/work
mount -t overlay overlay -o "lowerdir=$run/root,upperdir=$run/overlay/upper,workdir=$run/overlay/work" $root
mount --rbind /run $root/run
mount -t proc proc $root/proc
mount -t tmpfs tmpfs $root/dev
mknod $root/dev/null c 1 3

in_root() {
	chroot $root "$@" >"$base/out" 2>"$base/err" </dev/null
}

# Whether a command ends with a status, and prints exactly these lines.
prints() {
	wanted=$1
	shift
	in_root "$@" && [ "$(cat out)" = "$wanted" ] && return
	echo "# $*: $(cat out err | head -20)"
	return 1
}

# Whether it fails, and says this.
fails() {
	wanted=$1
	shift
	! in_root "$@" && grep -qe "$wanted" err && return
	echo "# $*: $(cat out err)"
	return 1
}

says() {
	wanted=$1
	shift
	in_root "$@" && grep -qe "$wanted" out && return
	echo "# $*: $(cat out err)"
	return 1
}

# A medium that is mounted as at boot; where there are no loop devices, the test ends.
mount_medium() {
	truncate -s 40m disk
	mkfs.ext4 -q -L SLATE disk
	device=$(losetup -f --show disk 2>/dev/null)
	mount -o ro,nosuid,nodev,noexec,noatime "$device" $run/medium 2>/dev/null || {
		echo "ok commands with a medium # SKIP no loop devices here"
		exit 0
	}
	printf '{"medium":{"device":"%s","label":"SLATE"},"images":[]}' "$device" >$run/boot.json
}

drop_medium() {
	umount $run/medium
	losetup -d "$device"
}
