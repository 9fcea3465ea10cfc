"""What a unit is to be kept from is kept from it, and what it may have it has."""
import re
import socket
from pathlib import Path

import pytest

from supervised import Supervised, needs_root, service

pytestmark = needs_root

PROBE = Path(__file__).with_name("sandbox_probe.py")
INET, INET6, UNIX, NETLINK, PACKET = 2, 10, 1, 16, 17
NEWNS, NEWNET, NEWUSER = "0x20000", "0x40000000", "0x10000000"
CHOWN, KILL, NET_BIND, SYS_ADMIN, SYSLOG, SYS_TIME = 0, 5, 10, 21, 34, 25

# Each row: the unit's lines, and what comes of what the service tries.
ROWS = {
    "bounding": (["CapabilityBoundingSet=CAP_CHOWN CAP_KILL"],
                 {f"capability:{CHOWN}": "yes", f"capability:{KILL}": "yes",
                  f"capability:{NET_BIND}": "EPERM", "status:CapBnd": "0000000000000021"}),
    "bounding-empty": (["CapabilityBoundingSet="], {f"capability:{CHOWN}": "EPERM", "chroot:/": "EPERM"}),
    "bounding-inverse": (["CapabilityBoundingSet=~CAP_SYS_ADMIN"],
                         {f"capability:{CHOWN}": "yes", f"capability:{SYS_ADMIN}": "EPERM", "mount:/mnt": "EPERM"}),
    "ambient": (["User=daemon", "AmbientCapabilities=CAP_NET_BIND_SERVICE",
                 "CapabilityBoundingSet=CAP_NET_BIND_SERVICE"],
                {"bind:81": "yes", f"capability:{NET_BIND}": "yes", f"capability:{CHOWN}": "EPERM", "uid": "1"}),
    "user": (["User=daemon", "LockPersonality=yes"],
             {"bind:82": "EACCES", f"capability:{NET_BIND}": "EPERM", "status:NoNewPrivs": "1", "uid": "1"}),
    "ambient-root": (["CapabilityBoundingSet=CAP_KILL", "SecureBits=noroot", "AmbientCapabilities=CAP_KILL"],
                     {f"capability:{KILL}": "yes", f"capability:{CHOWN}": "EPERM"}),
    "noroot": (["SecureBits=noroot"], {f"capability:{CHOWN}": "EPERM", "uid": "0"}),
    "root-stays": (["LockPersonality=yes"], {"status:NoNewPrivs": "0", f"capability:{CHOWN}": "yes"}),
    "personality": (["LockPersonality=yes"], {"personality:0xffffffff": "yes", "personality:0x40000": "EPERM"}),
    "code": (["MemoryDenyWriteExecute=yes"], {"writable-code": "EPERM", "make-code": "EPERM", "map": "yes"}),
    "realtime": (["RestrictRealtime=yes"], {"realtime": "EPERM", "batch": "yes"}),
    "set-uid": (["RestrictSUIDSGID=yes"], {"set-uid:/run/a": "EPERM", "chmod:/run/b": "yes"}),
    "namespaces": (["RestrictNamespaces=yes"],
                   {f"unshare:{NEWNS}": "EPERM", f"unshare:{NEWUSER}": "EPERM", "clone3": "ENOSYS"}),
    "namespaces-but": (["RestrictNamespaces=net"], {f"unshare:{NEWNS}": "EPERM", f"unshare:{NEWNET}": "yes"}),
    "families": (["RestrictAddressFamilies=AF_UNIX AF_INET"],
                 {f"socket:{INET}": "yes", f"socket:{UNIX}": "yes", f"socket:{INET6}": "EAFNOSUPPORT",
                  f"socket:{PACKET}": "EAFNOSUPPORT"}),
    "families-none": (["RestrictAddressFamilies=none"], {f"socket:{UNIX}": "EAFNOSUPPORT"}),
    "calls-error": (["SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM"],
                    {f"socket:{INET}": "yes", "mount:/mnt": "EPERM", "chroot:/": "EPERM"}),
    "calls-deny": (["SystemCallFilter=~@mount:ENODEV"], {"mount:/mnt": "ENODEV", "getpid": "yes"}),
    "clock": (["ProtectClock=yes"], {"clock": "EPERM", f"capability:{SYS_TIME}": "EPERM"}),
    "modules": (["ProtectKernelModules=yes"], {"module": "EPERM"}),
    "logs": (["ProtectKernelLogs=yes"], {"kernel-log": "EPERM", f"capability:{SYSLOG}": "EPERM"}),
    "hostname": (["ProtectHostname=yes"], {"hostname:elsewhere": "EPERM", "name": socket.gethostname()}),
    "open": ([], {f"unshare:{NEWNS}": "yes", "kernel-log": "yes", f"socket:{PACKET}": "yes", "writable-code": "yes",
                  "realtime": "yes", "personality:0x40000": "yes", "set-uid:/run/c": "yes"}),
}


def probe(*names):
    return "/usr/bin/python3 -B /run/systemd/system/probe.py " + " ".join(names)


def units():
    found = {f"{name}.service": service(probe(*tries), "Type=oneshot", *lines) for name, (lines, tries) in ROWS.items()}
    found["probe.py"] = PROBE.read_text()
    found["killed.service"] = service(probe("getpid", "mount:/mnt"), "Type=oneshot", "SystemCallFilter=@system-service")
    found["plus.service"] = service("+" + probe("unshare:" + NEWNS, "writable-code"), "Type=oneshot",
                                    "RestrictNamespaces=yes", "MemoryDenyWriteExecute=yes", "CapabilityBoundingSet=")
    return found


@pytest.fixture(scope="module")
def init():
    with Supervised(units()) as init:
        yield init


def answers(init, unit):
    """What its service printed, in order."""
    done = init.slate("start", unit, check=False)
    last = ""

    def all_there():
        nonlocal last
        last = init.log(unit)
        return "exited" in last or "status" in last or "killed" in last or "=" in last

    init.until(all_there)
    return done.returncode, last


@pytest.mark.parametrize("unit", ROWS)
def test_a_service_can_do_what_it_may_and_no_more(init, unit):
    status, said = answers(init, unit)
    wanted = [f"{word}={answer}" for word, answer in ROWS[unit][1].items()]
    init.until(lambda: all(line in init.log(unit) for line in wanted) or status, seconds=5, what=said)
    assert status == 0, init.log(unit)
    assert [line for line in wanted if line not in init.log(unit)] == [], init.log(unit)


def test_a_call_outside_of_the_list_ends_the_service(init):
    status, said = answers(init, "killed")
    assert status == 1
    init.until(lambda: re.search("getpid=yes", init.log("killed")) and re.search("SYS|signal 31", init.log("killed")),
               what=init.log("killed"))
    assert "mount:/mnt=" not in init.log("killed")


def test_a_command_with_a_plus_has_no_sandbox(init):
    status, said = answers(init, "plus")
    assert status == 0
    init.until(lambda: f"unshare:{NEWNS}=yes" in init.log("plus") and "writable-code=yes" in init.log("plus"))
