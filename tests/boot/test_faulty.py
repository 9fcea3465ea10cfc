"""Media and machines that fail in the middle of a save: what was saved stays, and is told."""

import dataclasses

import pytest

from conftest import used_disk
from qemu import Disk, copy_of

# timeout: 900


@dataclasses.dataclass
class WritesFail(Disk):
    """A medium that reads, and answers each write with an I/O error."""

    def block(self):
        block = super().block()
        rule = {"event": "none", "iotype": "write", "errno": 5, "once": False}
        return {**block, "file": {"driver": "blkdebug", "image": block["file"], "inject-error": [rule]}}


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A disk with the generations 1 and 2, /etc/word being "one", "two"."""
    return used_disk(tmp_path_factory.mktemp("used"), ("one", "two"))


def test_io_errors_fail_the_save_and_the_generation_before_is_intact(boot, folder, used):
    machine = boot(disks=[WritesFail(copy_of(used, folder))])
    shell = machine.ready()
    assert shell.ok("cat /etc/word") == "two"
    said = shell.fails("echo three >/etc/word && slate save 2>&1", 120)
    assert "generation 2 " in said and "is intact" in said
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "two"


def test_a_save_without_memory_fails_and_says_what_is_safe(boot, folder, used):
    shell = boot(disks=[Disk(copy_of(used, folder))]).ready()
    shell.ok("echo three >/etc/word")
    said = shell.fails("sh -c 'ulimit -v 9000; exec slate save' 2>&1", 120)
    assert "memory" in said and "generation 2 " in said and "is intact" in said
    assert "generation 3 saved" in shell.ok("slate save")


def test_a_medium_pulled_in_a_save_is_an_error_and_the_machine_lives(boot, folder, used):
    image = copy_of(used, folder)
    disk = Disk(image)
    machine = boot("toram", disks=[disk])
    shell = machine.ready()
    shell.ok("head -c 3000000 /dev/urandom >/etc/large && echo three >/etc/word")
    shell.ok("(slate save >/run/said 2>&1; echo $? >/run/status) & true")
    machine.unplug(disk)
    machine.qmp.wait_event("DEVICE_DELETED")
    shell.ok("while [ ! -s /run/status ]; do sleep 0.2; done", 120)
    status, said = shell.ok("cat /run/status"), shell.ok("cat /run/said")
    assert status == "0" or "intact" in said or "nothing was" in said, said
    assert shell.ok("echo alive") == "alive"
    machine.close()
    again = boot(disks=[Disk(image)]).ready()
    assert again.ok("cat /etc/word") in (["three"] if status == "0" else ["two", "three"])


def test_the_order_of_generations_does_not_depend_on_the_clock(boot, folder, used):
    disk = Disk(copy_of(used, folder))
    past = boot(disks=[disk], extra=["-rtc", "base=1970-01-02T00:00:00"])
    shell = past.ready()
    assert shell.ok("cat /etc/word") == "two"
    shell.ok("echo three >/etc/word && slate save")
    past.close()
    shell = boot(disks=[disk], extra=["-rtc", "base=2037-12-31T00:00:00"]).ready()
    assert shell.ok("cat /etc/word") == "three"
    assert shell.ok("slate diff") == ""
