"""A slice of `make faults`, and what it found."""

import os
import platform

import campaign
import machine
import pytest
import scenes

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or platform.machine() != "x86_64",
                                reason="needs root for mounts, and the registers of x86-64")

SLICE = 6  # of the calls, one in so many; each with another fault


@pytest.fixture(scope="module", name="ready")
def ready_machine():
    made = scenes.ready()
    yield made
    made.close()


def slice_of(cases, start):
    """Each SLICE-th call with the next of the faults, and all that claim success wrongly."""
    faults = list(dict.fromkeys(fault for _, fault, _ in cases))
    by_call = {}
    for case in cases:
        by_call.setdefault(case[2], []).append(case)
    chosen = [mine[faults.index(mine[0][1]) + at % len(mine)]
              for at, mine in enumerate(list(by_call.values())[start::SLICE])]
    return list(dict.fromkeys(chosen + [case for case in cases if case[1] == "lost"]))


@pytest.mark.parametrize("number", range(len(scenes.SCENES)), ids=[scene.name for scene in scenes.SCENES])
def test_nothing_is_lost_and_nothing_claimed_when_a_call_fails(number):
    name = scenes.SCENES[number].name
    cases = slice_of(campaign.cases_of([name], machine.FAULTS), number)
    wrong = [f"{fault} {point}: {what}" for (_, fault, _), point, what in campaign.run(cases, [name], 2) if what]
    assert len(cases) > 20 and not wrong, "\n".join(wrong)


def test_reads_that_bring_half_are_no_damage(ready):
    scene = scenes.SCENES[0]
    points = campaign.calls_for(scene.points(ready), "short")
    wrong = [f"{point}: {what}" for point in points if (what := scene.judge(ready, point, "short"))]
    assert len(points) > 10 and not wrong, "\n".join(wrong)


def test_of_two_slots_with_one_number_the_whole_one_is_restored(ready):
    ready.insert("five")
    machine.mount("tmpfs", ready.medium, None, machine.MS_REMOUNT)
    first, second = (ready.medium / machine.SAVED / f"slot-{number}.apkovl.tar.gz" for number in (0, 1))
    content = bytearray(first.read_bytes())
    second.write_bytes(content)
    content[600] ^= 1
    first.write_bytes(content)
    said = ready.boot()
    assert ready.hostname() == "kept 5", said


def test_a_slot_that_lied_does_not_hide_the_one_written_instead(ready):
    scene = scenes.SCENES[0]
    writes = [point for point in scene.points(ready) if point.name == "pwrite64"]
    scene.start(ready)
    done = ready.slate("save", point=writes[1], fault="lost")
    assert done.status == 0 and "gave back other bytes" in done.errors
    said = ready.boot()
    assert ready.hostname() == "new", said
