"""What is made to fail, and what must hold afterwards: a scene is one command on a
prepared machine. `points` lists its system calls, `judge` runs it with one of them failing
and returns a Verdict."""

import dataclasses
import functools
import os
import random
import re
import shutil
import zlib

from machine import MS_REMOUNT, NOWHERE, SAVED, Machine, mount, picture
from state import CRC, HEADER, generation_of, state_of

SAFE = re.compile(r"intact|nothing was (changed|saved|written|read)|as it was|still")
# what the C library does before main: it ends the program where these fail
STARTUP = {"arch_prctl", "set_tid_address", "mprotect", "execve"}
# libsodium aborts where no random bytes are to be had, which since Linux 3.17 is never
ABORTS = STARTUP | {"getrandom"}
GENERATION = re.compile(r"^restored=([01]) sequence=(\d+) ", re.M)
SMALL, LARGE = 64 * 1024, 4_300_000

# what can be wrong, as columns of the report
FALSE_SUCCESS, LOST, UNSAID, OTHER = "false successes", "generations lost", "not said", "else wrong"
KINDS = (FALSE_SUCCESS, LOST, UNSAID, OTHER)


class Wrong(Exception):
    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


@dataclasses.dataclass
class Verdict:
    status: int         # of the run
    kind: str = ""      # one of KINDS; "": nothing is wrong
    text: str = ""


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


class Command:
    """A command that writes a generation onto the medium, or marks one."""

    loses = ("write", "pwrite64")   # which calls may claim that bytes are written; memory never does
    settled = 5         # the generation that stays whatever happens; 0: there is none

    def __init__(self, name, words, after="new", template="five", size="64m", files=None, verify="", encrypt=""):
        self.name, self.words, self.template = name, words, template
        self.after = after                          # the next boot's host name
        self.size = size                            # of the medium
        self.files = {"etc/hostname": "new\n", **(files or {})}  # what is written before
        self.verify, self.encrypt = verify, encrypt
        self.pictures = {}                          # of /etc in the next boot, before and after
        self.slots = {}                             # before the command
        self.futures = {}                           # of states: what is wrong, or None

    def start(self, machine):
        machine.insure(self.verify, self.encrypt)
        machine.insert(self.template, self.size)
        machine.boot()
        for path, content in self.files.items():
            machine.write(path, content)

    def points(self, machine):
        machine.insure(self.verify, self.encrypt)
        machine.insert(self.template, self.size)
        machine.boot()
        self.pictures["before"] = machine.configuration()
        self.start(machine)
        done = machine.slate(*self.words)
        assert done.status == 0, done.text
        self.seal(machine)
        machine.boot()
        assert machine.hostname() == self.after, done.text
        self.pictures["after"] = machine.configuration()
        return [point for point in done.points if point.name not in ("exit_group", "exit")]

    def seal(self, machine):
        """After a success, before the next boot."""

    def judge(self, machine, point, fault):
        self.start_again(machine)
        before = self.slots
        done = machine.slate(*self.words, point=point, fault=fault)
        try:
            if not done.points and done.status:
                raise Wrong(OTHER, f"the call was not reached: {done.text}")
            self.judge_end(machine, point, fault, done)
            self.judge_slots(before, machine.slots(), done)
            self.judge_running(machine, done)
            self.judge_future(machine, done)
        except Wrong as wrong:
            machine.at = None
            return Verdict(done.status, wrong.kind, str(wrong))
        return Verdict(done.status)

    def start_again(self, machine):
        """Unless the run before has changed nothing."""
        if machine.at != (self.name, state_of(machine)):
            self.start(machine)
            machine.at = self.name, state_of(machine)
            self.slots = machine.slots()
        if machine.init:
            machine.init.asked.clear()

    def judge_future(self, machine, done):
        """What comes of a state is found out once."""
        state = state_of(machine), done.status == 0, machine.init and repr(machine.init.asked)
        if state not in self.futures:
            self.futures[state] = None
            machine.at = None
            try:
                self.judge_boot(machine, done)
                self.judge_again(machine)
            except Wrong as wrong:
                self.futures[state] = wrong
        if self.futures[state]:
            raise self.futures[state]

    @staticmethod
    def judge_end(machine, point, fault, done):
        if done.status < 0:
            raise Wrong(OTHER, "it hangs")
        if fault == "kill" and point.process == 0:
            if done.status != 137:
                raise Wrong(OTHER, f"killed, and status {done.status}")
            return
        if done.status >= 128:
            if point.name not in ABORTS:
                raise Wrong(OTHER, f"died of signal {done.status - 128}")
            return
        if machine.is_writable() and "mount" not in done.errors:
            raise Wrong(UNSAID, "the medium is left writable, without a word")
        if done.status and not SAFE.search(done.errors) and point.first != 2 and point.name not in STARTUP:
            raise Wrong(UNSAID, f"does not say what is safe: {done.errors.strip()}")

    def judge_slots(self, before, after, done):
        """The bytes of the generation that stays are as they were; one slot is written, or one
        more for each that failed and was told."""
        changed = [name for name in before if after.get(name) != before[name]]
        if any(generation_of(before[name]) == self.settled for name in changed if self.settled):
            raise Wrong(LOST, f"generation {self.settled} was written to")
        told = sum(f"{name.split('.')[0]}: " in done.errors for name in changed)
        if len(changed) > max(1, told + 1):
            raise Wrong(LOST, f"{changed} were written to")

    def judge_running(self, machine, done):
        """Of those that change what runs, too."""

    def judge_boot(self, machine, done):
        if done.status == 0:
            self.seal(machine)
        said = machine.boot()
        now = machine.configuration()
        if done.status == 0 and now != self.pictures["after"]:
            raise Wrong(FALSE_SUCCESS, f"success was claimed, and the boot has {machine.hostname()!r}: {said}")
        if now not in self.pictures.values():
            raise Wrong(LOST, f"the boot has {machine.hostname()!r}: {said}")
        if now != self.pictures["after"] and int(GENERATION.search(said)[2]) != self.settled:
            raise Wrong(LOST, f"generation {self.settled} is gone: {said}")

    @staticmethod
    def judge_again(machine):
        """Small, as larger slots may have taken what was free."""
        (machine.root / "etc/large").unlink(missing_ok=True)
        machine.write("etc/hostname", "again\n")
        done = machine.slate("save")
        if done.status:
            raise Wrong(OTHER, f"the next save fails: {done.errors}")
        said = machine.boot()
        if machine.hostname() != "again":
            raise Wrong(OTHER, f"the next save is not there: {said}")


