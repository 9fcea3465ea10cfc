"""Machines without a disk: addresses, roots and saved configuration over the network.

The guest reaches this host at 10.0.2.2, by QEMU's user networking.
timeout: 900
"""

import pathlib
import re
import shutil
import sys
import time

import pytest

import machines
import media
from machines import BUILD, run
from qemu import Disk, Machine, copy_of
from test_no_way_in import no_root_prompt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "web"))
from web import Fault, Web  # noqa: E402

HOST = "10.0.2.2"
CONSOLE = "console=ttyS0 quiet panic=600 slate.identity=no"
CARD = "virtio-net-pci,netdev=n{0},mac=52:54:00:00:00:0{0}"


@pytest.fixture(scope="session")
def keys():
    def make(folder):
        run("minisign", "-G", "-W", "-p", folder / "ours.pub", "-s", folder / "ours.key")

    return machines.made_once("keys-network", [], make)


@pytest.fixture(scope="session")
def signed(keys):
    """OUT of `slate image build --type netboot --sign`."""
    return machines.medium("bookworm-cloud", "--type", "netboot", "--sign", keys / "ours.key",
                           name="netboot-signed")


@pytest.fixture(scope="session")
def plain():
    return machines.medium("bookworm-cloud", "--type", "netboot", name="netboot")


@pytest.fixture(scope="session")
def disk_and_card():
    """OUT of a disk whose machines go to the network too."""
    return machines.medium("bookworm-cloud", "--no-bootloader", "--cmdline", "ip=dhcp", name="medium-network")


@pytest.fixture
def web(folder):
    (pathlib.Path(folder) / "www/slate").mkdir(parents=True)
    with Web(f"{folder}/www", HOST) as server:
        yield server


@pytest.fixture
def start(folder, web):
    """Starts a machine from OUT, with its files on the server and no disk."""
    started = []

    def start(out, cmdline, networks=("user",), **options):
        for file in out.iterdir():
            if file.is_file():
                shutil.copy(file, web.folder / "slate")
        extra = []
        for i, network in enumerate(networks):
            extra += ["-netdev", f"{network},id=n{i}", "-device", CARD.format(i)]
        place = pathlib.Path(folder) / str(len(started))
        place.mkdir()
        root = f"root={web.url('/slate/root.squashfs')}"
        machine = Machine(place, out / "vmlinuz", out / "initramfs.img", f"{CONSOLE} {root} {cmdline}",
                          memory=384, extra=extra, **options)
        started.append(machine)
        return machine

    yield start
    for machine in started:
        machine.close()


