"""A service with every wall that a unit can ask for, on a real kernel of a distribution."""
import pathlib
import re
import sys

import pytest

import machines
from conftest import CONSOLE
from qemu import Disk, Machine, copy_of

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "ns"))
from walls import WALLS  # noqa: E402

EVERYTHING = "\n".join(["User=visitor", "RuntimeDirectory=walled", *WALLS, ""])

# What it tries, and whether that works.
TRIES = {
    "echo >/run/walled/x": True,
    "echo >/tmp/x": True,
    "echo >/dev/shm/walled": True,
    "rm /dev/shm/walled": True,
    "echo >/dev/null": True,
    "[ -d /proc/self ]": True,
    "id | grep -q visitor": True,
    "echo >/run/x": False,
    "echo >/var/tmp/../x": False,
    "ls /root": False,
    "ls /proc/1": False,
    "ls /dev/console": False,
    "ls /dev/kmsg": False,
    "cat /proc/meminfo": False,
    "hostname elsewhere": False,
    "date -s 2001-01-01; date | grep -q 2001": False,
    "dmesg": False,
    "unshare -U true": False,
    "chroot / true": False,
    "mount -t tmpfs none /tmp": False,
    "ping -c 1 127.0.0.1": False,
    "chmod u+s /tmp/x": False,
}

# The same of slate's own units, whatever else they are for.
NOBODY_MAY = ["echo >/usr/x", "echo >/bin/x", "mount -t tmpfs none /mnt", "[ $(ls -d /proc/[0-9]* | wc -l) -gt 6 ]", "ls /run/slate/keys/",
              "echo 0 >/sys/block/vda/queue/nr_requests", "head -c 1 /dev/mem", "head -c 1 /dev/vda",
              "kill -0 2", "[ $$ != 1 ]", "insmod /lib/modules/*/kernel/net/ipv4/ip_gre.ko", "reboot -f", "chmod u+s /run/slate/x", "unshare -m true"]
# Those that write the medium remount it, in a name space of their own, and may look for it.
MEDIUM = {"mount -t tmpfs none /mnt": True, "unshare -m true": True, "head -c 1 /dev/vda": True, "echo >/dev/vda": False,
          "echo >/etc/x": False, "echo >/run/slate/overlay/upper/x": False, "echo >/run/slate/bin/x": False,
          "echo 1 >/proc/sys/kernel/sysrq": False, "ip link set lo down": False, "hostname elsewhere": False}
OURS = {
    "slate-seed": MEDIUM | {"ls /run/slate/overlay/upper": False, "[ -S /run/slate/control ]": False, "echo >/dev/urandom": True},
    "slate-settled": MEDIUM | {"ls /run/slate/overlay/upper": False, "[ -S /run/slate/control ]": False},
    "slate-keep": MEDIUM | {"ls /run/slate/overlay/upper": True, "ls /run/slate/keys/": True, "[ -S /run/slate/control ]": False},
    "slate-trial": MEDIUM | {"ls /run/slate/keys/": True, "[ -S /run/slate/control ]": True},
    "slate-identity": {
        "echo >/etc/x && rm /etc/x": True, "echo >/var/x": False, "hostname $(hostname)": True,
        "ls /run/slate/overlay/upper": False, "ls /run/slate/medium/slate": False, "[ -S /run/slate/control ]": False,
        "ping -c 1 127.0.0.1": False, "chown 1 /etc/hostname": False,
    },
    "slate-keep-send": {
        "echo >/etc/x": False, "ls /run/slate/overlay/upper": False, "ls /run/slate/medium/slate": False,
        "[ -S /run/slate/control ]": False, "hostname elsewhere": False, "ip link set lo down": False,
        "wget -T 2 -O /dev/null http://127.0.0.1:9 2>&1 | grep -q refused": True,
    },
    "slate-goback": {
        "echo >/usr/x && rm /usr/x": True, "echo >/etc/x && chown 1 /etc/x && rm /etc/x": True, "echo >/usr/x": True,
        "echo >/bin/x": True, "[ -S /run/slate/control ]": False, "echo 1 >/proc/sys/kernel/sysrq": False,
        "echo >/run/slate/bin/x": False, "hostname elsewhere": False, "ping -c 1 127.0.0.1": False, "ls /run/slate/keys/": True,
    },
    "slate-relabel": {
        "echo >/etc/x": False, "[ -S /run/slate/control ]": False, "hostname elsewhere": False, "ls /run/slate/keys/": True,
        "kill -0 2": True, "[ $$ != 1 ]": True, "cat /proc/1/environ": False,
        "[ $(ls -d /proc/[0-9]* | wc -l) -gt 6 ]": True, "head -c 1 /dev/ttyS1": False, "echo >/run/x && rm /run/x": True, "ping -c 1 127.0.0.1": False,
    },
    "slate-sysctl": {
        "echo 1 >/proc/sys/kernel/sysrq": True, "echo 7 >/proc/sys/net/ipv4/ip_default_ttl": True,
        "echo >/run/slate/degraded; rm /run/slate/degraded": True,
        "ls /run/slate/overlay/upper": False, "echo >/run/slate/bin/x": False, "ping -c 1 127.0.0.1": False, "ls /proc/self": False,
    },
    "slate-sysctl-net": {
        "echo 65 >/proc/sys/net/ipv4/ip_default_ttl": True, "echo 1 >/proc/sys/kernel/sysrq": False,
        "ls /run/slate/overlay/upper": False, "ip link set lo down": False, "ls /proc/self": False,
    },
}


