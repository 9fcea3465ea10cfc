"""The recipe `kiosk`: whatever happens to the browser, the page is on the screen again.

The picture is what QEMU's screen shows; some are kept in build/screens. Emulated, and drawn
without a graphics processor, a page takes half a minute; what needs no picture is in
tests/ns/test_kiosk.py.
timeout: 5400
"""

import json
import pathlib
import sys
import time

import pytest

from guest import Guest, made_by
from screen import quarters, screen

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "web"))
from web import Web  # noqa: E402

RED, GREEN, BLUE, BLACK, WHITE = (192, 32, 32), (32, 160, 64), (32, 64, 128), (0, 0, 0), (255, 255, 255)
VISITED = (192, 192, 32)
OWN = (0x20, 0x40, 0x80)        # of image/recipes/kiosk.files/www

# Red above left, green below right, blue elsewhere, and a stripe that moves on each time.
PAGE = """<!doctype html><body style="margin:0;background:rgb(32,64,128)">
<div style="position:absolute;left:0;top:0;width:50%;height:50%;background:rgb(192,32,32)"></div>
<div style="position:absolute;right:0;bottom:0;width:50%;height:50%;background:rgb(32,160,64)"></div>
<div id="stripe" style="position:absolute;top:48%;width:10%;height:4%;background:white"></div>
<script>let n = 0; setInterval(() => { n = (n + 7) % 90; stripe.style.left = n + "%" }, 1000)</script>
"""
STRIPE = (0.47, 0.53)

# It shows whoever has been here before another colour.
COUNTS_VISITS = PAGE + """<script>if (localStorage.been)
document.querySelectorAll("div")[0].style.background = "rgb(192,192,32)"; localStorage.been = 1</script>
"""
# Its script never ends once the server has a page `hang`.
HANGS = PAGE + """<script>setInterval(() => fetch("hang").then(r => { if (r.ok) for (;;); }), 1000)</script>"""

# It is another colour once somebody has moved a pointer over it.
POINTED_AT = PAGE + """<script>document.onpointermove = () =>
document.querySelectorAll("div")[0].style.background = "rgb(192,192,32)"</script>"""

DRIVERS = "virtio_gpu evdev psmouse xhci_pci usbhid hid_generic"
TOUCH = "QEMU USB Tablet"
LATE_S = 30
NETWORK = "WPENetworkProce"     # as much of its name as the kernel keeps
MESSAGE = "see 'slate log kiosk.service'; then 'slate restart kiosk.service'"

# A program that nothing gets going, and a ladder whose rungs are short.
HOPELESS = """program=/etc/slate/hangs
homepage=http://localhost/
beat_s=1 patience_s=1 tries=2 sessions=2 retry_s=3600
"""


def start(folder, words):
    out = made_by("kiosk", DRIVERS, "bookworm")
    return Guest(folder, out, words, memory=1024,
                 extra=["-smp", "2", "-device", "virtio-gpu-pci,xres=640,yres=400", "-device", "qemu-xhci,id=usb"])


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("www")
    with Web(folder, "10.0.2.2") as server:
        serve(server, PAGE)
        server.stop()
        yield server


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory, web):
    words = f"homepage={web.url('/index.html')} noblank"
    with start(tmp_path_factory.mktemp("kiosk"), words) as guest:
        guest.up(240)
        draw_simply(guest)
        yield guest


def draw_simply(guest):
    """Mesa's drawing that compiles nothing: for an emulated processor it is the quicker one."""
    guest.ok(r"""sed -n 's/^program="/&env GALLIUM_DRIVER=softpipe /p' /run/slate/lib/hooks/kiosk """
             ">>/etc/slate/kiosk.conf && slate save && slate restart kiosk.service")


def serve(web, page):
    (web.folder / "index.html").write_text(page)
    web.start()


def is_page(picture, corner):
    """Whether it is the page, all of it but for where the stripe moves."""
    page = quarters(picture.width, picture.height, (corner, BLUE, BLUE, GREEN))
    return picture.differs_from(page, 0, STRIPE[0]) + picture.differs_from(page, STRIPE[1], 1) < 0.01


def shows_page(guest, corner=RED, timeout=400):
    """Waits until the screen shows the page and the page lives; a picture."""
    deadline = time.monotonic() + timeout
    before = screen(guest.machine)
    while True:
        time.sleep(1.5)
        now = screen(guest.machine)
        if is_page(before, corner) and is_page(now, corner) and now.differs_from(before, *STRIPE) > 0.01:
            return now
        before = now
        if time.monotonic() > deadline:
            now.keep("kiosk-failed")
            log = guest.run("slate status; slate log -n 40 kiosk.service").stdout
            pytest.fail(f"the page is not on the screen: see kiosk-failed.png\n{log}")


