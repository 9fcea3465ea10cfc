"""Scenes of commands: `points` lists the system calls of one, `judge` runs it with one of them
failing and returns a Verdict."""

import re
import shutil

from machine import NOWHERE
from state import generation_of, state_of
from verdict import FALSE_SUCCESS, LOST, OTHER, STARTUP, UNSAID, Verdict, Wrong

SAFE = re.compile(r"intact|nothing was (changed|saved|written|read)|as it was|still")
# libsodium aborts where no random bytes are to be had, which since Linux 3.17 is never
ABORTS = STARTUP | {"getrandom"}
GENERATION = re.compile(r"^restored=([01]) sequence=(\d+) ", re.M)


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
        return done.failing

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
        return done.failing

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
