"""Many machines and one file: slate.fleet= on a server and on the medium.

timeout: 900
"""

import io
import pathlib
import sys
import tarfile

import pytest

import machines
import media
from machines import run
from qemu import Disk, Machine, copy_of

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "web"))
from web import Web  # noqa: E402

HOST = "10.0.2.2"
CONSOLE = "console=ttyS0 quiet panic=600 slate.identity=no"
OPTIONS = ("--no-bootloader", "--cmdline", "ip=dhcp")


@pytest.fixture(scope="session")
def keys():
    def make(folder):
        run("minisign", "-G", "-W", "-p", folder / "ours.pub", "-s", folder / "ours.key")

    return machines.made_once("keys-fleet", [], make)


@pytest.fixture(scope="session")
def plain():
    return machines.medium("bookworm-cloud", *OPTIONS, name="medium-network")


@pytest.fixture(scope="session")
def signed(keys):
    return machines.medium("bookworm-cloud", *OPTIONS, "--sign", keys / "ours.key", name="medium-network-signed")


@pytest.fixture
def web(folder):
    (pathlib.Path(folder) / "www").mkdir()
    with Web(f"{folder}/www", HOST) as server:
        yield server


@pytest.fixture
def start(folder):
    """start(OUT, the last digit of its MAC, "word …"): a machine with a disk and a card."""
    started = []

    def start(out, number, cmdline, disk=None, extra=()):
        place = pathlib.Path(folder) / str(len(started))
        place.mkdir()
        disk = disk or copy_of(out / "disk.img", place)
        card = ["-netdev", "user,id=n", "-device", f"virtio-net-pci,netdev=n,mac=52:54:00:00:00:0{number}"]
        machine = Machine(place, out / "vmlinuz", out / "initramfs.img", f"{CONSOLE} {cmdline}", [Disk(disk)],
                          memory=256, extra=[*card, *extra])
        started.append(machine)
        return machine

    yield start
    for machine in started:
        machine.close()


def archive(path, **files):
    """A .tar.gz with files below /etc, of the text given or as a whole TarInfo."""
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"etc/{name}")
            if isinstance(text, int):
                member.mode, text = text, "x"
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))


def test_each_machine_gets_its_own_and_a_stranger_waits_for_its_section(start, web, plain):
    archive(web.folder / "site.tar.gz", site="shop 7\n")
    (web.folder / "motd.txt").write_text("welcome to till 1\n")
    fleet = web.folder / "fleet.ini"
    fleet.write_text("# two tills\n[52:54:00:00:00:01]\nslate.hostname=till-1\nslate.nothing=1\n"
                     "files=site.tar.gz motd.txt:/etc/motd\nslate.name=of-the-file\n"
                     "[52-54-00-00-00-02]\nslate.hostname=till-2\noverlay=tmpfs:size=40M\n")
    word = f"slate.fleet={web.url('/fleet.ini')}"
    stranger = start(plain, 3, word)
    first = start(plain, 1, f"{word} slate.name=of-the-line").ready(240)
    assert first.ok("hostname; cat /etc/site /etc/motd") == "till-1\nshop 7\nwelcome to till 1"
    assert first.ok("stat -c '%a %u' /etc/site /etc/motd") == "644 0\n644 0"
    assert "line 4: slate.nothing: not an option of slate" in first.ok("cat /run/slate/degraded")
    assert "name=of-the-line" in first.ok("cat /run/slate/restored")
    # what was given is nobody's change, until somebody changes it
    assert first.ok("slate diff; slate learn") == ""
    assert "unsaved nothing" in " ".join(first.ok("slate status").split())
    first.ok("echo mine >/etc/motd; echo more >/etc/more; slate save")
    assert first.ok("slate diff --image") == "A etc/more [config]\nA etc/motd (given at each boot) [config]"
    second = start(plain, 2, word).ready(240)
    assert second.ok("hostname") == "till-2"
    assert second.ok("df -k /run/slate/overlay | tail -1 | tr -s ' ' | cut -d' ' -f2") == "40960"
    second.fails("test -e /etc/site")
    second.fails("test -e /run/slate/degraded")
    for words in ("has no section for this machine", "MAC. 52-54-00-00-00-03; serial number none",
                  r"in maintenance: .*\[52-54-00-00-00-03\].*trying again in \d+ s"):
        stranger.console.expect(words, 240)
    fleet.write_text(fleet.read_text() + "[52:54:00:00:00:03]\nslate.hostname=till-3\n")
    stranger.console.type("x")
    third = stranger.ready(240)
    assert third.ok("hostname") == "till-3"
    assert "in maintenance" in third.ok("dmesg")