def is_another(guest, program, before):
    guest.eventually(f"new=$(pgrep -o -x {program}) && [ $new != {before} ]", 300)


def used_mib(guest):
    memory = json.loads(guest.ok("slate status --json"))["memory"]
    return (memory["total"] - memory["available"]) >> 20


def comes_back(guest, harm, program, corner=RED):
    """Harms the program; the page is on the screen again, and a program of this name is another one."""
    before = guest.ok(f"pgrep -o -x {program}")
    guest.ok(harm)
    is_another(guest, program, before)
    return shows_page(guest, corner)


def log_from_now(guest):
    """The command that prints what the kiosk says from now on."""
    return f"slate log kiosk.service | awk '$1 >= \"{guest.ok('date -u +%FT%T.%3NZ')}\"'"


def loads(web):
    """How often a browser has asked for the page; the kiosk itself asks, too."""
    return sum(path == "/index.html" and "curl" not in headers["User-Agent"] for _, path, headers in list(web.requests))


def restart(guest):
    """A new session, and a ladder whose counts begin anew."""
    guest.ok("slate stop kiosk.service; slate restarts --forget; slate start kiosk.service")


def load_again(guest):
    guest.ok("setpriv --reuid kiosk --regid kiosk --init-groups "
             "env DBUS_SESSION_BUS_ADDRESS=unix:path=/run/kiosk/user/bus cogctl reload")


def text_on(guest):
    """What stands on the first virtual terminal, as one line."""
    return " ".join(guest.ok("cat /dev/vcs1").split())


def test_the_page_is_waited_for(kiosk, web):
    kiosk.eventually("slate log kiosk.service | grep 'waiting until'")
    for _ in range(2):
        assert "waiting until http://" in (text := text_on(kiosk)) and "Failed to connect to 10.0.2.2" in text
        told = screen(kiosk.machine)
        assert 0.002 < 1 - told.share_of(BLACK) < 0.1, "a line of text"
        assert kiosk.run("pgrep -x cog").returncode == 1
        time.sleep(LATE_S / 2)
    told.keep("kiosk-waiting")
    web.start()
    shows_page(kiosk).keep("kiosk")
    assert kiosk.ok("slate units --failed --json") == "[]", kiosk.ok("slate status")


def test_what_it_takes(kiosk, web):
    serve(web, PAGE)
    shows_page(kiosk)
    image = (kiosk.out / "root.squashfs").stat().st_size >> 20
    used = used_mib(kiosk)
    print(f"{used} MiB of memory are used, and {image} MiB by the image")
    assert used < 460 and image < 155


def test_a_server_that_goes_away_and_comes_back(kiosk, web):
    serve(web, PAGE)
    shows_page(kiosk)
    log = log_from_now(kiosk)
    web.stop()
    kiosk.eventually(f"{log} | grep 'does not answer any more: Failed to connect'", 180)
    shows_page(kiosk)
    asked = loads(web)
    load_again(kiosk)
    deadline = time.monotonic() + 120
    while is_page(error := screen(kiosk.machine), RED):
        assert time.monotonic() < deadline, "the page stays, though it can't be loaded"
        time.sleep(1)
    time.sleep(5)
    screen(kiosk.machine).keep("kiosk-error")
    web.start()
    shows_page(kiosk)
    assert loads(web) > asked and "answers again" in kiosk.ok(log)


def test_what_a_visitor_leaves_is_gone(kiosk, web):
    serve(web, COUNTS_VISITS)
    restart(kiosk)
    shows_page(kiosk)
    kiosk.ok("touch /run/kiosk/user/home/visitor")
    load_again(kiosk)
    shows_page(kiosk, VISITED)
    comes_back(kiosk, "pkill -KILL -x cog", "cog")
    kiosk.ok("[ ! -e /run/kiosk/user/home/visitor ]")


def test_a_touch_screen_that_is_plugged_in_later_works(kiosk, web):
    serve(web, POINTED_AT)
    restart(kiosk)
    shows_page(kiosk)
    assert not is_used(kiosk)
    for _ in range(2):
        kiosk.machine.qmp.execute("device_add", driver="usb-tablet", id="touch", bus="usb.0")
        is_pointed_at(kiosk)
        kiosk.machine.qmp.execute("device_del", id="touch")
        kiosk.eventually(f"! grep '{TOUCH}' /proc/bus/input/devices")
        load_again(kiosk)
        shows_page(kiosk)
        kiosk.ok("touch /run/kiosk/used /run/kiosk/started")


