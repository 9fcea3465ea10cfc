"""With a key in the initramfs nobody who asks for a shell gets one, whatever is typed.

What is typed when something breaks is in test_stage_faults.py.
timeout: 1200
"""

import re
import time

import pytest

from machines import TOP
from test_verified import keys, out  # noqa: F401 (fixtures)

# What is typed before, during and after the failure; `id` would tell of a root shell.
KEYS = ["\n" * 1000, "\x03" * 50, "\x04" * 20, "\x1a\x1c", "\nid\nroot\nid\n", "q\x1b[A\n", "\nexit\nsh\nid\n"]
SYSRQ = ("k", "r", "i", "h", "f")
SPAM_S = 6


def spam(machine, seconds):
    """Types all of it over and over, presses the keys of the kernel, and Ctrl-Alt-Del at times."""
    end = time.monotonic() + seconds
    for turn in range(1000):
        for text in KEYS:
            machine.console.type(text)
        machine.press("alt", "sysrq", SYSRQ[turn % len(SYSRQ)])
        machine.send_break()
        machine.console.type(SYSRQ[turn % len(SYSRQ)])
        if turn % 4 == 3:
            machine.press("ctrl", "alt", "delete")
        if time.monotonic() > end:
            return
        time.sleep(0.5)


def stages():
    """Of slate-boot's table, by name and in order."""
    table = (TOP / "init/boot/main.c").read_text().partition("struct stage stages[] = {")[2].partition("};")[0]
    return re.findall(r'\{ "([a-z]+)", ', table)


# Words of the command line for which others give a shell.
WORDS = ("single", "failsafe", "emergency", "rescue slate.shell=login", "norestore nosave")


def no_root_prompt(machine):
    text = machine.console.text()
    for sign in ("uid=0", "~ #", "/ #", "built-in shell (ash)"):
        assert sign not in text, text[-3000:]


@pytest.mark.parametrize("words", [f"break={stage}" for stage in stages()] + [*WORDS])
def test_a_word_that_asks_for_a_shell_gives_no_root_prompt(boot, out, words):  # noqa: F811
    machine = boot(f"{words} panic=600", out=out)
    machine.console.type(KEYS[0])
    # what comes before the settings are read can't be stopped at
    if words in [f"break={stage}" for stage in stages()[2:]]:
        assert f"{words}: this machine gives no shell" in machine.ready().ok("dmesg")
    spam(machine, SPAM_S)
    assert machine.console.text()
    no_root_prompt(machine)
