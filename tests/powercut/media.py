"""Empty file systems of every kind that a medium may have."""

import dataclasses
import os
import subprocess

MIB = 2**20
# Past the file system's end: where acknowledgements are written.
TAIL = MIB


@dataclasses.dataclass
class Kind:
    """`fstype` is the kernel's name; `mkfs` gets the image file last."""
    name: str
    fstype: str
    mib: int
    mkfs: list


KINDS = {kind.name: kind for kind in [
    Kind("fat12", "vfat", 64, ["mkfs.fat", "-F", "12", "-s", "64"]),
    Kind("fat16", "vfat", 64, ["mkfs.fat", "-F", "16"]),
    Kind("fat32", "vfat", 64, ["mkfs.fat", "-F", "32", "-s", "1"]),
    Kind("exfat", "exfat", 64, ["mkfs.exfat"]),
    Kind("ext4", "ext4", 64, ["mkfs.ext4", "-q", "-F"]),
    Kind("f2fs", "f2fs", 128, ["mkfs.f2fs", "-q", "-f"]),
    Kind("btrfs", "btrfs", 128, ["mkfs.btrfs", "-q", "-f", "--mixed"]),
    Kind("xfs", "xfs", 320, ["mkfs.xfs", "-q", "-f"]),
]}


def make(kind, path):
    """An empty medium, with its tail."""
    path.unlink(missing_ok=True)
    with open(path, "wb") as file:
        file.truncate(kind.mib * MIB)
    env = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    subprocess.run([*kind.mkfs, str(path)], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env)
    os.truncate(path, kind.mib * MIB + TAIL)
