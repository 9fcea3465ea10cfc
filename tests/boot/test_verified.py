"""Signed media: what is verified boots, what was tampered with does not, and nobody gets a shell.

timeout: 900
"""

import json
import shutil

import pytest

import machines
import media
from machines import BUILD, run
from qemu import Disk, copy_of

SLATE = BUILD / "slate"
ROOT, MODULES = "slate/root.squashfs", "slate/modules.squashfs"


@pytest.fixture(scope="session")
def keys():
    """A folder with the pairs ours and theirs."""

    def make(folder):
        for name in ("ours", "theirs"):
            run("minisign", "-G", "-W", "-p", folder / f"{name}.pub", "-s", folder / f"{name}.key")

    return machines.made_once("keys", [], make)


@pytest.fixture(scope="session")
def out(keys):
    """OUT of `slate image build --sign`: a root and the kernel's modules, signed each."""
    return machines.medium("bookworm-cloud", "--no-bootloader", "--sign", keys / "ours.key",
                           name="medium-signed")


@pytest.fixture
def disk(out, folder):
    """A private copy of the signed disk, to spoil."""
    return copy_of(out / "disk.img", folder)


def size_of_data(out, name="root"):
    lines = (out / f"{name}.manifest").read_text().splitlines()
    return int(dict(line.split("=") for line in lines)["data-size"])


def spoil(disk, name, at):
    """Changes one bit of a file on the medium."""
    data = bytearray(media.get_file(disk, name))
    data[at] ^= 0x10
    media.put_file(disk, name, bytes(data))


def remove(disk, name):
    run("mdel", "-i", f"{disk}@@{media.PARTITION}", f"::{name}")


def refused(machine, why):
    """The boot ends with the reason, offers no shell, and a key only restarts."""
    machine.console.expect(why, 90)
    machine.console.expect("any key restarts now", 30)
    machine.console.type("\n")
    machine.qmp.wait_event("RESET", 30)
    assert "# " not in machine.console.text().split("any key restarts now")[1]


def test_a_signed_medium_boots_verified(boot, out):
    shell = boot(out=out).ready()
    images = json.loads(shell.read("/run/slate/boot.json"))["images"]
    assert [image["path"] for image in images] == [ROOT, MODULES]
    assert all(image["verified"] for image in images)
    assert ", verified" in shell.ok("slate status")
    mounted = shell.ok("grep /run/slate/images/ /proc/mounts | grep -v ^slate")
    assert all(line.startswith("/dev/dm-") for line in mounted.splitlines()), mounted
    assert shell.ok("cat /sys/block/dm-0/dm/name") == "slate-loop0"
    shell.fails("test -e /run/slate/degraded")
    shell.ok("echo kept >/etc/word && slate save")


@pytest.mark.parametrize("at,why", [(0, "data is damaged at byte 0"),
                                    ("tree", "hash tree is not the one that was signed")])
def test_a_changed_super_block_or_tree_is_refused_before_mounting(boot, out, disk, at, why):
    spoil(disk, ROOT, size_of_data(out) + 5 if at == "tree" else at)
    machine = boot("panic=600", out=out, disks=[Disk(disk)])
    refused(machine, f"image {ROOT}: not verified, so not mounted: .*{why}")


