"""What every boot test can ask for."""

import itertools
import shutil
import tempfile

import pytest

import machines
from qemu import Disk, Machine, copy_of

# An identity that a machine makes of itself is a generation, too: tests count their own.
CONSOLE = "console=ttyS0 quiet panic=5 slate.identity=no"


def used_disk(folder, words):
    """A disk with a generation for each word, /etc/word holding it."""
    out = machines.medium()
    disk = copy_of(out / "disk.img", folder)
    with Machine(folder, out / "vmlinuz", out / "initramfs.img", CONSOLE, [Disk(disk)]) as machine:
        shell = machine.ready()
        for word in words:
            shell.ok(f"echo {word} >/etc/word && slate save")
    return disk


@pytest.fixture(scope="session")
def medium():
    """OUT of `slate image build` for the cloud kernel."""
    return machines.medium()


@pytest.fixture
def folder():
    """A scratch folder with a short name: a socket's path has only 108 bytes."""
    path = tempfile.mkdtemp(prefix="slate-boot-", dir="/var/tmp")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def boot(folder, medium):
    """Starts machines that end with the test.

    boot("word …", disks=…, out=…): `out` a medium's folder (default: `medium`);
    disks default to a private copy of its disk.img on virtio.
    """
    started = []
    numbers = itertools.count()

    def start(cmdline="", disks=None, out=None, **options):
        out = out or medium
        place = f"{folder}/{next(numbers)}"
        shutil.os.mkdir(place)
        if disks is None:
            disks = [Disk(copy_of(out / "disk.img", place))]
        machine = Machine(place, out / "vmlinuz", out / "initramfs.img", f"{CONSOLE} {cmdline}", disks,
                          **options)
        started.append(machine)
        return machine

    yield start
    for machine in started:
        machine.close()
