"""The hardware watchdog restarts a machine that hangs, within 30 seconds, and no other."""
# timeout: 1500

import json
import time

import pytest

import machines
import media
from channel import Timeout
from qemu import Disk

CARD = ["-device", "i6300esb", "-action", "watchdog=reset"]
DEGRADED = "cat /run/slate/degraded 2>/dev/null || :"
STATE = "/sys/class/watchdog/watchdog0"
VITAL = "[Service]\nExecStart=/bin/sleep 1000\n"


@pytest.fixture(scope="session")
def out():
    """Of the kernel that has the driver of the card that QEMU emulates."""
    return machines.medium("bookworm")


def started(boot, out, words="", **options):
    machine = boot(f"loglevel=6 {words}", out=out, memory=384, extra=CARD, **options)
    shell = machine.ready()
    assert shell.ok(f"cat {STATE}/state") == "active"
    return machine, shell


def expect_reset(machine, within):
    """Waits until the watchdog has fired; the seconds that took."""
    begin = time.monotonic()
    assert machine.qmp.wait_event("WATCHDOG", within)["data"]["action"] == "reset"
    return time.monotonic() - begin


def expect_none(machine, seconds):
    with pytest.raises(Timeout):
        machine.qmp.wait_event("WATCHDOG", seconds)


def test_a_healthy_machine_is_fed_also_by_the_next_slate_init(boot, out):
    machine, shell = started(boot, out, "slate.watchdog=5")
    assert shell.ok(f"cat {STATE}/timeout") == "5"
    assert "i6300ESB timer, fed; 5 s without that" in shell.ok("slate status")
    told = json.loads(shell.ok("slate status --json"))["machine"]["watchdog"]
    assert told == {"device": "i6300ESB timer", "timeout_s": 5, "held_back_by": ""}
    expect_none(machine, 15)
    assert shell.ok(DEGRADED) == ""
    shell.ok("systemctl daemon-reexec; sleep 1")
    assert "--watchdog=" in shell.ok("tr '\\0' ' ' </proc/1/cmdline")
    expect_none(machine, 15)
    assert shell.ok(f"cat {STATE}/state") == "active"
    # nobody else may have it, and no child has inherited it
    assert shell.ok("ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c /dev/watchdog") == "1"


def test_a_process_1_that_hangs_is_ended(boot, out):
    machine, shell = started(boot, out)
    # a frozen group stops its processes where they are, and this one is in none of slate's
    shell.ok("mkdir /sys/fs/cgroup/ice && echo 1 >/sys/fs/cgroup/ice/cgroup.procs")
    shell.ok("echo 1 >/sys/fs/cgroup/ice/cgroup.freeze")
    assert expect_reset(machine, 40) <= 30
    shell = machine.ready()
    assert "restarted this machine" in shell.ok(DEGRADED)


def test_a_kernel_that_hangs_is_ended(boot, out):
    machine, shell = started(boot, out, "panic=0")
    shell.send(b"echo c >/proc/sysrq-trigger\n")
    assert expect_reset(machine, 40) <= 30


def test_a_root_that_is_gone_is_noticed(boot, out):
    machine, shell = started(boot, out)
    machine.unplug(machine.disks[0])
    assert expect_reset(machine, 40) <= 30
    assert "the root can't be read" in machine.console.text()


@pytest.mark.parametrize("holds", ["an image", "the root itself"])
def test_a_root_on_btrfs_that_is_gone_is_noticed_and_one_that_is_there_is_not(boot, out, folder, holds):
    """It has no device of its own that could be asked."""
    path = f"{folder}/btrfs.img"
    media.btrfs(media.tree(out, f"{folder}/tree") if holds == "an image" else machines.root_folder(), path)
    machine, shell = started(boot, out, "slate.watchdog=10", disks=[Disk(path)])
    assert " btrfs ro," in shell.ok("grep ' /run/slate/medium ' /proc/mounts")
    expect_none(machine, 15)
    machine.unplug(machine.disks[0])
    assert expect_reset(machine, 40) <= 30
    assert "the root can't be read" in machine.console.text()


def test_a_critical_unit_may_be_stopped_but_not_die(boot, out):
    machine, shell = started(boot, out, "slate.watchdog=10 slate.critical=vital.service")
    shell.ok("mkdir -p /run/systemd/system")
    shell.write("/run/systemd/system/vital.service", VITAL)
    shell.ok("slate daemon-reload && slate start vital")
    expect_none(machine, 20)
    shell.ok("slate stop vital")
    expect_none(machine, 25)
    shell.ok("slate start vital && kill -9 $(systemctl show -p MainPID --value vital)")
    shell.ok("until slate status | grep 'vital.service is gone; i6300ESB timer restarts'; do sleep 0.3; done")
    assert expect_reset(machine, 40) <= 30
    assert "vital.service is gone" in machine.console.text()


def test_a_wait_for_the_medium_is_no_hang(boot, out):
    machine = boot("slate.watchdog=5 rootwait=25 root=LABEL=NOWHERE loglevel=7", out=out, memory=384, extra=CARD)
    machine.console.expect("watchdog: i6300ESB", 60)
    expect_none(machine, 20)


def test_another_init_is_not_left_with_a_watchdog(boot, out):
    machine = boot("slate.watchdog=5 init=/sbin/init", out=out, memory=384, extra=CARD)
    shell = machine.ready()
    assert shell.ok(f"cat {STATE}/state") == "inactive"
    expect_none(machine, 10)


def test_a_machine_that_ends_is_bounded_and_then_left_alone(boot, out):
    machine, shell = started(boot, out)
    shell.send(b"halt\n")
    machine.console.expect("System halted", 60)
    expect_none(machine, 70)
