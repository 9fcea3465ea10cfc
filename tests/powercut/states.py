"""Every state that a power cut may legally leave a medium in.

A disk may write what it was given in any order and in part, sector by sector, but
not past a flush: all before a completed flush is there. So the log falls into
epochs, and a state is all writes before an epoch with any part of the epoch's own.
The systematic ones come first - prefixes, one write missing, one write alone, one
write torn - then random ones, until there are as many as asked for, all different
in content, or no new one is found.

What a boot must find then: the generation last acknowledged before the cut, or the
one being saved. A state that fits several moments of the cut must be right at each.
"""

import array
import dataclasses
import hashlib

from writelog import SECTOR, Ack, Flush, Write

# Larger writes are torn at a grid's lines instead of at any sector.
FINE = 128
GRID = 16
TRIES = 6


@dataclasses.dataclass
class Epoch:
    """writes: (event index, Write); start, end: event indices, end past the last."""
    start: int
    end: int
    writes: list


@dataclasses.dataclass
class State:
    """cells: content of each cell; allowed: generations that a boot may find."""
    epoch: Epoch
    cells: array.array
    allowed: frozenset
    story: str


def epochs_of(events):
    found, start, writes = [], 0, []
    for at, event in enumerate(events):
        if isinstance(event, Flush):
            found.append(Epoch(start, at + 1, writes))
            start, writes = at + 1, []
        elif isinstance(event, Write):
            writes.append((at, event))
    found.append(Epoch(start, len(events) + 1, writes))
    return found


class Promises:
    """Which generations may be found after a cut at a moment of the log."""

    def __init__(self, events, generations):
        """generations: what a boot finds before the first step, and after each."""
        self.generations = generations
        self.acks = []
        count = 0
        for event in events:
            self.acks.append(count)
            count += isinstance(event, Ack)
        self.acks += [count, count]

    def save_at(self, moment):
        """Which save (0 is the first) is under way; the last one keeps what comes after it."""
        return min(self.acks[moment], len(self.generations) - 2)

    def allowed(self, first, last):
        """For a cut at any moment from first to last, included: what is right at all of them."""
        allowed = None
        for acked in range(self.acks[first], self.acks[last] + 1):
            here = frozenset(self.generations[acked:acked + 2])
            allowed = here if allowed is None else allowed & here
        return allowed


