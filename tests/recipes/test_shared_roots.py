"""Roots that a server shares by NFS (nfs-ganesha) and NBD (nbd-server): the rack's, one machine at a time.

timeout: 1800
"""

import shutil
import tempfile

import pytest

import machines
import media
from guest import made_by
from qemu import Machine
from rack import ADDRESS, SHARED, Rack


@pytest.fixture(scope="module")
def rack():
    folder = tempfile.mkdtemp(prefix="slate-rack-", dir="/var/tmp")
    made = Rack(folder, made_by("diskless"), "")
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


def start(rack, number, root):
    """A machine without a disk whose kernel is there, and its root on the server."""
    cmdline = f"root={root} ip=dhcp"
    out = machines.medium("bookworm-cloud", "--no-bootloader", "--cmdline", cmdline, name=f"medium-shared-{root[:3]}")
    place = rack.folder / f"shared-{number}"
    place.mkdir()
    return out, Machine(place, out / "vmlinuz", out / "initramfs.img", f"console=ttyS0 quiet panic=600 {cmdline}",
                        memory=320, extra=rack.card(number))


def test_an_image_on_nfs_is_a_medium_that_saves(rack):
    out, machine = start(rack, 20, f"nfs:{ADDRESS}:{SHARED}")
    with machine:
        # the server is late, and has nothing yet
        machine.console.expect("medium: nfs:.*trying again in", 240)
        media.tree(out, rack.shared / "new")
        (rack.shared / "new/slate").rename(rack.shared / "slate")
        rack.start("ganesha")
        shell = machine.ready(300)
        assert f"{ADDRESS}:{SHARED} /run/slate/medium nfs4 ro," in shell.ok("cat /proc/mounts")
        shell.fails("test -e /run/slate/degraded")
        shell.ok("echo shared >/etc/word && slate save", 120)
        assert " ro," in shell.ok("grep /run/slate/medium /proc/mounts")
        # a server that starts anew is waited for by whoever reads
        rack.stop("ganesha")
        rack.start("ganesha")
        shell.ok("echo 3 >/proc/sys/vm/drop_caches; sha256sum /run/slate/medium/slate/root.squashfs", 180)
        shell.send(b"reboot\n")
        machine.qmp.wait_event("RESET", 120)
        assert machine.ready(300).ok("cat /etc/word") == "shared"


def test_a_tree_on_nfs_is_a_root(rack):
    tree = rack.shared / "tree"
    shutil.copytree(machines.root_folder(), tree, symlinks=True)
    _, machine = start(rack, 21, f"nfs:{ADDRESS}:{SHARED}/tree")
    with machine:
        shell = machine.ready(300)
        assert f"{ADDRESS}:{SHARED}/tree /run/slate/medium nfs4 ro," in shell.ok("cat /proc/mounts")
        shell.ok("echo lost >/etc/word")
        assert not (tree / "etc/word").exists()


def test_a_medium_on_nbd_is_one_like_a_stick(rack):
    out, machine = start(rack, 22, f"nbd:{ADDRESS}:slate")
    with machine:
        machine.console.expect("medium: nbd:.*Connection refused; trying again in", 240)
        with open(out / "disk.img", "rb") as disk:
            disk.seek(2 << 20)
            (rack.shared / "medium.img").write_bytes(disk.read())
        rack.start("nbd-server")
        shell = machine.ready(300)
        assert "/dev/nbd0 /run/slate/medium vfat ro," in shell.ok("cat /proc/mounts")
        shell.fails("test -e /run/slate/degraded")
        shell.ok("echo shared >/etc/word && slate save", 120)
        shell.send(b"reboot\n")
        machine.qmp.wait_event("RESET", 120)
        assert machine.ready(300).ok("cat /etc/word") == "shared"
    rack.stop("nbd-server")


def test_reads_of_nbd_wait_for_a_server_that_starts_anew(rack):
    out, machine = start(rack, 23, f"nbd:{ADDRESS}:slate")
    with open(out / "disk.img", "rb") as disk:
        disk.seek(2 << 20)
        (rack.shared / "medium.img").write_bytes(disk.read())
    rack.start("nbd-server")
    with machine:
        shell = machine.ready(300)
        read = "echo 3 >/proc/sys/vm/drop_caches; sha256sum /run/slate/medium/slate/root.squashfs"
        before = shell.ok(read, 180)
        for again in range(2):
            rack.stop("nbd-server")
            machine.console.expect("nbd: .*Connection refused; what reads the root waits; trying again in", 120)
            # a shell that reads the root meanwhile, and gets nothing
            shell.send(f"{read} >/run/sum-{again}\n".encode())
            rack.start("nbd-server")
            machine.console.expect(f"nbd: connected to {ADDRESS}:10809 again after", 120)
            assert shell.ok(f"cat /run/sum-{again}", 240) == before
        shell.fails("dmesg | grep -i 'i/o error'")
        shell.fails("test -e /run/slate/degraded")
        # another image is none for a root that is mounted
        rack.stop("nbd-server")
        with open(rack.shared / "medium.img", "r+b") as medium:
            medium.truncate((rack.shared / "medium.img").stat().st_size + (1 << 20))
        rack.start("nbd-server")
        machine.console.expect("nbd: the export has .* bytes now, and .* of them are in use", 120)
