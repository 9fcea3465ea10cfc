#!/bin/bash
# A restore in which any one system call fails, or a child dies, ends with a whole
# generation or with the image as it is, never with something between, and says so.
# timeout: 240
. tests/ns/overlay.sh

command -v strace >/dev/null || { echo "ok a failed restore # SKIP no strace"; exit 0; }
restore
for i in 1 2; do
	echo "$i" >root/etc/hostname
	echo "$i" >root/etc/zzz
	mkdir -p root/etc/new/deep
	echo "$i" >root/etc/new/deep/file
	ln -f root/etc/zzz root/etc/linked
	ln -sf "$i" root/etc/symlink
	setfattr -n trusted.generation -v "$i" root/etc/zzz
	rm -f root/etc/motd
	save
done

# What the root holds: "2 2 2 2 2" of the second generation.
held() {
	(
		cd root/etc || exit
		echo $(cat hostname zzz new/deep/file linked 2>/dev/null) $(readlink symlink) \
			$(getfattr --only-values -n trusted.generation zzz 2>/dev/null) $(cat motd 2>/dev/null)
	)
}

judge() {
	case $(held) in
	"2 2 2 2 2 2") return ;;
	"1 1 1 1 1 1" | "shipped motd") grep -q '^degraded: ' restore.out && return ;;
	esac
	echo "# the root holds: $(held)"
	return 1
}

# $1: what is injected. Only calls of the restore itself, not of the mounts before it.
sweep() {
	points=0
	for call in $calls; do
		for nr in $(seq 200); do
			{
				strace -f -o trace -e trace="$call" -e inject="$call:$1:when=$nr" \
					"$driver" . restore >restore.out 2>&1
				status=$?
			} 2>/dev/null
			grep -q -e INJECTED -e "killed by SIGSEGV" trace || break
			points=$((points + 1))
			[ "$status" = 0 ] && judge && continue
			# no root at all is a failure that the boot reports; nor is the driver's own start
			# what is tested here
			[ "$status" = 1 ] && grep -q -e 'make the root anew' -e 'mount' restore.out && continue
			grep -q -e 'driver: open' -e 'error while loading' restore.out && continue
			echo "# $call $nr $1: status $status: $(cat restore.out)"
			return 1
		done
	done
	[ "$points" -ge "$2" ]
}

check "nothing fails" sh -c '"$0" . restore >restore.out' "$driver"
check "then the second is there" test "$(held)" = "2 2 2 2 2 2"
calls="openat openat2 pread64 write fchown fchmod utimensat mkdirat unlinkat linkat symlinkat
	lsetxattr llistxattr fchownat newfstatat pipe2 pidfd_open"
for errno in EIO EMFILE; do
	check "$errno anywhere" sweep error=$errno 60
	echo "# $points points"
done
calls="fchown utimensat unlinkat"
check "a child that crashes" sweep signal=SIGSEGV 10
echo "# $points points"
finish