def script_of(tries):
    return "\n".join(f"if ({attempt}) >/dev/null 2>&1; then echo 'yes: {attempt}'; else echo 'no: {attempt}'; fi"
                     for attempt in tries)


SCRIPT = script_of(TRIES)


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    out = machines.medium()
    with Machine(folder, out / "vmlinuz", out / "initramfs.img", CONSOLE,
                 [Disk(copy_of(out / "disk.img", folder))]) as machine:
        shell = machine.ready()
        shell.ok("mkdir -p /run/systemd/system")
        shell.write("/run/systemd/system/tries.sh", SCRIPT + "\nexec sleep 1000\n")
        shell.write("/run/systemd/system/walled.service",
                    f"[Service]\n{EVERYTHING}ExecStart=/bin/sh /run/systemd/system/tries.sh\n")
        shell.ok("slate daemon-reload; chmod 644 /run/systemd/system/tries.sh; slate start walled")
        yield shell


def test_it_can_do_what_it_may_and_no_more(shell):
    said = shell.ok("for i in $(seq 200); do slate log walled | grep -q 'chmod u+s' && break; sleep 0.1; done; "
                    "slate log walled")
    for attempt, works in TRIES.items():
        assert f"{'yes' if works else 'no'}: {attempt}" in said, said


def test_nothing_of_it_is_seen_outside_or_left(shell):
    pid = shell.ok("systemctl show -p MainPID --value walled")
    status = shell.ok(f"cat /proc/{pid}/status")
    assert re.search(r"^NoNewPrivs:\s1$", status, re.M) and re.search(r"^Seccomp:\s2$", status, re.M)
    assert re.search(r"^CapBnd:\s0+$", status, re.M)
    for kind in ("mnt", "net", "ipc", "uts", "user"):
        assert shell.ok(f"readlink /proc/{pid}/ns/{kind}") != shell.ok(f"readlink /proc/1/ns/{kind}")
    shell.fails("grep -e slate-private -e nothing /proc/1/mountinfo")
    shell.ok("slate stop walled")
    shell.fails("ls -d /tmp/slate-private-walled* /var/tmp/slate-private-walled*")


def test_a_medium_that_is_unmounted_is_not_held_by_a_service(shell):
    shell.ok("mkdir -p /run/held; mount -t tmpfs held /run/held; slate start walled")
    pid = shell.ok("systemctl show -p MainPID --value walled")
    shell.ok(f"grep -q /run/held /proc/{pid}/mountinfo")
    shell.ok("umount /run/held")
    shell.fails(f"grep -q /run/held /proc/{pid}/mountinfo")


def test_slates_own_units_do_their_work_behind_their_walls(shell):
    shell.ok("for i in $(seq 300); do systemctl is-active slate-coldplug | grep -qx active && break; sleep 0.1; done")
    assert shell.ok("systemctl is-active slate-coldplug") == "active"
    # nothing is left for one without walls to load
    loaded = shell.ok("lsmod | wc -l")
    shell.run("/run/slate/lib/hooks/coldplug || /usr/lib/slate/hooks/coldplug")
    assert shell.ok("lsmod | wc -l") == loaded
    shell.fails("slate log slate-coldplug.service | grep -i -e denied -e permitted -e read-only")
    settings = {"kernel/dmesg_restrict": 1, "net/ipv4/ip_forward": 1, "kernel/yama/ptrace_scope": 2, "vm/mmap_min_addr": 65537}
    shell.write("/etc/sysctl.conf", "".join(f"{name.replace('/', '.')} = {value}\n" for name, value in settings.items()))
    shell.ok("slate start slate-sysctl.service slate-sysctl-net.service")
    for name, value in settings.items():
        assert shell.ok(f"cat /proc/sys/{name}") == str(value), shell.run("slate log slate-sysctl.service").stdout


@pytest.mark.parametrize("unit", OURS)
def test_a_unit_of_slate_can_do_no_more_than_it_is_for(shell, unit):
    tries = OURS[unit] | {attempt: False for attempt in NOBODY_MAY if attempt not in OURS[unit]}
    folder = f"/etc/slate/system/{unit}.service.d"
    shell.ok(f"mkdir -p {folder}; echo kernel.sysrq=1 >>/etc/sysctl.conf")
    shell.write("/etc/slate/tries.sh", script_of(tries))
    shell.write(f"{folder}/tries.conf", "[Unit]\nConditionPathExists=\n"
                "[Service]\nType=oneshot\nRestart=no\nExecStart=\nExecStart=/bin/sh /etc/slate/tries.sh\nExecStop=\n")
    shell.ok(f"slate daemon-reload; slate restart {unit}.service")
    said = shell.ok(f"slate log -n 100 {unit}.service")
    shell.ok(f"rm -rf {folder} /usr/x /bin/x; slate daemon-reload")
    for attempt, works in tries.items():
        assert f"{'yes' if works else 'no'}: {attempt}" in said, said
    if unit == "slate-sysctl":
        assert shell.ok("cat /proc/sys/net/ipv4/ip_default_ttl") != "7"
