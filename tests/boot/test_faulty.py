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


@dataclasses.dataclass
class FailsFrom(Disk):
    """A medium on which the `number`-th write or flush (`what`) fails, and all after it."""

    what: str = "write"
    number: int = 1

    def block(self):
        block = super().block()
        event = {"write": "write_aio", "flush": "flush_to_disk"}[self.what]
        steps = [{"event": event, "state": state, "new_state": state + 1} for state in range(1, self.number + 1)]
        rule = {"event": event, "state": self.number, "iotype": self.what, "errno": 5, "once": False}
        file = {"driver": "blkdebug", "image": block["file"], "inject-error": [rule], "set-state": steps}
        # flushes have to arrive there
        return {**block, "file": file, "cache": {"direct": False, "no-flush": False}}


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


@pytest.mark.parametrize("what, number", [("write", 2), ("write", 3), ("flush", 1), ("flush", 2)])
def test_io_errors_in_the_middle_of_a_save_fail_it_too(boot, folder, used, what, number):
    machine = boot(disks=[FailsFrom(copy_of(used, folder), what=what, number=number)])
    shell = machine.ready()
    said = shell.fails("head -c 1000000 /dev/urandom >/etc/large; echo three >/etc/word; slate save 2>&1", 120)
    assert "I/O error" in said and "generation 2 " in said and "is intact" in said
    machine.reset()
    machine.ready()
    # what was written before a flush that fails may be there
    assert shell.ok("cat /etc/word") in (("two", "three") if (what, number) == ("flush", 2) else ("two",))
    assert f"{2:10}  " in shell.ok("slate generations")


def test_full_file_systems_keep_nobody_from_saving(boot, folder, used):
    machine = boot(disks=[Disk(copy_of(used, folder))])
    shell = machine.ready()
    shell.ok("echo three >/etc/word; dd if=/dev/zero of=/var/fill bs=64k 2>/dev/null; true", 120)
    assert shell.ok("echo full 2>/dev/null >/var/more || echo none") in ("", "none")
    assert "generation 3 saved" in shell.ok("slate save 2>&1", 120)
    shell.ok("rm /var/fill; echo four >/etc/word; dd if=/dev/zero of=/run/fill bs=64k 2>/dev/null; true", 120)
    done = shell.run("slate save", 120)
    assert done.returncode == 0 or b"is intact" in done.stdout or b"nothing was changed" in done.stdout, done
    shell.ok("rm /run/fill; slate save")
    # the slots are there already; larger ones have no room
    shell.ok("mount -o remount,rw /run/slate/medium && "
             "{ dd if=/dev/zero of=/run/slate/medium/fill bs=64k 2>/dev/null; mount -o remount,ro /run/slate/medium; }",
             120)
    shell.ok("echo five >/etc/word")
    assert "saved" in shell.ok("slate save", 120)
    said = shell.fails("head -c 6000000 /dev/urandom >/etc/large; echo six >/etc/word; slate save 2>&1", 120)
    assert "full: " in said and "is intact" in said
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "five"


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


def test_a_clock_that_goes_back_by_decades_does_not_hide_what_was_saved_last(boot, folder, used):
    disk = Disk(copy_of(used, folder))
    for date, word in (("2037-12-31T00:00:00", "three"), ("1970-01-02T00:00:00", "four"),
                       ("2035-12-31T00:00:00", "five")):
        machine = boot(disks=[disk], extra=["-rtc", f"base={date}"])
        shell = machine.ready()
        shell.ok(f"echo {word} >/etc/word && slate save")
        machine.close()
    shell = boot(disks=[disk], extra=["-rtc", "base=1970-01-02T00:00:00"]).ready()
    assert shell.ok("cat /etc/word") == "five"
