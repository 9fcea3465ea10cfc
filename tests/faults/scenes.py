"""What is made to fail, and what must hold afterwards: a scene is one command on a
prepared machine. `points` lists its system calls, `judge` runs it with one of them failing
and returns None or what is wrong."""

import os
import random
import re
import shutil

from machine import FAULTS, HONEST, Machine, picture

SAFE = re.compile(r"intact|nothing was (changed|saved|written|read)|as it was|still")
# what the C library does before main: it ends the program where these fail
STARTUP = {"arch_prctl", "set_tid_address", "mprotect", "execve"}
GENERATION = re.compile(r"^restored=([01]) sequence=(\d+) ", re.M)
SMALL = 64 * 1024


def prepare(machine):
    """Media with no generation and with five of them, in four slots."""
    machine.insert()
    machine.keep("none")
    for number in range(1, 6):
        machine.boot()
        machine.write("etc/hostname", f"kept {number}\n")
        machine.write("etc/conf.d/one", f"{number}\n")
        done = machine.slate("save")
        assert done.status == 0, done.text
    machine.keep("five", SMALL)


class Command:
    """A command that writes a generation onto the medium."""

    faults = FAULTS

    def __init__(self, name, words, template, before, after, size="64m", large=0):
        self.name, self.words, self.template = name, words, template
        self.before, self.after = before, after     # host names before and after
        self.size, self.large = size, large         # of the medium; bytes to be saved besides

    def start(self, machine):
        machine.insert(self.template, self.size)
        machine.boot()
        machine.write("etc/hostname", "new\n")
        if self.large:
            # of no regularity, so that it stays large
            (machine.root / "etc/large").write_bytes(random.Random(1).randbytes(self.large))

    def points(self, machine):
        self.start(machine)
        done = machine.slate(*self.words)
        assert done.status == 0, done.text
        machine.boot()
        assert machine.hostname() == self.after, done.text
        return [point for point in done.points if point.name not in ("exit_group", "exit")]

    def judge(self, machine, point, fault):
        self.start(machine)
        before = machine.slots()
        done = machine.slate(*self.words, point=point, fault=fault)
        if not done.points:
            return None if self.may_miss(done) else "the call was not reached"
        return (self.judge_end(machine, point, fault, done) or self.judge_slots(before, machine.slots(), done)
                or self.judge_boot(machine, done) or self.judge_again(machine))

    @staticmethod
    def may_miss(done):
        return done.status == 0

    @staticmethod
    def judge_end(machine, point, fault, done):
        if done.status < 0:
            return "it hangs"
        if fault == "kill" and point.process == 0:
            return None if done.status == 137 else f"killed, and status {done.status}"
        if done.status >= 128:
            return None if point.name in STARTUP else f"died of signal {done.status - 128}"
        if machine.is_writable() and "mount" not in done.errors:
            return "the medium is left writable, without a word"
        if done.status and not SAFE.search(done.errors) and point.first != 2 and point.name not in STARTUP:
            return f"does not say what is safe: {done.errors.strip()}"
        return None

    @staticmethod
    def judge_slots(before, after, done):
        """The newest generation's bytes are as they were; one slot is written, or one more
        for each that failed and was told."""
        changed = [name for name in before if after.get(name) != before[name]]
        told = sum(f"{name.split('.')[0]}: " in done.errors for name in changed)
        if len(changed) > max(1, told + 1):
            return f"{changed} were written to"
        return None

    def judge_boot(self, machine, done):
        said = machine.boot()
        found, name = GENERATION.search(said), machine.hostname()
        if done.status == 0 and name != self.after:
            return f"success was claimed, and the boot has {name!r}: {said}"
        if name not in (self.before, self.after):
            return f"the boot has {name!r}: {said}"
        if name == self.before and self.template == "five" and int(found.group(2)) != 5:
            return f"generation 5 is gone: {said}"
        return None

    @staticmethod
    def judge_again(machine):
        machine.write("etc/hostname", "again\n")
        done = machine.slate("save")
        if done.status:
            return f"the next save fails: {done.errors}"
        said = machine.boot()
        return None if machine.hostname() == "again" else f"the next save is not there: {said}"


