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
from qemu import BUSES, Disk  # noqa: E402

LINE = re.compile(rb"bench start=(\d+) up=(\d+) clean=(\d+) dirty=(\d+) used=(\d+) shmem=(\d+)\r?\n")

# One instruction is one nanosecond of the guest's time, so that what the guest measures depends on
# what it executes alone. Its idle loop must execute too: a halted processor makes QEMU jump to the
# guest's next timer, milliseconds away, while the host is still reading a block of the disk.
COUNTED = ["-icount", "shift=0,sleep=off"]
COUNTED_WORDS = "idle=poll"


PLAIN = "console=ttyS0 quiet panic=1"


@dataclasses.dataclass
class Contender:
    name: str
    kernel: pathlib.Path
    initramfs: pathlib.Path
    cmdline: str
    disk: pathlib.Path | None = None
    memory_mib: int = 256
    bytes_a_second: int = 0     # that the disk gives; 0: what it can
    bus: str = "virtio"         # of the disk
    processors: int = 1
    network: bool = False       # a card on QEMU's own network, where 10.0.2.2 is this host
    options: str = PLAIN        # of the kernel alone: those words of its command line that slow it down


@dataclasses.dataclass
class Result:
    guest_us: int       # handover to the last service, on the guest's clock
    wall_s: float       # QEMU's start to the guest's line, 0.1 s after the last service
    cpu_s: float        # what QEMU has used of the host's processors by then
    clean_kb: int       # PID 1's private memory
    dirty_kb: int
    kernel_us: int      # the machine's start to the handover, on the guest's clock
    used_kb: int        # of the machine's memory, 0.1 s after the last service
    shmem_kb: int       # what of it is in tmpfs


def median(contender, counted, runs):
    """The median of each figure over several boots."""
    return middle([boot(contender, counted) for _ in range(runs)])


def middle(results, of=statistics.median):
    """The median of each figure of results of one kind; of=min: the least."""
    kind = type(results[0])
    return kind(*(of(getattr(result, field.name) for result in results) for field in dataclasses.fields(kind)))


def boot(contender, counted):
    """One boot. counted: on a clock that counts instructions."""
    match, wall, cpu = said(contender, counted, LINE)
    begin, up, clean, dirty, used, shmem = (int(value) for value in match.groups())
    return Result(up - begin, wall, cpu, clean, dirty, begin, used, shmem)


def said(contender, counted, pattern):
    """Boots until the second serial port says `pattern`: its match, the wall and the CPU time (s)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="slate-bench-", dir="/var/tmp"))
    try:
        return _said(contender, counted, pattern, folder)
    finally:
        shutil.rmtree(folder)


def _disk(contender):
    disk = Disk(contender.disk, contender.bus, readonly=True)
    block = disk.block()
    if contender.bytes_a_second:
        block = {"driver": "throttle", "node-name": block["node-name"], "throttle-group": "medium",
                 "read-only": True, "file": {**block, "node-name": "file"}}
    return ["-object", f"throttle-group,id=medium,x-bps-read={contender.bytes_a_second}",
            "-blockdev", json.dumps(block),
            *(word for board in BUSES[disk.bus][0] for word in ("-device", json.dumps(board))),
            "-device", json.dumps(disk.device())]


def _command(contender, counted, folder):
    return ["qemu-system-x86_64", "-accel", "tcg,tb-size=128", "-M", "pc", "-m", str(contender.memory_mib),
            "-smp", str(contender.processors), "-nodefaults", "-no-user-config", "-display", "none", "-vga", "none", "-no-reboot",
            "-kernel", str(contender.kernel), "-initrd", str(contender.initramfs),
            "-append", f"{COUNTED_WORDS} {contender.cmdline}" if counted else contender.cmdline,
            *(COUNTED if counted else []),
            "-chardev", f"file,id=console,path={folder}/console", "-serial", "chardev:console",
            "-chardev", f"socket,id=line,path={folder}/line,server=on,wait=on", "-serial", "chardev:line",
            *(_disk(contender) if contender.disk else []),
            *(["-nic", "user,model=virtio-net-pci"] if contender.network else [])]


def _said(contender, counted, pattern, folder):
    start = time.monotonic()
    with open(folder / "qemu.log", "wb") as log:
        process = subprocess.Popen(_command(contender, counted, folder), stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log)
    try:
        while not (folder / "line").exists():
            assert process.poll() is None, (folder / "qemu.log").read_text()
            time.sleep(0.005)
        line = Channel(folder / "line", f"the line of {contender.name}")
        try:
            match = line.wait(0, 600, pattern.search)
        except AssertionError as reason:
            console = (folder / "console").read_text(errors="replace")[-4000:]
            errors = (folder / "qemu.log").read_text(errors="replace")
            raise AssertionError(f"{reason}\nits console: {console}\nQEMU: {errors}") from None
        wall = time.monotonic() - start
        used = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        cpu = (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")
        line.close()
    finally:
        process.kill()
        process.wait(20)
    return match, wall, cpu
