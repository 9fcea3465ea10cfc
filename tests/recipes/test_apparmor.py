"""The recipe `server` with APPARMOR=enforce: Debian's profiles are in force before the first program.

timeout: 900
"""

KIND, SETTINGS = "-apparmor", {"APPARMOR": "enforce"}

# chronyd, which its profile keeps out of root's home, where root itself may read.
PROBE = """[Service]
Type=oneshot
ExecStart=/usr/sbin/chronyd -Q -t 1 -f /root/chrony.conf
"""


def test_debians_daemons_run_confined(server):
    for unit, program in (("ssh", "sshd"), ("chrony", "chronyd")):
        assert server.state(unit) == "active"
        assert server.confinement(unit) == f"/usr/sbin/{program} (enforce)"
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
