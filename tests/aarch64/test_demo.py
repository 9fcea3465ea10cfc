"""The demo machine, built here for aarch64 and booted with Debian's kernel for it.

BUILD is where it was built; TOOLS, where slate was built for this machine.
"""

import pathlib
import subprocess

import pytest

from qemu import Disk, Machine

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
UP = 300    # seconds that a boot takes at most


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    subprocess.run([TOP / "image/recipe.sh", "demo", out, "--no-bootloader"], check=True)
    cmdline = (out / "cmdline").read_text().strip()
    with Machine(tmp_path_factory.mktemp("machine"), out / "vmlinuz", out / "initramfs.img", cmdline,
                 [Disk(out / "disk.img")], board="virt", extra=["-device", "virtio-rng-pci"]) as machine:
        yield machine


def ask(machine, command, answer):
    """Types the command and waits for the answer, a regular expression, at the beginning of a line."""
    machine.console.type(f"{command}\n")
    return machine.console.expect(f"^{answer}", 60)


def test_it_boots_to_its_login_with_nothing_missing(demo):
    demo.console.expect("# ", UP)
    ask(demo, "uname -m", "aarch64")
    ask(demo, "cat /proc/1/comm", "slate-init")
    ask(demo, "grep -c . /run/slate/degraded", "(0|grep: .*No such file)")
    ask(demo, "slate units --failed --json", r"\[\]")


def test_what_it_saves_is_there_after_a_power_cut(demo):
    ask(demo, "echo kept >/etc/motd; slate save", "generation [0-9]+ saved")
    demo.reset()
    demo.console.expect("# ", UP)
    ask(demo, "cat /etc/motd", "kept")


def test_a_service_is_kept_to_the_system_calls_that_it_may_make(demo):
    ask(demo, "mkdir -p /etc/systemd/system; cd /etc/systemd/system; printf '[Service]\\nType=oneshot\\nExecStart=/bin/uname -m\\nSystemCallFilter=~uname\\n' "
        ">calls.service; slate daemon-reload; slate start calls; slate status calls", ".*Bad system call")


def test_it_ends_in_order(demo):
    demo.console.type("poweroff\n")
    demo.qmp.wait_event("SHUTDOWN", 120)
