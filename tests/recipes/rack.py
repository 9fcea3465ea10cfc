"""A rack without disks, as README.md sets it up: a Debian server, and machines on its card.

All of it is in a network of its own, which only this process and its children see.
"""

import ctypes
import pathlib
import shutil
import signal
import subprocess
import time

import machines
from machines import run
from qemu import Machine

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
CARD = "eth1"                   # of the server, to the machines
ADDRESS = "10.77.0.1"
PACKAGES = "dnsmasq,ipxe,lighttpd,lighttpd-mod-webdav,nfs-ganesha-vfs,nbd-server"
# The file system of the server's root, an overlay, is none that can be shared.
SHARED = "/srv/nfs"
GANESHA = f"""
NFS_CORE_PARAM {{ Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; }}
NFSv4 {{ Graceless = true; }}
EXPORT {{
    Export_Id = 1; Path = {SHARED}; Pseudo = {SHARED}; Access_Type = RW; Squash = No_Root_Squash;
    SecType = sys; Protocols = 4; Transports = TCP; FSAL {{ Name = VFS; }}
}}
"""
NBD = f"[generic]\nuser = root\ngroup = root\n[slate]\nexportname = {SHARED}/medium.img\n"
DAEMONS = {
    "lighttpd": ("lighttpd", "-D", "-f", "/srv/slate/lighttpd.conf"),
    "dnsmasq": ("dnsmasq", "-k", "-C", "/srv/slate/dnsmasq.conf"),
    "ganesha": ("ganesha.nfsd", "-F", "-L", "/dev/stderr", "-f", "/etc/ganesha/ganesha.conf", "-p", "/run/ganesha.pid"),
    # it leaves the shell alone, and ends with it
    "nbd-server": ("sh", "-c", "nbd-server -C /etc/nbd-server/slate -p /run/nbd.pid; sleep 1; "
                   # with those of its processes that have a connection each
                   "trap 'kill -- -$(cat /run/nbd.pid); exit' TERM; sleep 86400 & wait"),
}


def leave_network():
    """This process gets mounts and a network of its own, for good."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    run("mount", "--make-rprivate", "/")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", CARD, "type", "bridge")
    run("ip", "link", "set", CARD, "up")


def server_root():
    return machines.made_once("rack-server", [PACKAGES], lambda folder: run(
        "mmdebstrap", "--variant=apt", f"--include={PACKAGES}", "bookworm", folder / "root"))


def mac_of(number):
    return f"52:54:00:77:00:{number:02x}"


class Rack:
    """out: of the recipe `diskless`. fleet: the text of the file for all machines.

    lighttpd and dnsmasq run; `start` and `stop` are for one of DAEMONS. `shared`: the folder
    that ganesha shares as SHARED.
    """

    def __init__(self, folder, out, fleet):
        self.folder = pathlib.Path(folder)
        self.out = out
        server = server_root()
        leave_network()
        self.root = self._mount(server)
        self.srv = self.root / "srv/slate"
        self._fill(fleet)
        self._daemons = {}
        for name in ("lighttpd", "dnsmasq"):
            self.start(name)

    def _mount(self, server):
        """The server's root, with what is written to it elsewhere."""
        root, upper, work = (self.folder / name for name in ("root", "upper", "work"))
        for place in (root, upper, work):
            place.mkdir()
        run("mount", "-t", "overlay", "-o", f"lowerdir={server}/root,upperdir={upper},workdir={work}", "server", root)
        for name in ("proc", "dev"):
            run("mount", "--rbind", f"/{name}", root / name)
        self.shared = self.folder / "shared"
        for place in (self.shared, root / SHARED[1:]):
            place.mkdir()
        run("mount", "--bind", self.shared, root / SHARED[1:])
        (root / "etc/mtab").symlink_to("/proc/self/mounts")     # ganesha reads it
        (root / "etc/ganesha").mkdir(exist_ok=True)
        (root / "etc/ganesha/ganesha.conf").write_text(GANESHA)
        (root / "etc/nbd-server/slate").write_text(NBD)
        return root

    def _fill(self, fleet):
        """The five minutes of README.md."""
        shutil.copytree(self.out, self.srv, ignore=shutil.ignore_patterns("key*", "own"))
        run("chroot", self.root, "cp", "/usr/lib/ipxe/undionly.kpxe", "/usr/lib/ipxe/ipxe.efi", "/srv/slate/")
        run("chroot", self.root, "install", "-d", "-o", "www-data", "/srv/slate/saved")
        run("ip", "address", "add", f"{ADDRESS}/24", "dev", CARD)
        (self.srv / "fleet.ini").write_text(fleet)
        with open(self.srv / "slate.conf", "a") as settings:
            settings.write(f"slate.fleet=http://{ADDRESS}/slate/fleet.ini\n")

    def start(self, name):
        log = open(self.folder / f"{name}.log", "ab")
        self._daemons[name] = subprocess.Popen(["chroot", self.root, *DAEMONS[name]], stdin=subprocess.DEVNULL,
                                               stdout=log, stderr=log)
        time.sleep(1)
        assert self._daemons[name].poll() is None, (self.folder / f"{name}.log").read_text()

    def stop(self, name):
        daemon = self._daemons.pop(name)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(20)

    def lease(self, mac):
        """The address that dnsmasq has given to that card; None: none."""
        leases = self.root / "var/lib/misc/dnsmasq.leases"
        for line in leases.read_text().splitlines() if leases.exists() else ():
            words = line.split()
            if words[1] == mac:
                return words[2]
        return None

    def card(self, number, boots=""):
        """QEMU's arguments for a network card of a machine of the rack; boots: more for the card."""
        tap = f"tap{number}"
        run("ip", "tuntap", "add", tap, "mode", "tap")
        run("ip", "link", "set", tap, "master", CARD, "up")
        return ["-netdev", f"tap,id=n,ifname={tap},script=no,downscript=no",
                "-device", f"virtio-net-pci,netdev=n,mac={mac_of(number)}{boots}", "-device", "virtio-rng-pci"]

    def close(self):
        for name in list(self._daemons):
            self.stop(name)
        run("umount", "-R", "-l", self.root)


class Node:
    """A machine of the rack that its firmware starts from the network."""

    def __init__(self, rack, number, memory=320):
        self.rack = rack
        self.mac = mac_of(number)
        self.name = f"node-{number}"
        place = rack.folder / self.name
        place.mkdir()
        # firmware and iPXE speak on the serial port, and begin anew when there was no answer
        self.machine = Machine(place, None, None, memory=memory, extra=[
            *rack.card(number, ",bootindex=0"), "-machine", "graphics=off", "-boot", "reboot-timeout=2000"])

    def run(self, command, timeout=60):
        address = self.rack.lease(self.mac)
        if address is None:
            return subprocess.CompletedProcess(command, 255, "it has no address yet")
        return subprocess.run(
            ["ssh", "-i", self.rack.out / "key", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
             "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=20", f"root@{address}", command], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout)

    def ok(self, command):
        done = self.run(command)
        assert done.returncode == 0, f"{self.name}: {command!r} ended with {done.returncode}: {done.stdout}"
        return done.stdout.rstrip("\n")

    def up(self, deadline):
        """Waits until it lets root in; deadline: of time.monotonic()."""
        while (done := self.run("true")).returncode != 0:
            said = self.machine.console.text()[-3000:]
            assert time.monotonic() < deadline, f"{self.name}: {done.stdout}\n{said}"
            time.sleep(1)

    def close(self):
        self.machine.close()
