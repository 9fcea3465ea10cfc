"""AppArmor: profiles of the image are in force before the first service, and deny.

timeout: 600
"""

import pathlib
import shutil

import pytest

import machines
from conftest import CONSOLE
from qemu import Disk, Machine, copy_of

PROFILES = {
    # for AppArmorProfile=
    "reader": "profile reader {\n  /bin/busybox mrix,\n  /etc/allowed r,\n  /dev/null rw,\n}\n",
    # for a program, wherever it is started from
    "usr.sbin.crond": "/usr/sbin/crond {\n  capability,\n  /** mrix,\n  deny /etc/secret r,\n}\n",
    "off": "/bin/busybox {\n}\n",
    "old.dpkg-old": "this is no profile\n",
}
READS = "for file in allowed secret; do cat /etc/$file || echo no $file; done; exec sleep 1000"
UNITS = {
    "reader": f"Type=exec\nAppArmorProfile=reader\nExecStart=/bin/sh -c '{READS}'\n",
    "cron": "ExecStart=/usr/sbin/crond -f -c /tmp\n",
    "lost": "Type=exec\nAppArmorProfile=nowhere\nExecStart=/bin/sleep 1000\n",
    # Debian's, which compiles all profiles at each boot
    "apparmor": "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/busybox touch /run/compiled\n",
    "easy": "AppArmorProfile=-nowhere\nExecStart=/bin/sleep 1000\n",
}


def _make_root(folder):
    shutil.copytree(machines.root_folder(), folder, symlinks=True, dirs_exist_ok=True)
    profiles, units = folder / "etc/apparmor.d", folder / "etc/systemd/system"
    (profiles / "disable").mkdir(parents=True)
    (profiles / "disable/off").symlink_to("../off")
    units.mkdir(parents=True, exist_ok=True)
    for name, text in PROFILES.items():
        (profiles / name).write_text(text)
    for name, text in UNITS.items():
        (units / f"{name}.service").write_text(f"[Service]\n{text}")
    (folder / "usr/sbin/crond").unlink(missing_ok=True)
    shutil.copy(machines.BUILD / "busybox", folder / "usr/sbin/crond")
    (folder / "etc/allowed").write_text("this is allowed\n")
    (folder / "etc/secret").write_text("this is secret\n")


@pytest.fixture(scope="module")
def out():
    root = machines.made_once("root-confined", [machines.root_folder(), pathlib.Path(__file__)], _make_root)
    return machines.medium("bookworm-cloud", "--no-bootloader", "--apparmor", name="medium-confined", root=root)


def start(out, folder, words=""):
    return Machine(folder, out / "vmlinuz", out / "initramfs.img", f"{CONSOLE} {words}",
                   [Disk(copy_of(out / "disk.img", folder))])


def confinement(shell, service):
    pid = shell.ok(f"systemctl show -p MainPID --value {service}").strip()
    return shell.ok(f"cat /proc/{pid}/attr/current").strip()


def test_profiles_are_in_force_before_the_first_service_and_deny(out, folder):
    with start(out, folder) as machine:
        shell = machine.ready()
        shell.ok("dmesg -n 1; slate start reader cron easy")
        assert confinement(shell, "reader") == "reader (enforce)"
        assert confinement(shell, "cron") == "/usr/sbin/crond (enforce)"
        assert confinement(shell, "easy") == "unconfined"
        log = shell.ok("slate log reader")
        assert "this is allowed" in log and "no secret" in log and "this is secret" not in log
        denied = shell.ok("dmesg | grep 'apparmor=.DENIED'")
        assert 'profile="reader"' in denied and 'name="/etc/secret"' in denied
        assert shell.ok("cat /etc/secret").strip() == "this is secret", "whoever is not confined reads it"
        # what was disabled or left over by a package manager is not policy
        loaded = shell.ok("cat /sys/kernel/security/apparmor/profiles").split()
        assert sorted(loaded[::2]) == ["/usr/sbin/crond", "reader"]
        shell.run("slate start apparmor")
        shell.fails("test -e /run/compiled")
        shell.fails("slate start lost")
        assert "AppArmorProfile=nowhere: is the profile loaded?" in shell.ok("slate log lost")


def test_a_kernel_without_it_boots_says_so_and_starts_nothing_unconfined(out, folder):
    with start(out, folder, "apparmor=0") as machine:
        shell = machine.ready()
        assert "this kernel has no AppArmor, or it is off" in shell.ok("cat /run/slate/degraded")
        shell.fails("slate start reader")
        assert "this kernel has no AppArmor, or it is off" in shell.ok("slate log reader")
        shell.ok("slate start easy apparmor && test -e /run/compiled")
