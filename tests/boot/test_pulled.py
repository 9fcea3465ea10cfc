"""The stick is pulled out at any moment after `toram=lazy` said that it may be.

A program reads every file of the root over and over, from before the copying ends. It
must see no error and the same digests, `slate save` must say what is missing, and the
machine must switch itself off as ever, and leave a file system that needs no repair.
A case is drawn by its number, so that a failure names what to look at. $PULLED_STICKS
says how many (2; `make pulls` pulls 50).

timeout: 14400
"""

import os
import pathlib
import random
import time

import pytest

import machines
import media
from qemu import Disk, copy_of
from test_toram import MAY_GO, NO_DRIVERS, READER, pull, read_more

PULLS = int(os.environ.get("PULLED_STICKS", 2))
LONGEST_S = 8  # after that, the reader has been through the whole root
# What the kernel or slate says of a machine that needs its medium, or that does not end well.
COMPLAINTS = ("I/O error", "SQUASHFS error", "FAT-fs", "panic", "degraded", "unmounting:", "writing everything out:",
              "did not stop", "Segmentation fault", "Bus error")


def moment(chance):
    """Seconds after the announcement: often at once, else evenly spread."""
    return chance.choice((0, chance.uniform(0, 1), chance.uniform(1, LONGEST_S)))


def medium(bus):
    """OUT for the bus: by USB of one image, which is there sooner, else of two."""
    if bus != "usb":
        return machines.medium("bookworm-cloud")

    def make(folder):
        machines.run("cp", "-a", f"{machines.root_folder()}/.", folder)
        # with a place for modules of its own, no second image is stacked on the root
        (folder / "usr/lib/modules" / machines.kernel("bookworm")[1].name).mkdir(parents=True)

    root = machines.made_once("pulled-root", [machines.root_folder().name], make)
    return machines.medium("bookworm", "--no-bootloader", name="medium-pulled", root=root)


def needs_no_repair(disk, folder):
    partition = pathlib.Path(folder) / "partition"
    partition.write_bytes(disk.read_bytes()[media.PARTITION_AT:])
    machines.run("/usr/sbin/fsck.fat", "-n", partition)


@pytest.mark.parametrize("number", range(PULLS))
def test_a_stick_pulled_out_once_it_may_be_is_not_missed(boot, folder, number):
    chance = random.Random(number)
    bus = ("virtio", "usb")[number % 2]
    after_s = moment(chance)
    out = medium(bus)
    disk = Disk(copy_of(out / "disk.img", folder), bus)
    print(f"pull {number}: {bus}, {after_s:.3f} s after the announcement")

    machine = boot("toram=lazy", out=out, disks=[disk], memory=512)
    shell = machine.ready()
    shell.ok(READER % NO_DRIVERS)
    machine.console.expect(MAY_GO, 180)
    time.sleep(after_s)
    pull(machine, disk)
    read_more(shell, 2)

    shell.ok("echo kept >/etc/word")
    said = shell.fails("slate save 2>&1")
    assert "LABEL=SLATE" in said and "not plugged in" in said and "nothing was" in said, said

    shell.send(b"poweroff\n")
    machine.wait_off(120)
    text = machine.console.text()
    assert "reboot: Power down" in text, text
    assert not [word for word in COMPLAINTS if word in text], text
    needs_no_repair(disk.path, folder)
