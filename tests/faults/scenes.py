"""What is made to fail: each scene is one command, or a boot, on a prepared machine."""

import functools
import random
import shutil

from boots import Boot, TrialBoot
from commands import AfterKill, Command, Confirm, FirstSave, Live, TakenAway, Trial, TrialOver, Undo
from machine import SAVED, SMALL, Machine

LARGE = 4_300_000


@functools.lru_cache
def noise(size, seed=1):
    """Of no regularity, so that it stays large."""
    return random.Random(seed).randbytes(size)


def prepare(machine):
    """Media with five generations in four slots; the fourth has a directory of its own."""
    machine.insert()
    for number in range(1, 6):
        machine.boot()
        machine.write("etc/hostname", f"kept {number}\n")
        machine.write("etc/conf.d/one", f"{number}\n")
        if number == 4:
            machine.write("etc/four", None)
            machine.write("etc/four/file", "4\n")
        if number == 5:
            shutil.rmtree(machine.root / "etc/four")
        done = machine.slate("save")
        assert done.status == 0, done.text
    machine.keep("five", SMALL)


def prepare_sealed(machine):
    """The same number of them, signed and encrypted."""
    for kind in ("key", "passphrase"):
        machine.insure("require", kind)
        prepare_with(machine, f"sealed {kind}", 5, {})


def prepare_large(machine):
    """Two generations of more than what is packed in memory, in two slots."""
    prepare_with(machine, "large", 5, {"etc/large": noise(LARGE)}, LARGE + 700_000)
    for number in (2, 3):
        (machine.templates / "large" / SAVED / f"slot-{number}.apkovl.tar.gz").unlink()


def prepare_with(machine, template, count, files, slot_size=SMALL):
    machine.insert()
    for number in range(1, count + 1):
        machine.boot()
        machine.write("etc/hostname", f"kept {number}\n")
        for path, content in files.items():
            machine.write(path, content)
        done = machine.slate("save")
        assert done.status == 0, done.text
    machine.keep(template, slot_size)


def prepare_trial(machine):
    """Five generations, and a sixth on trial."""
    machine.insert("five")
    machine.boot()
    machine.start_init()
    machine.write("etc/hostname", "new\n")
    done = machine.slate("save", "--try", "10m")
    assert done.status == 0, done.text
    machine.keep("trial")


SCENES = [
    Command("save", ["save"]),
    TakenAway("save of what was taken away", ["save"]),
    FirstSave("first save", ["save"], template="none", size="4400k"),
    Command("save into larger slots", ["save"], size="4600k", files={"etc/large": noise(100_000)}),
    Command("large save, straight into its slot", ["save"], template="large",
            files={"etc/large": noise(LARGE + 50_000)}),
    Command("large save that outgrew its slots", ["save"], template="large",
            size="19m",
            files={"etc/large": noise(LARGE + 900_000)}),
    Command("signed and encrypted save", ["save"], template="sealed key", verify="require", encrypt="key"),
    Command("save encrypted with a passphrase", ["save"], template="sealed passphrase", verify="require",
            encrypt="passphrase"),
    Trial("save --try", ["save", "--try", "10m"]),
    Confirm("confirm", ["confirm"], template="trial"),
    TrialOver("end of a trial", ["trial"], "kept 5", template="trial"),
    TrialOver("going back at the end of a trial", ["goback"], "kept 5", template="trial"),
    Command("reset", ["reset"], "shipped"),
    Command("restore of an old generation at the next boot", ["restore", "--next-boot", "4"], "kept 4"),
    Live("restore of an old generation, now", ["restore", "4"], "kept 4"),
    Undo("restore that the medium refuses, undone", ["restore", "4"]),
    AfterKill("save after a restore that was killed", ["save"]),
    Boot("boot"),
    Boot("boot with a damaged slot", damage=True),
    TrialBoot("boot of what is on trial", template="rich on trial"),
    Boot("boot of a signed and encrypted slot", template="rich sealed", encrypt="key"),
]


def ready():
    machine = Machine()
    prepare(machine)
    prepare_sealed(machine)
    machine.insure()
    prepare_large(machine)
    prepare_trial(machine)
    return machine
