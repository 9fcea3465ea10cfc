"""Services on a running machine: whatever is killed comes back, and process 1 stays as it was."""

import json
import os
import time

import pytest

import machines
from conftest import CONSOLE
from qemu import Disk, Machine, copy_of

RESTARTS = 10000 if os.environ.get("SLATE_LONG") else 200
SIGNALS_THAT_END = {2, 9, 10, 12, 15, 19, 30}  # INT, USR1, USR2, TERM, PWR mean something; KILL, STOP do nothing

UNITS = {
    "steady": "ExecStart=/bin/sleep 1000\nRestart=always\nRestartSec=50ms\nStartLimitIntervalSec=0\n",
    "family": "ExecStart=/bin/sh -c '(setsid sleep 2001 &) ; (setsid sleep 2002 &) ; exec sleep 2000'\n"
              "Restart=always\nRestartSec=50ms\nStartLimitIntervalSec=0\n",
    "storm": "ExecStart=/bin/sh -c 'echo >>/run/storm'\nRestart=always\nRestartSec=0\nStartLimitIntervalSec=0\n",
    "hopeless": "ExecStart=/bin/false\nRestart=always\nRestartSec=10ms\nStartLimitIntervalSec=60\n"
                "StartLimitBurst=3\n",
    "talker": "ExecStart=/bin/sh -c 'echo out; echo err >&2; exec sleep 1000'\n",
    "once": "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n",
    "forker": "Type=forking\nPIDFile=/run/forker.pid\n"
              "ExecStart=/bin/sh -c 'sleep 3000 & echo $! >/run/forker.pid'\n",
    "visitor": "User=visitor\nExecStart=/bin/sleep 4000\nRuntimeDirectory=visitor\n",
}


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    folder = tmp_path_factory.mktemp("services")
    out = machines.medium()
    with Machine(folder, out / "vmlinuz", out / "initramfs.img", CONSOLE,
                 [Disk(copy_of(out / "disk.img", folder))]) as machine:
        shell = machine.ready()
        shell.machine = machine
        shell.ok("mkdir -p /run/systemd/system")
        for name, text in UNITS.items():
            limits = "".join(line + "\n" for line in text.splitlines() if line.startswith("StartLimit"))
            rest = "".join(line + "\n" for line in text.splitlines() if not line.startswith("StartLimit"))
            shell.write(f"/run/systemd/system/{name}.service", f"[Unit]\n{limits}[Service]\n{rest}")
        shell.ok("slate daemon-reload")
        yield shell


def eventually(shell, command, timeout=20):
    """Waits until the command succeeds; its output."""
    deadline = time.monotonic() + timeout
    while True:
        done = shell.run(command)
        if done.returncode == 0:
            return done.stdout.decode().strip()
        assert time.monotonic() < deadline, f"{command!r} still fails: {done.stdout!r}"
        time.sleep(0.1)


def main_pid(shell, name):
    return eventually(shell, f"systemctl show -p MainPID --value {name} | grep -v '^0$'")


def test_a_killed_service_comes_back(shell):
    shell.ok("slate start steady")
    for _ in range(3):
        pid = main_pid(shell, "steady")
        shell.ok(f"kill -9 {pid}")
        eventually(shell, f"p=$(systemctl show -p MainPID --value steady) && [ $p != 0 ] && [ $p != {pid} ]")
    shell.ok("slate stop steady")
    shell.fails("pgrep -f 'sleep 1000'")


def test_children_go_with_their_service_whatever_session_they_are_in(shell):
    shell.ok("slate start family")
    eventually(shell, "pgrep -f 'sleep 2001' && pgrep -f 'sleep 2002'")
    shell.ok("slate stop family")
    shell.fails("pgrep -f 'sleep 200'")


def test_a_killed_child_leaves_its_service_alone(shell):
    shell.ok("slate start family")
    pid = main_pid(shell, "family")
    eventually(shell, "pgrep -f 'sleep 2001'")
    shell.ok("kill -9 $(pgrep -f 'sleep 2001')")
    assert main_pid(shell, "family") == pid
    shell.ok(f"kill -9 {pid}")
    eventually(shell, f"p=$(systemctl show -p MainPID --value family) && [ $p != 0 ] && [ $p != {pid} ]")
    assert eventually(shell, "pgrep -f 'sleep 2002' | wc -l") == "1"
    shell.ok("slate stop family")


