"""A machine in QEMU: kernel, initramfs, disks on any kind of bus, serial ports, QMP.

    with Machine(folder, kernel, initramfs, "console=ttyS0", [Disk(path)]) as m:
        m.console.expect("login:")

Nothing of a machine outlives the `with`. Writes to a disk go to its file: give
each machine a copy of its own (copy_of). A reset loses what the guest had not
written, as pulling the plug does.
"""

import dataclasses
import json
import pathlib
import shutil
import subprocess
import time

from console import Console
from qmp import Qmp
from shell import Shell

# bus: what the board needs first, and the device that a drive then is.
BUSES = {
    "virtio": ([], {"driver": "virtio-blk-pci"}),
    "virtio-scsi": ([{"driver": "virtio-scsi-pci", "id": "scsi"}], {"driver": "scsi-hd", "bus": "scsi.0"}),
    "sata": ([{"driver": "ahci", "id": "ahci"}], {"driver": "ide-hd", "bus": "ahci.0"}),
    "ide": ([], {"driver": "ide-hd", "bus": "ide.0"}),
    "nvme": ([], {"driver": "nvme", "serial": "slate-nvme"}),
    "usb": ([{"driver": "qemu-xhci", "id": "xhci"}], {"driver": "usb-storage", "bus": "xhci.0"}),
    "uas": (
        [{"driver": "qemu-xhci", "id": "xhci"}, {"driver": "usb-uas", "id": "uas", "bus": "xhci.0"}],
        {"driver": "scsi-hd", "bus": "uas.0"},
    ),
    "cdrom": ([{"driver": "ahci", "id": "ahci"}], {"driver": "ide-cd", "bus": "ahci.0"}),
}

# The emulator of each board, and what it is to be told of it.
BOARDS = {
    "pc": ["qemu-system-x86_64"],
    "q35": ["qemu-system-x86_64"],
    "virt": ["qemu-system-aarch64", "-cpu", "cortex-a72"],
}

# Sockets, and the members of Machine at their other ends: ttyS0, ttyS1 and QMP.
PORTS = ("console", "shell", "qmp")


@dataclasses.dataclass
class Disk:
    """A drive: the raw image file, its bus (BUSES), and a name unique in the machine."""

    path: pathlib.Path
    bus: str = "virtio"
    name: str = "disk"
    readonly: bool = False

    def block(self):
        # The host does not lose power in a test: only the guest's own cache counts.
        file = {"driver": "file", "filename": str(self.path), "locking": "off"}
        cache = {"direct": False, "no-flush": True}
        return {
            "driver": "raw",
            "node-name": f"{self.name}-node",
            "read-only": self.readonly or self.bus == "cdrom",
            "file": file,
            "cache": cache,
        }

    def device(self):
        return {**BUSES[self.bus][1], "id": self.name, "drive": f"{self.name}-node"}


def copy_of(image, folder, name=None):
    """A private copy of an image file, sharing its blocks where the file system can."""
    copy = pathlib.Path(folder) / (name or pathlib.Path(image).name)
    subprocess.run(["cp", "--reflink=auto", "--sparse=always", image, copy], check=True)
    return copy


class Machine:
    """folder: an existing directory for sockets and logs. kernel, initramfs: files;
    without a kernel the firmware starts the first of the disks.

    board: one of BOARDS. buses: those needed beside the ones of `disks`, for drives plugged in later.
    extra: further QEMU arguments.
    """

    def __init__(self, folder, kernel, initramfs, cmdline="", disks=(), buses=(), memory=256,
                 board="pc", extra=()):
        self.folder = pathlib.Path(folder)
        self.disks = list(disks)
        self._sockets = self.folder / "s"
        self._sockets.mkdir(exist_ok=True)
        self._log = open(self.folder / "console.log", "ab")
        arguments = [*BOARDS[board], "-accel", "tcg,tb-size=128", "-M", board, "-m", str(memory),
                     "-nodefaults", "-no-user-config", "-display", "none", "-vga", "none"]
        if kernel:
            arguments += ["-kernel", str(kernel), "-append", f"no_timer_check {cmdline}"]
        if initramfs:
            arguments += ["-initrd", str(initramfs)]
        arguments += self._ports() + _drives(disks, buses) + list(extra)
        self._errors = open(self.folder / "qemu.log", "ab")
        self._process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=self._errors,
                                         stderr=self._errors)
        try:
            self._connect()
        except Exception:
            self.close()
            raise

    def _ports(self):
        ports = []
        for name in PORTS:
            socket = f"socket,id={name},path={self._sockets}/{name},server=on,wait=off"
            ports += ["-chardev", socket]
        return ports + ["-serial", "chardev:console", "-serial", "chardev:shell",
                        "-mon", "chardev=qmp,mode=control"]

    def _connect(self):
        deadline = time.monotonic() + 20
        while not (self._sockets / "qmp").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "qemu.log").read_text(errors="replace")
                raise AssertionError(f"QEMU did not start: {said}")
            time.sleep(0.01)
        self.console = Console(self._sockets / "console", "the console", self._log)
        self.shell = Shell(self._sockets / "shell", "the shell's port")
        self.qmp = Qmp(self._sockets / "qmp")

    def ready(self, timeout=120):
        """Waits until the machine has come up so far that shell commands run; its shell.

        When it does not come up, the console's end is the message.
        """
        try:
            self.shell.wait_ready(timeout)
        except AssertionError:
            tail = self.console.text()[-6000:]
            raise AssertionError(f"no shell within {timeout} s; the console's end:\n{tail}") from None
        return self.shell

    def reset(self):
        """The reset button."""
        self.console.skip()
        self.qmp.execute("system_reset")

    def plug(self, disk):
        """Plugs a drive in; its bus must be on the board."""
        self.qmp.execute("blockdev-add", **disk.block())
        self.qmp.execute("device_add", **disk.device())

    def unplug(self, disk):
        self.qmp.execute("device_del", id=disk.name)

    def press(self, *keys):
        """Presses the keys together, as QEMU names them: "ctrl", "alt", "delete"."""
        codes = [{"type": "qcode", "data": key} for key in keys]
        self.qmp.execute("send-key", keys=codes)

    def send_break(self):
        """The BREAK of a serial line: the kernel takes the next key there for SysRq."""
        self.qmp.execute("chardev-send-break", id="console")

    def wait_off(self, timeout=60):
        """Waits until the machine has switched itself off."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            tail = self.console.text()[-4000:]
            raise AssertionError(f"still on after {timeout} s; the console's end:\n{tail}") from None

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(20)
        for port in PORTS:
            if hasattr(self, port):
                getattr(self, port).close()
        self._log.close()
        self._errors.close()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _drives(disks, buses):
    """QEMU's arguments for the drives and all their buses, each bus once."""
    arguments, boards = [], {}
    for bus in [*buses, *(disk.bus for disk in disks)]:
        for device in BUSES[bus][0]:
            boards[device["id"]] = device
    for device in boards.values():
        arguments += ["-device", json.dumps(device)]
    for disk in disks:
        arguments += ["-blockdev", json.dumps(disk.block()), "-device", json.dumps(disk.device())]
    return arguments
