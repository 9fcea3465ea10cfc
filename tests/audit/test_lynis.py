"""What lynis, an auditor that knows nothing of slate, thinks of its machines: hardening index 80 or more.

All are audited by one version of it with its default profile, and without a network, as it would look for
updates. Emulated, an audit takes from 5 minutes to half an hour. The reports stay in build/lynis.
timeout: 14400
"""

import os
import pathlib
import re
import shutil

import pytest

import machines
from guest import made_by
from machines import BUILD, TOP, run
from qemu import Disk, Machine, copy_of

SUITE = "bookworm"
AUDIT_S = 7200
PASSWORD = "chosen"
STOCK = "systemd-sysv linux-image-cloud-amd64 openssh-server"

# What remains, and why. An id: tests of lynis that start with it.
REMAINING = {
    "LYNIS": "it is some months old",
    "DEB-": "nothing is installed or upgraded on a machine whose root is an image",
    "PKGS-": "the same",
    "BOOT-5": "it looks for runlevels and for systemd's analyze",
    "KRNL-5788": "the kernel is not in the root, but beside it",
    "AUTH-9262": "BusyBox has no PAM",
    "AUTH-9282": "a password that ends on a certain day ends a machine that nobody visits",
    "FILE-6310": "a tmpfs that all share, with a reserve that it can't use, is not a partition",
    "USB-1000": "USB is where it boots from",
    "NAME-": "it has no network here",
    "NETW-": "the same",
    "LOGG-": "slate keeps a log for each service; where to send it is the site's",
    "ACCT-": "accounting fills memory",
    "FINT-4350": "the root can't be written, and is checked block by block where it is signed",
    "TOOL-5002": "the image is the automation",
    "FIRE-": "BusyBox has no packet filter",
    "SSH-7408": "the port is 22, and whoever asked for a password may log in with it",
    "FILE-7524": "it asks for modes of files that are not there",
    "KRNL-6000": "core_uses_pid, of no use where no core is written; modules, which hotplug lets in",
    "HRDN-7230": "no scanner knows what an image should look like as well as its digest",
}


@pytest.fixture(scope="module")
def auditor():
    """An image of lynis, laid out as its authors do."""
    def make(folder):
        run("mmdebstrap", "--variant=extract", "--include=lynis", SUITE, folder / "root.tar")
        run("tar", "xf", folder / "root.tar", "-C", folder, "./usr/share/lynis", "./usr/sbin/lynis", "./etc/lynis")
        for name in ("usr/share/lynis/include", "usr/share/lynis/db", "usr/sbin/lynis", "etc/lynis/plugins",
                     "etc/lynis/default.prf"):
            target = folder / "lynis" / pathlib.Path(name).name
            target.parent.mkdir(exist_ok=True)
            shutil.move(folder / name, target)
        run("mksquashfs", folder / "lynis", folder / "lynis.img", "-all-root", "-quiet")
        (folder / "root.tar").unlink()

    return machines.made_once("lynis", [SUITE, pathlib.Path(__file__)], make) / "lynis.img"


@pytest.fixture(scope="module")
def stock():
    """Debian as it comes, with systemd, on a disk of its own."""
    def make(folder):
        root = folder / "root"
        run("mmdebstrap", "--variant=important", f"--include={STOCK}",
            f"--customize-hook=echo root:{PASSWORD} | chroot \"$1\" chpasswd",
            '--customize-hook=echo "/dev/vda / ext4 errors=remount-ro 0 1" >"$1/etc/fstab"', SUITE, root)
        for name in ("vmlinuz", "initrd.img"):
            shutil.copy((root / name).resolve(), folder / name)
        run("truncate", "-s", "3G", folder / "disk.img")
        run("mkfs.ext4", "-q", "-d", root, folder / "disk.img")
        shutil.rmtree(root)

    return machines.made_once("stock-debian", [SUITE, STOCK, pathlib.Path(__file__)], make)


@pytest.fixture(scope="module")
def demo():
    def make(folder):
        run(TOP / "image/recipe.sh", "demo", folder, "--no-bootloader")

    sources = [TOP / "image/recipes/demo", TOP / "image/recipes/demo.files", TOP / "image/recipe.sh", TOP / "hooks"]
    programs = [BUILD / name for name in ("slate", "slate-boot", "slate-init", "busybox", "dropbearmulti")]
    return machines.made_once("recipe-demo", [*sources, *programs], make)


def audited(name, folder, auditor, kernel, initramfs, cmdline, disk, password=""):
    """Boots the machine and lets lynis look at it: its report, as a list of (key, value)."""
    result = folder / "result"
    result.write_bytes(bytes(8 << 20))
    disks = [Disk(copy_of(disk, folder, "disk.img")), Disk(auditor, name="lynis", readonly=True),
             Disk(result, name="result")]
    with Machine(folder, kernel, initramfs, cmdline, disks, memory=512, extra=["-device", "virtio-rng-pci"]) as machine:
        console = machine.console
        if password:
            console.expect("login: ", 600)
            console.type("root\n")
            console.expect("Password: ")
            console.type(f"{password}\n")
        console.expect("# ", 600)
        console.type("mount -t squashfs /dev/vdb /mnt && cd /mnt && sh ./lynis audit system --quick --no-colors "
                     "--log-file /root/lynis.log --report-file /root/report.dat >/root/said 2>&1; echo done $?\n")
        console.expect("done [0-9]", AUDIT_S)
        console.type("cd /root; tar cf /dev/vdc lynis.log report.dat said; sync; echo kept $?\n")
        console.expect("kept 0", 60)
    place = BUILD / "lynis" / name
    place.mkdir(parents=True, exist_ok=True)
    run("tar", "xf", result, "-C", place, "lynis.log", "report.dat", "said")
    lines = (place / "report.dat").read_text(errors="replace").splitlines()
    report = [tuple(line.split("=", 1)) for line in lines if "=" in line]
    print(f"\n{name}: lynis {value(report, 'lynis_version')}, hardening index {index(report)}")
    return report


def value(report, key):
    return next(said for name, said in report if name == key)


def index(report):
    return int(value(report, "hardening_index"))


def unexplained(report):
    findings = {said.split("|")[0] for name, said in report if name in ("suggestion[]", "warning[]")}
    return sorted(test for test in findings if not any(test.startswith(known) for known in REMAINING))


def audited_slate(name, folder, auditor, out, password=""):
    cmdline = re.sub(r"\bip=\S+ ?", "", (out / "cmdline").read_text().strip())
    return audited(name, folder, auditor, out / "vmlinuz", out / "initramfs.img", cmdline, out / "disk.img", password)


@pytest.fixture(scope="module")
def of_stock(tmp_path_factory, auditor, stock):
    return audited("stock", tmp_path_factory.mktemp("stock"), auditor, stock / "vmlinuz", stock / "initrd.img",
                   "root=/dev/vda console=ttyS0 quiet", stock / "disk.img", PASSWORD)


def test_the_demo_machine_is_hardened_beyond_stock_debian(tmp_path, auditor, demo, of_stock):
    report = audited_slate("demo", tmp_path, auditor, demo)
    assert index(report) >= 80 and index(report) > index(of_stock)
    assert unexplained(report) == []


def test_a_server_of_debian_is_hardened_beyond_stock_debian(tmp_path, auditor, of_stock):
    report = audited_slate("server", tmp_path, auditor, made_by("server", "squashfs", PASSWORD=PASSWORD), PASSWORD)
    assert index(report) >= 80 and index(report) > index(of_stock)
    assert unexplained(report) == []
