"""Machines with little memory: the demo, which `make run` boots.

timeout: 900
"""

import os
import pathlib
import re
import subprocess

import pytest

from guest import PROGRAMS
from machines import TOP, made_once, run
from qemu import Disk, Machine, copy_of

PROMPT = r"root@\w+:.*# "


@pytest.fixture(scope="module")
def demo():
    def make(folder):
        (folder / "said").write_text(run(TOP / "image/recipe.sh", "demo", folder))

    recipes = TOP / "image/recipes"
    inputs = [recipes / "demo", recipes / "demo.files", TOP / "image/recipe.sh", TOP / "hooks", *PROGRAMS]
    return made_once("demo", inputs, make)


@pytest.fixture
def floor(demo):
    """The memory, in MiB, with which it starts, as the build said."""
    return int(re.search(r"starts with (\d+) MiB of memory", (demo / "said").read_text())[1])


@pytest.fixture
def start(folder, demo):
    """start(MIB, hog=N): N MiB are gone by the time that memory is looked at."""
    started = []

    def start(memory, words="", hog=0):
        initramfs = demo / "initramfs.img"
        if hog:
            initramfs = with_hook(initramfs, pathlib.Path(folder), f"dd if=/dev/zero of=/hog bs=1M count={hog}")
        cmdline = f"{(demo / 'cmdline').read_text().strip()} slate.identity=no panic=300 {words}"
        machine = Machine(folder, demo / "vmlinuz", initramfs, cmdline,
                          [Disk(copy_of(demo / "disk.img", folder))], memory=memory)
        started.append(machine)
        return machine

    yield start
    for machine in started:
        machine.close()


def with_hook(initramfs, folder, command):
    """The initramfs with a hook that runs before anything else; the kernel unpacks one after the other."""
    hook = folder / "more/etc/slate/hooks/start.d/hog"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"#!/bin/sh\n{command} 2>/dev/null\n")
    os.chmod(hook, 0o755)
    names = "\n".join(str(path.relative_to(folder / "more")) for path in sorted((folder / "more").rglob("*")))
    more = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), cwd=folder / "more",
                          stdout=subprocess.PIPE, check=True).stdout
    whole = folder / "initramfs.img"
    first = initramfs.read_bytes()
    whole.write_bytes(first + bytes(-len(first) % 512) + more)
    return whole


def ask(machine, command, timeout=90):
    """What the shell on the console answers; root is logged in there."""
    machine.console.type(f"{command}; echo \"=$?\"=\n")
    said = machine.console.expect(r"(?s)(.*?)^=(\d+)=\r?$.*?# ", timeout)
    assert said[2] == b"0", said[1].decode(errors="replace")
    return said[1].decode(errors="replace")


@pytest.mark.parametrize("memory", ["floor", 96, 128])
def test_a_small_machine_runs_says_what_fills_it_and_saves_when_it_is_full(start, floor, memory):
    machine = start(floor if memory == "floor" else memory)
    machine.console.expect(PROMPT, 240)
    assert "/dev/zram0" in ask(machine, "cat /proc/swaps")
    assert "none" in ask(machine, "cat /sys/block/zram0/backing_dev 2>/dev/null || echo none")
    assert "nearly full" not in ask(machine, "slate status | cat")
    ask(machine, "echo kept >/etc/greeting")
    ask(machine, "! dd if=/dev/urandom of=/var/log/fill bs=64k", 240)
    said = ask(machine, "slate status | cat", 240)
    assert re.search(r"overlay  (\S+ MiB) of \1 in memory", said)
    assert "nearly full: /var has grown most, to " in said
    assert re.search(r"memory  \S+ MiB, \S+ MiB free; \S+ MiB of it are files .*; .* of \S+ MiB swapped", said)
    assert "generation 1" in ask(machine, "slate save", 240)
    assert "Out of memory" not in machine.console.text() and "oom-kill" not in machine.console.text()
    machine.reset()
    machine.console.expect(PROMPT, 240)
    assert "kept" in ask(machine, "cat /etc/greeting")


def test_an_overlay_as_large_as_the_memory_leaves_room_for_a_save(start):
    machine = start(128, "overlay=tmpfs:size=100%")
    machine.console.expect(PROMPT, 240)
    ask(machine, "echo kept >/etc/greeting")
    ask(machine, "! dd if=/dev/urandom of=/var/log/fill bs=64k", 240)
    assert "generation 1" in ask(machine, "slate save", 240)
    assert "overlay: limited to" in ask(machine, "cat /run/slate/degraded")
    machine.reset()
    machine.console.expect(PROMPT, 240)
    assert "kept" in ask(machine, "cat /etc/greeting")


def test_below_the_floor_the_console_says_what_is_missing(start):
    machine = start(96, hog=32)
    machine.console.expect(r"too little memory: \d MiB are left of the \d+ MiB that this kernel has, and \d+ MiB "
                           "are needed to start", 240)
    machine.console.expect(r"give this machine \d+ MiB more, or start it with a smaller kernel or initramfs", 30)
    machine.console.expect("nothing on any medium was changed; restarting in", 30)
    assert "panic - not syncing" not in machine.console.text()


def test_what_is_asked_of_zram_is_done_or_said(start):
    machine = start(128, "slate.zram=no")
    machine.console.expect(PROMPT, 240)
    assert "zram" not in ask(machine, "cat /proc/swaps")
    assert "swapped" not in ask(machine, "slate status | cat")


@pytest.fixture
def start_by_firmware(folder, demo):
    started = []

    def start(memory):
        machine = Machine(folder, None, None, "", [Disk(copy_of(demo / "disk.img", folder))], memory=memory)
        started.append(machine)
        return machine

    yield start
    for machine in started:
        machine.close()


@pytest.mark.parametrize("below", [1, 20, "64 MiB"])
def test_below_the_floor_the_menu_says_what_is_missing(start_by_firmware, floor, below):
    machine = start_by_firmware(64 if below == "64 MiB" else floor - below)
    machine.console.expect(f"TOO LITTLE MEMORY: SLATE needs {floor} MiB to start. Add some.", 60)
    machine.console.expect("executed automatically in 30s", 30)


def test_at_the_floor_the_menu_says_nothing_and_the_machine_comes_up(start_by_firmware, floor):
    machine = start_by_firmware(floor)
    machine.console.expect(PROMPT, 240)
    assert "TOO LITTLE" not in machine.console.text()
