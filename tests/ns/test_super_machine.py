"""slate-init as a whole: order, storms, signals, hostile clients, the end.

timeout: 300
"""
import json
import os
import random
import signal
import time

import pytest

from supervised import Supervised, needs_root, service

pytestmark = needs_root

LONG = bool(os.environ.get("SLATE_LONG"))
RESTARTS = 10000 if LONG else 500
DATAGRAMS = 1000000 if LONG else 20000


def noted(name, *lines, seconds=0.2, unit=()):
    """A oneshot that writes when it began and ended."""
    return service(f"/bin/sh -c 'echo {name} begins >>/run/order; sleep {seconds}; echo {name} ends >>/run/order'",
                   "Type=oneshot", "RemainAfterExit=yes",
                   f"ExecStop=/bin/sh -c 'echo {name} stops >>/run/order'", *lines, unit=unit)


def test_what_has_no_order_starts_together_and_what_has_waits():
    units = {
        "a.service": noted("a"), "b.service": noted("b"), "c.service": noted("c"),
        "last.service": noted("last", unit=["After=a.service b.service c.service", "Requires=a.service"]),
    }
    with Supervised(units, goal_wants=units) as init:
        init.until(lambda: init.state("last") == "active")
        order = init.sh("cat /run/order").stdout.split("\n")[:-1]
        assert sorted(order[:3]) == ["a begins", "b begins", "c begins"]
        assert order[-2:] == ["last begins", "last ends"]
        init.slate("stop", "a")
        assert init.state("last") == "inactive", "what requires it goes first"
        assert init.sh("cat /run/order").stdout.split("\n")[-3:-1] == ["last stops", "a stops"]


def test_a_failed_requirement_keeps_others_from_starting_and_a_wish_does_not():
    units = {
        "bad.service": service("/bin/false", "Type=oneshot"),
        "needs.service": service("/bin/sleep 1000", unit=["Requires=bad.service", "After=bad.service"]),
        "wants.service": service("/bin/sleep 1000", unit=["Wants=bad.service nowhere.service", "After=bad.service"]),
        "bound.service": service("/bin/sleep 1000", unit=["BindsTo=steady.service", "After=steady.service"]),
        "steady.service": service("/bin/sleep 1000"),
        "rival.service": service("/bin/sleep 1000", unit=["Conflicts=steady.service"]),
        "watcher.service": service("/bin/sleep 1000", unit=["OnFailure=rescuer.service"]),
        "rescuer.service": service("/bin/sleep 1000"),
        "keeper.service": service("/bin/sleep 1000", unit=["Upholds=kept.service"]),
        "kept.service": service("/bin/sleep 1000"),
    }
    with Supervised(units) as init:
        assert init.slate("start", "needs", check=False).returncode == 1
        assert init.state("needs") == "inactive"
        init.slate("start", "wants", "bound")
        assert init.state("wants") == init.state("bound") == init.state("steady") == "active"
        init.slate("start", "rival")
        init.until(lambda: init.state("steady") == "inactive" and init.state("bound") == "inactive")
        init.slate("start", "watcher")
        init.sh(f"kill -9 {init.main_pid('watcher')}")
        init.until(lambda: init.state("rescuer") == "active")
        init.slate("start", "keeper")
        pid = init.until(lambda: init.main_pid("kept"))
        init.sh(f"kill -9 {pid}")
        init.until(lambda: init.main_pid("kept") not in (0, pid))


