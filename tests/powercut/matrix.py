"""Records saves, cuts the power in every legal way, and judges what a boot finds."""

import collections
import dataclasses
import mmap
import os
import random
import re
import shutil

import guest
import media
import plans
import writelog
from deck import Deck
from states import Case, Promises

FURTHER_BYTES = 3000
# Sequences that are held to have flushed when they return.
FLUSHING = ("slate",)
LINE = re.compile(r"^@(\d+) (\S+) (\S+) ?(.*)$")


@dataclasses.dataclass
class Recording:
    kind: media.Kind
    sequence: str
    plan: plans.Plan
    events: list
    before: object          # path of the medium before the first write
    found: list             # what a boot finds before the first step, and after each


def record(folder, program, kind, sequence, plan):
    """Makes the saves of `plan` in a guest, each write logged. The log must explain the medium."""
    before, image, log = folder / "before.img", folder / "medium.img", folder / "writes.log"
    media.make(kind, plan.mib, before)
    if plan.prepare:
        take_steps(folder, program, kind, sequence, plan.prepare, guest.plain_drive(before))
    guest.copy(before, image)
    guest.empty(log, sum(step.size for step in plan.steps) * 8 + 512 * media.MIB)
    take_steps(folder, program, kind, sequence, plan.steps, guest.logged_drive(image, log))
    tail = before.stat().st_size - writelog.SECTOR
    events = writelog.read(log, lambda offset: offset == tail)
    log.unlink()
    acks = [event.generation for event in events if isinstance(event, writelog.Ack)]
    if len(acks) != len(plan.steps):
        raise guest.GuestError(f"acknowledged {acks} of {plan.steps}")
    require_same(before, image, events)
    image.unlink()
    if sequence not in FLUSHING:
        events = settle(events)
    return Recording(kind, sequence, plan, events, before, [prepared(before), *acks])


def take_steps(folder, program, kind, sequence, steps, drive):
    words = " ".join(step.word() for step in steps)
    guest.boot(folder, program, kind.fstype, f"record {sequence} {kind.fstype} /dev/vda {words}", drive, 300)


def prepared(path):
    """The generation that was acknowledged last on a medium; 0: none was."""
    with open(path, "rb") as file:
        file.seek(-writelog.SECTOR, os.SEEK_END)
        sector = file.read()
    return writelog.generation_in(sector) if any(sector) else 0


def settle(events):
    """In favour of a sequence that ends without a flush: the disk is left alone until the next
    save, and gets round to writing all that it has."""
    settled, acked = [], False
    for event in events:
        if acked and isinstance(event, writelog.Write):
            settled.append(writelog.Flush())
        acked = isinstance(event, writelog.Ack)
        settled.append(event)
    return settled


def require_same(before, image, events):
    """The replayed log gives the medium that the guest left, byte for byte."""
    size = before.stat().st_size - media.TAIL
    replayed = open_image(before)
    apply(events, replayed)
    with open(image, "rb") as file, mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ) as left:
        for at in range(0, size, media.MIB):
            if replayed[at:at + media.MIB] != left[at:at + media.MIB]:
                raise guest.GuestError(f"the log does not explain the medium near {at}")


def open_image(path):
    """A private copy in memory of a medium without its tail."""
    with open(path, "rb") as file:
        return mmap.mmap(file.fileno(), path.stat().st_size - media.TAIL, flags=mmap.MAP_PRIVATE,
                         prot=mmap.PROT_READ | mmap.PROT_WRITE)


def apply(events, image):
    for event in events:
        if isinstance(event, writelog.Write):
            image[event.offset:event.offset + len(event.data)] = event.data


@dataclasses.dataclass
class Verdict:
    """What became of one state."""
    case: str               # of the plan
    story: str
    allowed: frozenset
    first: str              # as guest/check.h says
    further: str
    note: str

    def fault(self):
        """"" or the name of what is wrong; the worst of it."""
        if self.first == "unmountable":
            return "unmountable"
        if self.first == "torn" or (self.first == "0" and 0 not in self.allowed):
            return "lost"
        if int(self.first) not in self.allowed:
            return "older"
        return "" if self.further == "ok" else "unwritable"


FAULTS = ("lost", "older", "unmountable", "unwritable")


def examine(folder, program, recording, saves, count, seed):
    """Judges up to `count` states of each of `saves` (indices) in one boot."""
    path = folder / "states.deck"
    deck = Deck(path, recording.before.stat().st_size - media.TAIL, recording.kind.fstype,
                recording.sequence, FURTHER_BYTES)
    promises = Promises(recording.events, recording.found)
    image, applied, told = open_image(recording.before), 0, []
    cases = recording.plan.cases()
    for save in sorted(saves):
        case = Case(recording.events, promises, save)
        apply(recording.events[applied:case.first_event()], image)
        applied = max(applied, case.first_event())
        states = case.states(image, count, random.Random(f"{seed} {save}"))
        where, base = deck.add_contents(case.cells), deck.add_base(image)
        fill = not recording.kind.journal and cases[save] in recording.plan.creates
        for state in states:
            deck.add_state(base, case.cells, where, state.cells, fill)
            told.append((cases[save], state.story, state.allowed))
    deck.close()
    lines = guest.boot(folder, program, recording.kind.fstype, "check /dev/vda", guest.plain_drive(path),
                       300 + len(told) * 2)
    path.unlink()
    return verdicts_of(lines, told)


def verdicts_of(lines, told):
    found = [match.groups() for match in map(LINE.match, lines) if match]
    if [int(number) for number, *_ in found] != list(range(len(told))):
        raise guest.GuestError(f"{len(told)} states were sent, {len(found)} came back")
    return [Verdict(*what, *result[1:]) for what, result in zip(told, found)]


def count_faults(verdicts):
    return collections.Counter(verdict.fault() for verdict in verdicts if verdict.fault())


def scratch(name):
    folder = guest.BUILD / "powercut-work" / f"{name}-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
