"""The pieces that the benchmark boots: roots, initramfs, archives.

All contenders run on one kernel, from one medium (made by `slate image build`: a
squashfs root on a FAT partition), and start the same 21 services; without the
stateless part, they start them from one initramfs that is the root itself.
"""

import gzip
import pathlib
import shutil
import stat
import struct
import subprocess
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "boot"))
import machines  # noqa: E402
from machines import BUILD, TOP, run  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SERVICES = 21
FILES = 200
# What the medium needs on a virtio disk, in the order of loading.
MODULES = ("virtio_pci", "virtio_blk", "vfat", "nls_cp437", "loop", "squashfs", "overlay")

UNIT = """[Unit]
Description=Service {0} of the benchmark

[Service]
ExecStart=/usr/sbin/bench-service {0} {1}

[Install]
WantedBy=multi-user.target
"""

INITRAMFS_SCRIPT = """#!/bin/sh
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=0755 tmpfs /run
for module in /modules/*; do insmod $module; done
mkdir -p /run/medium /run/root /run/overlay /new
mount -t vfat -o ro,nosuid,nodev,noexec,iocharset=cp437 $(findfs LABEL=SLATE) /run/medium
mount -t squashfs -o ro,loop /run/medium/slate/root.squashfs /run/root
mount -t tmpfs -o size=50% tmpfs /run/overlay
mkdir /run/overlay/upper /run/overlay/work
mount -t overlay -o lowerdir=/run/root,upperdir=/run/overlay/upper,workdir=/run/overlay/work overlay /new
archive=/run/medium/bench.tar.gz
[ ! -e $archive ] || tar xzf $archive -C /new
for d in dev proc sys run; do mount -o move /$d /new/$d; done
exec switch_root /new /sbin/init
"""

# The init that fills the medium with a generation of FILES files, with slate's own save.
SAVE_SCRIPT = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/slate/bin
exec </dev/null >/dev/ttyS1 2>&1
mkdir /etc/many
i=0
while [ $i -lt {files} ]; do
	seq $i $((i + 300)) >/etc/many/file-$i
	i=$((i + 1))
done
slate save && echo saved
sync
reboot -f
"""

# BusyBox init from an initramfs that is the root: the file systems are its first job.
MOUNT_SCRIPT = """#!/bin/sh
[ -e /proc/self ] && exit
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=0755 tmpfs /run
"""


def compile_static(name, folder):
    """Compiles NAME.c of this folder with the project's musl compiler."""
    program = folder / name
    run(BUILD / "deps/bin/musl-gcc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Os", "-s",
        "-static-pie", "-o", program, HERE / f"{name}.c")
    return program


def executable(path, text):
    path.write_text(text)
    path.chmod(0o755)


def pack(folder, output):
    """An initramfs of a folder."""
    names = subprocess.run(["find", ".", "-print0"], cwd=folder, stdout=subprocess.PIPE, check=True)
    archive = subprocess.run(["cpio", "-0", "-o", "-H", "newc", "--quiet", "-R", "0:0"], cwd=folder,
                             input=names.stdout, stdout=subprocess.PIPE, check=True)
    output.write_bytes(gzip.compress(archive.stdout, 1))
    return output


def root_folder():
    """The boot tests' BusyBox root, with 21 units and an inittab that start the services."""
    base = machines.root_folder()

    def make(folder):
        run("cp", "-a", f"{base}/.", folder)
        shutil.copy(compile_static("service", machines.CACHE), folder / "usr/sbin/bench-service")
        units = folder / "etc/slate/system"
        wants = units / "multi-user.target.wants"
        (wants / "test-shell.service").unlink()
        lines = ["::sysinit:/etc/mount-all"]
        for number in range(1, SERVICES + 1):
            (units / f"bench-{number}.service").write_text(UNIT.format(number, SERVICES))
            (wants / f"bench-{number}.service").symlink_to(f"../bench-{number}.service")
            lines.append(f"::respawn:/usr/sbin/bench-service {number} {SERVICES}")
        (folder / "etc/inittab").write_text("\n".join(lines) + "\n")
        executable(folder / "etc/mount-all", MOUNT_SCRIPT)
        # with a place for modules of its own, no second image is stacked on the root
        release = machines.kernel("bookworm-cloud")[1].name
        (folder / "usr/lib/modules" / release).mkdir(parents=True)
        executable(folder / "usr/sbin/save-many", SAVE_SCRIPT.format(files=FILES))

    return machines.made_once("bench-root", [base.name, HERE / "service.c", pathlib.Path(__file__)], make)


