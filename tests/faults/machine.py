"""A machine in a folder: its medium, its image, its overlay and the root on top, in a
mount namespace of this process. `slate` runs in it by chroot, the boot's restore by
the driver of tests/ns; either under inject, which makes one system call of it fail."""

import ctypes
import dataclasses
import errno
import functools
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

BUILD = Path(os.environ.get("BUILD", "build")).resolve()
INJECT, DRIVER, SLATE = BUILD / "faults/inject", BUILD / "faults/driver", BUILD / "slate"
SAVED = "slate/saved/default"
SMALL = 64 * 1024  # a slot
SECONDS = 60  # one that takes longer hangs
STAMP = 1_700_000_000  # when everything was written, so that what is the same looks the same

ERRNOS = ("EIO", "ENOSPC", "ENOMEM", "EMFILE", "ENFILE", "EAGAIN", "EINTR", "EROFS", "EDQUOT")
FAULTS = ("kill", *ERRNOS, "short", "lost")

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MNT_DETACH = 0x20000, 2
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18


def call_names():
    """Numbers of system calls to names, from the kernel's header."""
    names = {}
    for line in Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h").read_text().splitlines():
        words = line.split()
        if len(words) == 3 and words[1].startswith("__NR_"):
            names[int(words[2])] = words[1][5:]
    return names


CALLS = call_names()


