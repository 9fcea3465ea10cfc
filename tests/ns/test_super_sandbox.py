"""What a unit is to be kept from is kept from it, and what it may have it has."""
import os
import re
import socket
from pathlib import Path

import pytest

from supervised import Supervised, needs_root, service
from walls import WALLS

pytestmark = needs_root

PROBE = Path(__file__).with_name("sandbox_probe.py")
INET, INET6, UNIX, NETLINK, PACKET = 2, 10, 1, 16, 17
NEWNS, NEWNET, NEWUSER = "0x20000", "0x40000000", "0x10000000"
CHOWN, KILL, NET_BIND, SYS_ADMIN, SYSLOG, SYS_TIME, MKNOD = 0, 5, 10, 21, 34, 25, 27

EVERYTHING = ["User=daemon", "RuntimeDirectory=everything", *WALLS, "RestrictAddressFamilies=AF_INET AF_NETLINK"]

# Each row: the unit's lines, and what comes of what the service tries: this or|that.
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
    "system": (["ProtectSystem=yes"], {"create:/usr/x": "EROFS", "open:/etc/passwd": "yes", "create:/run/d": "yes"}),
    "system-full": (["ProtectSystem=full", "ConfigurationDirectory=systemd"],
                    {"create:/usr/x": "EROFS", "open:/etc/passwd": "EROFS", "create:/run/e": "yes",
                     "create:/etc/systemd/x": "EROFS"}),
    "system-strict": (["ProtectSystem=strict", "RuntimeDirectory=strict", "ReadWritePaths=-/no/such/path /run/lock"],
                      {"create:/run/x": "EROFS", "create:/run/strict/x": "yes", "create:/run/lock/x": "yes",
                       "create:/var/lib/x": "EROFS", "open:/dev/null": "yes", "open:/proc/self/comm": "yes",
                       "create:/tmp/x": "EROFS"}),
    "strict-with-tmp": (["ProtectSystem=strict", "PrivateTmp=yes", "PrivateDevices=yes", "ProtectProc=invisible"],
                        {"create:/tmp/x": "yes", "create:/var/tmp/x": "yes", "scratch:/dev/shm/slate-probe": "yes",
                         "create:/dev/x": "EROFS", "open:/proc/self/comm": "yes", "open:/dev/null": "yes"}),
    "home": (["ProtectHome=yes"], {"list:/root": "", "create:/root/x": "EROFS"}),
    "home-read-only": (["ProtectHome=read-only"], {"create:/root/x": "EROFS", "list:/home": " ".join(sorted(os.listdir("/home")))}),
    "home-tmpfs": (["ProtectHome=tmpfs"], {"create:/root/x": "EROFS", "list:/root": ""}),
    "tmp": (["PrivateTmp=yes"], {"create:/tmp/x": "yes", "create:/var/tmp/x": "yes", "list:/tmp": "x"}),
    "tmp-user": (["PrivateTmp=yes", "User=daemon", "UMask=0077"], {"create:/tmp/x": "yes", "list:/tmp": "x"}),
    "devices": (["PrivateDevices=yes"],
                {"list:/dev": "fd full hugepages log mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero",
                 "open:/dev/null": "yes", "scratch:/dev/shm/slate-probe": "yes", "create:/dev/x": "EROFS", "read:/dev/urandom": "yes",
                 f"capability:{MKNOD}": "EPERM"}),
    "tunables": (["ProtectKernelTunables=yes"],
                 {"open:/proc/sys/kernel/domainname": "EROFS", "open:/proc/self/comm": "yes", "size:/proc/kallsyms": "0",
                  "open:/sys/kernel/uevent_helper": "EROFS|ENOENT", "open:/sys/fs/cgroup/cgroup.procs": "yes"}),
    "control-groups": (["ProtectControlGroups=yes"],
                       {"open:/sys/fs/cgroup/cgroup.procs": "EROFS", "open:/proc/sys/kernel/domainname": "yes"}),
    "proc": (["ProtectProc=invisible", "User=daemon"], {"exists:/proc/1": "ENOENT", "exists:/proc/meminfo": "yes"}),
    "proc-subset": (["ProcSubset=pid", "ProtectKernelTunables=yes"],
                    {"exists:/proc/1": "yes", "exists:/proc/meminfo": "ENOENT", "exists:/proc/sys": "ENOENT"}),
    "kmsg": (["ProtectKernelLogs=yes"], {"open:/dev/kmsg": "EROFS|EACCES", "open:/dev/null": "yes"}),
    "module-files": (["ProtectKernelModules=yes"], {"list:/usr/lib/modules": "|ENOENT"}),
    "read-only": (["ReadOnlyPaths=/run", "ReadWritePaths=/run/lock"], {"create:/run/x": "EROFS", "create:/run/lock/y": "yes"}),
    "inaccessible": (["InaccessiblePaths=/usr/share /etc/passwd -/no/such/path"],
                     {"list:/usr/share": "", "open:/etc/passwd": "EROFS", "read:/etc/group": "yes"}),
    "no-exec": (["NoExecPaths=/", "ExecPaths=/usr /lib64"], {"execute:/usr/bin/true": "yes", "execute:/run/systemd/system/script": "no"}),
    "exec": ([], {"execute:/run/systemd/system/script": "yes"}),
    "bind": (["BindPaths=/run/lock:/run/bound", "BindReadOnlyPaths=/etc/group:/run/group -/no/such:/run/none"],
             {"create:/run/bound/z": "yes", "read:/run/group": "yes", "open:/run/group": "EROFS", "exists:/run/none": "ENOENT"}),
    "tmpfs": (["TemporaryFileSystem=/usr/share:ro,mode=0700 /srv", "BindReadOnlyPaths=/usr/share/zoneinfo"],
              {"list:/usr/share": "zoneinfo", "create:/usr/share/x": "EROFS", "create:/srv/x": "yes"}),
    "network": (["PrivateNetwork=yes"], {"interfaces": "lo", "loopback": "yes", f"socket:{INET}": "yes"}),
    "ipc": (["PrivateIPC=yes", "PrivateMounts=yes"], {"own:ipc": "yes", "own:mnt": "yes", "own:net": "no"}),
    "pids": (["PrivatePIDs=yes"], {"number": "1", "list:/proc/1/task": "1",
                                   "kill:2": "ESRCH", "status:NSpid": "1", "oom": "0"}),
    "keyring": (["KeyringMode=private"], {"getpid": "yes"}),
    "devices-closed": (["DevicePolicy=closed"], {"open:/dev/null": "yes", "read:/dev/urandom": "yes", "open:/dev/kmsg": "EPERM"}),
    "devices-strict": (["DevicePolicy=strict", "DeviceAllow=/dev/zero r", "DeviceAllow=/dev/no-such rw"],
                       {"read:/dev/zero": "yes", "open:/dev/zero": "EPERM", "read:/dev/urandom": "EPERM"}),
    "devices-listed": (["DeviceAllow=/dev/kmsg rw"], {"open:/dev/kmsg": "yes", "open:/dev/null": "yes", "read:/dev/kmsg": "yes|EAGAIN",
                                                      "read:/dev/net/tun": "EPERM|ENOENT", "read:/dev/fuse": "EPERM|ENOENT"}),
    "devices-by-driver": (["DevicePolicy=strict", "DeviceAllow=char-me* rw"], {"open:/dev/kmsg": "yes", "open:/dev/zero": "yes",
                                                                               "open:/dev/ptmx": "EPERM"}),
    "addresses": (["IPAddressDeny=any"], {"send:9": "EPERM", f"socket:{INET}": "yes"}),
    "users": (["PrivateUsers=yes"], {"uid-map": "0 0 1", "uid": "0", "hostname:elsewhere": "EPERM", "mount:/mnt": "EPERM",
                                     "map": "yes"}),
    "users-user": (["PrivateUsers=yes", "User=daemon", "RuntimeDirectory=users-user", "CapabilityBoundingSet=CAP_KILL"],
                   {"uid-map": "0 0 1 1 1 1", "uid": "1", "create:/run/users-user/x": "yes", "bind:83": "EACCES",
                    "status:CapBnd": "0000000000000020"}),
    "everything": (EVERYTHING, {"create:/tmp/x": "yes", "create:/run/everything/x": "yes", "create:/run/x": "EROFS",
                                "list:/root": "EACCES", "interfaces": "lo", "status:NoNewPrivs": "1", "status:Seccomp": "2",
                                "status:CapBnd": "0000000000000000", "uid": "1", "exists:/proc/1": "ENOENT",
                                "writable-code": "EPERM", f"socket:{INET6}": "EAFNOSUPPORT"}),
    "open": ([], {f"unshare:{NEWNS}": "yes", "kernel-log": "yes", f"socket:{PACKET}": "yes", "writable-code": "yes",
                  "realtime": "yes", "personality:0x40000": "yes", "set-uid:/run/c": "yes",
                  "open:/dev/kmsg": "yes", "send:9": "yes", "own:user": "no"}),
}


