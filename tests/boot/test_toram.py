"""The root in memory: the medium is pulled out, and nobody who reads the root notices.

timeout: 900
"""

import json

import pytest

import machines
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


def read_more(shell, count=2):
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
    read_more(shell, 1)
    shell.ok("touch /run/stop; until [ -e /run/stopped ]; do sleep 0.1; done", 180)
    machine.console.skip()
    shell.send(b"poweroff\n")
    machine.wait_off()
    text = machine.console.text()
    assert "I/O error" not in text and "SQUASHFS error" not in text and "panic" not in text

    again = boot(out=out, disks=[disk], memory=512).ready()
    assert again.ok("cat /etc/word") == "kept"
