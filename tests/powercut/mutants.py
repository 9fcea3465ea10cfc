#!/usr/bin/python3
"""Deliberate bugs: each must turn the matrix red, or the matrix proves nothing.

    mutants.py [WORD]     those whose short name has WORD

A bug is an edit of a copy of overlay's sources, linked before the archive. An edit whose
text is no longer in the source is an error: the table follows the code.
"""

import dataclasses
import os
import shutil
import subprocess
import sys

import guest
import matrix
import media
import plans
from results import Results

FLUSH = "return fdatasync(fd) < 0 ?"
SEAL = "write_at(s->fd, sector, sizeof sector, 0, e) < 0 || flush(s->fd, e) < 0)"
HEADER = '#include "growth.h"'
MORE_HEADERS = """#include "growth.h"
#include <fcntl.h>
#include <unistd.h>
#include "../../init/base/fd.h\""""
MAKE = "return slotdir_make(l->medium_fd, path, slots, &found->dir, e);"
MAKE_IN_PLACE = """if (fd_mkdirs(l->medium_fd, path, 0755, e) < 0)
		return -1;
	found->dir = fd_open_beneath(l->medium_fd, path, O_RDONLY | O_DIRECTORY, 0);
	return slot_create_set(found->dir, slots->first, slots->count, slots->size, NULL, NULL, e);"""
GROWN = "for (int i = 0; i < slots.count && set->n < SLOTSET_MAX; i++)"
REMOVE_OLD = """for (int i = 0; i < slots.first; i++) {
		char old[64];

		snprintf(old, sizeof old, SLOT_PREFIX "%d" SLOT_SUFFIX, i);
		unlinkat(found->dir, old, 0);
	}
	set->n = 0;
	"""
IN_PLACE = [("save/growth.c", HEADER, MORE_HEADERS), ("save/growth.c", MAKE, MAKE_IN_PLACE)]
VALIDATED = "||\n	    archive_validate(&archive, &outcome, &why) < 0)"
EXTRACTED = "if (archive_extract(&archive, a->root, NULL, &outcome, &why) < 0)\n		return pass_over(a, c, &why);"


@dataclasses.dataclass
class Mutant:
    """edits: (file of overlay/, text, its replacement). saves: which of the plan are cut."""
    name: str
    title: str
    edits: list
    kind: str = "fat16"
    plan: plans.Plan = dataclasses.field(default_factory=lambda: plans.ROTATION)
    saves: tuple = (1,)
    states: int = 60


MUTANTS = [
    Mutant("no-flush", "nothing is flushed", [("slot/slotout.c", FLUSH, "(void)fd; return 0 ?")]),
    Mutant("syncfs", "syncfs in place of fdatasync", [("slot/slotout.c", FLUSH, "return syncfs(fd) < 0 ?")]),
    Mutant("early", "success is told before the header is flushed",
           [("slot/slotout.c", SEAL, "write_at(s->fd, sector, sizeof sector, 0, e) < 0)")]),
    Mutant("first-slot", "the first slot is always written",
           [("slot/slotset.c", "struct slot *best = NULL;\n\n	for (struct slot *s = set->slots; s < set->slots + set->n; s++) {"
             "\n		if (s == newest",
             "struct slot *best = set->n ? set->slots : NULL;\n\n"
             "	for (struct slot *s = set->slots; s < set->slots + 0; s++) {\n		if (s == newest")]),
    Mutant("newest", "the newest slot is overwritten, not the oldest",
           [("slot/slotset.c", "worth(a) > 0 && a->record.sequence < b->record.sequence;",
             "worth(a) > 0 && a->record.sequence > b->record.sequence;"),
            ("slot/slotset.c", "if (s == newest || s == settled || s == keep", "if ((void)newest, (void)settled, s == keep")], saves=(4,)),
    Mutant("lowest", "the lowest sequence number is restored",
           [("slot/slotset.c", "!best || s->record.sequence > best->record.sequence",
             "!best || s->record.sequence < best->record.sequence")]),
    Mutant("unchecked", "header and payload in one flush, restored without a check",
           [("slot/slotout.c", "drain(s, e) < 0 || flush(s->fd, e) < 0", "drain(s, e) < 0"),
            ("restore/restore.c", VALIDATED, ")"),
            ("restore/restore.c", EXTRACTED, "(void)archive_extract(&archive, a->root, NULL, &outcome, &why);")]),
    Mutant("in-place", "directories and slots are made where they belong", IN_PLACE, saves=(0,), states=200),
    Mutant("in-place-exfat", "the same, on exFAT", IN_PLACE, kind="exfat", saves=(0,), states=200),
    Mutant("old-first", "old slots are removed before the larger ones hold a generation",
           [("save/growth.c", HEADER, MORE_HEADERS), ("save/growth.c", GROWN, REMOVE_OLD + GROWN)], plan=plans.GROWTH, saves=(2,)),
]

def build(mutant):
    """Makes the mutant's program; returns its path."""
    folder = guest.BUILD / "powercut-mutants" / mutant.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text, replacement in mutant.edits:
        path = folder / os.path.basename(name)
        source = (path if path.exists() else guest.TOP / "overlay" / name).read_text()
        if text not in source:
            raise ValueError(f"{mutant.name}: overlay/{name} has no longer: {text}")
        path.write_text(source.replace(text, replacement))
    program = folder / "powercut"
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    target = os.path.relpath(program, guest.TOP) if program.is_relative_to(guest.TOP) else str(program)
    done = subprocess.run(["flock", str(guest.BUILD / ".lock"), "make", "-s", f"BUILD={guest.BUILD}", target],
                          cwd=guest.TOP, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise ValueError(f"{mutant.name}: {done.stdout[-2000:]}")
    return program


def run(mutant, seed="1"):
    """The verdicts of the mutant's states."""
    program, folder = build(mutant), matrix.scratch(f"mutant-{mutant.name}")
    try:
        recording = matrix.record(folder, program, media.KINDS[mutant.kind], "slate", mutant.plan)
        return matrix.examine(folder, program, recording, mutant.saves, mutant.states, seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_result(results, mutant, verdicts):
    cases = mutant.plan.cases()
    results.put("mutants", f"{MUTANTS.index(mutant):02}-{mutant.name}", {
        "title": mutant.title, "kind": mutant.kind, "case": cases[mutant.saves[0]], "states": len(verdicts),
        "red": sum(1 for verdict in verdicts if verdict.fault())})


def main(word=""):
    results, green = Results(), 0
    if not word:
        results.clear("mutants")
    for mutant in MUTANTS:
        if word in mutant.name:
            verdicts = run(mutant)
            faults = matrix.count_faults(verdicts)
            write_result(results, mutant, verdicts)
            print(f"{mutant.title}: {len(verdicts)} states, {dict(faults) or 'NOT FOUND'}", flush=True)
            green += not faults
    return 1 if green else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
