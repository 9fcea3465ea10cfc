"""One root for slate and for Debian's live-boot: its image, their initramfs and media.

live-boot is Debian's own: its packages in a Debian made for it, and the initramfs that
`mkinitramfs` writes there, with the modules of the kernel that all contenders run on.
"""

import pathlib
import random
import shutil

import contenders
import machines
import media
from contenders import BUILD, HERE, TOP, executable, run
from qemu import copy_of

SUITE = "bookworm"
STICK_KERNEL = "bookworm"     # it has USB
PACKAGES = "live-boot,live-boot-initramfs-tools,initramfs-tools,busybox,zstd,kmod"
MIB = 64        # of the root's image that a boot reads none of

# The init that copies the root's image again, by dd, on the machine that slate has just
# copied it on, and looks at all of the copy once, by sha256sum. It tells how long each
# took: by boot.json, and by the kernel's log.
COPY_SCRIPT = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/slate/bin
exec </dev/null >/dev/ttyS1 2>&1
mount -t tmpfs -o size=90% tmpfs /tmp
mount -t vfat -o ro,iocharset=cp437 $(findfs LABEL=SLATE) /mnt
sync
echo 3 >/proc/sys/vm/drop_caches
echo bench: begin >/dev/kmsg
dd if=/mnt/slate/root.squashfs of=/tmp/copy bs=1M
echo bench: copied >/dev/kmsg
sha256sum /tmp/copy
echo bench: checked >/dev/kmsg
cmp /mnt/slate/root.squashfs /tmp/copy || exit
cat /run/slate/boot.json
dmesg | grep bench:
echo bench: end
exec sleep 1000
"""


def hash_ms(folder):
    """How long libsodium's SHA-256 takes for MIB on this host's processor, alone (ms)."""
    program = folder / "hash"
    run(BUILD / "deps/bin/musl-gcc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Os", "-fPIE", "-static-pie",
        "-isystem", BUILD / "deps/include", "-o", program, HERE / "hash.c", "-L", BUILD / "deps/lib", "-lsodium")
    return float(run(program, MIB))


def initramfs():
    """live-boot's, as Debian makes it."""
    _, modules = machines.kernel("bookworm-cloud")
    version = modules.name
    config = modules.parents[2] / "boot" / f"config-{version}"

    def make(folder):
        run("mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", "--format=null",
            "--customize-hook=mkdir -p $1/lib/modules",
            f"--customize-hook=copy-in {modules} /lib/modules", f"--customize-hook=copy-in {config} /boot",
            f"--customize-hook=chroot $1 mkinitramfs -o /live.img {version}",
            f"--customize-hook=copy-out /live.img {folder}", SUITE, "/dev/null")

    return machines.made_once("live-boot", [version, SUITE, PACKAGES], make) / "live.img"


def root_folder():
    """The benchmark's root, with MIB of noise, slate-init, and an init that copies."""
    base = contenders.root_folder()

    def make(folder):
        run("cp", "-a", f"{base}/.", folder)
        (folder / "noise").write_bytes(random.Random(1).randbytes(MIB << 20))
        shutil.copy(BUILD / "slate-init", folder / "usr/sbin/slate-init")
        shutil.copytree(TOP / "hooks/units", folder / "usr/lib/slate/system", symlinks=True)
        executable(folder / "usr/sbin/copy-again", COPY_SCRIPT)
        # no image of modules beside it for this kernel either
        (folder / "usr/lib/modules" / machines.kernel(STICK_KERNEL)[1].name).mkdir()

    inputs = [base.name, STICK_KERNEL, BUILD / "slate-init", TOP / "hooks/units", pathlib.Path(__file__)]
    return machines.made_once("live-root", inputs, make)


def medium(disk, folder):
    """live-boot's medium: the same disk with the root's image where live-boot looks for it."""
    copy = copy_of(disk, folder, "live-boot.img")
    partition = f"{copy}@@{media.PARTITION}"
    image = media.get_file(copy, "slate/root.squashfs")
    run("mdeltree", "-i", partition, "::slate")
    run("mmd", "-i", partition, "::live")
    media.put_file(copy, "live/filesystem.squashfs", image)
    return copy
