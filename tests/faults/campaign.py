#!/usr/bin/python3
"""Makes every system call of every scene fail in every way, and writes the report.

    campaign.py [--scenes A;B] [--faults A,B] [--seconds N] [--jobs J] [--write FILE]

First each call fails in one way, then each in another, and so on; after --seconds N it ends.
What was run is kept (results.py) and not run again for the same programs; the report is of all
that is there, and says how many of all cases these are. The exit status is 1 when something
that must hold did not. Each job keeps to one processor, where the tracer and what it traces
take turns six times as fast as on two.
"""

import argparse
import multiprocessing
import os
import sys
import time

import machine
import results
import scenes
from verdict import OTHER, Verdict

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


def ways_of(scene, points):
    """Of each call the faults that it can have, and with which of them to begin."""
    having = {fault: set(calls_for(scene, points, fault)) for fault in machine.FAULTS}
    return [(point, [fault for fault in machine.FAULTS if point in having[fault]]) for point in points]


def set_up(names):
    """In each process of a pool, which starts another for ever where this raises: what is
    wrong is kept for the first who asks."""
    keep_to_one_processor()
    try:
        MADE[:] = [scenes.ready(), {}]
        for scene in scenes.SCENES:
            if scene.name in names:
                MADE[1][scene.name] = scene, scene.points(MADE[0])
    except Exception as error:  # pylint: disable=broad-except
        close()
        MADE[:] = [None, error]


def made():
    if isinstance(MADE[1], Exception):
        raise RuntimeError("the machine can't be made") from MADE[1]
    return MADE


def cases_of(names):
    """Asked of a process of its own: the machine needs a mount namespace."""
    with multiprocessing.Pool(1, set_up, (names,)) as pool:
        return pool.apply(list_cases)


def list_cases():
    machine_made, ready_scenes = made()
    try:
        ways = {name: ways_of(scene, points) for name, (scene, points) in ready_scenes.items()}
        return [(name, fault, point) for turn in range(len(machine.FAULTS)) for name, calls in ways.items()
                for first, (point, mine) in enumerate(calls) if turn < len(mine)
                for fault in [mine[(first + turn) % len(mine)]]]
    finally:
        machine_made.close()


def judge(case):
    name, fault, point = case
    machine_made, ready_scenes = made()
    try:
        return case, ready_scenes[name][0].judge(machine_made, point, fault)
    except (RuntimeError, OSError) as error:
        return case, Verdict(-1, OTHER, f"no judgement: {error}")


def run(cases, names, jobs):
    """Yields (case, verdict)."""
    with multiprocessing.Pool(jobs, set_up, (names,)) as pool:
        yield from pool.imap_unordered(judge, cases, 8)
        for closing in [pool.apply_async(close) for _ in range(jobs)]:
            closing.wait()


def close():
    if MADE and MADE[0]:
        MADE[0].close()
    MADE.clear()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", default=";".join(scene.name for scene in scenes.SCENES))
    parser.add_argument("--faults", default=",".join(machine.FAULTS))
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write")
    return parser.parse_args()


def go_on(found, asked):
    """Runs what is asked for and was not run yet."""
    start = time.monotonic()
    names, faults = asked.scenes.split(";"), asked.faults.split(",")
    cases = cases_of(names)
    for name in names:
        found[name].expect(sum(case[0] == name for case in cases))
    left = [(name, fault, point) for name, fault, point in cases
            if fault in faults and not found[name].has(fault, point)]
    if not left:
        return
    for (name, fault, point), verdict in run(left, {case[0] for case in left}, asked.jobs):
        found[name].add(fault, point, verdict)
        if time.monotonic() - start > asked.seconds:
            break


def main():
    asked = arguments()
    folder = results.folder()
    found = {scene.name: results.Found(folder, scene.name) for scene in scenes.SCENES}
    go_on(found, asked)
    for name, one in found.items():
        for (fault, *_), verdict in one.wrong.items():
            print(f"{name}: {fault}: {verdict.kind}: {verdict.text}")
    known = [one for one in found.values() if one.n_cases]
    print(results.table(known))
    if asked.write:
        with open(asked.write, "w", encoding="utf-8") as out:
            out.write(HEAD.format(errnos=", ".join(machine.ERRNOS)) + results.table(known))
    return any(one.wrong for one in known)


if __name__ == "__main__":
    sys.exit(main())
