"""Machines of image/recipes, made as their users make them.

timeout: 600
"""

import os
import socket
import subprocess
import time

import pytest

import machines
from machines import BUILD, TOP, run
from qemu import Disk, Machine, copy_of

# What recipes stand on, beside their own file.
PROGRAMS = [BUILD / program for program in ("slate", "slate-boot", "slate-init", "slate-fetch", "busybox")]

# For a machine that is only virtual: a kernel that boots faster, and few drivers.
VIRTUAL = """# {name}: {name} for a virtual machine
. "$here/recipes/{name}"
kernel=bookworm-cloud
drivers="virtio_net virtio_rng"
"""


def made_by(name, **words):
    """OUT of the recipe `name`, for a virtual machine; words: variables for it."""
    recipe = TOP / "image/recipes" / name

    def make(folder):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key")
        (folder / "own").write_text(VIRTUAL.format(name=name))
        run(TOP / "image/recipe.sh", folder / "own", folder, "--no-bootloader",
            env={**os.environ, "SSH_KEY": str(folder / "key.pub"), **words})

    return machines.made_once(f"recipe-{name}", [recipe, TOP / "image/recipe.sh", TOP / "hooks", *PROGRAMS], make)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Guest:
    """A machine with a network card, and its root's shell through sshd."""

    def __init__(self, folder, out, memory=384):
        self.out, self.port = out, free_port()
        card = f"user,id=n,hostfwd=tcp:127.0.0.1:{self.port}-:22"
        self.machine = Machine(folder, out / "vmlinuz", out / "initramfs.img", (out / "cmdline").read_text().strip(),
                               [Disk(copy_of(out / "disk.img", folder))], memory=memory,
                               extra=["-netdev", card, "-device", "virtio-net-pci,netdev=n", "-device",
                                      "virtio-rng-pci"])

    def run(self, command, timeout=60):
        return subprocess.run(
            ["ssh", "-i", self.out / "key", "-p", str(self.port), "-o", "StrictHostKeyChecking=no", "-o",
             "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=20", "root@127.0.0.1",
             command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=timeout)

    def ok(self, command, timeout=60):
        done = self.run(command, timeout)
        assert done.returncode == 0, f"{command!r} ended with {done.returncode}: {done.stdout}"
        return done.stdout.rstrip("\n")

    def up(self, timeout=120):
        """Waits until sshd lets root in."""
        deadline = time.monotonic() + timeout
        while (done := self.run("true")).returncode != 0:
            assert time.monotonic() < deadline, f"{done.stdout}\n{self.machine.console.text()[-4000:]}"
            time.sleep(0.5)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.machine.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Guest(tmp_path_factory.mktemp("server"), made_by("server", PASSWORD="chosen")) as guest:
        yield guest.up()


def state(guest, unit):
    return guest.run(f"systemctl is-active {unit}").stdout.strip()


def test_a_server_runs_the_units_of_debian_as_they_are(server):
    for unit in ("ssh.service", "cron.service", "chrony.service"):
        assert state(server, unit) == "active", server.ok(f"slate status {unit}")
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
