"""Something breaks at each stage of a boot with a key: the machine comes up without it, or
says what is wrong and what it does next. Nobody at the console becomes root by it.

timeout: 1800
"""

import dataclasses
import os
import pathlib
import re
import typing

import pytest

import media
from machines import BUILD, run
from qemu import Disk, copy_of
from test_no_way_in import KEYS, no_root_prompt, spam, stages
from test_verified import MODULES, ROOT, keys, out, remove, size_of_data, spoil  # noqa: F401 (fixtures)

SPAM_S = 5
NO_PROGRAM = b"neither a program nor a script\n"
# Leaves 6 MiB of the memory: a boot wants 8, and the kernel lives with less.
HOG = b"""#!/bin/sh
mkdir /hog && mount -t tmpfs -o size=100% hog /hog
dd if=/dev/zero of=/hog/all bs=1M count="$(awk '/MemAvailable/ { print int($2 / 1024) - 6 }' /proc/meminfo)" 2>/dev/null
"""
SLOT = "slate/saved/default/slot-0.apkovl.tar.gz"


class Bench:
    """A signed medium and its initramfs, to break. `out`: as of `slate image build`."""

    def __init__(self, made, folder, key):
        self.made, self.folder, self.key = made, pathlib.Path(folder), key
        self.disk = copy_of(made / "disk.img", folder)
        self.disks = [Disk(self.disk)]
        self.out = self.folder / "out"
        self.out.mkdir()
        for name in ("vmlinuz", "initramfs.img"):
            (self.out / name).symlink_to(made / name)

    def _tree(self, name, files):
        top = self.folder / name
        for path, data in files.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            if isinstance(data, pathlib.Path):
                (top / path).symlink_to(data)
            else:
                (top / path).write_bytes(data)
                (top / path).chmod(0o755)
        return top

    def initramfs(self, files):
        """Lays the files over those of the initramfs, as a second archive behind it."""
        tree = self._tree("more", files)
        good = (self.made / "initramfs.img").read_bytes()
        run("sh", "-c", "find . -mindepth 1 | cpio --quiet -o -H newc -O ../more.cpio", cwd=tree)
        (self.out / "initramfs.img").unlink()
        (self.out / "initramfs.img").write_bytes(good + bytes(-len(good) % 4) + (self.folder / "more.cpio").read_bytes())

    def modules(self):
        """The path of the modules in the initramfs."""
        listed = run("sh", "-c", f"zstd -dcq {self.made}/initramfs.img | cpio -it --quiet")
        return re.search(r"^lib/modules/[^/\n]+", listed, re.MULTILINE).group()

    def module(self, name):
        listed = run("sh", "-c", f"zstd -dcq {self.made}/initramfs.img | cpio -it --quiet")
        return re.search(rf"^lib/modules/.*/{name}\.ko$", listed, re.MULTILINE).group()

    def image(self, files, *below):
        """Makes the medium's root of `below` and, on top, a signed image of the files."""
        tree = self._tree("tree", files)
        image = self.folder / "above.squashfs"
        run("mksquashfs", tree, image, "-quiet", "-no-progress", "-all-root")
        run(BUILD / "slate", "image", "sign", "--sign", self.key, "--image-name", "above", image)
        for end in ("squashfs", "manifest", "manifest.minisig"):
            media.put_file(self.disk, f"slate/above.{end}", (self.folder / f"above.{end}").read_bytes())
        self.settings(f"slate.image={':'.join([*below, 'slate/above.squashfs'])}")

    def layer(self, files):
        self.image(files, ROOT, MODULES)

    def settings(self, text):
        media.put_file(self.disk, "slate/slate.conf", f"{text}\n".encode())

    def archive(self, files):
        """Lays an archive as Alpine's lbu writes them on the medium."""
        tree = self._tree("saved", files)
        run("tar", "-C", tree, "-czf", self.folder / "a.tar.gz", *(path.name for path in tree.iterdir()))
        run("mcopy", "-i", f"{self.disk}@@{media.PARTITION}", self.folder / "a.tar.gz", "::box.apkovl.tar.gz")

    def write_protected(self, size):
        """A disk of that size with a switch."""
        os.truncate(self.disk, size)
        self.disks = [Disk(self.disk, readonly=True)]

    def other_medium_first(self):
        """Another medium of the same name, with the image of somebody else."""
        other = copy_of(self.made / "disk.img", self.folder, "other.img")
        remove(other, "slate/root.manifest.minisig")
        media.put_file(other, "slate/slate.conf", b"slate.verify=no\nslate.shell=root\ninit=/bin/sh\n")
        self.disks = [Disk(other, name="other"), Disk(self.disk)]


