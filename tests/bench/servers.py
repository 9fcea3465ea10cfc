"""Servers of Debian for the benchmark: as the recipe makes them, and confined.

Each has been booted once before: it has its identity, and the unit that tells when
its daemons are up, both restored at each boot of the benchmark.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "boot"))
import machines  # noqa: E402
from contenders import compile_static  # noqa: E402
from guest import Guest, made_by  # noqa: E402
from measure import Contender  # noqa: E402
from qemu import copy_of  # noqa: E402

KINDS = {"server": {}, "AppArmor": {"APPARMOR": "enforce"}, "SELinux": {"SELINUX": "enforcing"}}
MEMORY = 512
PROGRAM = "/usr/local/sbin/bench-service"
UNIT = f"""[Unit]
After=ssh.service cron.service chrony.service

[Service]
ExecStart={PROGRAM}

[Install]
WantedBy=multi-user.target
"""
# Else Debian's kernel asks AppArmor, without any profile, at each file that is opened.
WITHOUT = "apparmor=0"


def booted_once(folder, out, program):
    """A copy of its disk, with an identity and the unit saved."""
    with Guest(folder, out, memory=MEMORY) as guest:
        guest.up(240)
        guest.send(program, PROGRAM)
        guest.ok(f"cat >/etc/systemd/system/bench.service <<'END'\n{UNIT}END\n"
                 f"slate daemon-reload && slate enable bench && slate include {PROGRAM} && slate save")
        guest.run("slate poweroff")
        guest.machine.wait_off(120)
        return guest.machine.disks[0].path


def contenders(folder, kernel):
    """One for each of KINDS. They get no network: what a lease takes is not theirs."""
    program = compile_static("service", machines.CACHE)
    result = []
    for name, words in KINDS.items():
        out = made_by("server", kind=f"-{name.lower()}", PASSWORD="chosen", **words)
        place = folder / name
        place.mkdir()
        cmdline = (out / "cmdline").read_text().replace("console=tty0", "").replace("ip=dhcp", "").strip()
        disk = booted_once(place, out, program)
        options = cmdline if words else f"{cmdline} {WITHOUT}"
        result.append(Contender(name, kernel, out / "initramfs.img", options, disk, MEMORY, options=options))
    return result
