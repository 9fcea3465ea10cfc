"""The recipe `server` with APPARMOR=enforce: Debian's profiles are in force before the first program.

timeout: 900
"""

import pytest

from guest import Guest, made_by

# chronyd, which its profile keeps out of root's home, where root itself may read.
PROBE = """[Service]
Type=oneshot
ExecStart=/usr/sbin/chronyd -Q -t 1 -f /root/chrony.conf
"""


@pytest.fixture(scope="module")
def out():
    return made_by("server", kind="-apparmor", PASSWORD="chosen", APPARMOR="enforce")


@pytest.fixture(scope="module")
def server(tmp_path_factory, out):
    with Guest(tmp_path_factory.mktemp("server"), out, memory=512) as guest:
        yield guest.up(240)


def confinement(guest, unit):
    return guest.ok(f"tr -d '\\0' </proc/$(systemctl show -p MainPID --value {unit})/attr/current")


def test_debians_daemons_run_confined(server):
    for unit, program in (("ssh", "sshd"), ("chrony", "chronyd")):
        assert server.state(unit) == "active"
        assert confinement(server, unit) == f"/usr/sbin/{program} (enforce)"
    assert server.ok("slate units --failed --json") == "[]"


def test_every_profile_of_debian_is_loaded_and_enforced(server):
    loaded = server.ok("cat /sys/kernel/security/apparmor/profiles").splitlines()
    assert len(loaded) > 15 and all(line.endswith(" (enforce)") for line in loaded), loaded


def test_a_forbidden_access_is_denied_and_logged(server):
    server.ok(f"mkdir -p /run/systemd/system && cp /etc/chrony/chrony.conf /root/ && cat /root/chrony.conf >/dev/null && "
              f"cat >/run/systemd/system/denied.service <<'END'\n{PROBE}END\nslate daemon-reload && ! slate start denied")
    assert "Could not open /root/chrony.conf : Permission denied" in server.ok("slate log denied")
    logged = server.ok("dmesg | grep 'apparmor=\"DENIED\"'")
    assert 'profile="/usr/sbin/chronyd" name="/root/chrony.conf"' in logged