class FirstSave(Command):
    settled = 0


class TakenAway(Command):
    """A save of what is not there any more, and of a directory in the place of another."""

    def start(self, machine):
        super().start(machine)
        (machine.root / "etc/motd").unlink()
        shutil.rmtree(machine.root / "etc/conf.d")
        machine.write("etc/conf.d", None)
        machine.write("etc/conf.d/two", "new\n")
        machine.write("etc/left", "by lbu.list\n")


class Live(Command):
    """One that changes what runs: all of it or nothing, if need be with the help of the
    next command."""

    loses = ("pwrite64",)

    def start(self, machine):
        super().start(machine)
        machine.write("etc/extra", None)
        machine.write("etc/extra/file", "new\n")
        (machine.root / "etc/motd").unlink()
        (machine.root / "etc/conf.d").chmod(0o700)
        self.finish_start(machine)

    def finish_start(self, machine):
        """What comes before the command."""

    def points(self, machine):
        self.start(machine)
        running = [machine.configuration()]
        done = machine.slate(*self.words)
        running.append(machine.configuration())
        assert done.status == 0 and not machine.is_half_way(), done.text
        self.running = running
        return super().points(machine)

    def judge_running(self, machine, done):
        """What is half done, or its remains, are left to the next command."""
        settled = machine.slate("list").text if machine.is_half_way() else ""
        now = machine.configuration()
        if machine.is_half_way() or now not in self.running:
            raise Wrong(LOST, f"what runs is half the one, half the other: {done.text}{settled}")
        if done.status == 0 and now != self.running[1]:
            raise Wrong(FALSE_SUCCESS, f"success was claimed, and what runs is another: {done.text}{settled}")
        if 0 < done.status < 128 and now != self.running[0] and not done.errors:
            raise Wrong(UNSAID, "what runs was changed, without a word")