def probe(*names):
    return "/usr/bin/python3 -B /run/systemd/system/probe.py " + " ".join(names)


def units():
    found = {f"{name}.service": service(probe(*tries), "Type=oneshot", *lines) for name, (lines, tries) in ROWS.items()}
    found["probe.py"] = PROBE.read_text()
    found["killed.service"] = service(probe("getpid", "mount:/mnt"), "Type=oneshot", "SystemCallFilter=@system-service")
    found["plus.service"] = service("+" + probe("create:/run/plus", "unshare:" + NEWNS, "writable-code"), "Type=oneshot",
                                    "RestrictNamespaces=yes", "MemoryDenyWriteExecute=yes", "CapabilityBoundingSet=",
                                    "ProtectSystem=strict")
    found["shared-tmp.service"] = service(probe("list:/tmp"), "Type=oneshot", "RemainAfterExit=yes", "PrivateTmp=yes",
                                          "ExecStartPre=/bin/touch /tmp/from-pre")
    found["ipc-left.service"] = service("/bin/sh -c 'ipcmk -M 64 -Q -S 1; touch /dev/shm/slate-left; exec sleep 1000'",
                                        "User=games", "RemoveIPC=yes")
    found["ipc-other.service"] = service("/bin/sleep 1000", "User=games")
    found["stays.service"] = service("/bin/sleep 1000", *EVERYTHING)
    loader = next(Path("/usr/lib").glob("*/ld-linux-*"), "/no/loader")
    found["other-root.service"] = service(f"{loader} /usr/bin/ls /", "Type=oneshot", "TemporaryFileSystem=/:ro",
                                          "BindReadOnlyPaths=/usr", "ProtectHome=yes")
    found["handles.service"] = service("/bin/sh -c 'trap exit TERM; while :; do sleep 0.1; done'", "PrivatePIDs=yes")
    found["all-of-it.service"] = service(probe("number", "kill:2", "list:/proc/1/task", "uid"), "Type=oneshot", "PrivatePIDs=yes",
                                         *[line for line in EVERYTHING if "Subset" not in line and "ProtectProc" not in line])
    found["missing.service"] = service("/bin/true", "Type=oneshot", "ReadOnlyPaths=/no/such/path")
    found["script"] = "#!/bin/sh\nexit 0\n"
    return found


