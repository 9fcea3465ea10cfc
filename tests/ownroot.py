"""A root of one's own for tests that are started in a chroot.

In a chroot / is a folder of some file system and no mount point: the kernel then makes no
user namespace, and no mount namespace whose mounts are private. enter() makes the folder
the root of a mount namespace, as it is on a machine; outside of it nothing changes.
Where that can't be done the tests run as they are and say what they lack.
"""
import ctypes
import os

CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 4096, 16384, 1 << 18, 2
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
API = (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"))

libc = ctypes.CDLL(None, use_errno=True)


def must(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def mount(source, target, fstype, flags):
    must(libc.mount(source.encode(), target.encode(), fstype and fstype.encode(), ctypes.c_ulong(flags), None),
         f"mount {target}")


def is_mount_point(path):
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        return any(line.split()[4] == path for line in lines)


def leave_chroot():
    """To the root of the mount namespace. Returns the path there of what was the root."""
    inside = os.open("/", os.O_PATH)
    os.chroot("/tmp")           # .. of what lies outside of a root leads on
    os.fchdir(inside)
    while not os.path.samestat(os.stat("."), os.stat("..")):
        os.chdir("..")
    os.chroot(".")
    os.fchdir(inside)
    os.close(inside)
    return os.getcwd()


def make_root(folder):
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount(folder, folder, None, MS_BIND | MS_REC)
    os.chdir(folder)
    must(libc.syscall(ctypes.c_long(SYS_PIVOT_ROOT[os.uname().machine]), b".", b"."), "pivot_root")
    must(libc.umount2(b".", MNT_DETACH), "umount of the old root")
    os.chdir("/")


def enter():
    """For a process with one thread. Raises OSError where it stopped on the way."""
    if os.geteuid() != 0:
        return
    if os.path.exists("/proc/self/mountinfo") and is_mount_point("/"):
        return
    here = os.getcwd()
    must(libc.unshare(CLONE_NEWNS), "unshare")
    make_root(leave_chroot())
    for fstype, target in API:
        if not os.listdir(target) or fstype == "proc" and not os.path.exists("/proc/self"):
            mount(fstype, target, fstype, 0)
    os.chdir(here)
