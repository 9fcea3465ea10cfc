"""The recipe `diskless` and README's `A rack without disks`: eight machines that have no disk,
one server with dnsmasq and lighttpd, and what each has saved.

timeout: 2400
"""

import shutil
import tempfile
import time

import pytest

from guest import made_by
from rack import Node, Rack, mac_of

NODES = 8
UP_S = 900
LATE_S = 60

FLEET = "[default]\nfiles=key.pub:/root/.ssh/authorized_keys\n" + "".join(
    f"[{mac_of(n)}]\nslate.hostname=node-{n}\n" for n in range(NODES))


@pytest.fixture(scope="module")
def rack():
    # a socket's path has only 108 bytes
    folder = tempfile.mkdtemp(prefix="slate-rack-", dir="/var/tmp")
    made = Rack(folder, made_by("diskless"), FLEET)
    shutil.copy(made.out / "key.pub", made.srv / "key.pub")
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def nodes(rack):
    made = [Node(rack, n) for n in range(NODES)]
    yield made
    for node in made:
        node.close()


def all_up(nodes):
    deadline = time.monotonic() + UP_S
    for node in nodes:
        node.up(deadline)


def test_each_comes_up_by_its_firmware_with_its_own_settings(nodes):
    all_up(nodes)
    assert [node.ok("hostname") for node in nodes] == [node.name for node in nodes]
    for node in nodes:
        assert node.ok("cat /run/slate/degraded 2>/dev/null || :") == ""
    # none has another's identity
    for file in ("/etc/machine-id", "/etc/dropbear/dropbear_ed25519_host_key"):
        assert len({node.ok(f"sha256sum <{file}") for node in nodes}) == NODES, file


def test_each_saves_to_the_server(rack, nodes):
    for node in nodes:
        node.ok(f"echo {node.name} >/etc/word && slate save")
    saved = sorted(file.name for file in (rack.srv / "saved").iterdir() if file.name.endswith(".tar.gz"))
    assert saved == sorted(node.mac.replace(":", "-") + ".apkovl.tar.gz" for node in nodes)


def test_the_power_comes_back_a_minute_before_the_server(rack, nodes):
    """Each waits, says why, and has what it had saved."""
    rack.stop("lighttpd")
    for node in nodes:
        node.machine.reset()
    nodes[0].machine.console.expect("does not answer; trying again|Connection refused", 300)
    time.sleep(LATE_S)
    rack.start("lighttpd")
    all_up(nodes)
    assert [node.ok("cat /etc/word") for node in nodes] == [node.name for node in nodes]
    assert [node.ok("cat /run/slate/degraded 2>/dev/null || :") for node in nodes] == [""] * NODES
