"""Signed root images of more than 4 GiB: no number on the way from the build to the last
block is one of 32 bits, and what lies behind 2 or 4 GiB is checked like all the rest.

timeout: 300
"""

import hashlib
import json
import os
import re

import pytest

import large
import machines
import media
from machines import run
from qemu import Disk, copy_of
from test_verified import ROOT, keys, refused, size_of_data  # noqa: F401 (a fixture)

BLOCK = 4096
GIB = 1 << 30


@pytest.fixture(scope="module")
def out(keys):  # noqa: F811
    return machines.medium("bookworm-cloud", "--no-bootloader", "--sign", keys / "ours.key", name="medium-large",
                           tools=large.tools())


@pytest.fixture
def disk(out, folder):
    return copy_of(out / "disk.img", folder)


def spoil(disk, at):
    """Changes a bit of the root image on the medium."""
    where = media.place_on_ext4(disk, ROOT, at)
    with open(disk, "r+b") as file:
        file.seek(where)
        byte = file.read(1)[0]
        file.seek(where)
        file.write(bytes([byte ^ 0x10]))


def test_an_image_of_more_than_4_gib_boots_verified(boot, out, disk):
    size = (out / "root.squashfs").stat().st_size
    assert size_of_data(out) > 4 * GIB
    shell = boot(out=out, disks=[Disk(disk)]).ready()
    told = json.loads(shell.read("/run/slate/boot.json"))
    assert told["medium"]["fstype"] == "ext4"
    assert told["images"][0]["verified"] and told["images"][0]["size"] == size, told["images"]
    for name in large.FILES:
        assert shell.ok(f"sha256sum </{name}").split()[0] == hashlib.sha256(large.contents(name)).hexdigest()
    assert int(shell.ok("cat /sys/block/dm-0/size")) * 512 == size_of_data(out)
    shell.fails("test -e /run/slate/degraded")
    shell.ok("echo kept >/etc/word && slate save")
    assert os.stat(disk).st_blocks * 512 < GIB // 4, "the holes were written to"


def test_a_changed_block_behind_2_and_4_gib_is_never_read(boot, out, disk):
    for at in large.FILES.values():
        spoil(disk, at + 5)
    machine = boot("panic=0", out=out, disks=[Disk(disk)])
    shell = machine.ready()
    for name, at in large.FILES.items():
        assert "I/O error" in shell.fails(f"cat /{name} 2>&1 >/dev/null")
        shell.ok(f"dmesg | grep 'verity: .*data block {at // BLOCK} is corrupted'")


def test_a_changed_block_of_what_a_mount_reads_behind_4_gib_is_refused(boot, out, disk):
    """squashfs asks for the table of owners at once; it is the last of the image's."""
    spoil(disk, int(run("unsquashfs", "-s", out / "root.squashfs").split("Filesystem size ")[1].split()[0]) - 5)
    machine = boot("panic=600", out=out, disks=[Disk(disk)])
    refused(machine, f"root: image {ROOT}: mount /dev/dm-0 on ")
    block = int(re.search(r"data block (\d+) is corrupted", machine.console.text()).group(1))
    assert block > 4 * GIB // BLOCK


def test_a_changed_tree_behind_4_gib_is_refused(boot, out, disk):
    spoil(disk, size_of_data(out) + 5)
    machine = boot("panic=600", out=out, disks=[Disk(disk)])
    refused(machine, f"image {ROOT}: not verified, so not mounted: .*hash tree is not the one that was signed")


@pytest.mark.parametrize("more", [-4 * GIB, 4 * GIB], ids=["less", "more"])
def test_a_size_that_differs_by_4_gib_is_another_size(boot, out, disk, more):
    size = (out / "root.squashfs").stat().st_size
    media.resize_on_ext4(disk, ROOT, size + more)
    machine = boot("panic=600", out=out, disks=[Disk(disk)])
    refused(machine, f"not verified, so not mounted: is not what was signed: {size + more} bytes instead of {size}")