def test_a_storm_of_restarts_leaves_process_1_as_it_was():
    units = {"storm.service": service("/bin/sh -c 'echo >>/run/storm'", "Restart=always", "RestartSec=0",
                                      unit=["StartLimitIntervalSec=0"])}
    with Supervised(units) as init:
        init.slate("start", "storm")
        # pages that it shares with the log writer become its own as they are first written
        init.until(lambda: int(init.sh("wc -l </run/storm", check=False).stdout or 0) >= 100)
        init.slate("stop", "storm")
        time.sleep(0.1)
        before = init.held()
        init.sh("rm /run/storm")
        init.slate("start", "storm")
        init.until(lambda: int(init.sh("wc -l </run/storm", check=False).stdout or 0) >= RESTARTS,
                   60 + RESTARTS / 50)
        init.slate("stop", "storm")
        time.sleep(0.1)
        files, memory, zombies = init.held()
        assert files == before[0]
        assert memory <= before[1] + 16
        assert zombies == 0


def test_process_1_is_small_with_twenty_services():
    units = {f"s{i}.service": service("/bin/sleep 1000", "Restart=always") for i in range(20)}
    with Supervised(units, goal_wants=units) as init:
        init.until(lambda: all(init.state(name) == "active" for name in units))
        _, memory, _ = init.held()
        assert memory < 300


def test_process_1_survives_every_signal_from_inside():
    ends = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPWR}
    ends |= set(range(34, 51))  # systemd's real-time signals
    with Supervised({"steady.service": service("/bin/sleep 1000")}) as init:
        init.slate("start", "steady")
        for number in [*range(1, 32), *range(51, 65)]:
            if number not in ends:
                init.inside("kill", f"-{number}", "1")
        assert init.state("steady") == "active"
        assert init.process.poll() is None


SEND = """
import os, random, socket, sys
kind, path, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
r = random.Random(seed)
words = [b"list", b"start", b"stop", b"kill", b"shutdown", b"no-such", b"steady", b"9", b"all", b"--no-wait",
         b"READY=1", b"MAINPID=1", b"WATCHDOG=1", b"STATUS=" + b"x" * 300, b"\\n", b"=", b"\\0"]
for i in range(count):
    size = r.choice([0, 1, 2, 7, 40, 4000, 4096, 4097, 8192, 8193, 65000])
    data = r.randbytes(size) if i % 2 else b"\\0".join(r.choice(words) for _ in range(r.randrange(9)))
    data = data.replace(b"shutdown\\0", b"shut") if b"reboot" not in data else b""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if kind == "dgram" else socket.SOCK_SEQPACKET)
    s.settimeout(0.2)
    try:
        s.connect(path)
        s.send(data)
        if kind != "dgram" and i % 3 == 0:
            s.recv(100)
    except OSError:
        pass
    s.close()
"""


def test_garbage_on_its_sockets_does_not_matter():
    with Supervised({"steady.service": service("/bin/sleep 1000")}) as init:
        init.slate("start", "steady")
        init.until(lambda: init.log("steady") or init.inside("pgrep", "slate-log", check=False).stdout)
        held = init.held()
        seed = random.randrange(1 << 30)
        print("seed", seed)
        for kind, path, count in (("dgram", "/run/slate/notify", DATAGRAMS), ("seq", "/run/slate/control", 1500)):
            init.inside("/usr/bin/python3", "-c", SEND, kind, path, str(count), str(seed), timeout=600)
        init.until(lambda: init.state("steady"))
        init.slate("restart", "steady")
        assert init.state("steady") == "active"
        time.sleep(0.1)
        files, _, zombies = init.held()
        assert (files, zombies) == (held[0], 0)


def test_a_client_that_never_reads_holds_nobody_up():
    hold = "import socket,time\n" \
           "ss=[]\n" \
           "for i in range(6):\n" \
           "    s=socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET);s.connect('/run/slate/control')\n" \
           "    s.send(b'list\\0');ss.append(s)\n" \
           "print('held',flush=True);time.sleep(2)\n"
    with Supervised({f"s{i}.service": service("/bin/true") for i in range(300)},
                    goal_wants=[f"s{i}.service" for i in range(300)]) as init:
        import subprocess
        holder = subprocess.Popen(["nsenter", "-t", str(init.pid), "--mount", "--pid", "/usr/bin/python3", "-c", hold],
                                  stdout=subprocess.PIPE)
        assert holder.stdout.readline() == b"held\n"
        begun = time.monotonic()
        init.slate("start", "s1")
        assert time.monotonic() - begun < 1
        holder.wait(10)


