#!/usr/bin/python3
"""Cuts the power in every case, on every file system, and writes the report.

    campaign.py [--states N] [--chains ROUNDS] [--kinds A,B] [--sequences A,B] [--seed S]
                [--jobs J] [--fresh] [--write FILE]

N is the most states of each save. Results are kept in $BUILD/powercut-results, a file
for each series of saves, so that a campaign as large goes on where it was stopped;
--fresh begins anew. The exit status is 1 when slate's column has a fault that is not excused.
"""

import argparse
import concurrent.futures
import json
import shutil
import sys
import time

import chains
import guest
import matrix
import media
import plans
import report

RESULTS = guest.BUILD / "powercut-results"
SAMPLES = 10
FEW = 400


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--states", type=int, default=2000)
    parser.add_argument("--chains", type=int, default=1000)
    parser.add_argument("--kinds", default=",".join(media.KINDS))
    parser.add_argument("--sequences", default=",".join(plans.PLANS))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--write")
    return parser.parse_args()


def summary_of(verdicts, cases):
    """For each case: how many states, how many of each fault, and some of the faults."""
    found = {}
    for case in dict.fromkeys(cases):
        mine = [verdict for verdict in verdicts if verdict.case == case]
        bad = [verdict for verdict in mine if verdict.fault()]
        found[case] = {"states": len(mine), **matrix.count_faults(mine),
                       "samples": [f"{verdict.fault()}: {verdict.story}: {verdict.first}, {verdict.further}: "
                                   f"{verdict.note}"[:300] for verdict in bad[:SAMPLES]]}
    return found


def boots_of(saves, count):
    """Which saves share a boot: all while there are few states, else each has its own."""
    return [range(saves)] if count <= FEW else [[save] for save in range(saves)]


def is_done(path, asked):
    """Whether a result is there, of a campaign as large as this one."""
    return path.exists() and json.loads(path.read_text()).get("asked") == asked


def run_matrix(options, kind, sequence, plan):
    path = RESULTS / f"matrix-{kind.name}-{sequence}-{plan.name}.json"
    if is_done(path, options.states):
        return
    folder, start, verdicts = matrix.scratch(path.stem), time.monotonic(), []
    try:
        recording = matrix.record(folder, guest.BUILD / "powercut", kind, sequence, plan)
        count = min(options.states, plan.most) if plan.most else options.states
        for saves in boots_of(len(plan.steps), count):
            verdicts += matrix.examine(folder, guest.BUILD / "powercut", recording, saves, count, options.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    cases = summary_of(verdicts, plan.cases())
    path.write_text(json.dumps({"kind": kind.name, "sequence": sequence, "plan": plan.name,
                                "asked": options.states, "cases": cases}))
    bad = matrix.count_faults(verdicts)
    print(f"{kind.name} {sequence} {plan.name}: {len(verdicts)} states, {dict(bad) or 'no fault'}, "
          f"{time.monotonic() - start:.0f} s", flush=True)


def run_chains(options, kind):
    path = RESULTS / f"chains-{kind.name}.json"
    if options.chains == 0 or is_done(path, options.chains):
        return
    folder, start = matrix.scratch(path.stem), time.monotonic()
    try:
        done = chains.run(folder, guest.BUILD / "powercut", kind, options.chains, options.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    path.write_text(json.dumps({"kind": kind.name, "asked": options.chains, **done}))
    print(f"{kind.name} chains: {done}, {time.monotonic() - start:.0f} s", flush=True)


def main():
    options = arguments()
    if options.fresh:
        shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    kinds = [media.KINDS[name] for name in options.kinds.split(",")]
    sequences = options.sequences.split(",")
    jobs = [(run_matrix, options, kind, sequence, plan) for sequence in sequences for kind in kinds
            for plan in plans.PLANS[sequence]]
    jobs += [(run_chains, options, kind) for kind in kinds if "slate" in sequences]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for future in [pool.submit(*job) for job in jobs]:
            future.result()
    text, faults = report.write(RESULTS)
    print(text)
    if options.write:
        report.put(text, guest.TOP / options.write)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
