"""A machine ends orderly, whatever ends it."""

import time

import pytest

UNITS = {
    "first": "[Unit]\nDescription=first\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"
             "ExecStop=/bin/sh -c 'echo stopping-first >/dev/kmsg'\n",
    "second": "[Unit]\nDescription=second\nAfter=first.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\n"
              "ExecStart=/bin/true\nExecStop=/bin/sh -c 'echo stopping-second >/dev/kmsg'\n",
    "stubborn": "[Unit]\nDescription=stubborn\n[Service]\nTimeoutStopSec=2\n"
                "ExecStart=/bin/sh -c 'trap \"\" TERM; while :; do sleep 1; done'\n",
}


def prepared(boot):
    """A machine with two services in order, one that ignores SIGTERM, and an unsaved change."""
    machine = boot("loglevel=6")
    shell = machine.ready()
    shell.ok("mkdir -p /run/systemd/system")
    for name, text in UNITS.items():
        shell.write(f"/run/systemd/system/{name}.service", text)
    shell.ok("slate daemon-reload && slate start first second stubborn && echo x >/etc/not-saved")
    machine.console.skip()
    return machine, shell


def expect_order(machine):
    """What the console says of an orderly end."""
    said = machine.console.text()
    assert said.index("stopping-second") < said.index("stopping-first"), said[-3000:]
    assert "stubborn.service" in said, said[-3000:]
    assert "etc/not-saved" in said, said[-3000:]


@pytest.mark.parametrize("how", ["reboot", "slate reboot", "shutdown -r now", "systemctl reboot", "kill -TERM 1",
                                 "kill -INT 1", "keys"])
def test_restarts_orderly_by(boot, how):
    machine, shell = prepared(boot)
    if how == "keys":
        machine.press("ctrl", "alt", "delete")
    else:
        shell.send(f"{how}\n".encode())
    machine.qmp.wait_event("RESET", 60)
    expect_order(machine)
    machine.ready()
    shell.ok("test ! -e /etc/not-saved")


@pytest.mark.parametrize("how", ["poweroff", "slate poweroff", "kill -USR2 1"])
def test_switches_off_orderly_by(boot, how):
    machine, shell = prepared(boot)
    shell.send(f"{how}\n".encode())
    machine.wait_off(60)
    expect_order(machine)


@pytest.mark.parametrize("how", ["halt", "kill -USR1 1"])
def test_halts_orderly_by(boot, how):
    machine, shell = prepared(boot)
    shell.send(f"{how}\n".encode())
    machine.console.expect("System halted", 60)
    expect_order(machine)


def test_the_end_has_a_limit_even_with_a_laggard(boot):
    machine, shell = prepared(boot)
    start = time.monotonic()
    shell.send(b"poweroff\n")
    machine.wait_off(40)
    assert time.monotonic() - start < 30
