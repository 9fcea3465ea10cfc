#!/usr/bin/python3
"""Makes every system call of every scene fail in every way, and writes the report.

    campaign.py [--scenes A;B] [--faults A,B] [--seconds N] [--jobs J] [--write FILE]

First each call fails in one way, then each in another, and so on; after --seconds N it
ends, and the report says how many of all cases there were. The exit status is 1 when
something that must hold did not. Each job keeps to one processor, where the tracer and what it traces take turns
six times as fast as on two.
"""

import argparse
import collections
import multiprocessing
import os
import sys
import time

import machine
import scenes

MOVES_BYTES = ("read", "write", "pread64", "pwrite64")
MADE = []

HEAD = """# Every system call fails

`make faults` runs each of these on a machine in a folder, under a tracer
(tests/faults/inject.c) that makes one system call of it fail, or of a child of it, and
goes through all calls and all of: SIGKILL instead of the call; {errnos}; half
of a read or a write; a write that claims success and writes nothing. The programs are the
static ones. After each run:

- status 0 means that the next boot has what was saved, read by the boot's own code, and
  that what runs is what was asked for (else a false success);
- else the next boot has it, or generation 5, whole; the bytes of generation 5 are the same;
  one slot is written to, and one more for each that is said to have failed; what runs is as
  before, at the latest after the next command (else a generation lost);
- the message says what is still safe, and the medium is read-only again, or that is told
  (else not said);
- the next save works, and the next boot has it (else wrong);
- a boot has the newest generation, whole, or an older one or none and says so.

What follows of a state of medium and machine is found out once a job.

"""


def calls_for(scene, points, fault):
    names = {"short": MOVES_BYTES, "lost": scene.loses}.get(fault)
    return [point for point in points if names is None or point.name in names]


def keep_to_one_processor():
    processors = sorted(os.sched_getaffinity(0))
    number = multiprocessing.current_process()._identity[0]  # pylint: disable=protected-access
    os.sched_setaffinity(0, {processors[number % len(processors)]})


def ways_of(scene, points, faults):
    """Of each call the faults that it can have, and with which of them to begin."""
    having = {fault: set(calls_for(scene, points, fault)) for fault in faults}
    return [(index, [fault for fault in faults if point in having[fault]]) for index, point in enumerate(points)]


def set_up(names):
    """In each process of a pool, which starts another for ever where this raises: what is
    wrong is kept for the first who asks."""
    keep_to_one_processor()
    try:
        MADE[:] = [scenes.ready(), {}]
        for scene in scenes.SCENES:
            if scene.name in names:
                MADE[1][scene.name] = (scene, scene.points(MADE[0]))
    except Exception as error:  # pylint: disable=broad-except
        close()
        MADE[:] = [None, error]


def made():
    if isinstance(MADE[1], Exception):
        raise RuntimeError("the machine can't be made") from MADE[1]
    return MADE


def cases_of(names, faults):
    """Asked of a process of its own: the machine needs a mount namespace."""
    with multiprocessing.Pool(1, set_up, (names,)) as pool:
        return pool.apply(list_cases, (faults,))


def list_cases(faults):
    machine_made, ready_scenes = made()
    try:
        ways = {name: ways_of(scene, points, faults) for name, (scene, points) in ready_scenes.items()}
        return [(name, fault, index) for turn in range(len(faults)) for name, calls in ways.items()
                for index, (first, mine) in enumerate(calls) if turn < len(mine)
                for fault in [mine[(first + turn) % len(mine)]]]
    finally:
        machine_made.close()


def judge(case):
    name, fault, index = case
    machine_made, ready_scenes = made()
    scene, points = ready_scenes[name]
    try:
        verdict = scene.judge(machine_made, points[index], fault)
    except (RuntimeError, OSError) as error:
        verdict = scenes.Verdict(-1, scenes.OTHER, f"no judgement: {error}")
    return case, points[index], verdict


def run(cases, names, jobs):
    """Yields (case, point, verdict)."""
    with multiprocessing.Pool(jobs, set_up, (names,)) as pool:
        yield from pool.imap_unordered(judge, cases, 8)
        for closing in [pool.apply_async(close) for _ in range(jobs)]:
            closing.wait()


def close():
    if MADE and MADE[0]:
        MADE[0].close()
    MADE.clear()


class Count:
    """Of one scene."""

    def __init__(self):
        self.points, self.ends, self.wrong = set(), collections.Counter(), collections.Counter()

    def add(self, point, verdict):
        self.points.add(point)
        self.ends["killed" if verdict.status >= 128 else "failed" if verdict.status else "done"] += 1
        if verdict.kind:
            self.wrong[verdict.kind] += 1

    def row(self, name):
        cells = [name, len(self.points), self.ends.total(), self.ends["done"], self.ends["failed"],
                 self.ends["killed"], *(self.wrong[kind] for kind in scenes.KINDS)]
        return f"| {' | '.join(map(str, cells))} |"


def table(counts, n_cases):
    titles = ["what", "system calls", "runs", "done all the same", "failed, and said so", "killed", *scenes.KINDS]
    whole = [sum(count.ends.total() for count in counts.values()),
             sum(len(count.points) for count in counts.values())]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    lines += [count.row(name) for name, count in counts.items()]
    part = "" if whole[0] == n_cases else f", of {n_cases} that there are"
    return "\n".join(lines) + f"\n\n{whole[0]} runs at {whole[1]} system calls{part}.\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", default=";".join(scene.name for scene in scenes.SCENES))
    parser.add_argument("--faults", default=",".join(machine.FAULTS))
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write")
    return parser.parse_args()


def main():
    asked = arguments()
    names = asked.scenes.split(";")
    start = time.monotonic()
    cases = cases_of(names, asked.faults.split(","))
    counts = {name: Count() for name in names}
    for (name, fault, _), point, verdict in run(cases, names, asked.jobs):
        counts[name].add(point, verdict)
        if verdict.kind:
            print(f"{name}: {fault}: {point.process}:{point.call} {point.name}({point.first}): "
                  f"{verdict.kind}: {verdict.text}", flush=True)
        if time.monotonic() - start > asked.seconds:
            break
    print(table(counts, len(cases)) + f"{time.monotonic() - start:.0f} s", flush=True)
    if asked.write:
        with open(asked.write, "w", encoding="utf-8") as out:
            out.write(HEAD.format(errnos=", ".join(machine.ERRNOS)) + table(counts, len(cases)))
    return any(count.wrong for count in counts.values())


if __name__ == "__main__":
    sys.exit(main())
