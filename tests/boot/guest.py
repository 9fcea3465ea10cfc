"""Machines of image/recipes, made as their users make them, and entered as they enter them: by ssh."""

import os
import socket
import subprocess
import time

import machines
from machines import BUILD, TOP, run
from qemu import Disk, Machine, copy_of

# What recipes stand on, beside their own file.
PROGRAMS = [BUILD / program for program in ("slate", "slate-boot", "slate-init", "slate-fetch", "busybox")]

# For a machine that is only virtual: a kernel that boots faster, and few drivers.
VIRTUAL = """# {name}: {name} for a virtual machine
. "$here/recipes/{name}"
kernel={kernel}
drivers="virtio_net virtio_rng {drivers}"
"""


def made_by(name, drivers="", kernel="bookworm-cloud", kind="", **words):
    """OUT of the recipe `name`, for a virtual machine with more drivers; words: variables for it,
    which make another `kind` of its machine."""
    recipe = TOP / "image/recipes" / name

    def make(folder):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key")
        (folder / "own").write_text(VIRTUAL.format(name=name, drivers=drivers, kernel=kernel))
        run(TOP / "image/recipe.sh", folder / "own", folder, "--no-bootloader",
            env={**os.environ, "SSH_KEY": str(folder / "key.pub"), **words})

    # the demo is what some stand on
    own = [file for stem in {name, "demo"} for file in recipe.parent.glob(f"{stem}*")]
    sources = [*sorted(own), TOP / "image/recipe.sh", TOP / "hooks"]
    inputs = [drivers, kernel, words, *sources, *PROGRAMS]
    return machines.made_once(f"recipe-{name}{kind}", inputs, make)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Guest:
    """A machine with a network card, and its root's shell through sshd.

    words: for its command line. disks: beside its own. web: a port of it that is then
    self.web here.
    """

    def __init__(self, folder, out, words="", memory=384, disks=(), web=80, extra=()):
        self.out, self.port, self.web = out, free_port(), free_port()
        card = f"user,id=n,hostfwd=tcp:127.0.0.1:{self.port}-:22,hostfwd=tcp:127.0.0.1:{self.web}-:{web}"
        cmdline = f"{(out / 'cmdline').read_text().strip()} {words}"
        self.machine = Machine(folder, out / "vmlinuz", out / "initramfs.img", cmdline,
                               [Disk(copy_of(out / "disk.img", folder)), *disks], memory=memory,
                               extra=["-netdev", card, "-device", "virtio-net-pci,netdev=n", "-device",
                                      "virtio-rng-pci", *extra])

    def _ssh(self, command, timeout, **options):
        return subprocess.run(
            ["ssh", "-i", self.out / "key", "-p", str(self.port), "-o", "StrictHostKeyChecking=no", "-o",
             "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=20", "root@127.0.0.1",
             command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, **options)

    def run(self, command, timeout=60):
        return self._ssh(command, timeout, stdin=subprocess.DEVNULL)

    def send(self, file, path):
        """Copies a program of this machine there."""
        with open(file, "rb") as program:
            done = self._ssh(f"mkdir -p {os.path.dirname(path)} && cat >{path} && chmod 755 {path}", 60, stdin=program)
        assert done.returncode == 0, f"{path}: {done.stdout}"

    def ok(self, command, timeout=60):
        done = self.run(command, timeout)
        assert done.returncode == 0, f"{command!r} ended with {done.returncode}: {done.stdout}"
        return done.stdout.rstrip("\n")

    def eventually(self, command, timeout=60):
        """Waits until the command succeeds; its output."""
        deadline = time.monotonic() + timeout
        while (done := self.run(command)).returncode != 0:
            assert time.monotonic() < deadline, f"{command!r} still fails: {done.stdout}"
            time.sleep(0.5)
        return done.stdout.rstrip("\n")

    def state(self, unit):
        return self.run(f"systemctl is-active {unit}").stdout.strip()

    def confinement(self, unit):
        """What a security module calls that which the unit's first program may do."""
        return self.ok(f"tr -d '\\0' </proc/$(systemctl show -p MainPID --value {unit})/attr/current")

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
