"""Media of other formats than `slate image build` makes, from what it made.

`out` is its folder OUT. Each function makes the file `path`.
"""

import os
import pathlib
import shutil
import subprocess

from machines import run

# Where the one partition of disk.img begins.
PARTITION = "2M"
PARTITION_AT = 2 << 20


def tree(out, folder):
    """The medium's files as they lie on disk.img, below `folder`."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    run("mcopy", "-i", f"{out}/disk.img@@{PARTITION}", "-s", "-m", "::slate", folder)
    return folder


def fat32(out, path, label="SLATE"):
    size(path, 96)
    run("mkfs.fat", "-F", "32", "-n", label, path)
    files = tree(out, f"{path}.tree")
    run("mcopy", "-i", path, "-s", files / "slate", "::")
    shutil.rmtree(files)


def ext4(out, path, label="SLATE"):
    files = tree(out, f"{path}.tree")
    size(path, 96)
    run("mke2fs", "-q", "-t", "ext4", "-L", label, "-d", files, path)
    shutil.rmtree(files)


def btrfs(files, path, label="SLATE"):
    """`files`: the folder that it holds."""
    size(path, 400)
    run("mkfs.btrfs", "-q", "-L", label, "--rootdir", files, path)


def iso(out, path, label="SLATE"):
    files = tree(out, f"{path}.tree")
    run("xorriso", "-as", "mkisofs", "-quiet", "-V", label, "-R", "-o", path, files)
    shutil.rmtree(files)


def squashfs(out, path):
    shutil.copy(out / "root.squashfs", path)
    size(path, os.path.getsize(path) // 2**20 + 1)


def erofs(root, path):
    run("mkfs.erofs", path, root)
    size(path, os.path.getsize(path) // 2**20 + 1)


def size(path, mib):
    with open(path, "ab") as file:
        file.truncate(mib * 2**20)


def tag(image, name, offset=0):
    """What blkid reads on an image file at `offset`: "UUID", "LABEL", …"""
    return run("/usr/sbin/blkid", "-p", "-O", offset, "-s", name, "-o", "value", image).strip()


def partition_tag(image, name):
    """"uuid" or "name" of the first partition."""
    return run("/usr/sbin/sfdisk", f"--part-{name}", image, "1").strip()


def get_file(image, name):
    """The bytes of a file on the partition of a disk.img (FAT)."""
    done = subprocess.run(["mtype", "-i", f"{image}@@{PARTITION}", f"::{name}"], stdout=subprocess.PIPE,
                          check=True)
    return done.stdout


def put_file(image, name, data):
    """Replaces a file on the partition of a disk.img (FAT)."""
    piece = pathlib.Path(f"{image}.piece")
    piece.write_bytes(data)
    run("mcopy", "-o", "-i", f"{image}@@{PARTITION}", piece, f"::{name}")
    piece.unlink()


def _debugfs(image, command, *flags):
    said = run("/usr/sbin/debugfs", *flags, "-R", command, f"{image}?offset={PARTITION_AT}")
    return [line for line in said.splitlines() if not line.startswith("debugfs ")]


def place_on_ext4(image, name, at):
    """Where byte `at` of a file on the partition of a disk.img (ext4) lies in that."""
    block, = _debugfs(image, f"bmap {name} {at // 4096}")
    assert block != "0", f"byte {at} of {name} is in a hole"
    return (2 << 20) + int(block) * 4096 + at % 4096


def resize_on_ext4(image, name, size):
    """Gives a file on the partition of a disk.img (ext4) another size; its blocks stay."""
    assert _debugfs(image, f"set_inode_field {name} size {size}", "-w") == []
