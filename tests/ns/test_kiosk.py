"""The kiosk's ladder, hooks/kiosk, with a browser that is a shell script.

A test says how the world is by files of /run/t, and reads in `events` what was done.
timeout: 300
"""

import pathlib
import subprocess
import time

import pytest

from supervised import needs_root

pytestmark = needs_root

KIOSK = pathlib.Path(__file__).resolve().parents[2] / "hooks"

PROGRAMS = {
    "setpriv": 'while :; do case $1 in --re*) shift 2 ;; --*) shift ;; *) exec "$@" ;; esac; done',
    "dbus-daemon": "exec python3 -c 'import socket, time; s = socket.socket(socket.AF_UNIX); "
                   's.bind("/run/kiosk/user/bus"); time.sleep(1000)\'',
    "install": "mkdir -p /run/kiosk/user/home",
    "cage": "echo start >>/run/t/events; echo ${WLR_RENDERER:-any} >/run/t/renderer; for page; do :; done; echo $page >/run/t/page; "
            "[ ! -e /run/t/broken ] || exit 1; exec sleep 1000",
    "dbus-send": "[ ! -e /run/t/stuck ] && [ ! -e /run/t/stuck-for-good ]",
    "cogctl": "echo $1 >>/run/t/events",
    "curl": "[ ! -e /run/t/away ] || { cat /run/t/away; exit 7; }",
    "pgrep": 'case "$*" in *R) cat /run/t/busy 2>/dev/null ;; *) exit 1 ;; esac',
    # all but those that wait for input are the browser's, in this pid namespace
    "pkill": "rm -f /run/t/stuck /run/t/busy; for p in $(/usr/bin/pgrep -f 'slee[p].1000'); do kill -9 $p; done",
    "slate": 'echo "slate $*" >>/run/t/events; echo "slate: $*" >&2; case $1 in reboot) [ ! -e /run/t/limit ] || '
             '{ echo "slate: reboot: 3 of them"; exit 1; } ;; esac',
}
PLACES = {"/etc/slate": "/run/t/etc", "/dev/input": "/run/t/input", "/dev/tty1": "/run/t/screen",
          "/run/slate/degraded": "/run/t/degraded", "/proc/cmdline": "/run/t/cmdline",
          "/sys/class/drm": "/run/t/drm", "* 60))": "* 2))"}
SETUP = """
mount -t tmpfs tmpfs /run && mkdir -p /run/kiosk /run/t && cp -R "$0/." /run/t && mkfifo /run/t/input/event0
export PATH=/run/t/bin:$PATH
exec sh /run/t/kiosk
"""