class Cells:
    """The medium's sectors that an epoch of interest writes, in runs that are never parted.

    Contents are numbers: two cells hold the same bytes when their numbers are the same.
    """

    def __init__(self, epochs, image):
        cuts = set()
        for epoch in epochs:
            for _, write in epoch.writes:
                cuts.update(write.offset // SECTOR + line for line in lines_of(write))
        self.cuts = sorted(cuts)
        self.index = {sector: i for i, sector in enumerate(self.cuts)}
        self.bytes = [b""]          # of each number; 0 is zeros of any length
        self._numbers = {}
        self.base = self._base(image)
        self._of_write = {}

    def number(self, data):
        if not data.strip(b"\0"):
            return 0
        key = hashlib.blake2b(data, digest_size=16).digest()
        if key not in self._numbers:
            self._numbers[key] = len(self.bytes)
            self.bytes.append(data)
        return self._numbers[key]

    def _base(self, image):
        base = array.array("I", bytes(4 * len(self.cuts)))
        for i, (start, end) in enumerate(zip(self.cuts, self.cuts[1:])):
            base[i] = self.number(bytes(image[start * SECTOR:end * SECTOR]))
        return base

    def span(self, write, first=0, count=None):
        """The cells of sectors first… of a write."""
        start = write.offset // SECTOR + first
        count = len(write.data) // SECTOR - first if count is None else count
        return self.index[start], self.index[start + count]

    def contents(self, at, write):
        """The numbers of all cells of the write that is event `at`."""
        if at not in self._of_write:
            low, high = self.span(write)
            origin = write.offset // SECTOR
            self._of_write[at] = array.array("I", (
                self.number(write.data[(self.cuts[i] - origin) * SECTOR:(self.cuts[i + 1] - origin) * SECTOR])
                for i in range(low, high)))
        return self._of_write[at]

    def apply(self, cells, at, write, parts=None):
        """parts: runs (first, count) of sectors that made it; None: all."""
        low, high = self.span(write)
        contents = self.contents(at, write)
        for first, count in [(0, None)] if parts is None else parts:
            start, end = self.span(write, first, count)
            cells[start:end] = contents[start - low:end - low]


def lines_of(write):
    """Sectors, from 0 to the count, at which a write may tear."""
    count = len(write.data) // SECTOR
    if count <= FINE:
        return range(count + 1)
    return {0, 1, count - 1, count, *(count * i // GRID for i in range(GRID + 1))}


def random_parts(write, rng):
    """A random part of a write, never all of it, never nothing, as runs of sectors."""
    lines = sorted(lines_of(write))
    runs = list(zip(lines, lines[1:]))
    if len(runs) < 2:
        return None
    share = rng.choice((0.1, 0.5, 0.9))
    kept = [run for run in runs if rng.random() < share]
    if not kept or len(kept) == len(runs):
        kept = [rng.choice(runs)]
    return [(start, end - start) for start, end in kept]


def torn_parts(write, rng):
    """The tears that are always tried: head only, half, all but the end, tail only, random."""
    count = len(write.data) // SECTOR
    if count < 2:
        return []
    half = count // 2 if count <= FINE else count * (GRID // 2) // GRID
    heads = sorted({1, half, count - 1})
    return [[(0, n)] for n in heads] + [[(1, count - 1)], random_parts(write, rng)]


def systematic(epoch, rng):
    """(story, [(index into epoch.writes, parts)]) of all simple states of an epoch."""
    n = len(epoch.writes)
    yield "nothing more", []
    for k in range(n):
        yield f"first {k + 1} of {n}", [(i, None) for i in range(k + 1)]
    for k in range(n):
        yield f"all but write {k}", [(i, None) for i in range(n) if i != k]
        yield f"write {k} alone", [(k, None)]
    for k, (_, write) in enumerate(epoch.writes):
        for parts in torn_parts(write, rng):
            yield f"first {k}, {k} torn {parts[:4]}", [(i, None) for i in range(k)] + [(k, parts)]
            yield f"all, {k} torn {parts[:4]}", [(i, parts if i == k else None) for i in range(n)]


def random_pick(epoch, rng):
    """Some of an epoch's writes, some of them torn; the only one there is always is."""
    alone = len(epoch.writes) == 1
    share = 1 if alone else rng.choice((0.2, 0.5, 0.8, 0.95))
    tears = 1 if alone else rng.choice((0, 0.3, 0.6))
    picks = []
    for k, (_, write) in enumerate(epoch.writes):
        if rng.random() < share:
            picks.append((k, random_parts(write, rng) if rng.random() < tears else None))
    return "random: " + " ".join(f"{k}{'t' if parts else ''}" for k, parts in picks[:40]), picks


class Case:
    """All that is tried of one save in a log. `image`: the medium as the save began
    for certain: every write before the first epoch of interest applied."""

    def __init__(self, events, promises, save):
        self.promises, self.save = promises, save
        self.epochs = [epoch for epoch in epochs_of(events)
                       if promises.save_at(epoch.start) <= save <= promises.save_at(epoch.end)]

    def first_event(self):
        return self.epochs[0].start

    def states(self, image, count, rng):
        """Up to `count` different states; `cells` of the case is set, too."""
        self.cells = Cells(self.epochs, image)
        durable = self._durable()
        simple = [(epoch, story, picks) for epoch in self.epochs for story, picks in systematic(epoch, rng)]
        if len(simple) > count:
            simple = rng.sample(simple, count)
        seen, found = set(), []
        for epoch, story, picks in simple:
            self._add(found, seen, durable, epoch, story, picks)
        weights = [sum(len(lines_of(write)) for _, write in epoch.writes) for epoch in self.epochs]
        for _ in range(TRIES * count if any(weights) else 0):
            if len(found) >= count:
                break
            epoch = rng.choices(self.epochs, weights)[0]
            self._add(found, seen, durable, epoch, *random_pick(epoch, rng))
        return found

    def _durable(self):
        """What is certain before each epoch, by its start."""
        cells, durable = array.array("I", self.cells.base), {}
        for epoch in self.epochs:
            durable[epoch.start] = array.array("I", cells)
            for at, write in epoch.writes:
                self.cells.apply(cells, at, write)
        return durable

    def _add(self, found, seen, durable, epoch, story, picks):
        moment = max((epoch.writes[k][0] + 1 for k, _ in picks), default=epoch.start)
        last = epoch.end - 1
        if self.promises.save_at(moment) != self.save:
            return
        cells = array.array("I", durable[epoch.start])
        for k, parts in picks:
            self.cells.apply(cells, *epoch.writes[k], parts)
        allowed = self.promises.allowed(moment, last)
        key = (hashlib.blake2b(cells.tobytes(), digest_size=16).digest(), allowed)
        if key not in seen:
            seen.add(key)
            found.append(State(epoch, cells, allowed, f"epoch at {epoch.start}: {story}"))