def test_a_verified_root_comes_over_a_bad_network_and_the_lease_is_kept(start, web, signed):
    """The first card is dead; the server refuses, cuts, and lies."""
    size = (signed / "root.squashfs").stat().st_size
    web.faults["/slate/root.manifest"] = [Fault(status=503)]
    web.faults["/slate/root.squashfs"] = [Fault(status=404), Fault(cut=size // 2), Fault(flip=size * 3 // 4)]
    machine = start(signed, "", networks=("hubport,hubid=7", "user"))
    machine.qmp.execute("set_link", name="n0", up=False)
    shell = machine.ready(240)
    assert "404 (not found); trying again" in shell.ok("dmesg")
    assert "are not what the manifest says; getting them again" in shell.ok("dmesg")
    assert len(web.gets("/slate/root.squashfs")) == 4
    assert ", verified" in shell.ok("slate status")
    shell.fails("test -e /run/slate/degraded")
    shell.ok("grep -q ADDRESS=10.0.2.15 /run/slate/lease && grep -q 'nameserver 10.0.2.3' /etc/resolv.conf")
    shell.ok("ip addr show | grep -q 10.0.2.15")
    # whoever was given the address for a day has to ask for it again
    shell.ok("slate status slate-lease.service | grep -q running")
    shell.ok("pgrep -f 'udhcpc.*10.0.2.15'")
    # saved in memory it would be lost
    assert "memory" in shell.fails("echo x >/etc/x; slate save")


def test_another_root_than_the_signed_one_is_refused_with_the_reason(start, web, signed, plain):
    machine = start(signed, "")
    for file in ("root.squashfs", "root.manifest"):
        text = (web.folder / "slate" / file).read_bytes()
        (web.folder / "slate" / file).write_bytes(text.replace(b"name=root", b"name=evil"))
    machine.console.expect("signature of root.manifest", 180)
    machine.console.expect("any key restarts now", 30)


def forge_size(folder):
    """The manifest of an image of 1 TiB: what it says fits together."""
    path = folder / "root.manifest"
    facts = dict(line.split("=", 1) for line in path.read_text().splitlines())
    facts["data-size"] = facts["hash-offset"] = 1 << 40
    facts["size"] = (1 << 40) + 4096 * ((1 << 21) + (1 << 14) + (1 << 7) + 1)
    path.write_text("".join(f"{key}={value}\n" for key, value in facts.items()))


def sign_by_another(folder):
    run("minisign", "-G", "-W", "-f", "-p", folder / "t.pub", "-s", folder / "t.key")
    run(BUILD / "slate", "image", "sign", "--sign", folder / "t.key", folder / "root.squashfs")


def open_doors(folder):
    (folder / "slate.conf").write_text("slate.verify=no\nslate.shell=root\ninit=/bin/sh\nslate.autologin=root\n")
    (folder / "root.manifest").unlink()


def send_other_bytes(folder):
    path = folder / "root.squashfs"
    path.write_bytes(bytes(path.stat().st_size))


def send_more(folder):
    with open(folder / "root.squashfs", "ab") as file:
        file.write(bytes(4096))


LIES = {
    "its size": (forge_size, r"root.squashfs: it needs 1056\d+ MiB of memory, and \d+ MiB can be had"),
    "another's signature": (sign_by_another, "signature of root.manifest: is by the key [0-9A-F]+, which is not trusted"),
    "settings that open doors": (open_doors, r"root.manifest: .*404 \(not found\); trying again"),
    "other bytes": (send_other_bytes, "it is not what its manifest says, also when got again"),
    "more bytes": (send_more, r"the server's file has \d+ bytes, but its manifest says \d+"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_server_that_lies_makes_nobody_root_and_the_reason_is_told(start, web, signed, lie):
    tell, says = LIES[lie]
    machine = start(signed, "")
    tell(web.folder / "slate")
    machine.console.expect(says, 240)
    # one that waits for better times gives up at a key, and the next restarts
    end = time.monotonic() + 90
    while not machine.qmp.has_event("RESET"):
        assert time.monotonic() < end, machine.console.text()[-3000:]
        machine.console.type("\nid\n")
        time.sleep(0.5)
    assert "a key restarts now" in machine.console.text()
    no_root_prompt(machine)


def test_a_server_that_comes_late_is_waited_for_with_the_true_reason(start, web, plain):
    """And an address by ip=, without DHCP."""
    web.stop()
    machine = start(plain, "ip=10.0.2.77::10.0.2.2:255.255.255.0:late:eth0:off:10.0.2.3")
    machine.console.expect("slate.conf: .*Connection refused; trying again in 4 s", 180)
    web.start()
    shell = machine.ready(240)
    shell.ok("ip addr show eth0 | grep -q 10.0.2.77/24")
    shell.ok("ip route | grep -q 'default via 10.0.2.2'")


def test_without_an_address_the_console_says_how_far_each_card_came(start, plain):
    machine = start(plain, "", networks=("hubport,hubid=7", "hubport,hubid=8"))
    machine.qmp.execute("set_link", name="n0", up=False)
    machine.console.expect("eth0: no carrier .is a cable in.*eth1: no DHCP server has answered", 180)


def test_an_image_that_memory_has_no_room_for_is_told_before_it_is_fetched(folder, web, plain):
    """24 MiB of images; without that the kernel would run out of memory half way, and panic."""
    shutil.copytree(plain, web.folder / "slate", dirs_exist_ok=True)
    words = f"root={web.url('/slate/root.squashfs')} ip=dhcp rootwait=5 panic=600 {CONSOLE}"
    with Machine(folder, plain / "vmlinuz", plain / "initramfs.img", words, memory=96,
                 extra=["-netdev", "user,id=n0", "-device", CARD.format(0)]) as machine:
        machine.console.expect(r"modules.squashfs: it needs \d+ MiB of memory, and \d+ MiB can be had; trying again", 120)
        assert "oom-killer" not in machine.console.text()


def by_ipxe(folder, tftp, memory):
    """Its firmware's console is the serial port, as it has no screen."""
    extra = ["-machine", "graphics=off", "-netdev", f"user,id=n0,tftp={tftp},bootfile=boot.ipxe", "-device",
             CARD.format(0) + ",bootindex=0"]
    return Machine(folder, None, None, memory=memory, extra=extra)


def test_firmware_to_login_by_ipxe_and_a_save_that_is_there_at_the_next_boot(folder, web, plain):
    """QEMU's iPXE gets boot.ipxe by TFTP, the rest comes by HTTP; no kernel is given to QEMU."""
    archive = "/slate/saved/52-54-00-00-00-00.apkovl.tar.gz"
    saved = web.folder / archive[1:]
    tftp = pathlib.Path(folder) / "tftp"
    tftp.mkdir()
    for file in plain.iterdir():
        if file.is_file():
            shutil.copy(file, web.folder / "slate")
    script = (plain / "boot.ipxe").read_text()
    script = script.replace("http://${next-server}/", web.url("/")).replace(
        " BOOTIF=", f" {CONSOLE} slate.save=${{base}}/saved/{{MAC}}.apkovl.tar.gz BOOTIF=")
    (tftp / "boot.ipxe").write_text(script)
    with by_ipxe(folder, tftp, 512) as machine:
        shell = machine.ready(300)
        assert "BOOTIF=01-52-54-00-00-00-00" in shell.ok("cat /proc/cmdline")
        shell.fails("test -e /run/slate/degraded")
        shell.ok("echo first >/etc/word")
        assert "etc/word" in shell.ok("slate diff")
        web.faults[archive] = [Fault(status=503), Fault(deaf=True)]
        assert "saved/52-54-00" in shell.ok("slate save")
        assert shell.ok("slate diff") == ""
        # another machine, or an older boot, has the last word: it is not overwritten
        mine = saved.read_bytes() + b"\0"
        saved.write_bytes(mine)
        shell.ok("echo second >/etc/word")
        assert "another machine or boot has saved since" in shell.fails("slate save")
        assert saved.read_bytes() == mine
        saved.write_bytes(mine[:-1])
        shell.ok("slate save")
        machine.reset()
        shell = machine.ready(300)
        assert shell.ok("cat /etc/word") == "second"
        assert shell.ok("grep source= /run/slate/restored") != ""


def test_with_too_little_memory_ipxe_says_so_and_with_just_enough_it_starts(folder, web, plain):
    tftp = pathlib.Path(folder) / "tftp"
    tftp.mkdir()
    shutil.copytree(plain, web.folder / "slate", dirs_exist_ok=True)
    script = (plain / "boot.ipxe").read_text().replace("http://${next-server}/", web.url("/"))
    (tftp / "boot.ipxe").write_text(script)
    high, low = re.search(r"^set needed_high:uint8 (\d+)\nset needed_low:uint8 (\d+)$", script, re.M).groups()
    needed = 256 * int(high) + int(low)
    with by_ipxe(folder, tftp, needed - 1) as machine:
        machine.console.expect(f"TOO LITTLE MEMORY: this machine needs {needed} MiB to start. Add some.", 60)
        machine.console.expect("Trying all the same in 30 s", 10)
    # more than any byte holds
    more = script.replace(f"needed_high:uint8 {high}", "needed_high:uint8 1")
    (tftp / "boot.ipxe").write_text(more)
    for memory, small in ((256 + int(low) - 1, True), (255, True), (256 + int(low), False), (512, False)):
        with by_ipxe(folder, tftp, memory) as machine:
            machine.console.expect("TOO LITTLE MEMORY" if small else "vmlinuz[.]{3}", 60)
            assert small or "TOO LITTLE" not in machine.console.text()
    (tftp / "boot.ipxe").write_text(script.replace(" BOOTIF=", f" {CONSOLE} BOOTIF="))
    with by_ipxe(folder, tftp, needed) as machine:
        machine.ready(300)
        assert "TOO LITTLE" not in machine.console.text()


def keys_medium(folder):
    """A device with the machine's key."""
    key = pathlib.Path(folder) / "keys"
    key.mkdir()
    (key / "device.key").write_bytes(bytes(range(64)))
    image = f"{folder}/keys.img"
    media.size(image, 4)
    run("mke2fs", "-q", "-t", "ext2", "-L", "KEYS", "-d", key, image)
    return image


def test_a_server_that_is_away_leaves_the_copy_on_the_medium(start, web, disk_and_card, folder):
    """A machine with a disk that saves to a server: each is there for the other."""
    archive = web.folder / "saved/box.apkovl.tar.gz"
    disk = Disk(copy_of(disk_and_card / "disk.img", folder))
    options = f"root=LABEL=SLATE ip=dhcp slate.save={web.url('/saved/box.apkovl.tar.gz')}"
    shell = start(disk_and_card, options, disks=[disk]).ready()
    shell.ok("echo kept >/etc/word")
    assert "box.apkovl.tar.gz" in shell.ok("slate save")
    assert archive.exists()
    shell.ok("slate generations | grep -q newest")
    web.stop()
    archive.unlink()
    shell = start(disk_and_card, options, disks=[disk]).ready(240)
    assert shell.ok("cat /etc/word") == "kept"
    assert "onnect" in shell.ok("cat /run/slate/degraded")
    web.start()
    assert "" != shell.ok("echo more >/etc/more; slate save")
    assert archive.exists()


def test_an_identity_is_sealed_and_sent_by_two_units_and_comes_back(start, web, disk_and_card, folder):
    archive = web.folder / "saved/box.apkovl.tar.gz"
    disks = [Disk(copy_of(disk_and_card / "disk.img", folder)), Disk(keys_medium(folder), name="keys")]
    machine = start(disk_and_card, "root=LABEL=SLATE ip=dhcp slate.key=LABEL=KEYS:device.key slate.encrypt=key "
                    f"slate.identity=make slate.save={web.url('/saved/box.apkovl.tar.gz')}", disks=disks)
    shell = machine.ready(240)
    made = "slate start slate-identity.service slate-keep.service slate-keep-send.service"
    shell.ok(made, 240)
    assert archive.exists(), shell.run("slate log slate-keep.service slate-keep-send.service; cat /run/slate/degraded").stdout
    shell.fails("test -e /run/slate/degraded || test -e /run/slate/made || test -e /run/slate/remote.new")
    who = shell.ok("cat /etc/machine-id")
    assert len(who) == 32 and "newest" in shell.ok("slate generations")
    machine.reset()
    machine.ready(240)
    shell.ok(made, 240)
    assert shell.ok("cat /etc/machine-id") == who
    assert "remote" in shell.ok("grep source= /run/slate/restored")
    shell.fails("test -e /run/slate/degraded")


@pytest.mark.parametrize("encrypt", ["no", "key"], ids=["signed", "encrypted"])
def test_a_signed_save_comes_back_from_the_server_and_a_forged_one_does_not(start, web, disk_and_card, folder, encrypt):
    archive = web.folder / "saved/box.apkovl.tar.gz"
    disks = [Disk(copy_of(disk_and_card / "disk.img", folder)), Disk(keys_medium(folder), name="keys")]
    machine = start(disk_and_card, "root=LABEL=SLATE ip=dhcp slate.key=LABEL=KEYS:device.key "
                    f"slate.encrypt={encrypt} slate.save={web.url('/saved/box.apkovl.tar.gz')}", disks=disks)
    shell = machine.ready(240)
    shell.ok("echo kept >/etc/word; slate save")
    data = bytearray(archive.read_bytes())
    assert data[96:160] != bytes(64) and data[296] == (encrypt == "key")
    machine.reset()
    machine.ready(240)
    assert shell.ok("cat /etc/word") == "kept"
    assert "remote" in shell.ok("grep source= /run/slate/restored")
    shell.fails("test -e /run/slate/degraded")
    data[700] ^= 1
    archive.write_bytes(data)
    machine.reset()
    machine.ready(240)
    assert shell.ok("cat /etc/word") == "kept"
    assert "slot-" in shell.ok("grep source= /run/slate/restored")
    assert "not restored" in shell.ok("cat /run/slate/degraded")


def test_saves_go_to_another_device_and_come_back_from_there(boot, folder):
    data = f"{folder}/data.img"
    media.size(data, 64)
    run("mke2fs", "-q", "-t", "ext4", "-L", "DATA", data)
    disks = [Disk(copy_of(machines.medium() / "disk.img", folder)), Disk(data, name="data")]
    machine = boot("slate.save=LABEL=DATA", disks=disks)
    shell = machine.ready()
    shell.ok("echo kept >/etc/word && slate save")
    shell.ok("test -e /run/slate/save/slate/saved/default/slot-0.apkovl.tar.gz")
    machine.reset()
    shell = machine.ready()
    assert shell.ok("cat /etc/word") == "kept"
    shell.fails("test -e /run/slate/degraded")
    assert "slot-" in shell.ok("grep source= /run/slate/restored")
