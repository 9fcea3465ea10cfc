"""Boots a contender and reads off what it cost."""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "boot"))
from channel import Channel  # noqa: E402
from qemu import Disk  # noqa: E402

LINE = re.compile(rb"bench start=(\d+) up=(\d+) clean=(\d+) dirty=(\d+)\r?\n")

# One instruction is one nanosecond of the guest's time, so that what the guest measures depends on
# what it executes alone. Its idle loop must execute too: a halted processor makes QEMU jump to the
# guest's next timer, milliseconds away, while the host is still reading a block of the disk.
COUNTED = ["-icount", "shift=0,sleep=off"]
COUNTED_WORDS = "idle=poll"


@dataclasses.dataclass
class Contender:
    name: str
    kernel: pathlib.Path
    initramfs: pathlib.Path
    cmdline: str
    disk: pathlib.Path | None = None


@dataclasses.dataclass
class Result:
    guest_us: int       # handover to the last service, on the guest's clock
    wall_s: float       # QEMU's start to the guest's line, 0.1 s after the last service
    cpu_s: float        # what QEMU has used of the host's processors by then
    clean_kb: int       # PID 1's private memory
    dirty_kb: int


def median(contender, counted, runs):
    """The median of each figure over several boots."""
    results = [boot(contender, counted) for _ in range(runs)]
    return Result(*(statistics.median(getattr(result, field.name) for result in results)
                    for field in dataclasses.fields(Result)))


def boot(contender, counted):
    """One boot. counted: on a clock that counts instructions."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="slate-bench-", dir="/var/tmp"))
    try:
        return _boot(contender, counted, folder)
    finally:
        shutil.rmtree(folder)


def _boot(contender, counted, folder):
    command = ["qemu-system-x86_64", "-accel", "tcg,tb-size=128", "-M", "pc", "-m", "256", "-smp", "1", "-nodefaults",
               "-no-user-config", "-display", "none", "-vga", "none", "-no-reboot",
               "-kernel", str(contender.kernel), "-initrd", str(contender.initramfs),
               "-append", f"{COUNTED_WORDS} {contender.cmdline}" if counted else contender.cmdline,
               *(COUNTED if counted else []),
               "-chardev", f"file,id=console,path={folder}/console", "-serial", "chardev:console",
               "-chardev", f"socket,id=line,path={folder}/line,server=on,wait=on", "-serial", "chardev:line"]
    if contender.disk:
        disk = Disk(contender.disk, readonly=True)
        command += ["-blockdev", json.dumps(disk.block()), "-device", json.dumps(disk.device())]
    start = time.monotonic()
    with open(folder / "qemu.log", "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        while not (folder / "line").exists():
            assert process.poll() is None, (folder / "qemu.log").read_text()
            time.sleep(0.005)
        line = Channel(folder / "line", f"the line of {contender.name}")
        try:
            match = line.wait(0, 600, LINE.search)
        except AssertionError as reason:
            said = (folder / "console").read_text(errors="replace")[-4000:]
            errors = (folder / "qemu.log").read_text(errors="replace")
            raise AssertionError(f"{reason}\nits console: {said}\nQEMU: {errors}") from None
        wall = time.monotonic() - start
        used = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        cpu = (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")
        line.close()
    finally:
        process.kill()
        process.wait(20)
    begin, up, clean, dirty = (int(value) for value in match.groups())
    return Result(up - begin, wall, cpu, clean, dirty)
