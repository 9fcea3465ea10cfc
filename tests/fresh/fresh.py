#!/usr/bin/python3
"""The two commands on a machine that has nothing: apt, make and git.

    tests/fresh/fresh.py [--suite bookworm|trixie] [--keep] [run] [test]

For each command a new Debian is made with mmdebstrap, a clean clone of the last
commit is put into it, and `make run` or `make test` is typed there on a terminal
of its own as the only command. `run` passes when the demo machine has a login prompt, or has logged its user in, `test`
when its last line says that nothing failed. Needs root, mmdebstrap, and about
6 GB below $TMPDIR.
"""
import argparse
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
MIRROR = os.environ.get("SLATE_MIRROR", "http://deb.debian.org/debian")

# What counts as having reached the end, and how many seconds it may take.
COMMANDS = {
    "run": (re.compile(rb"(login: ?|root@slate:~# ?)$"), 1800),
    "test": (re.compile(rb"^\d+ passed, 0 failed\r?\n", re.M), 7200),
}

# The new machine is pid 1 of a pid namespace: all of it dies with its first process.
ENTER = """
mount --make-rprivate / && mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" &&
mount -t sysfs sysfs "$1/sys" && mount -t tmpfs tmpfs "$1/run" &&
exec chroot "$1" env -i HOME=/root TERM=linux LANG=C.UTF-8 \\
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
    sh -c "cd /root/slate && exec make $2"
"""


def make_machine(suite, folder):
    """Debian with apt, make and git, and a clone with nothing but what is committed."""
    subprocess.run(["mmdebstrap", "--quiet", "--mode=root", "--variant=apt", "--include=make,git",
                    suite, str(folder), MIRROR], check=True)
    shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
    subprocess.run(["git", "clone", "--quiet", "--no-local", str(TOP), str(folder / "root/slate")],
                   check=True)


def type_command(folder, command):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child",
                              "sh", "-c", ENTER, "sh", str(folder), command])
    return pid, terminal


def read_until(terminal, wanted, seconds):
    """Shows what the terminal says until `wanted` was in it. Returns whether it was."""
    tail = b""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            new = os.read(terminal, 65536)
        except OSError:
            return False
        if not new:
            return False
        sys.stdout.buffer.write(new)
        sys.stdout.buffer.flush()
        tail = (tail + new)[-4096:]
        if wanted.search(tail):
            return True
    print(f"\nfresh: not reached after {seconds} s")
    return False


def try_command(suite, command, keep):
    wanted, seconds = COMMANDS[command]
    folder = Path(tempfile.mkdtemp(prefix=f"slate-fresh-{suite}-{command}-"))
    folder.chmod(0o755)
    start = time.monotonic()
    try:
        make_machine(suite, folder)
        made = time.monotonic()
        pid, terminal = type_command(folder, command)
        reached = read_until(terminal, wanted, seconds)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        print(f"\nfresh: {suite}: make {command} {'passed' if reached else 'FAILED'} "
              f"after {time.monotonic() - made:.0f} s (the machine took {made - start:.0f} s)",
              flush=True)
        return reached
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="bookworm", choices=["bookworm", "trixie"])
    parser.add_argument("--keep", action="store_true", help="leave the machines' folders")
    parser.add_argument("commands", nargs="*", default=[])
    args = parser.parse_args()
    unknown = set(args.commands) - set(COMMANDS)
    if unknown:
        parser.error(f"not a command: {', '.join(unknown)}")
    results = [try_command(args.suite, command, args.keep)
               for command in args.commands or COMMANDS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