@pytest.fixture(scope="module")
def init():
    with Supervised(units()) as init:
        yield init


def run(init, unit, *wanted):
    """Starts it and waits for what is wanted in its log. The exit status and the log."""
    done = init.slate("start", unit, check=False)
    try:
        init.until(lambda: all(re.search(w, init.log(unit), re.M) for w in wanted), seconds=3)
    except AssertionError:
        pass
    return done.returncode, init.log(unit)


@pytest.mark.parametrize("unit", ROWS)
def test_a_service_can_do_what_it_may_and_no_more(init, unit):
    wanted = [f" {re.escape(word)}=({answer})$" for word, answer in ROWS[unit][1].items()]
    status, said = run(init, unit, *wanted)
    assert status == 0, said
    assert [line for line in wanted if not re.search(line, said, re.M)] == [], said


def test_a_call_outside_of_the_list_ends_the_service(init):
    status, said = run(init, "killed", "getpid=yes", "SYS|signal 31")
    assert status == 1 and re.search("SYS|signal 31", said)
    assert "mount:/mnt=" not in said


def test_a_command_with_a_plus_has_no_sandbox(init):
    status, said = run(init, "plus", f"unshare:{NEWNS}=yes", "writable-code=yes", "create:/run/plus=yes")
    assert status == 0 and "create:/run/plus=yes" in said and f"unshare:{NEWNS}=yes" in said, said


