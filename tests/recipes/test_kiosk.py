"""The recipe `kiosk`: whatever happens to the browser, the page is on the screen again.

The picture is what QEMU's screen shows. Emulated, and drawn without a graphics processor,
a page takes half a minute; what needs no picture is in tests/ns/test_kiosk.py.
timeout: 2400
"""

import pathlib
import sys
import time

import pytest

from guest import Guest, made_by

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "web"))
from web import Web  # noqa: E402

RED, GREEN, BLUE, BLACK = (192, 32, 32), (32, 160, 64), (32, 64, 128), (0, 0, 0)

# Red above left, green below right, blue elsewhere, and a stripe that moves on each time.
PAGE = """<!doctype html><body style="margin:0;background:rgb(32,64,128)">
<div style="position:absolute;left:0;top:0;width:50%;height:50%;background:rgb(192,32,32)"></div>
<div style="position:absolute;right:0;bottom:0;width:50%;height:50%;background:rgb(32,160,64)"></div>
<div id="stripe" style="position:absolute;top:48%;width:10%;height:4%;background:white"></div>
<script>let n = 0; setInterval(() => { n = (n + 7) % 90; stripe.style.left = n + "%" }, 1000)</script>
"""
HERE = {(0.25, 0.25): RED, (0.75, 0.25): BLUE, (0.25, 0.75): BLUE, (0.75, 0.75): GREEN}

DRIVERS = "virtio_gpu evdev psmouse"


def start(folder, words):
    out = made_by("kiosk", DRIVERS, "bookworm")
    return Guest(folder, out, words, memory=1024, extra=["-device", "virtio-gpu-pci"])


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("www")
    (folder / "index.html").write_text(PAGE)
    with Web(folder, "10.0.2.2") as server:
        server.stop()
        yield server


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory, web):
    words = f"homepage={web.url('/index.html')} noblank"
    with start(tmp_path_factory.mktemp("kiosk"), words) as guest:
        yield guest.up(240)


def colours(guest, places):
    """What the screen shows at each of these places, which are parts of its width and height."""
    file = guest.machine.folder / "screen.ppm"
    guest.machine.qmp.execute("screendump", filename=str(file))
    _, size, _, pixels = file.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    at = [3 * (int(y * height) * width + int(x * width)) for x, y in places]
    return {place: tuple(pixels[i:i + 3]) for place, i in zip(places, at)}


def shows(guest, picture, timeout=400):
    """Waits until the screen shows it."""
    deadline = time.monotonic() + timeout
    while (seen := colours(guest, picture)) != picture:
        log = guest.run("slate log -n 30 kiosk.service").stdout if time.monotonic() > deadline else ""
        assert time.monotonic() < deadline, f"the screen shows {seen}\n{log}"
        time.sleep(1)


def said(guest, words):
    return int(guest.run(f"slate log -n 1000 kiosk.service | grep -c '{words}'").stdout)


def comes_back(guest, harm, words):
    """The page is on the screen again, by a browser that is another one."""
    shows(guest, HERE)
    before = said(guest, words)
    guest.ok(harm)
    guest.eventually(f"[ $(slate log -n 1000 kiosk.service | grep -c '{words}') -gt {before} ]", 120)
    shows(guest, HERE)


def restart(guest, before="true"):
    """A new session: the ladder begins anew, and this start does not count for its last steps."""
    guest.ok(f"{before} && slate reset-failed kiosk.service; slate restart kiosk.service")


def test_the_page_is_waited_for(kiosk, web):
    kiosk.eventually("slate log kiosk.service | grep 'waiting until'")
    assert colours(kiosk, HERE) == {place: BLACK for place in HERE}
    web.start()
    shows(kiosk, HERE)
    assert kiosk.ok("slate units --failed --json") == "[]", kiosk.ok("slate status")


@pytest.mark.parametrize("harm", ["pkill -KILL -x cog", "pkill -KILL WPEWebProcess", "pkill -KILL -x cage"])
def test_a_browser_that_dies_comes_back_with_nothing_of_before(kiosk, harm):
    shows(kiosk, HERE)
    kiosk.ok("touch /run/kiosk/user/home/visitor")
    comes_back(kiosk, harm, "the browser has ended")
    kiosk.ok("[ ! -e /run/kiosk/user/home/visitor ]")


@pytest.mark.parametrize("harm", ["pkill -STOP -x cog", "pkill -STOP WPEWebProcess"])
def test_a_browser_that_hangs_comes_back(kiosk, harm):
    restart(kiosk)
    comes_back(kiosk, harm, "the browser is stuck after")