class Boot:
    """The boot's restore: a whole generation, or the image as it is and a word of it."""

    faults = HONEST

    def __init__(self, name, damage=False):
        self.name, self.damage = name, damage
        self.whole = []

    def start(self, machine):
        machine.insert("rich")
        if self.damage:
            machine.insert("damaged")

    def points(self, machine):
        if not (machine.base / "templates/rich").exists():
            self.prepare(machine)
        self.start(machine)
        done = machine.restore()
        assert done.status == 0 and "restored=1" in done.output, done.text
        self.newest = picture(machine.upper)
        assert (self.newest == machine.pictures[1]) != self.damage, "not what was saved"
        return [point for point in done.points if point.name not in ("exit_group", "exit")]

    @staticmethod
    def prepare(machine):
        machine.insert()
        machine.pictures = []
        machine.boot()
        for number in "12":
            etc = machine.root / "etc"
            for name in ("hostname", "zzz"):
                (etc / name).write_text(number)
            (etc / "new/deep").mkdir(parents=True, exist_ok=True)
            (etc / "new/deep/file").write_text(number * 70000)
            (etc / "zzz").chmod(0o640)
            for name in ("linked", "symlink", "motd"):
                (etc / name).unlink(missing_ok=True)
            (etc / "linked").hardlink_to(etc / "zzz")
            (etc / "symlink").symlink_to(number)
            os.setxattr(etc / "zzz", "trusted.generation", number.encode())
            os.setxattr(etc / "new", "trusted.generation", number.encode())
            os.chown(etc / "new/deep/file", 1000, 1000)
            done = machine.slate("save")
            assert done.status == 0, done.text
            said = machine.boot()
            assert f"sequence={number}" in said, said
            machine.pictures.append(picture(machine.upper))
        machine.keep("rich", SMALL)
        shutil.copytree(machine.base / "templates/rich", machine.base / "templates/damaged")
        slot = machine.base / "templates/damaged/slate/saved/default/slot-1.apkovl.tar.gz"
        content = bytearray(slot.read_bytes())
        content[700] ^= 1
        slot.write_bytes(content)

    def judge(self, machine, point, fault):
        self.start(machine)
        done = machine.restore(point, fault)
        if not done.points:
            return None if done.status == 0 else "the call was not reached"
        if done.status < 0:
            return "it hangs"
        if done.status >= 128 and not (fault == "kill" and point.process == 0) and point.name not in STARTUP:
            return f"died of signal {done.status - 128}"
        if done.status:
            return self.judge_failure(machine, point, done)
        return self.judge_root(machine, done)

    def judge_failure(self, machine, point, done):
        """No root to be had, which the boot reports, is the one failure that restore has; the
        medium is as it was all the same."""
        if done.status < 128 and "driver: " not in done.errors and point.first != 2:
            return f"fails without a word: {done.text}"
        if done.status == 1 and not re.search("make the root anew|mount|open root", done.errors):
            return f"fails: {done.text}"
        machine.boot()
        return None if picture(machine.upper) == self.newest else "the next boot has something else"

    def judge_root(self, machine, done):
        root = picture(machine.upper)
        told = "degraded: " in done.output
        if root == self.newest:
            return None
        if root in (machine.pictures[0], machine.empty) and told:
            return None
        return f"the root is {'incomplete' if told else 'another, without a word'}: {done.text}"


SCENES = [
    Command("save", ["save"], "five", "kept 5", "new"),
    Command("first save", ["save"], "none", "shipped", "new", size="4400k"),
    Command("save into larger slots", ["save"], "five", "kept 5", "new", size="4800k", large=100_000),
    Command("reset", ["reset"], "five", "kept 5", "shipped"),
    Command("restore of an old generation", ["restore", "4"], "five", "kept 5", "kept 4"),
    Boot("boot"),
    Boot("boot with a damaged slot", damage=True),
]


def ready():
    machine = Machine()
    prepare(machine)
    machine.insert("none")
    machine.boot()
    machine.empty = picture(machine.upper)
    return machine
