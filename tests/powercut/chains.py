"""Chains of power cuts: save, cut at a random legal state, boot, look, save again.

Several media share a boot. Each round restores from every medium, saves one more
generation to it, and leaves it in a random state of that save's log, with which the
next round begins.
"""

import mmap
import random
import re

import guest
import media
import states
import writelog

MEDIA = 16
MIB = 64
LINE = re.compile(r"^@(\d+) (\S+) (\S+) ?(.*)$")


def cut(path, events, generations, rng):
    """Leaves the medium at `path` in a random legal state; returns what a boot may find."""
    promises = states.Promises(events, generations)
    epochs = states.epochs_of(events)
    epoch = rng.choices(epochs, [1 + len(epoch.writes) for epoch in epochs])[0]
    picks = []
    if epoch.writes and rng.random() < 0.7:
        picks = states.random_pick(epoch, rng)[1]
    moment = max((epoch.writes[k][0] + 1 for k, _ in picks), default=epoch.start)
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as image:
        for event in events[:epoch.start]:
            if isinstance(event, writelog.Write):
                put(image, event, None)
        for k, parts in picks:
            put(image, epoch.writes[k][1], parts)
    return promises.allowed(moment, epoch.end - 1)


def put(image, write, parts):
    for first, count in parts or [(0, len(write.data) // writelog.SECTOR)]:
        start, end = first * writelog.SECTOR, (first + count) * writelog.SECTOR
        image[write.offset + start:write.offset + end] = write.data[start:end]


def drives_of(folder):
    drives = []
    for i in range(MEDIA):
        drives += guest.logged_drive(folder / f"work-{i}.img", folder / f"log-{i}", f"m{i}")
    return drives


def run_round(folder, program, kind, generation, size):
    """One save to every medium. Returns (found, saved, note) of each."""
    for i in range(MEDIA):
        guest.copy(folder / f"medium-{i}.img", folder / f"work-{i}.img")
        guest.empty(folder / f"log-{i}", 256 * media.MIB)
    lines = guest.boot(folder, program, kind.fstype, f"chain slate {kind.fstype} save:{generation}:{size} {MEDIA}",
                       drives_of(folder), 600, memory=512)
    found = [match.groups() for match in map(LINE.match, lines) if match]
    if len(found) != MEDIA:
        raise guest.GuestError(f"{MEDIA} media, {len(found)} came back")
    return [result[1:] for result in found]


def run(folder, program, kind, cuts, seed):
    """At least `cuts` cuts. Returns what became of them, as counts."""
    rng = random.Random(f"{seed} {kind.name}")
    counts = {"cuts": 0, "lost": 0, "refused": 0, "unmountable": 0, "samples": []}
    paths = [folder / f"medium-{i}.img" for i in range(MEDIA)]
    for path in paths:
        media.make(kind, MIB, path)
    allowed = [frozenset([0])] * MEDIA
    for generation in range(1, cuts // MEDIA + 2):
        results = run_round(folder, program, kind, generation, rng.randrange(1000, 60000))
        for i, (found, saved, note) in enumerate(results):
            fault = judge(found, saved, allowed[i])
            if fault:
                counts[fault] += 1
                counts["samples"].append(f"{fault}: round {generation}, medium {i}: {found}, {saved}: {note}"[:300])
                media.make(kind, MIB, paths[i])
                allowed[i] = frozenset([0])
                continue
            events = writelog.read(folder / f"log-{i}", tail=paths[i].stat().st_size - writelog.SECTOR)
            allowed[i] = cut(paths[i], events, [int(found), generation], rng)
            counts["cuts"] += 1
    return counts


def judge(found, saved, allowed):
    if found == "unmountable":
        return "unmountable"
    if found == "torn" or int(found) not in allowed:
        return "lost"
    return "" if saved == "ok" else "refused"
