"""With a key in the initramfs a boot that fails gives nobody a root prompt, whatever is typed.

timeout: 600
"""

import time

import pytest

import media
from qemu import Disk, copy_of
from test_verified import ROOT, keys, out, spoil  # noqa: F401 (fixtures)

# What is typed before, during and after the failure; `id` would tell of a root shell.
KEYS = ["\n" * 1000, "\x03" * 50, "\x04" * 20, "\x1a\x1c", "\nid\nroot\nid\n", "q\x1b[A\n", "\nexit\nsh\nid\n"]
SYSRQ = ("k", "r", "i", "h", "f")
SPAM_S, SPAM_WORDS_S = 30, 6

# stage: words of the command line, and what the machine says of it.
STAGES = {
    "medium": ("root=LABEL=NOWHERE rootwait=2 panic=4", "root=LABEL=NOWHERE did not appear"),
    "root": ("panic=4", "not verified, so not mounted"),
}


def spam(machine, seconds):
    """Types all of it over and over, presses the keys of the kernel, and Ctrl-Alt-Del at times."""
    end = time.monotonic() + seconds
    for turn in range(1000):
        for text in KEYS:
            machine.console.type(text)
        machine.press("alt", "sysrq", SYSRQ[turn % len(SYSRQ)])
        if turn % 4 == 3:
            machine.press("ctrl", "alt", "delete")
        if time.monotonic() > end:
            return
        time.sleep(0.5)


# Each is where somebody would like to be let in; none of them fails.
PAUSES = ("start", "cmdline", "devices", "medium", "root", "toram", "selinux", "overlay", "network", "restore",
          "hooks", "confine", "switch")
# Words of the command line for which others give a shell.
WORDS = ("single", "failsafe", "emergency", "rescue slate.shell=login", "norestore nosave")


def no_root_prompt(machine):
    text = machine.console.text()
    for sign in ("uid=0", "~ #", "/ #", "built-in shell (ash)"):
        assert sign not in text, text[-3000:]


@pytest.mark.parametrize("words", [f"break={stage}" for stage in PAUSES] + [*WORDS])
def test_a_word_that_asks_for_a_shell_gives_no_root_prompt(boot, out, words):  # noqa: F811
    machine = boot(f"{words} panic=600", out=out)
    spam(machine, SPAM_WORDS_S)
    assert machine.console.text()
    no_root_prompt(machine)


@pytest.mark.parametrize("stage", STAGES)
def test_a_fault_at_a_stage_gives_no_root_prompt(boot, out, folder, stage):  # noqa: F811
    words, says = STAGES[stage]
    disk = copy_of(out / "disk.img", folder)
    if stage == "root":
        spoil(disk, ROOT, 0)
        media.put_file(disk, "slate/slate.conf", b"slate.shell=root\nslate.verify=no\nbreak=root\n")
    machine = boot(words, out=out, disks=[Disk(disk)])
    machine.console.type(KEYS[0])
    machine.console.expect(says, 120)
    spam(machine, SPAM_S)
    no_root_prompt(machine)