@pytest.mark.parametrize("panic", ["panic=0", "panic=1"])
def test_damage_found_later_is_an_error_or_a_restart(boot, out, disk, panic):
    spoil(disk, MODULES, size_of_data(out, "modules") * 6 // 10)
    machine = boot(panic, out=out, disks=[Disk(disk)])
    shell = machine.ready()
    assert ", verified" in shell.ok("slate status")
    if panic == "panic=1":
        shell.send(b"cat $(find /run/slate/images -type f) >/dev/null\n")
        machine.qmp.wait_event("RESET", 60)
        return
    shell.fails("cat $(find /run/slate/images -type f) >/dev/null")
    assert "is corrupted" in shell.ok("dmesg | grep verity")


def test_another_key_is_refused(boot, out, disk, keys, folder):
    mine = shutil.copy(out / "root.squashfs", folder)
    run(SLATE, "image", "sign", "--sign", keys / "theirs.key", mine)
    for name in ("root.squashfs", "root.manifest", "root.manifest.minisig"):
        with open(f"{folder}/{name}", "rb") as file:
            media.put_file(disk, f"slate/{name}", file.read())
    refused(boot("panic=600", out=out, disks=[Disk(disk)]), "signature of root.manifest: is by the key "
            "[0-9A-F]+, which is not trusted here")


def test_without_its_manifest_an_image_is_refused(boot, out, disk):
    remove(disk, "slate/modules.manifest")
    refused(boot("panic=600", out=out, disks=[Disk(disk)]), "modules.manifest is missing")


def test_an_unsigned_medium_is_refused_whatever_it_says_itself(boot, out, disk):
    conf = media.get_file(disk, "slate/slate.conf")
    media.put_file(disk, "slate/slate.conf", conf + b"slate.verify=no\nslate.shell=root\n")
    for name in ("root.manifest", "root.manifest.minisig"):
        remove(disk, f"slate/{name}")
    refused(boot("panic=600", out=out, disks=[Disk(disk)]), "root.manifest is missing")


def test_a_damaged_image_gives_way_to_another_that_is_signed(boot, out, disk, keys, folder):
    spare = shutil.copy(out / "root.squashfs", f"{folder}/a.squashfs")
    run(SLATE, "image", "sign", "--sign", keys / "ours.key", spare)
    for name in ("a.squashfs", "a.manifest", "a.manifest.minisig"):
        with open(f"{folder}/{name}", "rb") as file:
            media.put_file(disk, f"slate/{name}", file.read())
    media.put_file(disk, "slate/slate.conf", b"\n")
    spoil(disk, ROOT, 40)
    shell = boot(out=out, disks=[Disk(disk)]).ready()
    assert "slate/a.squashfs was booted instead" in shell.ok("cat /run/slate/degraded")
    assert ", verified" in shell.ok("slate status")


def sign_again(out, disk, keys, folder, version):
    """Puts the same images on the disk as another version, signed as ever."""
    for name in ("root", "modules"):
        # the manifest says where the tree begins, and no second one is added
        for end in ("squashfs", "manifest", "manifest.minisig"):
            shutil.copy(out / f"{name}.{end}", folder)
        run(SLATE, "image", "sign", "--sign", keys / "ours.key", "--image-name", name, "--image-version", version,
            f"{folder}/{name}.squashfs")
        for end in ("manifest", "manifest.minisig"):
            with open(f"{folder}/{name}.{end}", "rb") as file:
                media.put_file(disk, f"slate/{name}.{end}", file.read())


def test_an_older_image_is_refused_once_a_newer_one_has_run(boot, out, disk, keys, folder):
    sign_again(out, disk, keys, folder, 5)
    machine = boot("slate.identity=make", out=out, disks=[Disk(disk)])
    shell = machine.ready()
    shell.ok("for i in $(seq 60); do slate is-active -q slate-settled.service && exit; sleep 1; done; exit 1", 90)
    machine.close()
    assert b"image.root=5\n" in media.get_file(disk, "slate/state")

    sign_again(out, disk, keys, folder, 4)
    conf = media.get_file(disk, "slate/slate.conf")
    media.put_file(disk, "slate/slate.conf", conf + b"slate.downgrade=yes\n")
    refused(boot("panic=600", out=out, disks=[Disk(disk)]), f"image {ROOT}: is signed, but its version 4 is "
            "older than 5 of root, which has run here")

    shell = boot("slate.downgrade", out=out, disks=[Disk(disk)]).ready()
    assert "version 4 is older than 5, which has run here; slate.downgrade allows it" in shell.ok(
        "cat /run/slate/degraded")
