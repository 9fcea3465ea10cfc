"""A guest of Debian's kernel and build/powercut, and nothing else.

boot() runs one command of build/powercut in QEMU and gives its output. The
initramfs holds BusyBox to load modules, and the modules that the file system needs.
"""

import os
import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = (TOP / os.environ.get("BUILD", "build")).resolve()

MODULES = ["virtio_pci", "virtio_blk", "loop", "nls_cp437", "nls_iso8859-1", "nls_utf8", "nls_ascii",
           # checksums that a file system asks for by name
           "crc32c_generic", "crc32_generic", "xxhash_generic", "sha256_generic", "blake2b_generic"]

INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /box /run
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t tmpfs -o size=90% box /box
for module in {modules}; do /bin/busybox modprobe $module; done
/bin/powercut {command}
/bin/busybox poweroff -n -f
"""

# The program that asks servers for files: there are none.
NO_SERVER = b"""#!/bin/busybox sh
echo error=no route to the server
exit 1
"""


class GuestError(Exception):
    pass


def kernel_for(fstype):
    """f2fs is not in the cloud kernel, which boots faster."""
    return BUILD / "kernels" / ("bookworm" if fstype == "f2fs" else "bookworm-cloud")


def modules_with_dependencies(folder, names):
    """Paths below `folder` of the modules and all that they need; built-in ones have none."""
    needs = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        needs[path] = rest.split()
    by_name = {pathlib.Path(path).name.split(".ko")[0].replace("-", "_"): path for path in needs}
    paths = [by_name[name.replace("-", "_")] for name in names if name.replace("-", "_") in by_name]
    return sorted({needed for path in paths for needed in (path, *needs[path])})


def cpio_entry(name, mode, data=b""):
    numbers = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % number for number in numbers) + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def write_initramfs(path, program, fstype, command):
    kernel = kernel_for(fstype)
    release = (kernel / "modules").resolve().name
    modules = [*MODULES, fstype]
    entries = [cpio_entry(name, 0o40755) for name in ("bin", "dev", "lib", "lib/modules")]
    folders = set()

    def add(name, mode, data):
        for parent in list(pathlib.Path(name).parents)[-2::-1]:
            if str(parent) not in folders | {"bin", "dev", "lib", "lib/modules"}:
                folders.add(str(parent))
                entries.append(cpio_entry(str(parent), 0o40755))
        entries.append(cpio_entry(name, mode, data))

    add("init", 0o100755, INIT.format(modules=" ".join(modules), command=command).encode())
    add("bin/busybox", 0o100755, (BUILD / "busybox").read_bytes())
    add("bin/slate-fetch", 0o100755, NO_SERVER)
    add("bin/powercut", 0o100755, pathlib.Path(program).read_bytes())
    for name in modules_with_dependencies(kernel / "modules", modules):
        add(f"lib/modules/{release}/{name}", 0o100644, (kernel / "modules" / name).read_bytes())
    for name in ("modules.dep", "modules.alias", "modules.softdep", "modules.builtin"):
        add(f"lib/modules/{release}/{name}", 0o100644, (kernel / "modules" / name).read_bytes())
    entries.append(cpio_entry("TRAILER!!!", 0))
    path.write_bytes(b"".join(entries))


def boot(folder, program, fstype, command, drives, seconds, memory=640):
    """Runs `command` of `program`; `drives` are QEMU arguments. Returns its lines of output.

    Raises GuestError with the console's end when the command did not say DONE.
    """
    initramfs = folder / "initramfs"
    write_initramfs(initramfs, program, fstype, command)
    arguments = ["qemu-system-x86_64", "-accel", "tcg", "-m", str(memory), "-nodefaults", "-no-user-config",
                 "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel",
                 str(kernel_for(fstype) / "vmlinuz"), "-initrd", str(initramfs), "-append",
                 "console=ttyS0 quiet loglevel=1 panic=-1 no_timer_check rcupdate.rcu_expedited=1 mitigations=off raid6_pq.raid6_speed=0", *drives]
    try:
        done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds)
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode(errors="replace")
        raise GuestError(f"not done after {seconds} s: {output[-2000:]}") from None
    finally:
        initramfs.unlink()
    lines = done.stdout.decode(errors="replace").replace("\r", "").split("\n")
    if "DONE" not in lines:
        raise GuestError("\n".join(lines)[-3000:])
    return lines


def disk(name, node):
    """A virtio disk over a block node, its cache as a disk's: written when flushed. The guest's requests
    are not merged: blklogwrites adds two parts to one of the 1,024 parts that a write may have, and it fails."""
    return ["-device", f"virtio-blk-pci,drive={node},id={name},write-cache=on,discard=off,write-zeroes=off,"
            "request-merging=off"]


def file_node(name, path):
    """The bytes of a file. They need not be safe on this machine's own disk: a guest's flush is an
    entry in the log and no more."""
    return ["-blockdev", f"driver=raw,node-name={name},file.driver=file,file.filename={path},"
            "file.locking=off,file.cache.no-flush=on"]


def plain_drive(path):
    return [*file_node("plain", path), *disk("plain-disk", "plain")]


def logged_drive(image, log):
    """Every write to `image` goes to `log` besides, in the format of Linux's dm-log-writes."""
    return [*file_node("image", image), *file_node("log", log),
            "-blockdev", "driver=blklogwrites,node-name=logged,file=image,log=log,"
            "log-sector-size=512,log-super-update-interval=1", *disk("logged-disk", "logged")]


def empty(path, size):
    """A file of `size` zeros that takes no space."""
    path.unlink(missing_ok=True)
    with open(path, "wb") as file:
        file.truncate(size)


def copy(source, target):
    subprocess.run(["cp", "--reflink=auto", "--sparse=always", source, target], check=True)
