#!/usr/bin/python3
"""Root images of more than 4 GiB that take some MB of the disk: holes lie between their parts.

`tools()` is a folder for the front of $PATH. Its mksquashfs makes what the real one
makes, and then adds two files of bytes that no packing makes smaller, each behind a
hole. All that describes the files follows the last: no root can be read without it.
"""

import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

REAL = "/usr/bin/mksquashfs"
MIB = 1 << 20
# Name in the root: where its first byte lies in the image, as it is.
FILES = {"beyond-2g": 2048 * MIB + 65536, "beyond-4g": 4096 * MIB + 65536}
SIZE = 300_000

# Of the superblock: counts, and where things are (Documentation/filesystems/squashfs.rst).
HEAD, INODES, FRAGMENTS, IDS, END = 96, (4, "<I"), (16, "<I"), (26, "<H"), (40, "<Q")
ID_TABLE, XATTR_TABLE, INODE_TABLE, DIRECTORY_TABLE, FRAGMENT_TABLE, EXPORT_TABLE = range(48, 96, 8)
NONE, BLOCK = 2**64 - 1, 8192


def contents(name):
    return random.Random(name).randbytes(SIZE)


def tools():
    import machines

    def make(folder):
        (folder / "mksquashfs").symlink_to(pathlib.Path(__file__).resolve())

    return machines.made_once("large-tools", [pathlib.Path(__file__).resolve()], make)


def move(path, to):
    """Moves what describes the files of a squashfs to byte `to`; a hole is where it was."""
    with open(path, "r+b") as file:
        head = bytearray(file.read(HEAD))
        start, end = _get(head, INODE_TABLE, "<Q"), _get(head, *END)
        file.seek(start)
        tables = bytearray(file.read(end - start))
        by = to - start
        for where, count, entry in ((ID_TABLE, _get(head, *IDS), 4), (FRAGMENT_TABLE, _get(head, *FRAGMENTS), 16),
                                    (EXPORT_TABLE, _get(head, *INODES), 8)):
            _move_index(tables, _get(head, where, "<Q") - start, count * entry, by)
        xattrs = _get(head, XATTR_TABLE, "<Q")
        if xattrs != NONE:
            _add(tables, xattrs - start, by)
            _move_index(tables, xattrs - start + 16, _get(tables, xattrs - start + 8, "<I") * 16, by)
        for where in range(ID_TABLE, HEAD, 8):
            if _get(head, where, "<Q") != NONE:
                _add(head, where, by)
        _add(head, END[0], by)
        file.truncate(start)
        file.seek(to)
        file.write(tables)
        file.truncate((end + by + 4095) // 4096 * 4096)
        file.seek(0)
        file.write(head)


def _get(data, at, kind):
    return struct.unpack_from(kind, data, at)[0]


def _add(data, at, by):
    struct.pack_into("<Q", data, at, _get(data, at, "<Q") + by)


def _move_index(tables, at, size, by):
    """The list of the packed blocks that `size` bytes of a table are in."""
    for i in range((size + BLOCK - 1) // BLOCK):
        _add(tables, at + 8 * i, by)


def main():
    subprocess.run([REAL, *sys.argv[1:]], check=True)
    image = sys.argv[2]
    if not image.endswith("/root.squashfs"):
        return
    for name, at in FILES.items():
        move(image, at)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / name).write_bytes(contents(name))
            subprocess.run([REAL, folder, image, "-quiet", "-no-progress", "-no-fragments", "-no-recovery",
                            *(["-all-root"] if os.geteuid() else [])], check=True)


if __name__ == "__main__":
    main()