def test_only_root_may_ask():
    with Supervised({}) as init:
        done = init.inside("/usr/bin/python3", "-c", "import os,socket;os.setuid(65534);"
                           "socket.socket(socket.AF_UNIX,socket.SOCK_SEQPACKET).connect('/run/slate/control')",
                           check=False)
        assert "PermissionError" in done.stderr


def test_a_notification_counts_only_from_its_service():
    lie = "import socket;s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);" \
          "s.sendto(b'READY=1\\nMAINPID=1\\nSTATUS=lies','/run/slate/notify')"
    with Supervised({"mute.service": service("/bin/sleep 1000", "Type=notify", "TimeoutStartSec=1s")}) as init:
        init.slate("start", "--no-wait", "mute")
        init.inside("/usr/bin/python3", "-c", lie)
        assert init.show("mute", "SubState") == "start"
        assert init.show("mute", "StatusText") == ""


def test_new_unit_files_count_after_a_reload_and_running_services_go_on():
    with Supervised({"steady.service": service("/bin/sleep 1000"), "gone.service": service("/bin/sleep 1001")}) as init:
        init.slate("start", "steady", "gone")
        pids = init.main_pid("steady"), init.main_pid("gone")
        init.write_unit("new.service", service("/bin/sleep 1002"))
        init.write_unit("steady.service", service("/bin/sleep 1003"))
        init.sh("rm /run/systemd/system/gone.service")
        for _ in range(5):
            init.slate("daemon-reload")
        assert (init.main_pid("steady"), init.main_pid("gone")) == pids
        init.slate("start", "new")
        init.slate("restart", "steady")
        assert init.processes("sleep 1003")
        init.slate("stop", "gone")
        assert not init.processes("sleep 1001")


def test_a_bad_unit_is_refused_with_its_reason_and_the_rest_runs():
    units = {"bad.service": service("/bin/sleep 1000", "User=", "ProtectSystem=strict", "PrivateBPF=yes"),
             "good.service": service("/bin/sleep 1000")}
    with Supervised(units, goal_wants=units) as init:
        init.until(lambda: init.state("good") == "active")
        done = init.slate("start", "bad", check=False)
        assert done.returncode == 1 and "PrivateBPF" in done.stderr and "ProtectSystem" not in done.stderr


def test_without_control_groups_services_run_all_the_same():
    units = {"steady.service": service("/bin/sleep 1000", "Restart=always", "RestartSec=10ms"),
             "stubborn.service": service("/bin/sh -c 'trap \"\" TERM; echo deaf; sleep 2000 & wait; sleep 2000'", "TimeoutStopSec=200ms")}
    with Supervised(units, goal_wants=["steady.service"], cgroups=False) as init:
        init.until(lambda: init.state("steady") == "active")
        assert "no control groups" in init.said()
        pid = init.main_pid("steady")
        init.sh(f"kill -9 {pid}")
        init.until(lambda: init.main_pid("steady") not in (0, pid))
        init.slate("start", "stubborn")
        init.until(lambda: "deaf" in init.log("stubborn"))
        init.slate("stop", "stubborn")
        assert not init.processes("sleep 2000")


def test_a_full_file_system_stops_no_service():
    units = {"talker.service": service("/bin/sh -c 'while :; do echo word word word; sleep 0.01; done'",
                                       "Restart=always", "RestartSec=10ms", unit=["StartLimitIntervalSec=0"])}
    with Supervised(units) as init:
        init.sh("mount -o remount,size=2m /run")
        init.slate("start", "talker")
        init.sh("dd if=/dev/zero of=/run/fill bs=64k", check=False)
        pid = init.main_pid("talker")
        init.sh(f"kill -9 {pid}")
        init.until(lambda: init.main_pid("talker") not in (0, pid))
        init.sh("rm /run/fill")
        init.slate("restart", "talker")
        init.until(lambda: "word" in init.log("talker"))


