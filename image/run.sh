#!/bin/sh
# run.sh: boots the demo machine in QEMU on this terminal. Its medium, with what
# was saved on it, stays in build/demo/disk.img; a newer slate or demo root is
# copied onto it. `run.sh clean` forgets the medium.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build}
case $build in /*) ;; *) build=$here/../$build ;; esac
build=$(cd "$build" && pwd)
demo=$build/demo
kernel=$build/kernels/bookworm-cloud
native=$(uname -m)
arch=${SLATE_ARCH:-$native}
case $arch in
x86_64) qemu="qemu-system-x86_64 -M q35" emulated=max serial=ttyS0 package=qemu-system-x86 ;;
# a processor of "max" signs its pointers, which takes an emulator half of its time
aarch64) qemu="qemu-system-aarch64 -M virt" emulated=cortex-a72 serial=ttyAMA0 package=qemu-system-arm ;;
*) echo "run: the demo machine is not made for $arch" >&2; exit 1 ;;
esac

say() { echo "run: $*"; }
die() { echo "run: $*" >&2; exit 1; }

if [ "${1:-}" = clean ]; then
	rm -rf "$demo"
	say "the demo machine has forgotten what it had saved"
	exit 0
fi

# --- The image ---------------------------------------------------------------

# True when something that the image is made of is newer than the image.
is_stale() {
	[ -f "$demo/made" ] || return 0
	[ -n "$(find "$here/recipe.sh" "$here/recipes" "$here/drivers.txt" "$here/../hooks" "$build/busybox" \
		"$build/dropbearmulti" "$build/slate-boot" "$build/slate-init" "$build/slate" \
		-newer "$demo/made" -print 2>/dev/null | head -n 1)" ]
}

# The new root image takes the old one's place on the medium; the saved
# configuration beside it is not touched. On a copy: an interrupt spoils nothing.
refresh_medium() {
	if [ ! -f "$demo/disk.img" ]; then
		mv "$demo/new/disk.img" "$demo/disk.img"
		return
	fi
	say "refreshing the root image on the medium; what was saved on it stays"
	cp --sparse=always "$demo/disk.img" "$demo/disk.new"
	MTOOLS_SKIP_CHECK=1 mcopy -o -i "$demo/disk.new@@2M" "$demo/new/root.squashfs" ::slate/root.squashfs ||
		die "the new image does not fit on the old medium: \`make run-clean\` starts anew"
	mv "$demo/disk.new" "$demo/disk.img"
}

make_image() {
	say "making the demo machine"
	mkdir -p "$demo"
	BUILD=$build "$here/recipe.sh" demo "$demo/new" --no-bootloader
	refresh_medium
	for name in vmlinuz initramfs.img root.squashfs cmdline; do mv "$demo/new/$name" "$demo/$name"; done
	rm -rf "$demo/new"
	touch "$demo/made"
}

# --- The host ----------------------------------------------------------------

# /dev/kvm may open and then hang, or run a boot sector but no kernel: so the
# demo's own kernel has to get as far as missing its root, within three seconds.
# What was found holds until the host restarts.
kvm_works() {
	[ "$arch" = "$native" ] && [ -r /dev/kvm ] && [ -w /dev/kvm ] || return 1
	host=$(cat /proc/sys/kernel/random/boot_id)
	case $(cat "$demo/kvm" 2>/dev/null) in
	"works $host") return 0 ;;
	"hangs $host") return 1 ;;
	esac
	if kvm_boots; then echo "works $host" >"$demo/kvm"; else echo "hangs $host" >"$demo/kvm"; return 1; fi
}

kvm_boots() {
	timeout -k 1 3 $qemu -accel kvm -cpu host -m 256 -nodefaults -display none \
		-no-reboot -serial stdio -kernel "$kernel/vmlinuz" -append "console=$serial quiet panic=-1" \
		</dev/null 2>/dev/null | grep -q 'Kernel panic - not syncing: VFS'
}

# The first port from $1 on that nobody on this machine listens on.
free_port() {
	port=$1
	while cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "$(printf ':%04X .* 0A ' "$port")"; do
		port=$((port + 1))
	done
	echo "$port"
}

# --- Go ----------------------------------------------------------------------

command -v "${qemu%% *}" >/dev/null || die "QEMU is missing: apt-get install $package"
[ -e "$kernel/vmlinuz" ] || SLATE_BUILD=$build "$here/deps/kernels.sh" bookworm-cloud
! is_stale || make_image

if kvm_works; then
	cpu="-accel kvm -cpu host"
else
	cpu="-accel tcg -cpu $emulated"
	say "no working KVM for it here: the machine is emulated, which is slower"
fi
web=$(free_port 8080)
ssh=$(free_port 2222)

say "status page:  http://localhost:$web/"
say "secure shell: ssh -p $ssh root@localhost   (after \`passwd\` in the machine)"
say "Ctrl-A X ends the machine at once, as a power cut would; \`poweroff\` in it, in order"
echo
exec $qemu $cpu -smp 2 -m 256 -nodefaults -display none -vga none -serial mon:stdio \
	-kernel "$demo/vmlinuz" -initrd "$demo/initramfs.img" -append "$(cat "$demo/cmdline")" \
	-drive "file=$demo/disk.img,if=virtio,format=raw" -device virtio-rng-pci \
	-nic "user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:$web-:80,hostfwd=tcp:127.0.0.1:$ssh-:22"