@dataclasses.dataclass
class Fault:
    """What is done to the bench, and what the machine then says on its console, or, where it
    `comes_up`, in what it is degraded by. words: for its command line. waits: it does not
    restart, but goes on by itself when what it waits for is there."""

    stage: str
    name: str
    says: str
    do: typing.Callable[[Bench], None] = lambda bench: None
    words: str = ""
    comes_up: bool = False
    waits: bool = False


FAULTS = [
    Fault("start", "no /proc", "start: mount /proc", lambda b: b.initramfs({"proc": b""})),
    Fault("cmdline", "nonsense", "initramfs: .*slate.conf: .*larger than", words="rootwait=soon slate.verify=perhaps "
          "slate.shell=maybe slate.nonsense panic=x", comes_up=True,
          do=lambda b: b.initramfs({"etc/slate/slate.conf": b"#" * 9000})),
    Fault("memory", "too little", "memory: too little memory: ",
          lambda b: b.initramfs({"etc/slate/hooks/start.d/hog": HOG})),
    Fault("devices", "no modules", "none .is the controller's driver in the initramfs", words="rootwait=2",
          do=lambda b: b.initramfs({f"{b.modules()}/modules.{index}.bin": bytes(40) for index in ("dep", "alias")})),
    Fault("fleet", "no such file", "fleet: in maintenance: give .* a section for this machine", waits=True,
          words="slate.fleet=medium:slate/none"),
    Fault("medium", "none", "medium: root=LABEL=NOWHERE did not appear", words="root=LABEL=NOWHERE rootwait=2"),
    Fault("medium", "no file system", "medium: root=LABEL=SLATE did not appear", words="rootwait=2",
          do=lambda b: zero(b.disk, 2 << 20, 8192)),
    Fault("medium", "two of one name", "root: .*not verified, so not mounted: .*root.manifest.minisig is missing",
          lambda b: b.other_medium_first()),
    Fault("root", "damaged, doors opened", "not verified, so not mounted: .*damaged at byte 0",
          lambda b: (spoil(b.disk, ROOT, 0), b.settings("slate.shell=root\nslate.verify=no\nbreak=root"))),
    Fault("root", "a changed manifest", "signature of root.manifest", lambda b: spoil(b.disk, "slate/root.manifest", 20)),
    Fault("root", "an image that is not there", "image slate/none.squashfs: can't be opened",
          lambda b: b.settings("slate.image=slate/none.squashfs")),
    Fault("root", "no root", "holds neither an init nor a shell", lambda b: b.image({"hello": b"hello\n"})),
    Fault("root", "a key that is none", "not verified, so not mounted: ours.pub: ",
          lambda b: b.initramfs({"etc/slate/keys/ours.pub": b"no key\n"})),
    Fault("grow", "write-protected", "grow: vda1: /dev/vda is write-protected", words="slate.grow", comes_up=True,
          do=lambda b: b.write_protected(4 << 30)),
    Fault("zram", "no size", "zram: slate.zram=banana", words="slate.zram=banana", comes_up=True),
    Fault("toram", "damage", "toram: .*is damaged on the medium at byte", words="toram panic=0", comes_up=True,
          do=lambda b: spoil(b.disk, MODULES, size_of_data(b.made, "modules") * 6 // 10)),
    Fault("selinux", "no policy", "selinux: SELinux: .*no policy.N", words="security=selinux selinux=1", comes_up=True,
          do=lambda b: b.layer({"etc/selinux/config": b"SELINUX=enforcing\nSELINUXTYPE=none\n"})),
    Fault("overlay", "no driver", "overlay: module overlay: ",
          lambda b: (b.initramfs({b.module("overlay"): NO_PROGRAM}), b.settings(f"slate.image={ROOT}"))),
    Fault("overlay", "limits", "overlay: .*size=banana", words="overlay=tmpfs:size=banana", comes_up=True),
    Fault("network", "no card", "network: no address: no network card was found", words="ip=dhcp rootwait=3",
          comes_up=True),
    Fault("restore", "noise", "restore: slot-0: .*not restored", comes_up=True,
          do=lambda b: media.put_file(b.disk, SLOT, b"\x1f\x8b" + b"noise " * 9999)),
    Fault("restore", "a link for a folder of the system", "restore: box.apkovl.tar.gz: proc: .*not restored",
          lambda b: b.archive({"proc": pathlib.Path("/etc"), "etc/word": b"lost\n"}), comes_up=True),
    Fault("restore", "no key", "LABEL=KEYS did not appear", words="slate.key=LABEL=KEYS:device.key rootwait=3",
          comes_up=True),
    Fault("files", "no name", "files: slate.hostname=not_one: ", words="slate.hostname=not_one", comes_up=True),
    Fault("hooks", "one fails, one asks", "hook restored/20-asks exited with status 4", comes_up=True,
          do=lambda b: b.layer({"etc/slate/hooks/restored.d/10-fails": b"#!/bin/sh\nexit 3\n",
                                "etc/slate/hooks/restored.d/20-asks": b"#!/bin/sh\nread word && exec sh -i\nexit 4\n"})),
    Fault("confine", "no policy", "confine: AppArmor profile broken: the kernel refuses it", comes_up=True,
          do=lambda b: b.initramfs({"lib/slate/apparmor/broken": NO_PROGRAM})),
    Fault("switch", "no such init", "switch: init=/nowhere: .*another init is started", words="init=/nowhere",
          comes_up=True),
    Fault("switch", "no place for /proc", "switch: /proc of the new root", lambda b: b.layer({"proc": b""})),
    Fault("switch", "no init but a shell", "switch: no init of the new root could be executed",
          lambda b: b.layer({path: NO_PROGRAM for path in ("usr/sbin/slate-init", "sbin/init", "usr/bin/init")})),
    Fault("switch", "an init that dies", "Attempted to kill init",
          lambda b: b.layer({"usr/sbin/slate-init": b"#!/bin/sh\nexit 1\n"})),
]


def zero(disk, at, size):
    with open(disk, "r+b") as file:
        file.seek(at)
        file.write(bytes(size))


def test_each_stage_has_a_fault():
    assert {fault.stage for fault in FAULTS} == set(stages())


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.stage}: {fault.name}" for fault in FAULTS])
def test_a_fault_makes_nobody_root(boot, out, folder, keys, fault):  # noqa: F811
    bench = Bench(out, folder, keys / "ours.key")
    fault.do(bench)
    machine = boot(f"panic=4 {fault.words}", out=bench.out, disks=bench.disks)
    machine.console.type(KEYS[0])
    if fault.comes_up:
        told = machine.ready().ok("cat /run/slate/degraded")
        assert re.search(fault.says, told), told
    else:
        machine.console.expect(fault.says, 120)
        if not fault.waits:
            machine.console.expect("restarting in [0-9]+ s, a key restarts now|Rebooting in 4 seconds", 60)
    spam(machine, SPAM_S)
    no_root_prompt(machine)
    if not fault.comes_up and not fault.waits:
        machine.qmp.wait_event("RESET", 60)
