"""The series of saves that are cut, and on which media.

A case is what one of the steps goes through: its name is the row of the report.
"""

import dataclasses

SMALL = 20000
# More than a new slot's 4 MiB: new, larger slots are made.
LARGE = 4_500_000


@dataclasses.dataclass
class Step:
    """One action on the medium (guest/record.h): what `generation` means depends on it."""
    case: str
    action: str
    generation: int = 0
    size: int = 0           # bytes of payload

    def word(self):
        return f"{self.action}:{self.generation}:{self.size}"


def save(case, generation, size=SMALL):
    return Step(case, "save", generation, size)


@dataclasses.dataclass
class Plan:
    """prepare: steps made beforehand, whose writes are not cut.

    mib: the media that it needs; creates: cases in which files are made, after which the
    medium is filled up, where nothing keeps a journal."""
    name: str
    mib: int
    steps: list
    creates: tuple
    most: int = 0           # states of a step that are worth their time; 0: any number
    prepare: tuple = ()

    def cases(self):
        return [step.case for step in self.steps]


ROTATION = Plan("rotation", 24, [
    save("first save", 1),
    save("steady save", 2),
    save("steady save", 3),
    save("steady save", 4),
    save("oldest slot taken", 5),
    save("oldest slot taken", 6),
    Step("reset", "reset"),
    save("save after reset", 8),
], ("first save",))

GROWTH = Plan("growth", 64, [
    save("first save", 1),
    save("steady save", 2),
    save("larger slots made", 3, LARGE),
    save("large save", 4, LARGE),
    save("small after large", 5),
], ("larger slots made",), most=50)

TRIAL = Plan("trial", 24, [
    Step("save on trial", "try", 3, SMALL),
    Step("trial armed", "arm"),
    Step("trial booted", "boot"),
    Step("trial confirmed", "confirm"),
    save("save after a trial", 4),
    Step("save on trial", "try", 5, SMALL),
    Step("trial given up", "late"),
    save("save after a trial", 6),
], (), prepare=(save("", 1), save("", 2)))

FULL = Plan("full", 24, [
    save("full medium: save", 2),
    save("full medium: save", 3),
    Step("full medium: too large a save", "larger", 4, LARGE),
    save("full medium: save", 5),
    Step("full medium: reset", "reset"),
], (), most=200, prepare=(save("", 1), Step("", "fill", 1, SMALL)))

# Saves go to a server, which is not there: what the medium keeps is all there is.
NETWORK = Plan("network", 24, [
    Step("server out of reach", "cutoff", 2, SMALL),
    Step("server out of reach", "cutoff", 3, SMALL),
    save("save after that", 4),
    Step("server out of reach", "cutoff", 5, SMALL),
], (), prepare=(save("", 1),))

# The sequences that are compared keep one file: two saves show all that they do.
PAIR = Plan("pair", 24, [save("first save", 1), save("steady save", 2)], ("first save",))

PLANS = {"slate": [ROTATION, GROWTH, TRIAL, FULL, NETWORK], "lbu": [PAIR], "textbook": [PAIR]}
