#!/usr/bin/python3
"""Makes every system call of every scene fail in every way, and writes the report.

    campaign.py [--scenes A,B] [--faults A,B] [--every N] [--jobs J] [--write FILE]

--every N takes each N-th case only. The exit status is 1 when something that must hold
did not.
"""

import argparse
import collections
import itertools
import multiprocessing
import sys

import machine
import scenes

MOVES_BYTES = {"short": ("read", "write", "pread64", "pwrite64"), "lost": ("write", "pwrite64")}
MADE = []

HEAD = """# Every system call fails

`make faults` runs each of these on a machine in a folder, under a tracer
(tests/faults/inject.c) that makes one system call of it fail, or of a child of it, and
goes through all calls and all of: SIGKILL instead of the call; {errnos}; half
of a read or a write; a write that claims success and writes nothing. The programs are the
static ones. After each run:

- status 0 means that the next boot has what was saved, read by the boot's own code;
- else the next boot has it, or generation 5, whole; the bytes of generation 5 are the same;
- one slot is written to, and one more for each that is said to have failed;
- the message says what is still safe, and the medium is read-only again, or that is told;
- the next save works, and the next boot has it;
- a boot has the newest generation, whole, or an older one or none and says so.

"""


def calls_for(points, fault):
    return [point for point in points if fault not in MOVES_BYTES or point.name in MOVES_BYTES[fault]]


def set_up(names):
    """In each process of a pool, which starts another for ever where this raises: what is
    wrong is kept for the first who asks."""
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
        return [(name, fault, index) for name, (scene, points) in ready_scenes.items() for fault in faults
                if fault in scene.faults
                for index in (points.index(point) for point in calls_for(points, fault))]
    finally:
        machine_made.close()


def judge(case):
    name, fault, index = case
    machine_made, ready_scenes = made()
    scene, points = ready_scenes[name]
    try:
        wrong = scene.judge(machine_made, points[index], fault)
    except (RuntimeError, OSError) as error:
        wrong = f"no judgement: {error}"
    return case, points[index], wrong


def run(cases, names, jobs):
    """Yields (case, point, what is wrong or None)."""
    with multiprocessing.Pool(jobs, set_up, (names,)) as pool:
        yield from pool.imap_unordered(judge, cases, 4)
        for closing in [pool.apply_async(close) for _ in range(jobs)]:
            closing.wait()


def close():
    if MADE and MADE[0]:
        MADE[0].close()
    MADE.clear()


def table(counts):
    lines = ["| what | system calls | runs | " + " | ".join(["wrong"]) + " |", "|---|---|---|---|"]
    for name, (points, runs, wrong) in counts.items():
        lines.append(f"| {name} | {len(points)} | {runs} | {wrong} |")
    return "\n".join(lines) + "\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", default=",".join(scene.name for scene in scenes.SCENES))
    parser.add_argument("--faults", default=",".join(machine.FAULTS))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write")
    return parser.parse_args()


def main():
    asked = arguments()
    names = asked.scenes.split(",")
    cases = cases_of(names, asked.faults.split(","))[::asked.every]
    counts = collections.OrderedDict((name, [set(), 0, 0]) for name in names)
    for (name, fault, _), point, wrong in run(cases, names, asked.jobs):
        counts[name][0].add(point)
        counts[name][1] += 1
        if wrong:
            counts[name][2] += 1
            print(f"{name}: {fault}: {point.process}:{point.call} {point.name}({point.first}): {wrong}", flush=True)
    print(table(counts), end="")
    if asked.write:
        with open(asked.write, "w", encoding="utf-8") as out:
            out.write(HEAD.format(errnos=", ".join(machine.ERRNOS)) + table(counts))
    return any(wrong for _, _, wrong in counts.values())


if __name__ == "__main__":
    sys.exit(main())