def checked(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def mount(source, target, fstype=None, flags=0, options=None):
    checked(LIBC.mount(str(source).encode(), str(target).encode(), fstype and fstype.encode(), flags,
                       options and options.encode()), f"mount {target}")


def unmount_all(target):
    while LIBC.umount2(str(target).encode(), MNT_DETACH) == 0:
        pass


def own_namespace():
    checked(LIBC.unshare(CLONE_NEWNS), "unshare")
    mount("none", "/", None, MS_REC | MS_PRIVATE)


@dataclasses.dataclass(frozen=True)
class Point:
    """One system call of a run: of which process, and its how-manieth."""
    process: int
    call: int
    name: str = ""
    first: int = 0      # its first argument: the descriptor, of most


NOWHERE = Point(0, 0)


@dataclasses.dataclass
class Run:
    status: int         # 128 and more: a signal; -1: it hung
    output: str         # standard output
    errors: str         # standard error
    points: list        # all of a run without a fault, else those that were hit

    @property
    def text(self):
        return self.output + self.errors

    @property
    def failing(self):
        """Those of the points that can fail."""
        return [point for point in self.points if point.name not in ("exit_group", "exit")]


def inject(root, point, fault, command, cwd=None, environment=None):
    number = fault if fault in ("none", "kill", "short", "lost") else str(getattr(errno, fault))
    with tempfile.NamedTemporaryFile("r", dir=cwd) as report:
        try:
            done = subprocess.run([INJECT, root, str(point.process), str(point.call), number, report.name,
                                   *command], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS,
                                  check=False, env=environment)
        except subprocess.TimeoutExpired as late:
            return Run(-1, str(late.stdout), str(late.stderr), [])
        points = [Point(int(process), int(call), CALLS.get(int(name), name), int(first))
                  for process, call, name, first in map(str.split, report)]
    if done.returncode == 125:
        raise RuntimeError(done.stderr.decode())
    return Run(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"),
               points)


@functools.lru_cache(1024)
def content_of(path, *_):
    """Read once for as long as the rest of what is asked for stays the same."""
    return hashlib.blake2b(Path(path).read_bytes()).digest()


def picture(top):
    """What a tree holds, but times of directories, as one digest."""
    digest = hashlib.blake2b()
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            st = os.lstat(path)
            kind = st.st_mode & 0o170000
            facts = [os.path.relpath(path, top), st.st_mode, st.st_uid, st.st_gid, st.st_rdev]
            if kind in (0o100000, 0o120000):
                facts += [st.st_mtime_ns, st.st_size, st.st_nlink]
            if kind == 0o120000:
                facts.append(os.readlink(path))
            if kind == 0o100000:
                facts.append(content_of(path, st.st_dev, st.st_ino, st.st_ctime_ns))
            for attribute in sorted(os.listxattr(path, follow_symlinks=False)):
                if "overlay.origin" not in attribute and "overlay.impure" not in attribute:
                    facts += [attribute, os.getxattr(path, attribute, follow_symlinks=False)]
            digest.update(repr(facts).encode())
    return digest.hexdigest()


class Init:
    """What answers on slate-init's socket in its place: everything is done. `units`: what to call
    where a unit of the name is started."""

    def __init__(self, path, units):
        self.asked, self.units = [], units
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.bind(str(path))
        self.socket.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(client,), daemon=True).start()

    def answer(self, client):
        with client:
            try:
                client.settimeout(SECONDS)
                while request := client.recv(8192):
                    words = request.rstrip(b"\0").decode().split("\0")
                    self.asked.append(words)
                    if words[0] == "start" and words[1] in self.units:
                        self.units[words[1]]()
                    client.send(b"end=done\n")
            except OSError:
                pass  # who asked was killed

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Machine:
    def __init__(self):
        own_namespace()
        self.base = Path(tempfile.mkdtemp(prefix="slate-faults-"))
        mount("tmpfs", self.base, "tmpfs", 0, "mode=0755")
        for folder in ("medium", "device", "templates/none", "pristine/etc/conf.d", "pristine/proc",
                       "pristine/run/slate"):
            (self.base / folder).mkdir(parents=True)
        (self.base / "pristine/etc/hostname").write_text("shipped\n")
        (self.base / "pristine/etc/motd").write_text("motd\n")
        (self.base / "pristine/etc/conf.d/shipped").write_text("shipped\n")
        lists = self.base / "pristine/etc/apk/protected_paths.d"
        lists.mkdir(parents=True)
        (lists / "lbu.list").write_text("-etc/left\n")
        shutil.copy(SLATE, self.base / "pristine/slate")
        self.root, self.medium, self.upper = (self.base / at for at in ("root", "medium", "layer/upper"))
        self.device, self.templates = self.base / "device", self.base / "templates"
        self.init = None
        self.at = None      # which scene is set up, and its state
        self.insure()
        for words in (("key", "keys"), ("passphrase", "keys", "word")):
            subprocess.run([DRIVER, self.base, *words], check=True)

    def close(self):
        self.stop_init()
        for at in ("root", "layer", "medium", "device", "."):
            unmount_all(self.base / at)
        self.base.rmdir()

    # --- The medium ---

    def insert(self, template="none", size="64m"):
        """A medium with what `template` holds, read-only as in a running system. Under another
        name than tmpfs: slate saves nothing onto a medium that is memory."""
        unmount_all(self.medium)
        unmount_all(self.device)
        mount("tmpfs", self.device, "tmpfs", 0, f"mode=0755,size={size}")
        for folder in ("upper", "work"):
            (self.device / folder).mkdir()
        mount("overlay", self.medium, "overlay", 0, f"lowerdir={self.templates / template},"
                                                    f"upperdir={self.device}/upper,workdir={self.device}/work")
        mount("tmpfs", self.medium, None, MS_REMOUNT | MS_RDONLY)

    def freeze(self, frozen=True):
        """Whether the medium can be written at all, mounted writable or not."""
        mount("tmpfs", self.device, None, MS_REMOUNT | (MS_RDONLY if frozen else 0))

    def keep(self, template, slot_size=None):
        """Remembers the medium; with slots cut to `slot_size`."""
        where = self.templates / template
        shutil.copytree(self.medium, where, symlinks=True)
        for slot in where.glob(f"{SAVED}/slot-*") if slot_size else ():
            os.truncate(slot, slot_size)

    def slots(self):
        """What each slot holds, by name."""
        return {path.name: path.read_bytes() for path in sorted(self.medium.glob(f"{SAVED}/slot-*"))}

    def is_writable(self):
        return not os.statvfs(self.medium).f_flag & os.ST_RDONLY

    # --- The machine ---

    def insure(self, verify="", encrypt=""):
        """From the next boot on saves have to be signed (verify: slate.verify_saved), and are
        encrypted (slate.encrypt). Neither: the machine has no key."""
        self.settings = "".join(f"slate.{key}={value}\n" for key, value in
                                (("verify_saved", verify), ("encrypt", encrypt)) if value)
        self.environment = {**os.environ, **({"KEYS": str(self.base / "keys"), "VERIFY": verify or "no"}
                                             if self.settings else {})}

    def restore(self, point=NOWHERE, fault="none"):
        """The boot's restore alone; the root is not ready for slate then."""
        return inject("/", point, fault, [DRIVER, self.base, "restore"], self.base, self.environment)

    def boot(self):
        """Starts the machine anew; returns what restore said."""
        self.stop_init()
        done = subprocess.run([DRIVER, self.base, "restore"], capture_output=True, text=True, errors="replace",
                              timeout=SECONDS, check=False, env=self.environment)
        if done.returncode:
            raise RuntimeError(f"no boot: {done.stdout}{done.stderr}")
        run = self.root / "run"
        mount("tmpfs", run, "tmpfs", 0, "mode=0755")
        mount("proc", self.root / "proc", "proc")
        for name, source in (("medium", "medium"), ("root", "pristine"), ("overlay", "layer")):
            (run / "slate" / name).mkdir(parents=True, exist_ok=True)
            mount(self.base / source, run / "slate" / name, None, MS_BIND)
        shutil.copy(self.base / "restored", run / "slate/restored")
        (run / "slate/settings").write_text(self.settings)
        if self.settings:
            shutil.copytree(self.base / "keys", run / "slate/keys")
        return done.stdout

    def start_init(self):
        """Until the next boot."""
        self.init = Init(self.root / "run/slate/control",
                         {"slate-goback.service": lambda: subprocess.run(["chroot", self.root, "/slate", "goback"],
                                                                         timeout=SECONDS, check=False, capture_output=True)})

    def stop_init(self):
        if self.init:
            self.init.close()
        self.init = None

    def slate(self, *words, point=NOWHERE, fault="none"):
        return inject(self.root, point, fault, ["/slate", *words], self.base)

    def write(self, path, content):
        """Text, bytes, or None: a directory."""
        at = self.root / path
        if content is None:
            at.mkdir()
        elif isinstance(content, bytes):
            at.write_bytes(content)
        else:
            at.write_text(content)
        os.utime(at, (STAMP, STAMP))

    def hostname(self):
        return (self.root / "etc/hostname").read_text().strip()

    def configuration(self):
        """All of /etc as one digest."""
        return picture(self.root / "etc")

    def is_half_way(self):
        """Whether a live restore has left its stage."""
        return (self.root / ".slate-live").exists()
