"""The medium is found wherever it is: any format, any name, any bus, early or late."""

import json
import re
import time

import pytest

import machines
import media
from qemu import Disk, copy_of


def medium_device(shell):
    """The medium's device, without /dev/."""
    return json.loads(shell.read("/run/slate/boot.json"))["medium"]["device"].removeprefix("/dev/")


@pytest.mark.parametrize("format", ["fat32", "ext4", "iso"])
def test_boots_from_a_whole_device_with_a_file_system(boot, medium, folder, format):
    # the cloud kernel has no driver for a CD drive on SATA
    out, bus = (machines.medium("bookworm"), "cdrom") if format == "iso" else (medium, "virtio")
    path = f"{folder}/medium.img"
    getattr(media, format)(out, path)
    shell = boot(disks=[Disk(path, bus)], out=out, memory=512).ready()
    told = json.loads(shell.read("/run/slate/boot.json"))
    assert told["medium"]["fstype"] == {"fat32": "vfat", "iso": "iso9660"}.get(format, format)
    shell.ok("test -e /etc/app/kept")


@pytest.mark.parametrize("format", ["squashfs", "erofs"])
def test_boots_from_a_root_image_directly_on_the_device(boot, medium, folder, format):
    path = f"{folder}/medium.img"
    getattr(media, format)(medium if format == "squashfs" else machines.root_folder(), path)
    shell = boot("root=/dev/vda", disks=[Disk(path)]).ready()
    assert "overlay" in shell.ok("grep ' / ' /proc/mounts")
    shell.ok("test -e /etc/app/kept")


@pytest.mark.parametrize("kind", ["LABEL", "UUID", "PARTLABEL", "PARTUUID", "/dev/vda1"])
def test_boots_by_each_kind_of_root_option(boot, medium, kind):
    disk = medium / "disk.img"
    values = {
        "LABEL": "LABEL=SLATE",
        "UUID": f"UUID={media.tag(disk, 'UUID', 2 * 2**20)}",
        "PARTLABEL": f"PARTLABEL={media.partition_tag(disk, 'label')}",
        "PARTUUID": f"PARTUUID={media.partition_tag(disk, 'uuid')}",
        "/dev/vda1": "/dev/vda1",
    }
    shell = boot(f"root={values[kind]}").ready()
    assert medium_device(shell) == "vda1"


@pytest.mark.parametrize("bus", ["virtio-scsi", "sata", "nvme", "usb", "uas"])
def test_boots_from_each_bus(boot, folder, bus):
    out = machines.medium("bookworm")
    disk = Disk(copy_of(out / "disk.img", folder), bus)
    shell = boot(disks=[disk], out=out, memory=512).ready(120)
    assert medium_device(shell) == ("nvme0n1p1" if bus == "nvme" else "sda1")


def kernel_time(shell, pattern):
    """Seconds of the kernel's clock of the first message that matches."""
    log = shell.ok("dmesg")
    match = re.search(r"^\[ *([0-9.]+)\] .*" + pattern, log, re.MULTILINE)
    assert match, log[-3000:]
    return float(match.group(1))


@pytest.mark.parametrize("bus, kernel, event", [
    ("virtio", "bookworm-cloud", r"vda: vda1"),
    ("usb", "bookworm", r"sda: sda1"),
])
def test_a_medium_that_comes_late_is_used_at_once(boot, folder, bus, kernel, event):
    """The guest's clock runs while the host does other things: the quickest of three counts."""
    out = machines.medium(kernel)
    tries = []
    while len(tries) < 3 and min(tries, default=1) >= 0.3:
        disk = Disk(copy_of(out / "disk.img", folder, f"{len(tries)}.img"), bus)
        machine = boot(disks=[], buses=[bus], out=out, memory=512)
        machine.console.expect("LABEL=SLATE", 60)
        time.sleep(5)
        machine.plug(disk)
        shell = machine.ready(60)
        stages = {stage["name"]: stage for stage in json.loads(shell.read("/run/slate/boot.json"))["stages"]}
        tries.append(stages["medium"]["end_us"] / 1e6 - kernel_time(shell, event))
        machine.close()
    assert min(tries) < 0.3, f"{tries} s after the kernel's event"


def test_no_medium_is_a_message_a_countdown_and_then_the_policy(boot):
    machine = boot("rootwait=6", disks=[])
    machine.console.expect("LABEL=SLATE", 60)
    machine.console.expect(r"\b[1-6] ?s", 20)
    machine.qmp.wait_event("RESET", 60)


def test_two_media_of_one_name_are_reported(boot, medium, folder):
    first, second = (copy_of(medium / "disk.img", folder, f"{n}.img") for n in "ab")
    shell = boot(disks=[Disk(first, name="a"), Disk(second, name="b")]).ready()
    assert "vdb1" in shell.ok("cat /run/slate/degraded")


def test_a_damaged_image_is_a_message_and_not_a_panic(boot, medium, folder):
    disk = copy_of(medium / "disk.img", folder)
    image = bytearray(media.get_file(disk, "slate/root.squashfs"))
    image[:4096] = bytes(4096)
    media.put_file(disk, "slate/root.squashfs", bytes(image))
    machine = boot(disks=[Disk(disk)])
    machine.console.expect("root.squashfs", 90)
    machine.qmp.wait_event("RESET", 60)
    assert "Kernel panic" not in machine.console.text()


def test_stacked_images_show_the_upper_one_first(boot, medium, folder):
    layer = f"{folder}/layer"
    machines.run("mkdir", "-p", f"{layer}/etc/app")
    with open(f"{layer}/etc/app/kept", "w") as file:
        file.write("from above\n")
    machines.run("mksquashfs", layer, f"{folder}/above.squashfs", "-quiet", "-no-progress", "-all-root")
    disk = copy_of(medium / "disk.img", folder)
    with open(f"{folder}/above.squashfs", "rb") as file:
        media.put_file(disk, "slate/above.squashfs", file.read())
    shell = boot("slate.image=slate/root.squashfs:slate/above.squashfs", disks=[Disk(disk)]).ready()
    assert shell.ok("cat /etc/app/kept") == "from above"
    assert shell.ok("cat /etc/hostname") == "testmachine"


def test_boots_from_an_erofs_image_on_the_medium(boot):
    out = machines.medium("bookworm-cloud", "--fs", "erofs", name="medium-erofs")
    shell = boot(out=out).ready()
    assert "erofs" in shell.ok("cat /proc/mounts")


def test_boots_from_an_ext4_disk_and_saves_on_it(boot):
    out = machines.medium("bookworm-cloud", "--medium", "ext4", name="medium-ext4")
    machine = boot(out=out)
    shell = machine.ready()
    shell.ok("echo kept >/etc/new && slate save")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/new") == "kept"
