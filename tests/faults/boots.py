"""Scenes of boots, as those of commands."""

import os
import re
import shutil
import zlib

from machine import MS_REMOUNT, SAVED, SMALL, mount, picture
from state import CRC, HEADER
from verdict import FALSE_SUCCESS, LOST, OTHER, STARTUP, UNSAID, Verdict, Wrong


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
        return done.failing

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
