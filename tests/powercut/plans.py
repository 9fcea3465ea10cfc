"""The series of saves that are cut, and on which media.

A case is what one of the saves goes through: its name is the row of the report.
"""

import dataclasses

SMALL = 20000
# More than a new slot's 4 MiB: new, larger slots are made.
LARGE = 4_500_000


@dataclasses.dataclass
class Plan:
    """steps: (case, generation, bytes of payload); generation 0 is a reset.

    mib: the media that it needs; creates: cases in which files are made, after which the
    medium is filled up, where nothing keeps a journal."""
    name: str
    mib: int
    steps: list
    creates: tuple
    most: int = 0           # states of a save that are worth their time; 0: any number

    def saves(self):
        return [(generation, size) for _, generation, size in self.steps]

    def cases(self):
        return [case for case, *_ in self.steps]


ROTATION = Plan("rotation", 24, [
    ("first save", 1, SMALL),
    ("steady save", 2, SMALL),
    ("steady save", 3, SMALL),
    ("steady save", 4, SMALL),
    ("oldest slot taken", 5, SMALL),
    ("oldest slot taken", 6, SMALL),
    ("reset", 0, 0),
    ("save after reset", 8, SMALL),
], ("first save",))

GROWTH = Plan("growth", 64, [
    ("first save", 1, SMALL),
    ("steady save", 2, SMALL),
    ("larger slots made", 3, LARGE),
    ("large save", 4, LARGE),
    ("small after large", 5, SMALL),
], ("larger slots made",), most=500)

# The sequences that are compared keep one file: two saves show all that they do.
PAIR = Plan("pair", 24, [("first save", 1, SMALL), ("steady save", 2, SMALL)], ("first save",))

PLANS = {"slate": [ROTATION, GROWTH], "lbu": [PAIR], "textbook": [PAIR]}