def test_a_private_tmp_is_shared_by_the_commands_of_a_run_and_removed_with_it(init):
    init.slate("start", "shared-tmp")
    assert "/tmp/slate-private-shared-tmp.service-" in init.sh("ls -d /tmp/slate-private-shared-tmp*").stdout
    init.sh("test ! -e /tmp/from-pre")
    assert "list:/tmp=from-pre" in init.until(lambda: init.log("shared-tmp"))
    init.slate("stop", "shared-tmp")
    assert init.sh("ls -d /tmp/slate-private-shared-tmp* /var/tmp/slate-private-shared-tmp*", check=False).stdout == ""


def test_what_a_user_shares_is_removed_with_the_last_service_that_is_theirs(init):
    def left():
        return init.sh("ipcs -m -s -q | grep -c games; ls /dev/shm/slate-left 2>/dev/null", check=False).stdout.split()

    init.slate("start", "ipc-left", "ipc-other")
    init.until(lambda: left() == ["3", "/dev/shm/slate-left"])
    init.slate("stop", "ipc-left")
    assert left() == ["3", "/dev/shm/slate-left"]
    init.slate("stop", "ipc-other")
    init.slate("start", "ipc-left")
    init.slate("stop", "ipc-left")
    assert left() == ["0"]


def test_the_first_of_its_own_processes_is_stopped_like_any(init):
    init.slate("start", "handles")
    pid = init.main_pid("handles")
    assert init.sh(f"readlink /proc/{pid}/ns/pid").stdout != init.sh("readlink /proc/1/ns/pid").stdout
    assert init.sh(f"grep NSpid: /proc/{pid}/status").stdout.split()[-1] == "1"
    init.slate("stop", "handles")
    init.sh(f"! test -d /proc/{pid}")


def test_processes_of_its_own_go_with_every_other_wall(init):
    status, said = run(init, "all-of-it", "uid=1")
    assert status == 0 and "number=1\n" in said and "kill:2=ESRCH" in said and "task=1\n" in said, said


def test_no_mount_of_a_service_is_left_or_seen_outside(init):
    before = init.sh("cat /proc/1/mountinfo").stdout
    init.slate("start", "stays")
    pid = init.main_pid("stays")
    init.until(lambda: "/nothing.dir" in init.sh(f"cat /proc/{pid}/mountinfo").stdout)
    assert init.sh("cat /proc/1/mountinfo").stdout == before
    init.slate("stop", "stays")
    assert init.sh("cat /proc/1/mountinfo").stdout == before
    assert init.held()[1] < 800


def test_a_root_in_memory_has_what_is_put_there_and_nothing_else(init):
    status, said = run(init, "other-root", " usr$")
    assert status == 0 and [line.split()[-1] for line in said.splitlines()] == ["usr"], said


def test_what_is_missing_is_named(init):
    status, said = run(init, "missing", "ReadOnlyPaths")
    assert status == 1 and "ReadOnlyPaths=/no/such/path: No such file or directory" in said and "NAMESPACE" in said
    init.slate("start", "missing", check=False)
    assert "226" in init.slate("status", "missing").stdout


def test_without_the_right_to_make_namespaces_the_directive_is_named_and_nothing_runs(init):
    """A container without CAP_SYS_ADMIN: PID 1 lost it from its bounding set."""
    with Supervised({**units(), "weak.service": service("/bin/true", "Type=oneshot", "PrivateTmp=yes"),
                     "filter.service": service(probe("personality:0x40000", "status:NoNewPrivs"), "Type=oneshot",
                                               "LockPersonality=yes")},
                    without="cap_sys_admin") as weak:
        status, said = run(weak, "weak", "PrivateTmp=")
        assert status == 1 and "PrivateTmp=: a name space of its own for mounts: Operation not permitted" in said
        status, said = run(weak, "filter", "personality:0x40000=EPERM", "NoNewPrivs=1")
        assert status == 0 and "personality:0x40000=EPERM" in said and "NoNewPrivs=1" in said, said
