"""Secure Boot is on. A machine that trusts Microsoft's keys alone starts media by Debian's shim,
GRUB and kernel, and no kernel that somebody has changed. One that trusts its owner's key alone
starts what that has signed: kernel, initramfs and command line in one.

timeout: 1200
"""

import pytest

import machines
import media
from machines import run
from qemu import Disk, copy_of
from test_media_boot import medium, start  # noqa: F401 (a fixture)

KEY = "/usr/share/ovmf/PkKek-1-snakeoil"     # which OVMF's variables of that name trust


def is_on(shell):
    """Debian's kernel locks itself down then."""
    said = shell.ok("dmesg")
    return "secureboot: Secure boot enabled" in said and "Kernel is locked down from EFI Secure Boot" in said


@pytest.mark.parametrize("bus, options", [
    ("usb", ()),
    ("sata", ("--medium", "ext4")),
    ("cdrom", ("--type", "iso")),
])
def test_a_medium_starts_with_secure_boot(start, folder, bus, options):  # noqa: F811
    out = medium(*options, name=f"media-secure-{options[-1] if options else 'fat'}")
    image = out / ("disk.iso" if bus == "cdrom" else "disk.img")
    machine = start("Secure Boot", Disk(copy_of(image, folder), bus, readonly=bus == "cdrom"))
    # the menu is the medium's own
    machine.console.expect("nothing restored", 120)
    shell = machine.ready(200)
    assert is_on(shell)
    if bus != "cdrom":
        shell.ok("echo kept >/etc/new && slate save", 120)


def test_a_changed_kernel_does_not_start_with_secure_boot_on(start, folder):  # noqa: F811
    disk = copy_of(medium(name="media-secure-fat") / "disk.img", folder)
    kernel = bytearray(media.get_file(disk, "boot/vmlinuz"))
    kernel[len(kernel) // 2] ^= 1
    media.put_file(disk, "boot/vmlinuz", bytes(kernel))
    machine = start("Secure Boot", Disk(disk, "usb"))
    machine.console.expect("bad shim signature", 200)


def test_the_firmware_starts_nothing_that_nobody_has_signed(start, folder):  # noqa: F811
    """The check of the tests above: Secure Boot is on."""
    disk = copy_of(medium(name="media-secure-fat") / "disk.img", folder)
    grub = media.get_file(disk, "EFI/BOOT/grubx64.efi")
    changed = bytearray(grub)
    changed[len(grub) // 2] ^= 1
    media.put_file(disk, "EFI/BOOT/BOOTX64.EFI", bytes(changed))
    machine = start("Secure Boot", Disk(disk, "usb"))
    machine.console.expect("Access Denied|Security Violation", 200)


@pytest.fixture(scope="module")
def owner():
    """The owner's key, without its password."""
    def make(folder):
        run("openssl", "rsa", "-in", f"{KEY}.key", "-passin", "pass:snakeoil", "-out", folder / "owner.key")
        run("cp", f"{KEY}.pem", folder / "owner.crt")

    return machines.made_once("keys-secure-boot", [], make) / "owner.key"


@pytest.mark.parametrize("format", ["fat", "ext4"])
def test_an_owner_signs_kernel_initramfs_and_command_line(start, folder, owner, format):  # noqa: F811
    out = medium("--secure-boot", owner, "--medium", format, name=f"media-owner-{format}")
    machine = start("own Secure Boot", Disk(copy_of(out / "disk.img", folder), "usb"))
    shell = machine.ready(200)
    assert is_on(shell)
    assert shell.ok("cat /proc/cmdline").strip() == (out / "cmdline").read_text().strip()
    shell.ok("echo kept >/etc/new && slate save", 120)


@pytest.mark.parametrize("part", ["the command line", "the initramfs"])
def test_what_an_owner_has_signed_does_not_start_changed(start, folder, owner, part):  # noqa: F811
    out = medium("--secure-boot", owner, "--medium", "fat", name="media-owner-fat")
    disk = copy_of(out / "disk.img", folder)
    program = bytearray(media.get_file(disk, "EFI/BOOT/BOOTX64.EFI"))
    find = (out / "cmdline").read_bytes().strip() if part == "the command line" else (out / "initramfs.img").read_bytes()[-99:]
    at = program.index(find) + 20
    program[at] ^= 1
    media.put_file(disk, "EFI/BOOT/BOOTX64.EFI", bytes(program))
    machine = start("own Secure Boot", Disk(disk, "usb"))
    machine.console.expect("Access Denied|Security Violation", 200)
