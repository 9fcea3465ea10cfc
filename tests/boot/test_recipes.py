"""Machines of image/recipes that are small enough to be made in each run of all tests.

timeout: 600
"""

import pathlib
import shutil
import sys

import pytest

import machines
from guest import Guest, made_by
from machines import BUILD, run
from qemu import Disk, Machine, copy_of

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "web"))
from web import Web  # noqa: E402

CARD = ["-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n,mac=52:54:00:00:00:07", "-device", "virtio-rng-pci"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Guest(tmp_path_factory.mktemp("server"), made_by("server", PASSWORD="chosen")) as guest:
        yield guest.up()


def test_a_server_runs_the_units_of_debian_as_they_are(server):
    for unit in ("ssh.service", "cron.service", "chrony.service"):
        assert server.state(unit) == "active", server.ok(f"slate status {unit}")
    assert server.ok("slate units --failed --json") == "[]"
    assert server.ok("cat /proc/1/comm") == "slate-init"


def test_a_server_lets_nobody_in_without_the_chosen_password(server):
    console = server.machine.console
    console.expect("login: ")
    console.type("root\n")
    console.expect("Password: ")
    console.type("guessed\n")
    console.expect("Login incorrect")
    console.expect("login: ")
    console.type("root\n")
    console.expect("Password: ")
    console.type("chosen\n")
    console.expect("root@slate-[0-9a-f]*:~# ")
    console.type("exit\n")


def test_what_a_server_saves_is_there_after_the_next_boot(server):
    name, key = server.ok("cat /etc/hostname"), server.ok("cat /etc/ssh/ssh_host_ed25519_key.pub")
    server.ok("echo kept >/etc/motd && slate save && echo lost >/etc/issue")
    server.run("slate reboot")
    server.machine.console.expect("Restarting|reboot: ", 60)
    server.up()
    assert server.ok("cat /etc/motd") == "kept"
    assert "lost" not in server.ok("cat /etc/issue")
    assert (server.ok("cat /etc/hostname"), server.ok("cat /etc/ssh/ssh_host_ed25519_key.pub")) == (name, key)


def log_in(console, password="", timeout=120):
    """As root, on the console. Leaves it at a prompt that is `# `."""
    console.expect("login: ", timeout)
    console.type("root\n")
    if password:
        console.expect("Password: ")
        console.type(f"{password}\n")
    console.expect("# ")


def ask(console, command, answer, timeout=60):
    """Types the command and waits for the answer, a regular expression, at the beginning of a line."""
    console.type(f"{command}\n")
    return console.expect(f"^{answer}", timeout)


def test_a_diskless_machine_gets_its_root_from_a_server_and_saves_there(tmp_path):
    out = made_by("diskless")
    shutil.copytree(out, tmp_path / "www/slate")
    with Web(tmp_path / "www", "10.0.2.2") as web:
        cmdline = (out / "cmdline").read_text().strip().replace("${base}", web.url("/slate"))
        with Machine(tmp_path, out / "vmlinuz", out / "initramfs.img", cmdline, memory=384, extra=CARD) as machine:
            log_in(machine.console)
            ask(machine.console, "echo kept >/etc/motd; slate save", ".*saved/52-54-00-00-00-07")
            ask(machine.console, "slate units --failed --json", r"\[\]")
            assert (web.folder / "slate/saved/52-54-00-00-00-07.apkovl.tar.gz").exists()
            machine.reset()
            log_in(machine.console)
            ask(machine.console, "cat /etc/motd", "kept")
            ask(machine.console, "test ! -e /run/slate/degraded; echo whole $?", "whole 0")


# As Alpine's mini root file system has it; OpenRC in a few words.
INITTAB = """::sysinit:/sbin/openrc sysinit
::sysinit:/sbin/openrc boot
::wait:/sbin/openrc default
tty1::respawn:/sbin/getty 38400 tty1
::ctrlaltdel:/sbin/reboot
::shutdown:/sbin/openrc shutdown
"""
OPENRC = '#!/bin/sh\necho "runlevel $1" >>/run/openrc.log\n'


def _make_alpine(folder):
    """A tar archive laid out as an Alpine; what is in it is BusyBox on musl alone."""
    root = folder / "root"
    for name in ("bin", "dev", "etc/apk", "home", "lib/apk/db", "media", "mnt", "proc", "root", "run", "sbin", "srv",
                 "sys", "tmp", "usr/bin", "usr/sbin", "var/log"):
        (root / name).mkdir(parents=True)
    shutil.copy(BUILD / "busybox", root / "bin/busybox")
    for applet in run(BUILD / "busybox", "--list-full").split():
        link = root / applet
        if link.parent.is_dir() and not link.exists():
            link.symlink_to("/bin/busybox")
    texts = {"etc/passwd": "root:x:0:0:root:/root:/bin/sh\n", "etc/group": "root:x:0:root\n",
             "etc/shadow": "root:*::0:::::\n", "etc/alpine-release": "3.22.0\n", "etc/securetty": "tty1\n",
             "etc/profile": "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
             "etc/inittab": INITTAB, "etc/shells": "/bin/sh\n", "sbin/openrc": OPENRC,
             "etc/apk/repositories": "https://dl-cdn.alpinelinux.org/alpine/v3.22/main\n"}
    for name, text in texts.items():
        (root / name).write_text(text)
    (root / "sbin/openrc").chmod(0o755)
    run("tar", "czf", folder / "rootfs.tar.gz", "-C", root, ".")


@pytest.fixture(scope="module")
def alpine():
    return machines.made_once("alpine-rootfs", [BUILD / "busybox", pathlib.Path(__file__)], _make_alpine)


def start_alpine(folder, out):
    return Machine(folder, out / "vmlinuz", out / "initramfs.img", (out / "cmdline").read_text().strip(),
                   [Disk(copy_of(out / "disk.img", folder))], extra=CARD)


def test_an_alpine_is_supervised_by_slate_init_and_keeps_what_lbu_commits(tmp_path, alpine):
    out = made_by("alpine", ROOTFS=str(alpine / "rootfs.tar.gz"), PASSWORD="chosen")
    with start_alpine(tmp_path, out) as machine:
        log_in(machine.console, "chosen")
        ask(machine.console, "cat /proc/1/comm", "slate-init")
        ask(machine.console, "echo kept >/etc/motd; lbu commit && echo done", "done")
        ask(machine.console, "slate units --failed --json", r"\[\]")
        machine.reset()
        log_in(machine.console, "chosen")
        ask(machine.console, "cat /etc/motd", "kept")


def test_an_alpine_is_handed_over_to_openrc(tmp_path, alpine):
    out = made_by("alpine", kind="-openrc", ROOTFS=str(alpine / "rootfs.tar.gz"), PASSWORD="chosen", INIT="openrc")
    with start_alpine(tmp_path, out) as machine:
        log_in(machine.console, "chosen")
        ask(machine.console, "cat /proc/1/comm /run/openrc.log | tr '\\n' ' '; echo",
            "init runlevel sysinit runlevel boot runlevel default")
