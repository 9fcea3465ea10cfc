"""A slice of the power-cut campaign: a few hundred states, and bugs that it must find.

timeout: 900
"""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import matrix  # noqa: E402
import media  # noqa: E402
import mutants  # noqa: E402
import plans  # noqa: E402
import guest  # noqa: E402

STATES = 25
REFERENCE_STATES = 30
SEED = "slice"


def verdicts_of(tmp_path, kind, sequence, plan, states=STATES):
    program = guest.BUILD / "powercut"
    recording = matrix.record(tmp_path, program, media.KINDS[kind], sequence, plan)
    return matrix.examine(tmp_path, program, recording, range(len(plan.steps)), states, SEED)


def told(verdicts):
    return "\n".join(f"{verdict.case}: {verdict.story}: {verdict.first}, {verdict.further}: {verdict.note}"
                     for verdict in verdicts)


@pytest.mark.parametrize("kind, plan, states", [
    ("fat16", plans.ROTATION, STATES), ("exfat", plans.ROTATION, STATES), ("ext4", plans.ROTATION, STATES),
    ("fat16", plans.TRIAL, 12), ("fat16", plans.FULL, 12),
    ("ext4", plans.NETWORK, 12)], ids=lambda value: getattr(value, "name", None))
def test_no_cut_loses_what_was_saved_or_spoils_the_medium(tmp_path, kind, plan, states):
    verdicts = verdicts_of(tmp_path, kind, "slate", plan, states)
    bad = [verdict for verdict in verdicts if verdict.fault()
           # a torn superblock is ext4's own: e2fsck mends it
           and not (kind == "ext4" and verdict.fault() == "unmountable")]
    print(f"{len(verdicts)} states on {kind}, {plan.name}")
    assert len(verdicts) >= 3 * states
    assert not bad, told(bad)


def test_the_rig_finds_what_lbu_loses_on_fat(tmp_path):
    verdicts = verdicts_of(tmp_path, "fat16", "lbu", plans.PAIR, REFERENCE_STATES)
    assert matrix.count_faults(verdicts)["lost"] > 0


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: mutant.name)
def test_each_deliberate_bug_can_still_be_put_into_the_code(mutant):
    assert mutants.build(mutant).exists()


@pytest.mark.parametrize("name", ["no-flush", "lowest", "first-slot"])
def test_a_deliberate_bug_is_found(name):
    mutant = next(mutant for mutant in mutants.MUTANTS if mutant.name == name)
    assert matrix.count_faults(mutants.run(mutant)), mutant.title
