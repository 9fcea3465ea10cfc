"""Machines from one stick tell themselves apart, stay who they are, and know what time it is at least.

timeout: 900
"""

import datetime
import shutil

import pytest

import machines
import media
from qemu import Disk, copy_of

# The same stick, the same clock and no help for the random generator.
TWINS = ["-rtc", "base=2026-12-01T12:00:00"]
IDENTITY = "cat /etc/machine-id /etc/hostname /etc/slate/duid; sha256sum </etc/dropbear/dropbear_ed25519_host_key"
SECRET = "the secret of a site that owns machines"


@pytest.fixture(scope="session")
def out():
    """OUT of a root that wants an identity, and was copied from a machine with one."""
    base = machines.root_folder()

    def make(folder):
        shutil.copytree(base, folder, symlinks=True, dirs_exist_ok=True)
        (folder / "etc/hostname").unlink()
        (folder / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
        (folder / "etc/dropbear").mkdir()
        (folder / "etc/dropbear/dropbear_rsa_host_key").write_text("somebody else's")
        (folder / "etc/slate/site.secret").write_text(SECRET)
        (folder / "etc/slate/site.secret").chmod(0o600)

    root = machines.made_once("root-identity", [base.name, __doc__, SECRET], make)
    return machines.medium(name="medium-identity", root=root)


def stick(out, folder, name):
    return Disk(copy_of(out / "disk.img", folder, name))


def ready(machine):
    """The shell of the tests is there before the machine knows who it is."""
    shell = machine.ready()
    shell.ok("slate start slate-seed.service slate-identity.service slate-keep.service slate-keep-send.service", 120)
    return shell


def test_machines_from_one_stick_differ_and_stay_who_they_are(boot, out, folder):
    seen, seeds = [], []
    for name in ("a.img", "b.img", "c.img"):
        disk = stick(out, folder, name)
        machine = boot("slate.identity=make", out=out, disks=[disk], extra=TWINS)
        shell = ready(machine)
        mine = shell.ok(IDENTITY)
        assert len(set(mine.split())) == 5, mine
        assert shell.ok("hostname") == shell.ok("cat /etc/hostname")
        shell.fails("test -e /etc/dropbear/dropbear_rsa_host_key")
        shell.fails("test -e /run/slate/degraded")
        assert shell.ok("slate diff") == ""
        assert "identity of this machine" in shell.ok("slate generations")
        machine.reset()
        ready(machine)
        assert shell.ok(IDENTITY) == mine
        assert "generation 1 " in shell.ok("slate log slate-identity.service; dmesg | grep restore")
        assert "       2  2" not in shell.ok("slate generations"), "saved once"
        machine.close()
        state = media.get_file(disk.path, "slate/state").decode()
        lines = dict(line.split("=", 1) for line in state.replace("\0", "").splitlines())
        assert lines["seed-good"] == "1"
        seen += mine.split()
        seeds.append(lines["seed"])
    words = [word for word in seen if word != "-"]
    assert len(set(words)) == 12, seen
    assert len(set(seeds)) == 3, seeds


def test_what_can_not_be_kept_is_told(boot, out, folder):
    disk = stick(out, folder, "a.img")
    disk.readonly = True
    shell = ready(boot("slate.identity=make", out=out, disks=[disk]))
    assert len(shell.ok("cat /etc/machine-id")) == 32
    told = shell.ok("cat /run/slate/degraded")
    assert "machine-id" in told and "not saved" in told and "next boot makes others" in told, told


def test_an_identity_can_be_derived_and_nothing_be_saved(boot, out, folder):
    ids = []
    for number in (1, 1, 2):
        disk = stick(out, folder, "a.img")
        extra = ["-uuid", f"4c4c4544-0051-3510-8052-b9c04f4e373{number}"]
        machine = boot("slate.identity=derive nosave", out=out, disks=[disk], extra=extra)
        shell = ready(machine)
        ids.append(shell.ok(IDENTITY))
        shell.fails("test -e /run/slate/degraded")
        machine.close()
    assert ids[0] == ids[1] and not set(ids[0].split()) & set(ids[2].split()) - {"-"}, ids


def test_the_clock_is_never_behind_the_build_and_the_last_shutdown(boot, out, folder):
    disk = stick(out, folder, "a.img")
    machine = boot("slate.identity=make", out=out, disks=[disk], extra=["-rtc", "base=1970-01-02T00:00:00"])
    shell = ready(machine)
    assert int(shell.ok("date +%s")) > datetime.datetime(2026, 1, 1).timestamp()
    later = int(datetime.datetime(2041, 5, 1, tzinfo=datetime.timezone.utc).timestamp())
    shell.ok(f"date -s @{later} && sync")
    shell.send(b"poweroff\n")
    machine.wait_off()
    machine.close()
    shell = boot("slate.identity=make", out=out, disks=[disk], extra=["-rtc", "base=1970-01-02T00:00:00"]).ready()
    now = int(shell.ok("date +%s"))
    assert later <= now < later + 600
    assert "clock: was" in shell.ok("dmesg")


def test_a_machine_restarts_itself_no_more_often_in_a_row_than_it_may(boot):
    machine = boot()
    shell = machine.ready()
    assert shell.ok("slate restarts") == "0"
    for times in ("1", "2"):
        shell.send(b"slate reboot --at-most=2\n")
        machine.ready()
        assert shell.ok("slate restarts") == times
    boot_id = shell.ok("cat /proc/sys/kernel/random/boot_id")
    said = shell.run("slate reboot --at-most=2 2>&1; echo $?").stdout.decode()
    assert "2 restarts in a row have not helped" in said and said.endswith("1\n"), said
    shell.fails("slate reboot --at-most=x")
    shell.ok("slate restarts --forget")
    assert shell.ok("slate restarts; cat /proc/sys/kernel/random/boot_id").split() == ["0", boot_id]


def test_a_machine_that_can_not_count_does_not_restart_itself(boot):
    shell = boot("nosave").ready()
    said = shell.run("slate reboot --at-most=3 2>&1").stdout.decode()
    assert "can't be counted: this boot may not write (nosave)" in said, said
