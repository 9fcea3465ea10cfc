"""The report: what results say, as a page of the documents."""

from media import KINDS
from plans import PLANS

FAULTS = ("lost", "older", "unmountable", "unwritable")
SEQUENCES = {"slate": "slate", "lbu": "lbu commit", "textbook": "textbook"}

# File systems whose first block is larger than a sector and has a checksum: a disk that
# tears it leaves a file system that only its own repair tool can mount.
TORN_SUPERBLOCK = {"ext4", "btrfs"}

HEAD = """# Power cuts: what a save leaves behind

Made by `make powercut`, which writes this page. A guest saves on a disk whose every
write QEMU logs. Up to the next flush a disk may write what it was given in any order,
sector by sector, and lose any part: so the states that a cut can leave are built from
the log (every prefix, each write missing, each alone, each torn, then random parts),
put together on one disk, and one boot of Debian's kernel mounts each of them, restores
by the code of a boot, saves once more, and restores that. All states of a row differ.

- **lost**: no saved configuration is found, where there was one.
- **older**: what is found is older than the last save that had reported success.
- **unmountable**: the kernel refuses the file system.
- **unwritable**: the save after the cut fails, or is gone at the boot after it, or is
  overwritten once other files fill the medium.

`lbu commit` is Alpine's sequence: copy to NAME.new, rename over, sync(2), read-only
again. *textbook* is: write a temporary file, fsync, rename over, fsync of the directory.
A disk is held to have settled before each of their saves, which they do not ask for.
"""


def total(results, kind, sequence):
    counts = dict.fromkeys(("states", *FAULTS), 0)
    for result in results:
        if (result["kind"], result["sequence"]) == (kind, sequence):
            for case in result["cases"].values():
                for name in counts:
                    counts[name] += case.get(name, 0)
    return counts


def rows_by_kind(results):
    yield "| file system | sequence | states | lost | older | unmountable | unwritable |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for kind in KINDS:
        for sequence, title in SEQUENCES.items():
            counts = total(results, kind, sequence)
            if counts["states"]:
                mark = "*" if counts["unmountable"] and kind in TORN_SUPERBLOCK else ""
                yield (f"| {kind} | {title} | {counts['states']} | {counts['lost']} | {counts['older']} | "
                       f"{counts['unmountable']}{mark} | {counts['unwritable']} |")


def rows_by_case(results):
    mine = [result for result in results if result["sequence"] == "slate"]
    known = {case for result in mine for case in result["cases"]}
    cases = [case for case in dict.fromkeys(case for plan in PLANS["slate"] for case in plan.cases()) if case in known]
    kinds = [kind for kind in KINDS if any(result["kind"] == kind for result in mine)]
    yield f"| case | {' | '.join(kinds)} |"
    yield f"|---|{'---:|' * len(kinds)}"
    for case in cases:
        counts = [sum(result["cases"].get(case, {}).get("states", 0) for result in mine if result["kind"] == kind)
                  for kind in kinds]
        yield f"| {case} | {' | '.join(map(str, counts))} |"


def rows_of_chains(chains):
    yield "| file system | cuts | lost | saves refused | full | unmountable |"
    yield "|---|---:|---:|---:|---:|---:|"
    for kind in KINDS:
        for chain in chains:
            if chain["kind"] == kind:
                mark = "*" if chain["unmountable"] and kind in TORN_SUPERBLOCK else ""
                yield (f"| {kind} | {chain['cuts']} | {chain['lost']} | {chain['refused']} | "
                       f"{chain['full']} | {chain['unmountable']}{mark} |")


def rows_of_mutants(mutants):
    yield "| deliberate bug | on | states | red |"
    yield "|---|---|---:|---:|"
    for mutant in mutants:
        yield f"| {mutant['title']} | {mutant['kind']}, {mutant['case']} | {mutant['states']} | {mutant['red']} |"


def versions(results):
    """Which code was tried on what, a line for each version."""
    by_code = {}
    for result in results:
        if result["sequence"] == "slate":
            by_code.setdefault(result["code"], []).append(result["kind"])
    for code, kinds in by_code.items():
        yield f"- {code}: {', '.join(kind for kind in KINDS if kind in kinds)}"


def write(found):
    """Returns the page, and whether slate has a fault that is not excused."""
    results, chains, mutants = (list(found.all[series].values()) for series in ("matrix", "chains", "mutants"))
    parts = [HEAD, "## Each file system\n", *rows_by_kind(results)]
    parts += ["\n\\* A torn superblock: only where a disk tears a block of 4 KiB, and for every program that",
              "writes to such a file system. Its repair tool (e2fsck, btrfs rescue) mends it.",
              "\n## What was being saved: states of slate's save\n", *rows_by_case(results)]
    if chains:
        parts += ["\n## Chains: save, cut, boot, save again\n", *rows_of_chains(chains)]
        parts += ["\n**full**: saves refused for want of room, all that was saved before being safe. A cut of a",
                  "medium's very first save may leave room that FAT counts as used until its repair tool has",
                  "run; some such cuts in a row fill the chains' media of 64 MiB. Media that `slate image build`",
                  "makes have their slots beforehand."]
    if mutants:
        parts += ["\n## Can the matrix fail?\n", "Each of these bugs was put into a copy of the code.\n",
                  *rows_of_mutants(mutants)]
    parts += ["\n## Versions of the code\n", *versions(results)]
    return "\n".join(parts) + "\n", faults_of(results, chains)


def faults_of(results, chains):
    bad = 0
    for kind in KINDS:
        counts = total(results, kind, "slate")
        bad += counts["lost"] + counts["older"] + counts["unwritable"]
        bad += 0 if kind in TORN_SUPERBLOCK else counts["unmountable"]
    for chain in chains:
        bad += chain["lost"] + chain["refused"]
        bad += 0 if chain["kind"] in TORN_SUPERBLOCK else chain["unmountable"]
    return bad


def put(text, path):
    path.write_text(text)
