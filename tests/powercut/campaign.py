#!/usr/bin/python3
"""Cuts the power in every case, on every file system, and writes the report.

    campaign.py [--states N] [--chains ROUNDS] [--kinds A,B] [--sequences A,B] [--plans A,B]
                [--seed S] [--jobs J] [--fresh] [--write FILE]

N is the most states of each save. What is found is kept in results.json beside this
file, so that a campaign as large goes on where it was stopped; --fresh begins anew. The
exit status is 1 when slate's column has a fault that is not excused.
"""

import argparse
import concurrent.futures
import shutil
import sys
import time

import chains
import guest
import matrix
import media
import plans
import report
from results import Results

SAMPLES = 10
FEW = 400


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--states", type=int, default=2000)
    parser.add_argument("--chains", type=int, default=1000)
    parser.add_argument("--kinds", default=",".join(media.KINDS))
    parser.add_argument("--sequences", default=",".join(plans.PLANS))
    parser.add_argument("--plans", help="the plans of a sequence; all of them otherwise")
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


def run_matrix(results, options, kind, sequence, plan):
    name = f"{kind.name}-{sequence}-{plan.name}"
    count = min(options.states, plan.most) if plan.most else options.states
    if results.is_done("matrix", name, count):
        return
    folder, start, verdicts = matrix.scratch(name), time.monotonic(), []
    try:
        recording = matrix.record(folder, guest.BUILD / "powercut", kind, sequence, plan)
        for saves in boots_of(len(plan.steps), count):
            verdicts += matrix.examine(folder, guest.BUILD / "powercut", recording, saves, count, options.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    cases = summary_of(verdicts, plan.cases())
    results.put("matrix", name, {"kind": kind.name, "sequence": sequence, "asked": count, "cases": cases})
    bad = matrix.count_faults(verdicts)
    print(f"{kind.name} {sequence} {plan.name}: {len(verdicts)} states, {dict(bad) or 'no fault'}, "
          f"{time.monotonic() - start:.0f} s", flush=True)


def run_chains(results, options, kind):
    if results.is_done("chains", kind.name, options.chains):
        return
    folder, start = matrix.scratch(f"chains-{kind.name}"), time.monotonic()
    try:
        done = chains.run(folder, guest.BUILD / "powercut", kind, options.chains, options.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    results.put("chains", kind.name, {"kind": kind.name, "asked": options.chains, **done})
    print(f"{kind.name} chains: {done}, {time.monotonic() - start:.0f} s", flush=True)


def main():
    options = arguments()
    results = Results(options.fresh)
    kinds = [media.KINDS[name] for name in options.kinds.split(",")]
    sequences = options.sequences.split(",")
    jobs = [(run_matrix, results, options, kind, sequence, plan) for sequence in sequences for kind in kinds
            for plan in plans.PLANS[sequence] if not options.plans or plan.name in options.plans.split(",")]
    jobs += [(run_chains, results, options, kind) for kind in kinds if "slate" in sequences]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for future in [pool.submit(*job) for job in jobs]:
            future.result()
    text, faults = report.write(results)
    print(text)
    if options.write:
        report.put(text, guest.TOP / options.write)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