def module_files(modules):
    """The files of MODULES and of all that they need, in the order of loading."""
    version = modules.name
    files = []
    for name in MODULES:
        said = run("modprobe", "-d", modules.parents[2], "-S", version, "--show-depends", name,
                   env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"})
        for line in said.splitlines():
            if line.startswith("insmod") and line.split()[1] not in files:
                files.append(line.split()[1])
    return [pathlib.Path(file) for file in files]


def add_modules(tree, modules):
    """The modules as tree/modules/00.ko and so on, in the order of loading."""
    (tree / "modules").mkdir(parents=True)
    for number, file in enumerate(module_files(modules)):
        shutil.copy(file, tree / f"modules/{number:02}.ko")


def floor_initramfs(folder, root, modules):
    tree = folder / "floor"
    add_modules(tree, modules)
    (tree / "usr/sbin").mkdir(parents=True)
    shutil.copy(root / "usr/sbin/bench-service", tree / "usr/sbin")
    shutil.copy(compile_static("floor", machines.CACHE), tree / "init")
    return pack(tree, folder / "floor.img")


def with_floor(folder, initramfs, root):
    """The initramfs with /floor and its service added: what it costs to come up at all."""
    extra = folder / "extra"
    if not extra.exists():
        (extra / "usr/sbin").mkdir(parents=True)
        shutil.copy(root / "usr/sbin/bench-service", extra / "usr/sbin")
        shutil.copy(machines.CACHE / "floor", extra / "floor")
        pack(extra, folder / "extra.img")
    output = folder / f"{initramfs.stem}-floor.img"
    data = initramfs.read_bytes()
    output.write_bytes(data + bytes(-len(data) % 4) + (folder / "extra.img").read_bytes())
    return output


def busybox_initramfs(folder, modules):
    tree = folder / "busybox"
    add_modules(tree, modules)
    for name in ("bin", "dev", "proc", "sys", "run"):
        (tree / name).mkdir()
    shutil.copy(BUILD / "busybox", tree / "bin/busybox")
    for applet in ("sh", "mount", "mkdir", "insmod", "findfs", "tar", "gzip", "switch_root"):
        (tree / "bin" / applet).symlink_to("busybox")
    executable(tree / "init", INITRAMFS_SCRIPT)
    return pack(tree, folder / "busybox.img")


def alone_initramfs(folder, root):
    """The root itself as an initramfs, with all three supervisors in it."""
    tree = folder / "alone"
    run("cp", "-a", root, tree)
    shutil.copy(machines.CACHE / "floor", tree / "usr/sbin/floor")
    shutil.copy(BUILD / "slate-init", tree / "usr/sbin/slate-init")
    shutil.copytree(TOP / "hooks/units", tree / "usr/lib/slate/system", symlinks=True)
    return pack(tree, folder / "alone.img")


def floor_files(archive, output):
    """The members of a saved tar.gz, as floor.c reads them."""
    with tarfile.open(archive) as tar, open(output, "wb") as out:
        for member in tar:
            kind = stat.S_IFDIR if member.isdir() else stat.S_IFREG
            data = tar.extractfile(member).read() if member.isfile() else b""
            name = member.name.encode() + b"\0"
            seconds = int(member.mtime)
            nanoseconds = int(round((member.mtime - seconds) * 1e9))
            out.write(struct.pack("<6Iq", len(name), len(data), kind | member.mode, member.uid,
                                  member.gid, nanoseconds, seconds) + name + data)