class Undo(Live):
    """One that can't be done to its end, as the medium can't be written."""

    def finish_start(self, machine):
        machine.freeze()

    def points(self, machine):
        self.start(machine)
        self.running = [machine.configuration()] * 2
        done = machine.slate(*self.words)
        assert done.status == 1 and machine.configuration() == self.running[0], done.text
        assert not machine.is_half_way() and "as it was" in done.errors, done.text
        machine.boot()
        self.pictures = {"before": machine.configuration(), "after": None}
        return [point for point in done.points if point.name not in ("exit_group", "exit")]

    def judge_boot(self, machine, done):
        if done.status == 0:
            raise Wrong(FALSE_SUCCESS, "success was claimed on a medium that can't be written")
        machine.freeze(False)
        super().judge_boot(machine, done)


class AfterKill(Live):
    """A save after a restore that was killed half way."""

    killed = NOWHERE

    def finish_start(self, machine):
        self.whole = machine.configuration()
        done = machine.slate("restore", "4", point=self.killed, fault="kill" if self.killed.call else "none")
        if self.killed.call:
            assert done.status == 137 and machine.is_half_way(), done.text
            return
        calls = [point.name for point in done.points]
        changing = [point for point in done.points[:calls.index("mount")]
                    if point.process == 0 and point.name in ("renameat", "unlinkat", "mkdirat")]
        self.killed = changing[-2]

    def points(self, machine):
        self.start(machine)
        self.start(machine)
        assert machine.configuration() != self.whole, "killed too early"
        self.running = [self.whole] * 2
        return Command.points(self, machine)


class Trial(Command):
    """A save that goes away again unless it is confirmed."""

    def start(self, machine):
        super().start(machine)
        machine.start_init()

    def seal(self, machine):
        if ["start", "slate-trial.service"] not in machine.init.asked:
            raise Wrong(FALSE_SUCCESS, "nobody watches over the trial")
        done = machine.slate("confirm")
        if done.status:
            raise Wrong(FALSE_SUCCESS, f"success was claimed, and it can't be confirmed: {done.text}")

    def judge_running(self, machine, done):
        if 0 < done.status < 128 and (machine.root / "run/slate/trial").exists():
            raise Wrong(OTHER, f"it is watched over a trial that is none: {done.text}")

    def judge_boot(self, machine, done):
        super().judge_boot(machine, done)
        if done.status and machine.hostname() != "kept 5":
            raise Wrong(OTHER, "a boot has what was to be tried")


class Confirm(Command):
    def start(self, machine):
        super().start(machine)
        machine.start_init()
        machine.write("run/slate/trial", "sequence=6\nseconds=600\ndeadline_ms=999999999999\nbooted=0\nended=0\n")


class TrialOver(Live):
    """What the watch does when the time is over. Where the generation before can't be read
    it goes back to the one before that, and says so."""

    def points(self, machine):
        self.start(machine)
        done = machine.slate("restore", "4")
        assert done.status == 0, done.text
        self.older = machine.configuration()
        return super().points(machine)

    def judge_running(self, machine, done):
        if "generation 4 is back" not in done.output:
            super().judge_running(machine, done)
        elif machine.configuration() != self.older:
            raise Wrong(FALSE_SUCCESS, f"what runs is not generation 4: {done.text}")

    def finish_start(self, machine):
        machine.start_init()
        machine.write("run/slate/trial", "sequence=6\nseconds=600\ndeadline_ms=1\nbooted=0\nended=0\n")


