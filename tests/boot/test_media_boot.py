"""Media start by themselves: on BIOS and on UEFI, as a disk, a stick, a CD and a file.

The kernel of each is the one on the medium, started by the firmware and GRUB.
timeout: 600
"""

import json
import pathlib
import shutil

import pytest

import machines
from qemu import Disk, Machine, copy_of
from test_verified import keys  # noqa: F401 (a fixture)

CMDLINE = "console=ttyS0 quiet panic=5 no_timer_check"
KERNEL = "bookworm"
OVMF = "/usr/share/OVMF/OVMF_{}_4M.{}.fd"
DOWN = "\x1b[B"


def firmware(kind, folder):
    """QEMU's arguments for "BIOS", "UEFI" or "Secure Boot", which has Microsoft's keys as PCs have
    them, or "own Secure Boot", which has another's."""
    if "Secure Boot" in kind:
        keys = "snakeoil" if "own" in kind else "ms"
        variables = copy_of(OVMF.format("VARS", keys), folder)
        return ("-global", "driver=cfi.pflash01,property=secure,value=on",
                "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={OVMF.format('CODE', keys)}",
                "-drive", f"if=pflash,unit=1,format=raw,file={variables}")
    return ("-bios", "/usr/share/ovmf/OVMF.fd") if kind == "UEFI" else ()


def root_folder():
    """The tests' root with an empty folder of modules: the initramfs has all that a boot
    needs, and an image of every module of this kernel takes a minute to pack."""
    base = machines.root_folder()
    _, modules = machines.kernel(KERNEL)

    def make(folder):
        shutil.copytree(base, folder, symlinks=True, dirs_exist_ok=True)
        (folder / "lib/modules" / modules.name).mkdir(parents=True)

    return machines.made_once("media-root", [base.name, modules.name], make)


def medium(*options, name):
    return machines.medium(KERNEL, "--cmdline", CMDLINE, *options, name=name, root=root_folder())


@pytest.fixture
def start(folder):
    """start(kind of firmware, disk): the machine, which the firmware starts from the disk."""
    started = []

    def run(kind, disk):
        machine = Machine(folder, None, None, disks=[disk], memory=512, board="q35",
                          extra=firmware(kind, folder))
        started.append(machine)
        return machine

    yield run
    for machine in started:
        machine.close()


def told(shell):
    return json.loads(shell.read("/run/slate/boot.json"))


@pytest.mark.parametrize("kind, bus, options", [
    ("BIOS", "virtio", ()),
    ("UEFI", "usb", ()),
    ("UEFI", "sata", ("--medium", "ext4")),
    ("BIOS", "usb", ("--medium", "ext4")),
])
def test_a_disk_starts_and_keeps_what_is_saved(start, folder, kind, bus, options):
    out = medium(*options, name="media-ext4" if options else "media-fat")
    machine = start(kind, Disk(copy_of(out / "disk.img", folder), bus))
    shell = machine.ready(150)
    assert told(shell)["medium"]["device"].endswith("da1")
    assert shell.ok("test -d /sys/firmware/efi && echo UEFI || echo BIOS") == kind
    assert shell.ok("cat /proc/cmdline").endswith(f"root=LABEL=SLATE {CMDLINE}")
    shell.ok("echo kept >/etc/new && slate save")


@pytest.mark.parametrize("kind, bus", [("BIOS", "cdrom"), ("UEFI", "usb")])
def test_an_iso_starts_and_says_that_it_can_keep_nothing(start, kind, bus):
    out = medium("--type", "iso", name="media-iso")
    machine = start(kind, Disk(out / "disk.iso", bus, readonly=True))
    machine.console.expect("nothing restored", 60)
    machine.console.type(DOWN + "\r")
    shell = machine.ready(150)
    assert told(shell)["medium"]["fstype"] == "iso9660"
    # the second line of the menu
    assert shell.ok("cat /proc/cmdline").endswith("norestore")
    done = shell.run("echo lost >/etc/new; slate save")
    assert done.returncode == 1
    assert b"the medium is an ISO image" in done.stdout, done.stdout


@pytest.mark.parametrize("key", ["e", "c"])
def test_nobody_at_the_keyboard_edits_the_menu_of_a_signed_medium(start, folder, keys, key):  # noqa: F811
    out = medium("--sign", keys / "ours.key", name="media-signed")
    machine = start("BIOS", Disk(copy_of(out / "disk.img", folder)))
    machine.console.expect("nothing restored", 60)
    machine.console.type(key)
    machine.console.expect("Enter username", 20)
    machine.console.type("root\r\r")
    # it goes back to the menu, whose lines can still be started
    machine.console.expect("nothing restored", 60)
    machine.console.type("\r")
    shell = machine.ready(150)
    assert "init=" not in shell.ok("cat /proc/cmdline")


def carrier(folder, path):
    """A disk with a file system that holds the ISO in a folder, as people keep many."""
    out = medium("--type", "iso", name="media-iso")
    files = pathlib.Path(folder) / "carrier/isos"
    files.mkdir(parents=True)
    shutil.copy(out / "disk.iso", files / "my slate.iso")
    with open(path, "wb") as file:
        file.truncate(96 << 20)
    machines.run("mke2fs", "-q", "-t", "ext4", "-d", files.parent, path)
    return out


def test_an_iso_is_found_as_a_file_on_another_file_system(boot, folder):
    path, empty = f"{folder}/carrier.img", f"{folder}/empty.img"
    out = carrier(folder, path)
    with open(empty, "wb") as file:
        file.truncate(16 << 20)
    machines.run("mke2fs", "-q", "-t", "ext4", empty)
    before = machines.key_of(pathlib.Path(path))
    machine = boot('no_timer_check root=LABEL=SLATE "findiso=/isos/my slate.iso"', out=out, memory=512,
                   disks=[Disk(empty, name="empty"), Disk(path, name="carrier")])
    shell = machine.ready(120)
    medium_of = told(shell)["medium"]
    assert "loop" in medium_of["device"] and medium_of["fstype"] == "iso9660", medium_of
    shell.ok("test -e /etc/app/kept")
    machine.close()
    assert machines.key_of(pathlib.Path(path)) == before, "the carrier was written to"


def test_of_many_isos_and_media_of_one_name_the_one_that_was_started_is_the_medium(boot, folder):
    """A stick with many ISOs, whose partition has the name that all of them have, beside another
    medium of that name; the menu of such a stick says which file it has started."""
    stick, files = f"{folder}/stick.img", pathlib.Path(folder) / "stick"
    isos = [medium("--type", "iso", name="media-iso"), medium("--type", "iso", "--slots", "2", name="media-iso-other")]
    (files / "isos").mkdir(parents=True)
    for name, out in zip(("first", "second"), isos):
        shutil.copy(out / "disk.iso", files / f"isos/{name}.iso")
    with open(stick, "wb") as file:
        file.truncate(192 << 20)
    machines.run("mke2fs", "-q", "-t", "ext4", "-L", "SLATE", "-d", files, stick)
    other = copy_of(machines.medium() / "disk.img", folder, "other.img")
    disks = [Disk(other, name="other"), Disk(stick, name="stick")]
    shell = boot('no_timer_check root=LABEL=SLATE "findiso=/isos/second.iso"', out=isos[1], memory=512, disks=disks).ready(120)
    loop = pathlib.Path(told(shell)["medium"]["device"]).name
    assert shell.ok(f"cat /sys/block/{loop}/loop/backing_file").endswith("/isos/second.iso")
    assert "vda1" not in shell.ok("cat /proc/mounts")
    shell.fails("test -e /run/slate/degraded")
