"""What was saved is back after a reset, to the byte; all else is gone."""

# timeout: 900

import os
import re

import pytest

import machines
import media
from machines import run
from qemu import Disk, copy_of
from saved import inventory, make_tree

ROUNDS = 100 if os.environ.get("SLATE_LONG") else 20


def test_twenty_rounds_of_save_and_hard_reset_keep_all_that_was_saved(boot):
    machine = boot()
    shell = machine.ready()
    shell.ok("rm -r /etc/app/doomed /etc/app/doomed.d")
    for number in range(ROUNDS):
        make_tree(shell, "/etc/tree", number)
        shell.ok(f"mkdir -p /root/.ssh && echo key{number} >/root/.ssh/authorized_keys")
        shell.ok(f"echo {number} >/etc/round; rm -rf /etc/app; mkdir /etc/app; echo {number} >/etc/app/new"
                 if number % 2 else f"echo {number} >/etc/round; echo {number} >/etc/app/new")
        before = inventory(shell, "/etc", "/root/.ssh")
        shell.ok("slate save")
        shell.ok("echo lost >/etc/lost; echo lost >/home/visitor/lost; echo changed >/etc/round; rm /etc/hosts")
        machine.reset()
        machine.ready()
        assert inventory(shell, "/etc", "/root/.ssh") == before, f"round {number}"
        shell.ok("test ! -e /etc/app/doomed && test ! -e /etc/app/doomed.d && test ! -e /home/visitor/lost")
        assert shell.run("cat /run/slate/degraded").returncode != 0
    assert f"{ROUNDS}" in shell.ok("slate generations")


def test_norestore_starts_clean_and_a_chosen_generation_comes_back(boot):
    machine = boot()
    shell = machine.ready()
    for word in ("one", "two", "three"):
        shell.ok(f"echo {word} >/etc/word && slate save")
    disk = machine.disks[0].path
    machine.close()
    shell = boot("norestore", disks=[Disk(disk)]).ready()
    shell.ok("test ! -e /etc/word")
    shell = boot("slate.generation=2", disks=[Disk(disk)]).ready()
    assert shell.ok("cat /etc/word") == "two"


def test_nosave_never_writes_to_the_medium(boot, folder, medium):
    disk = copy_of(medium / "disk.img", folder)
    before = run("sha256sum", disk)
    shell = boot("nosave", disks=[Disk(disk)]).ready()
    said = shell.fails("echo x >/etc/x; slate save")
    assert "nosave" in said
    assert run("sha256sum", disk) == before


@pytest.fixture(scope="module")
def saved_slot(tmp_path_factory):
    """A slot file as a machine left it on its medium, and the inventory of what it saved."""
    import machines
    from conftest import CONSOLE
    from qemu import Machine

    folder = tmp_path_factory.mktemp("slot")
    out = machines.medium()
    disk = copy_of(out / "disk.img", folder)
    with Machine(folder, out / "vmlinuz", out / "initramfs.img", CONSOLE, [Disk(disk)]) as machine:
        shell = machine.ready()
        make_tree(shell, "/etc/tree", "slot")
        shell.ok("rm /etc/app/doomed; slate save")
    names = run("mdir", "-b", "-i", f"{disk}@@{media.PARTITION}", "::slate/saved/default").split()
    for name in names:
        data = media.get_file(disk, name.removeprefix("::"))
        if data[:2] == b"\x1f\x8b":
            path = folder / "slot.apkovl.tar.gz"
            path.write_bytes(data)
            return path
    raise AssertionError(f"no slot is a gzip file: {names}")


@pytest.mark.parametrize("tar", ["tar", "bsdtar", "busybox tar"])
def test_a_slot_extracts_without_a_warning_with(saved_slot, folder, tar):
    program, *applet = tar.split()
    if program == "busybox":
        program = machines.BUILD / "busybox"
    said = run(program, *applet, "-xzf", saved_slot, "-C", folder)
    assert said == ""
    with open(f"{folder}/etc/tree/deep/er/a name with blanks and ümläuts") as file:
        assert file.read() == "a name with blanks\n"
    assert os.path.exists(f"{folder}/etc/app/.wh.doomed")
    assert os.stat(f"{folder}/etc/tree/large").st_size == 70000


def test_an_archive_that_lbu_made_is_restored(boot, folder, medium):
    tree = f"{folder}/tree"
    os.makedirs(f"{tree}/etc/apk")
    os.makedirs(f"{tree}/etc/runlevels/default")
    for name, text in (("hostname", "alpinebox\n"), ("apk/world", "alpine-base\nopenssh\n"),
                       (".default_boot_services", ""), ("motd", "welcome\n")):
        with open(f"{tree}/etc/{name}", "w") as file:
            file.write(text)
    os.symlink("/etc/init.d/sshd", f"{tree}/etc/runlevels/default/sshd")
    archive = f"{folder}/alpinebox.apkovl.tar.gz"
    # as lbu package makes it: names without ./, gzip's default level
    run("tar", "-C", tree, "--owner=0", "--group=0", "-czf", archive, "etc")
    disk = copy_of(medium / "disk.img", folder)
    run("mcopy", "-i", f"{disk}@@{media.PARTITION}", archive, "::")
    machine = boot(disks=[Disk(disk)])
    shell = machine.ready()
    assert shell.ok("cat /etc/hostname /etc/motd /etc/apk/world") == "alpinebox\nwelcome\nalpine-base\nopenssh"
    assert shell.ok("readlink /etc/runlevels/default/sshd") == "/etc/init.d/sshd"
    shell.ok("echo more >/etc/more && slate save")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/more /etc/motd") == "more\nwelcome"


def test_the_verbs_of_slate_tell_what_changed(boot):
    shell = boot().ready()
    shell.ok("echo x >/etc/added; echo y >>/etc/hosts; rm /etc/app/doomed")
    diff = shell.ok("slate diff")
    assert re.search(r"etc/added", diff) and re.search(r"etc/hosts", diff) and "etc/app/doomed" in diff
    assert sorted(shell.ok("lbu status").split("\n")) == ["A etc/added", "D etc/app/doomed", "U etc/hosts"]
    shell.ok("slate save")
    assert shell.ok("lbu status") == ""
    shell.ok("slate revert /etc/hosts")
    assert "y" in shell.ok("cat /etc/hosts").split("\n")
    shell.ok("slate revert --image /etc/hosts")
    assert "y" not in shell.ok("cat /etc/hosts").split("\n")
    shell.ok("slate verify")
    assert "1" in shell.ok("slate generations")


def test_a_save_that_is_killed_at_any_moment_leaves_an_earlier_generation(boot):
    machine = boot()
    shell = machine.ready()
    shell.ok("echo first >/etc/word; slate save; head -c 600000 /dev/urandom >/etc/bulk")
    for delay_ms in (1, 5, 10, 20, 40, 80, 160, 320):
        shell.ok(f"echo {delay_ms} >/etc/delay; slate save & pid=$!; usleep {delay_ms}000; "
                 "kill -9 $pid; wait $pid; true")
        shell.ok("slate verify")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "first"
    shell.ok("echo second >/etc/word && slate save")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "second"