class Boot:
    """The boot's restore: a whole generation, or the image as it is and a word of it."""

    loses = ()

    def __init__(self, name, template="rich", damage=False, encrypt=""):
        self.name, self.template, self.damage = name, template, damage
        self.encrypt = encrypt
        self.newest = self.older = None

    def insure(self, machine):
        machine.insure("require" if self.encrypt else "", self.encrypt)

    def start(self, machine):
        self.insure(machine)
        machine.insert(self.template)

    def points(self, machine):
        self.prepare(machine)
        self.start(machine)
        done = machine.restore()
        assert done.status == 0 and "restored=1" in done.output, done.text
        assert picture(machine.upper) == self.newest, "not what was saved"
        return [point for point in done.points if point.name not in ("exit_group", "exit")]

    def prepare(self, machine):
        self.insure(machine)
        machine.insert()
        machine.boot()
        machine.empty = picture(machine.upper)
        pictures = []
        for number in "12":
            self.fill(machine.root / "etc", number)
            self.save(machine, number)
            pictures.append(self.picture(machine, number))
        self.older, self.newest = pictures
        if not (machine.templates / self.template).exists():
            machine.keep(self.template, SMALL)
        if self.damage:
            self.newest = self.older
            self.spoil(machine)

    @staticmethod
    def fill(etc, number):
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
        for name in ("hostname", "zzz", "symlink", "new/deep/file"):
            os.utime(etc / name, (1, int(number)), follow_symlinks=False)

    def save(self, machine, number):
        done = machine.slate("save")
        assert done.status == 0, done.text

    def picture(self, machine, number):
        """What the next boot has."""
        said = machine.boot()
        assert f"sequence={number}" in said, said
        return picture(machine.upper)

    def spoil(self, machine):
        damaged = machine.templates / "damaged"
        if not damaged.exists():
            shutil.copytree(machine.templates / self.template, damaged)
            slot = damaged / SAVED / "slot-1.apkovl.tar.gz"
            content = bytearray(slot.read_bytes())
            content[700] ^= 1
            slot.write_bytes(content)
        self.template = "damaged"

    def judge(self, machine, point, fault):
        self.start(machine)
        done = machine.restore(point, fault)
        try:
            if not done.points and done.status:
                raise Wrong(OTHER, "the call was not reached")
            if done.status < 0:
                raise Wrong(OTHER, "it hangs")
            if done.status >= 128 and not (fault == "kill" and point.process == 0) and point.name not in STARTUP:
                raise Wrong(OTHER, f"died of signal {done.status - 128}")
            if done.status:
                self.judge_failure(machine, point, done)
            else:
                self.judge_root(machine, done)
        except Wrong as wrong:
            return Verdict(done.status, wrong.kind, str(wrong))
        return Verdict(done.status)

    def judge_failure(self, machine, point, done):
        """No root to be had, which the boot reports, is the one failure that restore has; the
        medium is as it was all the same."""
        if done.status < 128 and "driver: " not in done.errors and point.first != 2:
            raise Wrong(UNSAID, f"fails without a word: {done.text}")
        if done.status == 1 and not re.search("make the root anew|mount|open root", done.errors):
            raise Wrong(OTHER, f"fails: {done.text}")
        machine.boot()
        if picture(machine.upper) not in self.next_boots():
            raise Wrong(LOST, "the next boot has something else")

    def next_boots(self):
        return (self.newest,)

    def judge_root(self, machine, done):
        root = picture(machine.upper)
        told = "degraded: " in done.output
        if root != self.newest and not (root in (self.older, machine.empty) and told):
            raise Wrong(LOST, f"the root is {'incomplete' if told else 'another, without a word'}: {done.text}")


class TrialBoot(Boot):
    """Takes what is on trial, once: not before that is noted on the medium."""

    TRIAL, ARMED, BOOTED = 504, 2, 3

    def save(self, machine, number):
        machine.start_init()
        done = machine.slate("save", *(("--try", "10m") if number == "2" else ()))
        assert done.status == 0, done.text

    def picture(self, machine, number):
        if number == "2":
            mount("tmpfs", machine.medium, None, MS_REMOUNT)
            slot = next(machine.medium.glob(f"{SAVED}/slot-1.*"))
            content = bytearray(slot.read_bytes())
            content[self.TRIAL] = self.ARMED
            content[CRC:HEADER] = zlib.crc32(content[:CRC]).to_bytes(4, "little")
            slot.write_bytes(content)
        machine.keep(f"{self.template} {number}", SMALL)
        root = super().picture(machine, number)
        if number == "2":
            machine.templates.joinpath(f"{self.template} 2").rename(machine.templates / self.template)
        return root

    def insure(self, machine):
        super().insure(machine)
        machine.environment["TRIAL"] = "1"

    def next_boots(self):
        return self.newest, self.older

    def judge_root(self, machine, done):
        super().judge_root(machine, done)
        state = next(machine.medium.glob(f"{SAVED}/slot-1.*")).read_bytes()[self.TRIAL]
        if picture(machine.upper) == self.newest and state != self.BOOTED:
            raise Wrong(FALSE_SUCCESS, f"a trial is taken, and that is not noted: {done.text}")
        if machine.is_writable() and "mount" not in done.output:
            raise Wrong(UNSAID, "the medium is left writable, without a word")


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
