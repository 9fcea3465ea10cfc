"""The recipe `containers`: slate-init as process 1 of the machine and of what podman runs on it.

timeout: 900
"""

import urllib.request

import pytest

from guest import Guest, made_by
from machines import run
from qemu import Disk

# What podman's bridge and its rules are made of.
DRIVERS = "overlay veth bridge br_netfilter nft_compat nft_chain_nat nft_ct nft_counter xt_MASQUERADE " \
          "xt_conntrack xt_comment xt_addrtype xt_mark xt_multiport xt_nat xt_tcpudp"
GROUP = "/sys/fs/cgroup/system.slice/container@hello.service/libpod-payload-*"


def start(folder, disks=()):
    return Guest(folder, made_by("containers", DRIVERS), memory=1024, disks=disks, web=8080)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with start(tmp_path_factory.mktemp("host")) as guest:
        guest.up()
        running(guest)
        yield guest


def running(guest):
    """Waits until the container is up; its id."""
    return guest.eventually("podman exec hello systemctl is-active httpd >/dev/null && podman ps -q", 120)


def page(guest):
    with urllib.request.urlopen(f"http://127.0.0.1:{guest.web}/", timeout=60) as answer:
        return answer.read().decode()


def test_slate_init_is_process_1_on_both_levels(host):
    assert host.ok("cat /proc/1/comm; podman exec hello cat /proc/1/comm").split() == ["slate-init", "slate-init"]
    assert "httpd.service  running" in host.ok("podman exec hello slate status")
    assert host.state("container@hello") == "active"
    assert host.ok("slate units --failed --json") == "[]", host.ok("slate status")
    assert page(host) == "Hello from a container\n"


def test_its_limits_hold(host):
    assert host.ok(f"cat {GROUP}/memory.max {GROUP}/pids.max").split() == [str(64 << 20), "64"]
    assert "can't fork" in host.run("podman exec hello sh -c 'for i in $(seq 100); do sleep 5 & done' 2>&1").stdout
    # while they sleep, nothing more can be started in it
    host.eventually("podman exec hello true && ! podman exec hello pgrep sleep")
    assert host.run("podman exec hello dd if=/dev/zero of=/dev/null bs=100M count=1").returncode == 137
    assert page(host) == "Hello from a container\n"


@pytest.mark.parametrize("ask, word", [("podman stop hello", "halting"), ("podman kill -s TERM hello", "ending")])
def test_it_ends_in_order_and_comes_back(host, ask, word):
    before = running(host)
    assert host.ok(f"podman wait hello & {ask} >/dev/null; wait").split() == ["0"]
    assert word in host.ok("slate log container@hello | grep slate-init: | tail -n 3")
    host.eventually(f"podman exec hello true && [ \"$(podman ps -q)\" != {before} ]")
    running(host)


def test_its_unit_is_stopped_and_started(host):
    host.ok("slate stop container@hello", 120)
    assert host.ok("podman ps -aq") == "" and host.state("container@hello") == "inactive"
    assert host.run(f"ls -d {GROUP}").returncode != 0
    host.ok("slate start container@hello", 120)
    running(host)


def test_images_lie_on_a_partition_where_there_is_one(tmp_path):
    disk = tmp_path / "containers.img"
    run("truncate", "-s", "256M", disk)
    run("mkfs.ext4", "-q", "-L", "CONTAINERS", disk)
    with start(tmp_path, [Disk(disk, name="containers")]) as guest:
        running(guest.up())
        assert "ext4" in guest.ok("grep ' /var/lib/containers ' /proc/mounts")
        guest.run("slate poweroff")
        guest.machine.wait_off(90)