class Kiosk:
    """The script `kiosk` in a mount and pid namespace of its own."""

    def __init__(self, folder, settings, words=""):
        for name in ("bin", "etc", "input", "drm/card0/device"):
            (folder / name).mkdir(parents=True)
        (folder / "drm/card0/device/driver").symlink_to("../bus/virtio-pci")
        for name, text in PROGRAMS.items():
            (folder / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / "bin" / name).chmod(0o755)
        for name in ("kiosk", "kiosk-reboot"):
            text = (KIOSK / name).read_text()
            for place, here in PLACES.items():
                text = text.replace(place, here)
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        (folder / "etc/kiosk.conf").write_text(f"homepage=http://x/\nbeat_s=0.2\nblank_s=0\nretry_s=1\n{settings}\n")
        (folder / "cmdline").write_text(words)
        self.log = folder / "log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", SETUP,
                 str(folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def sh(self, command):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        while not (found := children.read_text().split()):
            time.sleep(0.01)
        return subprocess.run(["nsenter", "-t", found[0], "--mount", "--pid", "sh", "-c",
                               f"PATH=/run/t/bin:$PATH; {command}"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)

    def until(self, command, seconds=30):
        deadline = time.monotonic() + seconds
        while self.sh(command).returncode != 0:
            assert time.monotonic() < deadline, (command, self.log.read_text(), self.sh("cat /run/t/events").stdout)
            time.sleep(0.1)

    def starts(self, n):
        self.until(f"[ $(grep -cx start /run/t/events) = {n} ]")

    def said(self, words):
        return words in self.log.read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(20)


def test_a_browser_waits_for_the_server_and_one_that_dies_is_started_again(tmp_path):
    (tmp_path / "away").write_text("curl: (6) Could not resolve host: x")
    with Kiosk(tmp_path, "") as kiosk:
        kiosk.until("grep 'waiting until http://x/ answers: Could not resolve host: x' /run/t/screen")
        for took in range(2):
            kiosk.sh(f"echo 'curl: (7) Failed to connect to x port 80 after {took} ms: Refused' >/run/t/away")
            time.sleep(3)
        shown = kiosk.sh("cat /run/t/screen").stdout
        assert shown.split()[1:] == "waiting until http://x/ answers: Failed to connect to x port 80: Refused".split()
        assert max(map(len, shown.splitlines())) < 80 and kiosk.log.read_text().count("waiting until") == 2
        assert kiosk.sh("[ -e /run/t/events ]").returncode != 0
        kiosk.sh("rm /run/t/away")
        kiosk.starts(1)
        kiosk.sh("touch /run/kiosk/user/home/visitor; kill -9 $(/usr/bin/pgrep -f '^slee[p] 1000')")
        kiosk.starts(2)
        assert kiosk.sh("[ -e /run/kiosk/user/home/visitor ]").returncode != 0


def test_a_stuck_browser_is_told_to_load_again_and_then_started_again(tmp_path):
    with Kiosk(tmp_path, "patience_s=0") as kiosk:
        kiosk.starts(1)
        kiosk.sh("touch /run/t/stuck")
        kiosk.starts(2)
        assert kiosk.sh("cat /run/t/events").stdout == "start\nreload\nstart\n"


def test_a_page_that_computes_without_end_is_stuck(tmp_path):
    with Kiosk(tmp_path, "patience_s=0 busy_s=2") as kiosk:
        kiosk.starts(1)
        # one that computes and waits now and then is not
        kiosk.sh("(while sleep 0.1; do :; done) >/dev/null 2>&1 & echo $! >/run/t/busy")
        time.sleep(4)
        assert kiosk.sh("cat /run/t/events").stdout == "start\n"
        kiosk.sh("(while :; do :; done) >/dev/null 2>&1 & echo $! >>/run/t/busy")
        kiosk.starts(2)
        assert kiosk.sh("cat /run/t/events").stdout == "start\nreload\nstart\n"


@pytest.mark.parametrize("how", ["broken", "stuck-for-good"])
def test_a_browser_that_never_comes_up_ends_the_session_after_five_times(tmp_path, how):
    (tmp_path / how).touch()
    with Kiosk(tmp_path, "patience_s=0") as kiosk:
        assert kiosk.process.wait(60) == 1
        assert kiosk.log.read_text().count("starting it again") == 5 and kiosk.said("starting a new session")
        assert kiosk.said("slate: restart --no-wait seatd.service")


def test_the_third_such_session_is_the_last(tmp_path):
    (tmp_path / "broken").touch()
    with Kiosk(tmp_path, "tries=1; echo 2 >/run/kiosk/sessions") as kiosk:
        assert kiosk.process.wait(60) == 75
        assert kiosk.said("3 sessions in a row")


def test_one_that_was_up_and_dies_is_started_as_often_as_it_takes(tmp_path):
    with Kiosk(tmp_path, "tries=2 up_s=1") as kiosk:
        for start in range(1, 5):
            kiosk.starts(start)
            time.sleep(2)
            kiosk.sh("kill -9 $(/usr/bin/pgrep -f '^slee[p] 1000')")
        kiosk.starts(5)


def test_the_count_begins_anew_when_all_is_well(tmp_path):
    with Kiosk(tmp_path, "tries=2 well_s=3; echo 2 >/run/kiosk/sessions") as kiosk:
        for start in range(1, 4):
            kiosk.starts(start)
            time.sleep(5)
            kiosk.sh("touch /run/t/stuck")
        kiosk.starts(4)
        assert kiosk.sh("grep -c 'slate start --no-wait kiosk-well.service' /run/t/events").stdout == "3\n"
        kiosk.sh("[ ! -e /run/kiosk/sessions ]")


def test_an_unused_screen_goes_black_until_somebody_comes(tmp_path):
    with Kiosk(tmp_path, "blank_s=2") as kiosk:
        kiosk.starts(1)
        kiosk.until("! /usr/bin/pgrep -f 'slee[p] 1000'")
        kiosk.sh("head -c 24 /dev/zero >/run/t/input/event0")
        kiosk.starts(2)
        assert kiosk.said("the screen is black")
        assert kiosk.said("slate: start --no-wait kiosk-well.service"), "it was well until then"


@pytest.mark.parametrize("plugged_in", ["in use", "black"])
def test_a_device_that_is_plugged_in_later_counts(tmp_path, plugged_in):
    with Kiosk(tmp_path, "blank_s=2") as kiosk:
        kiosk.starts(1)
        if plugged_in == "black":
            kiosk.until("! /usr/bin/pgrep -f 'slee[p] 1000'")
        kiosk.sh("mkfifo /run/t/input/event1")
        kiosk.until("! /usr/bin/pgrep -f 'slee[p] 1000'")
        kiosk.sh("head -c 24 /dev/zero >/run/t/input/event1")
        kiosk.starts(2)


def test_a_screen_whose_driver_comes_up_later_is_drawn_by_its_processor(tmp_path):
    (tmp_path / "away").touch()
    with Kiosk(tmp_path, "") as kiosk:
        kiosk.until("[ -e /run/kiosk/used ]")
        kiosk.sh("rm /run/t/drm/card0/device/driver /run/t/away")
        time.sleep(4)
        assert kiosk.sh("[ -e /run/t/events ]").returncode != 0
        kiosk.sh("ln -s ../bus/i915 /run/t/drm/card0/device/driver")
        kiosk.starts(1)
        assert kiosk.sh("cat /run/t/renderer").stdout == "any\n"


def test_a_screen_without_a_processor_is_drawn_without_one(tmp_path):
    with Kiosk(tmp_path, "") as kiosk:
        kiosk.starts(1)
        assert kiosk.sh("cat /run/t/renderer").stdout == "pixman\n"


def test_the_words_of_the_command_line_count(tmp_path):
    with Kiosk(tmp_path, "blank_s=1", "quiet homepage=http://y/?a=b noblank kioskresetstation=1") as kiosk:
        kiosk.starts(1)
        assert kiosk.sh("cat /run/t/page").stdout == "http://y/?a=b\n"
        time.sleep(3)
        assert kiosk.sh("grep -c start /run/t/events").stdout == "1\n"
        kiosk.sh("head -c 24 /dev/zero >/run/t/input/event0")
        kiosk.starts(2)
        assert kiosk.said("unused for 2 s: starting anew") and not kiosk.said("black")


def test_settings_that_are_none_are_told_and_left(tmp_path):
    with Kiosk(tmp_path, "no='quote", "kioskresetstation=5min homepage=http://z/") as kiosk:
        kiosk.starts(1)
        assert kiosk.said("5min is no number of minutes") and kiosk.said("kiosk.conf: ")


def test_the_last_step_restarts_the_machine_or_says_what_to_do(tmp_path):
    with Kiosk(tmp_path, "") as kiosk:
        kiosk.starts(1)
        assert kiosk.sh("/run/t/kiosk-reboot 2>/dev/null; tail -n 1 /run/t/events").stdout == "slate reboot --at-most=3\n"
        for _ in range(2):
            told = kiosk.sh("touch /run/t/limit; /run/t/kiosk-reboot 2>/dev/null").stdout
            assert "3 of them" in told and "slate restart kiosk.service" in told
            assert kiosk.sh("tail -n 1 /run/t/events").stdout == "slate start --no-wait kiosk.service\n"
        assert kiosk.sh("cat /run/t/degraded").stdout == told
        shown = kiosk.sh("cat /run/t/screen").stdout
        assert told.split() == shown.split()[1:] and max(map(len, shown.splitlines())) < 80
        kiosk.sh("sed -i '1i another' /run/t/degraded; /run/t/kiosk-reboot well")
        assert kiosk.sh("cat /run/t/degraded; tail -n 1 /run/t/events").stdout == "another\nslate restarts --forget\n"
