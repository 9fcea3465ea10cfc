"""slate.grow: a medium takes the whole of the disk that its image was written to.

timeout: 900
"""

import re

import pytest

import machines
import media
from qemu import Disk, copy_of
from test_media_boot import CMDLINE, KERNEL, root_folder, start  # noqa: F401 (a fixture)

GIB = 1 << 30
SAID = re.compile(r"slate-boot: grow: the medium had (\d+) MiB and has (\d+)")


def grown(shell):
    """What the stage said: MiB before and after; None: it had nothing to do."""
    said = SAID.search(shell.ok("dmesg"))
    return said and [int(number) for number in said.groups()]


def written_to(folder, out, size):
    """The image on a disk that is larger, as `slate image write` leaves it."""
    disk = copy_of(out / "disk.img", folder)
    with open(disk, "r+b") as file:
        file.truncate(size)
    return disk


def room(shell):
    return int(shell.ok("df -m /run/slate/medium | tail -n 1").split()[1])


@pytest.mark.parametrize("firmware, bus, format, ends", [
    # the tables of a FAT go up to 32 times its size, ext4 has no such end
    ("BIOS", "usb", "fat", (2800, 3072)),
    ("UEFI", "virtio", "ext4", (2800, 3072)),
])
def test_a_medium_takes_the_whole_disk_and_starts_from_it_again(start, folder, firmware, bus, format, ends):  # noqa: F811
    # an identity is saved at once, and would have the medium read-only while it is written to here
    out = machines.medium(KERNEL, "--cmdline", f"{CMDLINE} slate.identity=no", "--grow", "--medium", format,
                          name=f"media-grow-{format}", root=root_folder())
    disk = written_to(folder, out, 3 * GIB)
    machine = start(firmware, Disk(disk, bus))
    shell = machine.ready(150)
    before, after = grown(shell)
    assert before < 400 and ends[0] < after <= ends[1]
    assert abs(room(shell) - after) <= 1     # df rounds up
    shell.fails("test -e /run/slate/degraded")
    # in the room that was not there: more than the medium had
    shell.ok(f"mount -o remount,rw /run/slate/medium && dd if=/dev/zero of=/run/slate/medium/new bs=1M count={before + 50} "
             "2>/dev/null && sync && mount -o remount,ro /run/slate/medium", 300)
    shell.ok("echo kept >/etc/word && slate save", 120)
    # the firmware and its loader read the new table
    shell.send(b"reboot -f\n")
    machine.qmp.wait_event("RESET", 60)
    shell = machine.ready(150)
    assert grown(shell) is None
    assert abs(room(shell) - after) <= 1 and shell.ok("cat /etc/word") == "kept"
    assert shell.ok(f"stat -c %s /run/slate/medium/new").strip() == str((before + 50) << 20)
    machine.close()
    assert "No errors" in machines.run("/usr/sbin/sfdisk", "--verify", disk)


def test_it_is_done_only_where_it_was_asked_for(boot, folder):
    out = machines.medium()
    shell = boot(disks=[Disk(written_to(folder, out, GIB))]).ready()
    assert grown(shell) is None
    # asked for by the command line, FAT goes to the end of its tables at most
    size = room(shell)
    shell = boot("slate.grow", disks=[Disk(written_to(folder, out, GIB))]).ready()
    assert room(shell) <= size + 8
    shell.fails("test -e /run/slate/degraded")
    assert int(shell.ok("cat /sys/class/block/vda1/size")) * 512 > GIB - (4 << 20)


def test_a_power_cut_while_it_grows_costs_nothing(boot, folder):
    """Cut at some moment of the stage, the next boot is whole and does what is left."""
    out = machines.medium("bookworm-cloud", "--grow", "--medium", "ext4", "--no-bootloader", name="medium-grow-cut")
    disk = written_to(folder, out, 20 * GIB)
    machine = boot("slate.grow break=root loglevel=7", out=out, disks=[Disk(disk)])
    machine.console.expect("EXT4-fs .vda1.: resizing filesystem", 120)
    machine.close()
    shell = boot(out=out, disks=[Disk(disk)]).ready(150)
    assert room(shell) > 18 * 1024
    shell.ok("echo kept >/etc/word && slate save")
    assert media.tag(disk, "LABEL", 2 << 20) == "SLATE"
