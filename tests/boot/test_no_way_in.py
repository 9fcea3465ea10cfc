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
SPAM_S = 30

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
    text = machine.console.text()
    for sign in ("uid=0", "~ #", "/ #", "built-in shell (ash)"):
        assert sign not in text, text[-3000:]