def test_a_service_that_can_not_live_is_given_up_and_named(shell):
    shell.run("slate start hopeless")
    eventually(shell, "slate status hopeless | grep -i fail")
    shell.run("slate reset-failed hopeless")


def test_the_kinds_of_services_start(shell):
    shell.ok("slate start once forker visitor talker")
    for name in ("once", "forker", "visitor", "talker"):
        assert eventually(shell, f"systemctl is-active {name}") == "active"
    assert shell.ok("cat /run/forker.pid") == main_pid(shell, "forker")
    assert shell.ok(f"stat -c %U /proc/{main_pid(shell, 'visitor')}") == "visitor"
    assert shell.ok("stat -c %U /run/visitor") == "visitor"
    log = shell.ok("slate log talker")
    assert "out" in log and "err" in log
    shell.ok("slate stop once forker visitor talker")
    assert "out" in shell.ok("slate log talker")


def test_enable_and_disable_make_and_remove_the_link(shell):
    shell.write("/etc/slate/system/mine.service", "[Service]\nExecStart=/bin/sleep 5000\n"
                                                 "[Install]\nWantedBy=multi-user.target\n")
    shell.ok("slate enable mine.service")
    shell.ok("ls /etc/slate/system/multi-user.target.wants/mine.service || "
             "ls /etc/systemd/system/multi-user.target.wants/mine.service")
    shell.ok("slate disable mine.service")
    shell.fails("find /etc -name mine.service -type l | grep .")


def test_status_is_readable_by_programs(shell):
    told = json.loads(shell.ok("slate status --json"))
    assert isinstance(told, dict)
    assert "test-shell.service" in json.dumps(told)


def snapshot(shell):
    """What process 1 holds: descriptors, private memory in kB; and how many zombies there are."""
    files = int(shell.ok("ls /proc/1/fd | wc -l"))
    memory = sum(int(line.split()[1]) for line in shell.ok("cat /proc/1/smaps_rollup").splitlines()
                 if line.startswith(("Private_Clean", "Private_Dirty")))
    zombies = int(shell.ok("grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l"))
    return files, memory, zombies


def test_a_storm_of_restarts_leaves_process_1_as_it_was(shell):
    # a few first: pages that PID 1 writes to for the first time are its own from then on
    shell.ok("slate start steady; slate stop steady; rm -f /run/storm; slate start storm")
    eventually(shell, "[ $(wc -l </run/storm) -ge 20 ]", 60)
    shell.ok("slate stop storm")
    files, memory, _ = snapshot(shell)
    shell.ok("rm -f /run/storm; slate start storm")
    eventually(shell, f"[ $(wc -l </run/storm) -ge {RESTARTS} ]", 60 + RESTARTS // 4)
    shell.ok("slate stop storm")
    files_after, memory_after, zombies = snapshot(shell)
    assert files_after == files
    assert memory_after <= memory + 8
    assert zombies == 0


def test_process_1_survives_every_signal(shell):
    for number in [*range(1, 32), *range(34, 65)]:
        if number in SIGNALS_THAT_END or number >= 34 and 34 <= number <= 56:
            continue
        shell.ok(f"kill -{number} 1")
    shell.ok("slate status")


def test_process_1_survives_a_full_tmpfs(shell):
    shell.run("dd if=/dev/zero of=/run/fill bs=1M; dd if=/dev/zero of=/fill bs=1M")
    shell.run("slate start steady")
    shell.run("slate status")
    shell.run("kill -9 $(systemctl show -p MainPID --value steady)")
    shell.ok("rm -f /run/fill /fill")
    shell.ok("slate restart steady")
    assert eventually(shell, "systemctl is-active steady") == "active"
    shell.ok("slate stop steady")


def test_orphans_are_reaped(shell):
    shell.ok("for i in $(seq 50); do (setsid sh -c 'sleep 0.2' &) ; done; sleep 1")
    eventually(shell, "! grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null")