def test_status_is_readable_by_programs_and_by_people():
    units = {"steady.service": service("/bin/sleep 1000"), "bad.service": service("/bin/false", "Type=oneshot")}
    with Supervised(units, goal_wants=units) as init:
        init.until(lambda: init.state("bad") == "failed")
        told = json.loads(init.slate("status", "--json").stdout)
        states = {s["name"]: s["active"] for s in told["services"]}
        assert states == {"steady.service": "active", "bad.service": "failed"}
        assert told["machine"]["state"] == "degraded"
        text = init.slate("status").stdout
        assert "steady.service" in text and "bad.service" in text
        listed = json.loads(init.slate("units", "--json").stdout)
        assert {u["name"] for u in listed} >= {"steady.service", "bad.service", "default.target"}
        assert "steady.service" in init.slate("analyze").stdout
        assert init.slate("analyze", "plot").stdout.startswith("<svg")


@pytest.mark.parametrize("way", ["slate", "signal"])
def test_the_end_is_orderly_and_bounded(way):
    units = {
        "first.service": noted("first", seconds=0),
        "second.service": noted("second", seconds=0, unit=["After=first.service"]),
        "stubborn.service": service("/bin/sh -c 'trap \"\" TERM; echo deaf; while :; do sleep 0.1; done'", "TimeoutStopSec=500ms"),
    }
    with Supervised(units, goal_wants=units) as init:
        init.until(lambda: init.state("second") == "active" and "deaf" in init.log("stubborn"))
        keep = os.open(f"/proc/{init.pid}/root/run/order", os.O_RDONLY)
        begun = time.monotonic()
        if way == "slate":
            init.slate("poweroff")
        else:
            init.inside("kill", "-TERM", "1")
        assert init.process.wait(20) == 0
        assert time.monotonic() - begun < 10
        order = os.read(keep, 4096).decode().split("\n")
        os.close(keep)
        assert order[-3:-1] == ["second stops", "first stops"]
        assert "stubborn.service: does not end: killed" in init.said()


def test_orphans_are_reaped():
    with Supervised({}) as init:
        init.sh("for i in $(seq 300); do (setsid sh -c 'sleep 0.1' &) ; done; sleep 0.5")
        init.until(lambda: init.held()[2] == 0)


@pytest.mark.parametrize("way", ["fault", "slate"])
def test_a_fault_of_process_1_leaves_services_running(way):
    units = {"steady.service": service("/bin/sleep 1000", "Restart=always", "RestartSec=10ms"),
             "talker.service": service("/bin/sh -c 'while :; do echo word; sleep 0.05; done'"),
             "once.service": service("/bin/sh -c 'echo >>/run/once'", "Type=oneshot", "RemainAfterExit=yes"),
             "failed.service": service("/bin/false", "Type=oneshot")}
    with Supervised(units, goal_wants=units) as init:
        init.until(lambda: init.state("once") == "active" and init.log("talker"))
        for _ in range(3):
            pid = init.main_pid("steady")
            if way == "fault":
                os.kill(init.pid, signal.SIGSEGV)  # from outside, as a fault of its own would come
                init.until(lambda: "starting anew" in init.said())
            else:
                init.slate("daemon-reexec")
            init.until(lambda: init.main_pid("steady") == pid)
            assert init.state("once") == "active" and init.state("failed") == "failed"
            assert init.sh("wc -l </run/once").stdout.strip() == "1"
            init.sh(f"kill -9 {pid}")
            init.until(lambda: init.main_pid("steady") not in (0, pid))
            said = len(init.log("talker"))
            init.until(lambda: len(init.log("talker")) > said)
        assert init.held()[2] == 0
