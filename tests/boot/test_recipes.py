"""Machines of image/recipes that are small enough to be made in each run of all tests.

timeout: 600
"""

import pytest

from guest import Guest, made_by


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Guest(tmp_path_factory.mktemp("server"), made_by("server", PASSWORD="chosen")) as guest:
        yield guest.up()


def test_a_server_runs_the_units_of_debian_as_they_are(server):
    for unit in ("ssh.service", "cron.service", "chrony.service"):
        assert server.state(unit) == "active", server.ok(f"slate status {unit}")
    assert server.ok("slate units --failed --json") == "[]"
    assert server.ok("cat /proc/1/comm") == "slate-init"


def test_a_server_lets_nobody_in_without_the_chosen_password(server):
    console = server.machine.console
    console.expect("login: ")
    console.type("root\n")
    console.expect("Password: ")
    console.type("guessed\n")
    console.expect("Login incorrect")
    console.expect("login: ")
    console.type("root\n")
    console.expect("Password: ")
    console.type("chosen\n")
    console.expect("root@slate-[0-9a-f]*:~# ")
    console.type("exit\n")


def test_what_a_server_saves_is_there_after_the_next_boot(server):
    name, key = server.ok("cat /etc/hostname"), server.ok("cat /etc/ssh/ssh_host_ed25519_key.pub")
    server.ok("echo kept >/etc/motd && slate save && echo lost >/etc/issue")
    server.run("slate reboot")
    server.machine.console.expect("Restarting|reboot: ", 60)
    server.up()
    assert server.ok("cat /etc/motd") == "kept"
    assert "lost" not in server.ok("cat /etc/issue")
    assert (server.ok("cat /etc/hostname"), server.ok("cat /etc/ssh/ssh_host_ed25519_key.pub")) == (name, key)
