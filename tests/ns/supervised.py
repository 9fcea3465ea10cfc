"""slate-init as process 1 of namespaces of its own, with the unit files of a test.

    with Supervised({"a.service": "[Service]\\nExecStart=/bin/sleep 9\\n"}) as init:
        init.slate("stop", "a")

Mounts, processes and control groups are the test's; nothing of the host's units
is seen. Needs root.
"""
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = (TOP / os.environ.get("BUILD", "build")).resolve()

DEFAULT = """[Unit]
Description=Goal of the test
AllowIsolate=yes
"""

SETUP = """
mount -t tmpfs -o mode=0755 tmpfs /run
for dir in /etc/systemd /etc/slate /usr/lib/slate /usr/lib/systemd/system /usr/local/lib/systemd/system; do
	[ ! -d $dir ] || mount -t tmpfs tmpfs $dir
done
umount -l /sys/fs/cgroup 2>/dev/null
if [ "$CGROUPS" = no ]; then mount -t tmpfs none /sys/fs/cgroup; else mount -t cgroup2 none /sys/fs/cgroup; fi
mkdir -p /run/systemd/system
cp "$UNITS"/* /run/systemd/system/
umount -l /proc 2>/dev/null
mount -t proc proc /proc
chmod +x /run/systemd/system/script 2>/dev/null
mkdir -p /run/lock
without=$WITHOUT
unset UNITS CGROUPS WITHOUT
[ -z "$without" ] || exec setpriv --bounding-set "-${without#cap_}" "$INIT" "$@"
exec "$INIT" "$@"
"""

def group_of_its_own():
    """A fresh control group for a test, so that tests side by side never meet; None where there are none."""
    for mount in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
        if os.path.exists(f"{mount}/cgroup.procs"):
            return Path(tempfile.mkdtemp(prefix="slate-test-", dir=mount))
    return None


def remove_group(group):
    (group / "cgroup.kill").write_text("1")
    for folder, _, _ in os.walk(group, topdown=False):
        for _ in range(100):
            try:
                os.rmdir(folder)
                break
            except OSError:
                time.sleep(0.02)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="makes namespaces as root")


class Supervised:
    def __init__(self, units, goal_wants=(), args=(), cgroups=True, ready=True, without=None):
        self.units = dict(units)
        if "default.target" not in self.units:
            self.units["default.target"] = DEFAULT + "".join(f"Wants={name}\n" for name in goal_wants)
        self.args = list(args)
        self.cgroups = cgroups
        self.ready = ready
        self.without = without  # a capability, as setpriv(1) calls it

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        (folder / "units").mkdir()
        for name, text in self.units.items():
            (folder / "units" / name).write_text(text)
        (folder / "setup").write_text(SETUP)
        self.console = folder / "console"
        env = {"PATH": os.environ["PATH"], "UNITS": str(folder / "units"), "INIT": str(BUILD / "slate-init"),
               "CGROUPS": "yes" if self.cgroups else "no", "WITHOUT": self.without or ""}
        self.group = group_of_its_own()
        join = (lambda: (self.group / "cgroup.procs").write_text("0")) if self.group else None
        with open(self.console, "wb") as out:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--cgroup", "--propagation", "private",
                 "sh", str(folder / "setup"), *self.args],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True,
                preexec_fn=join)
        self.pid = self._first()
        if self.ready:
            self.until(lambda: self.sh("test -S /run/slate/control", check=False).returncode == 0)
            self.until(lambda: self.state("default.target") == "active" or "up" in self.said())
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.kill()
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(20)
        if self.group:
            remove_group(self.group)
        self.folder.cleanup()

    def _first(self):
        """The process that is number 1 inside, as it is known outside."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = children.read_text().split()
            if found:
                return int(found[0])
            time.sleep(0.005)
        raise AssertionError("no process 1: " + self.said())

    def said(self):
        """What process 1 has written to its console."""
        return self.console.read_text(errors="replace")

    def inside(self, *words, check=True, timeout=30, data=None):
        done = subprocess.run(["nsenter", "-t", str(self.pid), "--mount", "--pid", "--cgroup", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, text=True, input=data,
                              errors="replace")
        if check and done.returncode != 0:
            raise AssertionError(f"{words}: {done.returncode}: {done.stdout}{done.stderr}\n{self.said()}")
        return done

    def sh(self, command, **kw):
        return self.inside("sh", "-c", command, **kw)

    def slate(self, *words, **kw):
        return self.inside(str(BUILD / "slate"), *words, **kw)

    def show(self, unit, name):
        return self.slate("show", "-p", name, "--value", unit, check=False).stdout.strip()

    def state(self, unit):
        return self.show(unit, "ActiveState")

    def main_pid(self, unit):
        return int(self.show(unit, "MainPID") or 0)

    def until(self, holds, seconds=15, what=""):
        """Waits until holds() is true; its value."""
        deadline = time.monotonic() + seconds
        while True:
            value = holds()
            if value:
                return value
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"waited in vain {what}\n{self.said()}")
            time.sleep(0.02)

    def processes(self, pattern):
        """Ids of the processes whose command line matches."""
        return self.inside("pgrep", "-f", pattern, check=False).stdout.split()

    def log(self, unit):
        return self.slate("log", unit, check=False).stdout

    def write_unit(self, name, text):
        self.inside("sh", "-c", f"cat >/run/systemd/system/{name}", data=text)

    def held(self):
        """What process 1 holds: descriptors, private memory in kB, dead children."""
        files = len(os.listdir(f"/proc/{self.pid}/fd"))
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        memory = sum(int(line.split()[1]) for line in rollup if line.startswith("Private_"))
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        zombies = 0
        for child in children:
            try:
                zombies += ") Z " in Path(f"/proc/{child}/stat").read_text()
            except FileNotFoundError:
                pass
        return files, memory, zombies


def service(exec_start, *lines, unit=()):
    """The text of a unit file that needs nothing else."""
    return "\n".join(["[Unit]", "DefaultDependencies=no", *unit, "[Service]", f"ExecStart={exec_start}", *lines, ""])
