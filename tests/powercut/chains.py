"""Chains of power cuts: save, cut at a random legal state, boot, look, save again.

Several media share a boot. Each round restores from every medium, saves one more
generation to it, and leaves it in a random state of that save's log, with which the
next round begins.
"""

import mmap
import random
import re
import subprocess

import guest
import media
import states
import writelog

# The parts of one disk: a controller each would take longer to be found than a save.
MEDIA = 64
MIB = 64
LINE = re.compile(r"^@(\d+) (\S+) (\S+) ?(.*)$")


class Disk:
    """A sparse file with the media side by side, each with its tail."""

    def __init__(self, folder, kind):
        self.folder, self.kind = folder, kind
        self.path, self.work, self.log = folder / "disk.img", folder / "work.img", folder / "writes.log"
        self.spare = folder / "spare.img"
        media.make(kind, MIB, self.spare)
        self.size = self.spare.stat().st_size
        guest.empty(self.path, MEDIA * self.size)
        for i in range(MEDIA):
            self.renew(i)

    def renew(self, i):
        """An empty file system in place of medium `i`."""
        media.make(self.kind, MIB, self.spare)
        where = ["-o", str(i * self.size), "-l", str(self.size)]
        subprocess.run(["fallocate", "-p", *where, self.path], check=True)
        subprocess.run(["dd", f"if={self.spare}", f"of={self.path}", "bs=1M", f"seek={i * self.size // media.MIB}",
                        "conv=notrunc,sparse", "status=none"], check=True)

    def begin_round(self):
        guest.copy(self.path, self.work)
        guest.empty(self.log, 64 * 1024 * media.MIB)

    def events(self):
        """What the log says of each medium, from its first write to the flush after its last."""
        whole, found = writelog.read(self.log, lambda offset: offset % self.size == self.size - writelog.SECTOR), []
        for i in range(MEDIA):
            start, mine = i * self.size, []
            for event in whole:
                if isinstance(event, writelog.Flush):
                    mine += [event] if mine and not isinstance(mine[-1], writelog.Flush) else []
                elif start <= event.offset < start + self.size:
                    mine.append(event)
            found.append(mine)
        return found


def cut(path, events, generations, rng):
    """Leaves a medium of the disk at `path` in a random legal state; returns what a boot may find."""
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


def run_round(disk, program, generation, size):
    """One save to every medium. Returns (found, saved, note) of each."""
    disk.begin_round()
    fstype = disk.kind.fstype
    lines = guest.boot(disk.folder, program, fstype,
                       f"chain slate {fstype} save:{generation}:{size} {MEDIA} {disk.size}",
                       guest.logged_drive(disk.work, disk.log), 900)
    found = [match.groups() for match in map(LINE.match, lines) if match]
    if len(found) != MEDIA:
        raise guest.GuestError(f"{MEDIA} media, {len(found)} came back")
    return [result[1:] for result in found]


def run(folder, program, kind, cuts, seed):
    """At least `cuts` cuts, where not half of all rounds go wrong. Returns what became of them, as counts."""
    rng = random.Random(f"{seed} {kind.name}")
    counts = {"cuts": 0, "lost": 0, "refused": 0, "full": 0, "unmountable": 0, "samples": []}
    disk = Disk(folder, kind)
    allowed = [frozenset([0])] * MEDIA
    for generation in range(1, 2 * cuts // MEDIA + 2):
        if counts["cuts"] >= cuts:
            break
        results = run_round(disk, program, generation, rng.randrange(1000, 60000))
        for i, ((found, saved, note), events) in enumerate(zip(results, disk.events())):
            fault = judge(found, saved, note, allowed[i])
            if fault:
                counts[fault] += 1
                counts["samples"].append(f"{fault}: round {generation}, medium {i}: {found}, {saved}: {note}"[:300])
                disk.renew(i)
                allowed[i] = frozenset([0])
                continue
            allowed[i] = cut(disk.path, events, [int(found), generation], rng)
            counts["cuts"] += 1
    return counts


def judge(found, saved, note, allowed):
    """The name of what went wrong, or ""."""
    if found == "unmountable":
        return "unmountable"
    if found == "torn" or int(found) not in allowed:
        return "lost"
    if saved != "ok":
        return "full" if ": full: " in note or "No space left on device" in note else "refused"
    return ""