def test_what_a_server_gives_obeys_the_rules_of_a_saved_archive(start, web, plain):
    """And the boot goes on when it does."""
    archive(web.folder / "site.tar.gz", su=0o4755)
    (web.folder / "fleet.ini").write_text("[default]\nfiles=site.tar.gz\n")
    machine = start(plain, 1, f"slate.fleet={web.url('/fleet.ini')}")
    machine.console.expect("line 2: files=site.tar.gz: etc/su: setuid bit that the image does not have", 240)
    archive(web.folder / "site.tar.gz", site="good\n")
    shell = machine.ready(240)
    assert shell.ok("cat /etc/site") == "good"
    shell.fails("test -e /etc/su")


def test_a_machine_with_a_key_takes_orders_from_a_signed_file_only(start, web, signed, keys):
    archive(web.folder / "site.tar.gz", site="signed\n")
    fleet = web.folder / "fleet.ini"
    fleet.write_text("[default]\nslate.hostname=till-1\nslate.shell=root\ninit=/bin/sh\nfiles=site.tar.gz\n")
    word = f"slate.fleet={web.url('/fleet.ini')}"
    shell = start(signed, 1, word).ready(240)
    assert shell.ok("hostname") == "till-1"
    refused = shell.ok("cat /run/slate/degraded")
    assert "line 3: slate.shell: only a signed file" in refused and "line 4: init: only a signed" in refused
    assert "line 5: files=: only a signed file" in refused
    shell.fails("grep -q slate.shell=root /run/slate/settings")
    shell.fails("test -e /etc/site")
    # signed, but what it names is not; then all is
    fleet.write_text("[default]\nslate.onyank=warn\nfiles=site.tar.gz\n")
    run("minisign", "-S", "-W", "-s", keys / "ours.key", "-m", fleet)
    machine = start(signed, 1, word)
    machine.console.expect("line 3: files=site.tar.gz: not signed", 240)
    run("minisign", "-S", "-W", "-s", keys / "ours.key", "-m", web.folder / "site.tar.gz")
    shell = machine.ready(240)
    assert shell.ok("cat /etc/site") == "signed"
    shell.ok("grep -q slate.onyank=warn /run/slate/settings")
    # a changed file with the signature of another is not even read
    fleet.write_text("[default]\nslate.shell=root\n")
    machine = start(signed, 1, word)
    machine.console.expect("fleet.ini: signature: does not match", 240)
    machine.console.expect("in maintenance", 60)


def test_a_file_on_the_medium_knows_machines_by_their_serial_number(start, plain, folder):
    disk = copy_of(plain / "disk.img", folder, "own.img")
    media.put_file(disk, "fleet.ini", b"[serial:S-N 7]\r\nslate.hostname=seven\r\nfiles=word:/etc/word\r\n"
                   b"root=LABEL=OTHER\r\n")
    media.put_file(disk, "word", b"from the stick\n")
    smbios = ["-smbios", "type=1,serial=S-N 7"]
    shell = start(plain, 1, "slate.fleet=medium:fleet.ini", disk=disk, extra=smbios).ready(240)
    assert shell.ok("hostname; cat /etc/word") == "seven\nfrom the stick"
    assert "line 4: root: comes too late" in shell.ok("cat /run/slate/degraded")