def is_pointed_at(guest, timeout=120):
    """Moves the tablet's pointer about until the page and the watch over what is used have seen it."""
    guest.eventually(f"grep '{TOUCH}' /proc/bus/input/devices")
    deadline = time.monotonic() + timeout
    while screen(guest.machine).at(0.25, 0.25) != VISITED or not is_used(guest):
        for place in (9000, 20000):
            axes = [{"type": "abs", "data": {"axis": axis, "value": place}} for axis in "xy"]
            guest.machine.qmp.execute("input-send-event", events=axes)
            time.sleep(0.5)
        assert time.monotonic() < deadline, guest.run("ls -l /dev/input; slate log kiosk.service").stdout


def is_used(guest):
    return guest.run("[ /run/kiosk/used -nt /run/kiosk/started ]").returncode == 0


@pytest.mark.parametrize("program", ["cog", "WPEWebProcess", "cage"])
def test_a_browser_that_hangs_comes_back(kiosk, web, program):
    serve(web, PAGE)
    restart(kiosk)
    shows_page(kiosk)
    log = log_from_now(kiosk)
    comes_back(kiosk, f"pkill -STOP -x {program}", "cog")
    assert "is stuck after" in kiosk.ok(log)


def test_a_browser_that_is_killed_20_times_comes_back_20_times(kiosk, web):
    """As soon as it is there: so the session is started again on the way, and perhaps the machine."""
    serve(web, PAGE)
    restart(kiosk)
    shows_page(kiosk)
    for _ in range(5):
        comes_back(kiosk, "pkill -KILL -x cog", "cog")
        # the page lives on without it; the next one comes when it is needed
        before = kiosk.ok(f"pgrep -o -x {NETWORK}")
        kiosk.ok(f"pkill -KILL -x {NETWORK}")
        shows_page(kiosk)
        load_again(kiosk)
        is_another(kiosk, NETWORK, before)
        shows_page(kiosk)
        comes_back(kiosk, "pkill -KILL -x WPEWebProcess", "WPEWebProcess")
        comes_back(kiosk, "pkill -KILL -x cage", "cage")


def test_a_page_that_never_ends_is_loaded_again(kiosk, web):
    serve(web, HANGS)
    restart(kiosk)
    shows_page(kiosk)
    asked, log = loads(web), log_from_now(kiosk)
    (web.folder / "hang").touch()
    kiosk.eventually(f"{log} | grep 'is stuck: loading'", 300)
    (web.folder / "hang").unlink()
    shows_page(kiosk)
    assert loads(web) > asked


def test_the_ladder_has_an_end(tmp_path):
    with start(tmp_path, "noblank") as guest:
        guest.up(240)
        draw_simply(guest)
        guest.ok("printf '#!/bin/sh\\nexec sleep 99999\\n' >/etc/slate/hangs && chmod 755 /etc/slate/hangs && "
                 f"cp /etc/slate/kiosk.conf /etc/slate/kiosk.own && printf '%s' \"{HOPELESS}\" >/etc/slate/kiosk.conf && "
                 "slate save && slate restart kiosk.service")
        boots = restarts_of(guest)
        assert len(boots) == 4, boots
        assert "3 restarts in a row have not helped" in (told := guest.ok("slate status")) and MESSAGE in told.lower()
        assert MESSAGE in text_on(guest).lower()
        screen(guest.machine).keep("kiosk-end-of-the-ladder")
        assert guest.state("kiosk.service") == "failed" and guest.state("kiosk-reboot.service") == "active"
        assert guest.ok("slate restarts") == "3"
        time.sleep(20)
        assert guest.ok("cat /proc/sys/kernel/random/boot_id") == boots[-1]

        # what the message says, and well again
        guest.ok("cp /etc/slate/kiosk.own /etc/slate/kiosk.conf && echo well_s=20 >>/etc/slate/kiosk.conf && "
                 "slate restart kiosk.service")
        shows_own_page(guest)
        guest.eventually("[ $(slate restarts) = 0 ] && ! grep kiosk /run/slate/degraded")
        assert guest.ok("slate units --failed --json") == "[]", guest.ok("slate status")


def restarts_of(guest):
    """The machine's boots until it stays up and says so."""
    boots = []
    deadline = time.monotonic() + 1200
    while guest.run("grep -q kiosk: /run/slate/degraded").returncode != 0:
        boot = guest.run("cat /proc/sys/kernel/random/boot_id")
        if boot.returncode == 0 and boot.stdout.strip() not in boots:
            boots.append(boot.stdout.strip())
        assert time.monotonic() < deadline, (boots, guest.run("slate status; slate log kiosk.service").stdout)
        time.sleep(1)
    return boots


def shows_own_page(guest):
    deadline = time.monotonic() + 400
    while not ((now := screen(guest.machine)).share_of(OWN) > 0.9 and now.share_of(WHITE) > 0.001):
        assert time.monotonic() < deadline, guest.run("slate status; slate log kiosk.service").stdout
        time.sleep(2)
    now.keep("kiosk-own-page")
