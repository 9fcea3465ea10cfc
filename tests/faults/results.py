"""What campaigns have found, so that one goes on where another was stopped, and several at a
time are one: of each scene a file in $BUILD/faults/found/DIGEST, of the programs and of what
judges them. It has a line for each case that was run, in JSON, and one of how many there are."""

import collections
import hashlib
import json
from pathlib import Path

from machine import BUILD, DRIVER, INJECT, SLATE
from verdict import KINDS, Verdict

JUDGES = ("boots", "commands", "machine", "scenes", "state", "verdict")


def folder():
    digest = hashlib.blake2b(digest_size=8)
    for path in (SLATE, DRIVER, INJECT, *(Path(__file__).with_name(f"{name}.py") for name in JUDGES)):
        digest.update(path.read_bytes())
    return BUILD / "faults/found" / digest.hexdigest()


class Found:
    """Of one scene: what became of each case, a fault and a process's call."""

    def __init__(self, at, name):
        at.mkdir(parents=True, exist_ok=True)
        self.name, self.verdicts, self.n_cases = name, {}, 0
        # unbuffered: a line is there as a whole, or not at all
        self.file = open(at / name, "ab+", buffering=0)  # pylint: disable=consider-using-with
        self.file.seek(0)
        for line in self.file.read().splitlines():
            self.take(*json.loads(line))

    def take(self, *told):
        if len(told) == 1:
            self.n_cases, = told
        else:
            fault, process, call, *verdict = told
            self.verdicts[fault, process, call] = Verdict(*verdict)

    def note(self, *told):
        self.take(*told)
        self.file.write(json.dumps(told).encode() + b"\n")

    def expect(self, n_cases):
        if n_cases != self.n_cases:
            self.note(n_cases)

    def has(self, fault, point):
        return (fault, point.process, point.call) in self.verdicts

    def add(self, fault, point, verdict):
        where = f"{point.process}:{point.call} {point.name}({point.first}): " if verdict.kind else ""
        self.note(fault, point.process, point.call, verdict.status, verdict.kind, where + verdict.text)

    @property
    def wrong(self):
        return {case: verdict for case, verdict in self.verdicts.items() if verdict.kind}

    def row(self):
        n_runs = len(self.verdicts)
        ends = collections.Counter("killed" if verdict.status >= 128 else "failed" if verdict.status else "done"
                                   for verdict in self.verdicts.values())
        kinds = collections.Counter(verdict.kind for verdict in self.wrong.values())
        return [self.name, len({case[1:] for case in self.verdicts}),
                n_runs if n_runs == self.n_cases else f"{n_runs} of {self.n_cases}",
                ends["done"], ends["failed"], ends["killed"], *(kinds[kind] for kind in KINDS)]


def table(all_found):
    titles = ["what", "system calls", "runs", "done all the same", "failed, and said so", "killed", *KINDS]
    rows = [titles, ["---"] * len(titles), *(found.row() for found in all_found)]
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    runs, cases = (sum(map(count, all_found)) for count in (lambda f: len(f.verdicts), lambda f: f.n_cases))
    part = "" if runs == cases else f", of {cases} that there are"
    return "\n".join(lines) + f"\n\n{runs} runs at {sum(found.row()[1] for found in all_found)} system calls{part}.\n"
