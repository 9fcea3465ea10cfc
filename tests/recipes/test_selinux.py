"""The recipe `server` with SELINUX=enforcing: Debian's policy is in force before the first program.

timeout: 900
"""

from guest import Guest

KIND, SETTINGS = "-selinux", {"SELINUX": "enforcing"}

# A program that the policy lets do what getty does, and no more.
PROBE = """[Service]
Type=oneshot
ExecStart=/usr/local/sbin/probe {}
"""


def label(guest, path):
    return guest.ok(f"stat -c %C {path}").split(":")[2]


def test_debians_daemons_run_confined(server):
    assert server.ok("cat /sys/fs/selinux/enforce") == "1"
    for unit, domain in (("ssh", "sshd_t"), ("cron", "crond_t"), ("chrony", "chronyd_t")):
        assert server.confinement(unit).split(":")[2] == domain
    assert server.ok("tr -d '\\0' </proc/1/attr/current").split(":")[2] == "init_t"
    assert "slate-boot: SELinux: the policy default is loaded, enforcing" in server.ok("dmesg")
    assert server.ok("slate units --failed --json") == "[]"


def test_what_is_in_memory_has_the_labels_of_the_policy(server):
    for path, kind in (("/", "root_t"), ("/etc", "etc_t"), ("/etc/shadow", "shadow_t"), ("/dev/null", "null_device_t")):
        assert label(server, path) == kind, path


def test_a_forbidden_access_is_denied_and_logged(server):
    server.ok("cp /bin/cat /usr/local/sbin/probe && chcon -t getty_exec_t /usr/local/sbin/probe && "
              "mkdir -p /run/systemd/system")
    for name, path in (("allowed", "/etc/issue"), ("denied", "/etc/shadow")):
        server.ok(f"cat >/run/systemd/system/{name}.service <<'END'\n{PROBE.format(path)}END")
    server.ok("slate daemon-reload && slate start allowed && ! slate start denied")
    assert "Permission denied" in server.ok("slate log denied")
    assert "denied  { read }" in server.ok("dmesg | grep 'comm=.probe.*getty_t.*shadow_t'")


def test_restored_files_have_their_labels(server):
    server.ok("echo new >/etc/new && slate save && slate reboot >/dev/null &")
    server.machine.console.expect("Restarting|reboot: ", 120)
    server.up(240)
    assert server.ok("cat /etc/new") == "new"
    assert label(server, "/etc/new") == "etc_t"
    assert label(server, "/etc/shadow") == "shadow_t"


def test_a_person_starts_it_without(tmp_path, out):
    """enforcing=0 on the command line lets somebody in whom a policy keeps out."""
    with Guest(tmp_path, out, memory=512, words="enforcing=0") as guest:
        guest.up(240)
        assert guest.ok("cat /sys/fs/selinux/enforce") == "0"
