"""Damaged slots: the generation before is taken, and everybody is told."""

import pytest

import media
from conftest import used_disk
from machines import run
from qemu import Disk, copy_of


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A disk with the generations 1 to 3, /etc/word being "one", "two", "three"."""
    return used_disk(tmp_path_factory.mktemp("used"), ("one", "two", "three"))


def slots(disk):
    """The slots in use by name, the newest last."""
    names = run("mdir", "-b", "-i", f"{disk}@@{media.PARTITION}", "::slate/saved/default").split()
    names = [name.removeprefix("::/") for name in names]
    found = {name: media.get_file(disk, name) for name in names}
    found = {name: data for name, data in found.items() if data[:2] == b"\x1f\x8b"}
    return sorted(found.items(), key=lambda item: generation_of(item[1]))


def generation_of(data):
    """The word in a slot tells its age: no need to know the header."""
    import io
    import tarfile
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        return ["one", "two", "three"].index(tar.extractfile("etc/word").read().decode().strip())


def flip(data):
    """One bit in the middle of the archive (zeros pad its end)."""
    used = len(data.rstrip(b"\0"))
    changed = bytearray(data)
    changed[used * 2 // 3] ^= 0x10
    return bytes(changed)


def cut(data):
    """The second half is not there."""
    used = len(data.rstrip(b"\0"))
    return data[: used // 2] + bytes(len(data) - used // 2)


def shorten(data):
    """The file itself ends in the middle."""
    return data[: len(data.rstrip(b"\0")) // 2]


@pytest.mark.parametrize("damage", [flip, cut, shorten])
def test_the_generation_before_a_damaged_one_is_restored_and_told(boot, folder, used, damage):
    disk = copy_of(used, folder)
    name, data = slots(disk)[-1]
    media.put_file(disk, name, damage(data))
    machine = boot(disks=[Disk(disk)])
    shell = machine.ready()
    assert shell.ok("cat /etc/word") == "two"
    slot = name.rpartition("/")[2].partition(".")[0]
    for place in ("cat /run/slate/degraded", "slate status"):
        assert slot in shell.ok(place)
    machine.console.expect(f"{slot}.*", 30)
    machine.console.expect("login:", 30)
    shell.ok("echo four >/etc/word && slate save")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "four"


def test_all_slots_damaged_boots_clean_and_says_so(boot, folder, used):
    disk = copy_of(used, folder)
    for name, data in slots(disk):
        media.put_file(disk, name, flip(data))
    shell = boot(disks=[Disk(disk)]).ready()
    shell.ok("test ! -e /etc/word && test -e /etc/app/kept")
    told = shell.ok("cat /run/slate/degraded")
    assert all(f"slot-{number}" in told for number in range(3)), told


@pytest.mark.parametrize("offset", [0, 4, 12, 40, 100])
def test_a_flipped_bit_in_the_header_never_stops_the_boot(boot, folder, used, offset):
    disk = copy_of(used, folder)
    name, data = slots(disk)[-1]
    changed = bytearray(data)
    changed[offset] ^= 0x20
    media.put_file(disk, name, bytes(changed))
    shell = boot(disks=[Disk(disk)]).ready()
    assert shell.ok("cat /etc/word") in ("two", "three")
