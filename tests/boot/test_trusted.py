"""Saved configuration that is signed by the machine's own key, which is on another device.

timeout: 600
"""

import pathlib
import re
import sys

import pytest

import media
from machines import TOP, run
from qemu import Disk, copy_of

sys.path.insert(0, str(TOP / "tests/ns"))
import forge  # noqa: E402  (what the namespace tests change slots with)

SLOTS = "slate/saved/default"


@pytest.fixture
def keys(folder):
    """A disk LABEL=KEYS with the file device.key."""
    files = pathlib.Path(folder) / "keys"
    files.mkdir()
    (files / "device.key").write_bytes(bytes(range(64)))
    disk = f"{folder}/keys.img"
    media.size(disk, 4)
    run("mke2fs", "-q", "-t", "ext2", "-L", "KEYS", "-d", files, disk)
    return disk


def forge_slot(disk, number, what, value=""):
    name = f"{SLOTS}/slot-{number}.apkovl.tar.gz"
    data = bytearray(media.get_file(disk, name))
    forge.forge(data, what, value)
    media.put_file(disk, name, bytes(data))


def test_what_the_machine_signed_comes_back_and_nothing_else(boot, folder, medium, keys):
    disk = copy_of(medium / "disk.img", folder)
    machine = boot("slate.key=LABEL=KEYS:device.key", disks=[Disk(disk), Disk(keys, name="keys")])
    shell = machine.ready()
    shell.fails("test -e /run/slate/degraded")
    for word in ("one", "two", "three"):
        shell.ok(f"echo {word} >/etc/word && slate save")
    assert shell.ok("slate generations").count(", signed") == 3
    assert shell.ok("stat -c %a /run/slate/keys/device") == "600"
    assert "ramfs" in shell.ok("grep /run/slate/keys /proc/mounts")
    shell.fails("grep KEYS /proc/mounts || grep key-device /proc/mounts")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "three"
    shell.fails("test -e /run/slate/degraded")
    machine.close()

    forge_slot(disk, 2, "payload")
    forge_slot(disk, 1, "unsigned")
    shell = boot("slate.key=LABEL=KEYS:device.key", disks=[Disk(disk), Disk(keys, name="keys")]).ready()
    assert shell.ok("cat /etc/word") == "one"
    degraded = shell.ok("cat /run/slate/degraded")
    assert re.search("slot-2: its signature is of something else", degraded)
    assert re.search("slot-1: not signed; not restored", degraded)
    assert "generation 1 (slot-0) was restored instead" in degraded
    assert "not signed" in shell.ok("slate status")
    assert "not trusted: not signed" in shell.ok("slate generations")
    assert "not signed; it is not trusted" in shell.fails("slate restore 2")
    shell.ok("echo four >/etc/word && slate save")


def test_without_its_key_the_machine_starts_with_nothing_restored(boot, folder, medium, keys):
    disk = copy_of(medium / "disk.img", folder)
    machine = boot("slate.key=LABEL=KEYS:device.key", disks=[Disk(disk), Disk(keys, name="keys")])
    machine.ready().ok("echo one >/etc/word && slate save")
    machine.close()
    shell = boot("slate.key=LABEL=KEYS:device.key rootwait=3", disks=[Disk(disk)]).ready()
    shell.fails("test -e /etc/word")
    degraded = shell.ok("cat /run/slate/degraded")
    assert "LABEL=KEYS did not appear within 3 s" in degraded
    assert re.search("signed by the key [0-9A-F]+, which is not trusted here", degraded)
    assert "no key to sign with" in shell.fails("echo two >/etc/word; slate save")
    shell = boot("slate.key=LABEL=SLATE:slate/slate.conf", disks=[Disk(disk)]).ready()
    assert "is the medium itself" in shell.ok("cat /run/slate/degraded")
