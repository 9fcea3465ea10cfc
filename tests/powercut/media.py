"""Empty file systems of every kind that a medium may have."""

import dataclasses
import os
import subprocess

MIB = 2**20
# Past the file system's end: where acknowledgements are written.
TAIL = MIB


@dataclasses.dataclass
class Kind:
    """`fstype` is the kernel's name; `least`: the smallest medium, in MiB; `mkfs` gets the
    image file last. journal: what is half done is undone by the file system itself."""
    name: str
    fstype: str
    least: int
    journal: bool
    mkfs: list


KINDS = {kind.name: kind for kind in [
    Kind("fat12", "vfat", 1, False, ["mkfs.fat", "-F", "12", "-s", "64"]),
    Kind("fat16", "vfat", 16, False, ["mkfs.fat", "-F", "16"]),
    Kind("fat32", "vfat", 40, False, ["mkfs.fat", "-F", "32", "-s", "1"]),
    Kind("exfat", "exfat", 1, False, ["mkfs.exfat"]),
    Kind("ext4", "ext4", 1, True, ["mkfs.ext4", "-q", "-F"]),
    Kind("f2fs", "f2fs", 128, True, ["mkfs.f2fs", "-q", "-f"]),
    Kind("btrfs", "btrfs", 128, True, ["mkfs.btrfs", "-q", "-f", "--mixed"]),
    Kind("xfs", "xfs", 320, True, ["mkfs.xfs", "-q", "-f"]),
]}


def make(kind, mib, path):
    """An empty medium of at least `mib`, with its tail."""
    size = max(mib, kind.least) * MIB
    path.unlink(missing_ok=True)
    with open(path, "wb") as file:
        file.truncate(size)
    env = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    subprocess.run([*kind.mkfs, str(path)], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env)
    os.truncate(path, size + TAIL)
