"""The root in memory: the medium is pulled out, and nobody who reads the root notices.

timeout: 1800
"""

import json

import pytest

import machines
import media
from qemu import Disk, copy_of

MAY_GO = r"the medium \([a-z0-9]+, LABEL=SLATE\) may be removed"

# Reads every file of the root, in rounds; what fails is written down. The tools that
# it starts come from the root, too.
READER = """
round() { find /run/slate/root -type f %s -exec sha256sum {} + 2>>/run/errors | sort >$1; }
(round /run/before
while [ ! -e /run/stop ]; do
    echo 3 >/proc/sys/vm/drop_caches
    round /run/now
    cmp /run/before /run/now >>/run/errors 2>&1
    echo round >>/run/rounds
done; touch /run/stopped) >/dev/null 2>&1 &
"""
ALL, NO_DRIVERS = "", "! -name '*.ko'"


def rounds(shell):
    return int(shell.ok("touch /run/rounds; cat /run/rounds | wc -l"))


def read_more(shell, count=1):
    """Waits until the reader has read the whole root `count` times more, without an error."""
    wanted = rounds(shell) + count
    shell.ok(f"until [ $(cat /run/rounds | wc -l) -ge {wanted} ]; do sleep 0.2; done", 180)
    assert shell.ok("cat /run/errors 2>/dev/null || true") == ""


def wait_held(shell, timeout=120):
    shell.ok("until grep -q '^state=held' /run/slate/toram; do sleep 0.2; done", timeout)


def pull(machine, disk):
    machine.unplug(disk)
    machine.qmp.wait_event("DEVICE_DELETED")


def toram(shell):
    return json.loads(shell.ok("slate status --json"))["toram"]


def test_a_usb_stick_pulled_out_after_toram_lazy_is_not_missed(boot, folder):
    out = machines.medium("bookworm")
    use_without_medium(boot, out, Disk(copy_of(out / "disk.img", folder), "usb"), "lazy", NO_DRIVERS)


@pytest.mark.parametrize("how, files", [("full", NO_DRIVERS), ("lazy", ALL)])
def test_a_disk_pulled_out_after_toram_is_not_missed(boot, medium, folder, how, files):
    use_without_medium(boot, medium, Disk(copy_of(medium / "disk.img", folder)), how, files)


def use_without_medium(boot, out, disk, how, files):
    machine = boot(f"toram={how}", out=out, disks=[disk], memory=512)
    shell = machine.ready()
    shell.ok(READER % files)
    machine.console.expect(MAY_GO, 120)
    wait_held(shell)
    assert "may be removed" in shell.ok("slate status")
    assert toram(shell)["removable"]
    shell.fails("grep -E ' /run/slate/(medium|carrier) ' /proc/mounts")
    pull(machine, disk)
    read_more(shell)

    shell.ok("echo kept >/etc/word")
    said = shell.fails("slate save 2>&1")
    assert "LABEL=SLATE" in said and "not plugged in" in said and "nothing was" in said, said
    assert "not plugged in" in shell.ok("slate status")

    # plugged in again, under whatever name: saved as ever, and let go by itself
    back = Disk(disk.path, disk.bus, "back")
    machine.plug(back)
    shell.ok("until slate save; do sleep 0.5; done", 60)
    shell.fails("grep ' /run/slate/medium ' /proc/mounts")
    pull(machine, back)
    read_more(shell)
    shell.ok("touch /run/stop; until [ -e /run/stopped ]; do sleep 0.1; done", 180)
    machine.console.skip()
    shell.send(b"poweroff\n")
    machine.wait_off()
    text = machine.console.text()
    assert "I/O error" not in text and "SQUASHFS error" not in text and "panic" not in text

    again = boot(out=out, disks=[disk], memory=512).ready()
    assert again.ok("cat /etc/word") == "kept"


def test_a_medium_without_room_for_it_in_memory_stays_and_is_told(boot, medium, folder):
    disk = Disk(copy_of(medium / "disk.img", folder))
    shell = boot("toram=lazy", disks=[disk], memory=96).ready()
    told = shell.ok("cat /run/slate/degraded")
    assert "toram: " in told and "do not fit" in told and "must stay" in told
    assert shell.ok("cat /proc/mounts | grep -c ' /run/slate/medium '") == "1"


@pytest.mark.parametrize("policy, event", [("reboot", "RESET"), ("poweroff", "SHUTDOWN")])
def test_the_policy_is_followed_when_the_medium_is_pulled_out(boot, medium, folder, policy, event):
    disk = Disk(copy_of(medium / "disk.img", folder))
    machine = boot(f"slate.onyank={policy}", disks=[disk])
    machine.ready()
    machine.unplug(disk)  # QEMU may have ended before it says that it is gone
    machine.console.expect(r"the medium \(vda1\) was pulled out; slate.onyank=", 30)
    machine.qmp.wait_event(event, 100)
    assert "Kernel panic" not in machine.console.text()


def test_a_medium_pulled_out_is_told_and_the_machine_lives(boot, medium, folder):
    disk = Disk(copy_of(medium / "disk.img", folder))
    machine = boot("slate.onyank=warn", disks=[disk])
    shell = machine.ready()
    pull(machine, disk)
    shell.ok("until grep -q 'vda1 was pulled out' /run/slate/degraded; do :; done", 30)
    machine.console.expect(r"the medium \(vda1\) was pulled out", 30)


@pytest.fixture(scope="session")
def signed():
    """OUT of a medium whose images are signed."""

    def make(folder):
        machines.run("minisign", "-G", "-W", "-p", folder / "ours.pub", "-s", folder / "ours.key")

    keys = machines.made_once("toram-keys", [], make)
    return machines.medium("bookworm-cloud", "--no-bootloader", "--sign", keys / "ours.key",
                           name="medium-toram-signed")


@pytest.mark.parametrize("how", ["lazy", "full"])
def test_a_verified_image_in_memory_stays_verified(boot, signed, folder, how):
    disk = Disk(copy_of(signed / "disk.img", folder))
    machine = boot(f"toram={how}", out=signed, disks=[disk], memory=512)
    shell = machine.ready()
    wait_held(shell)
    shell.ok(READER % NO_DRIVERS)
    pull(machine, disk)
    read_more(shell)
    assert ", verified" in shell.ok("slate status")
    assert "/dev/dm-" in shell.ok("cat /proc/mounts")
    assert "memfd" in shell.ok("cat /sys/block/loop0/loop/backing_file")


def test_damage_found_while_copying_leaves_the_root_on_its_medium(boot, signed, folder):
    disk = copy_of(signed / "disk.img", folder)
    lines = (signed / "modules.manifest").read_text().splitlines()
    data = bytearray(media.get_file(disk, "slate/modules.squashfs"))
    data[int(dict(line.split("=") for line in lines)["data-size"]) * 6 // 10] ^= 0x10
    media.put_file(disk, "slate/modules.squashfs", bytes(data))
    shell = boot("toram panic=0", out=signed, disks=[Disk(disk)], memory=512).ready()
    told = shell.ok("cat /run/slate/degraded")
    assert "slate/modules.squashfs: is damaged on the medium at byte " in told, told
    assert not toram(shell)["removable"]
    assert "not in memory: the medium must stay" in shell.ok("slate status")
