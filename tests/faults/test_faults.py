"""A slice of `make faults`, and what it found."""

import os
import platform

import campaign
import commands
import machine
import pytest
import results
import scenes
from verdict import LOST, Verdict

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or platform.machine() != "x86_64",
                                reason="needs root for mounts, and the registers of x86-64")

CALLS, LIES = 60, 40  # of a scene: so many calls, each with another fault; so many false claims


@pytest.fixture(scope="module", name="ready")
def ready_machine():
    made = scenes.ready()
    yield made
    made.close()


def some_of(items, most, start=0):
    step = -(-len(items) // most)
    return items[start % step::step] if items else []


def slice_of(cases, start):
    """Some calls, of which each fails in another way, and some that claim success wrongly."""
    by_call = {}
    for case in cases:
        by_call.setdefault(case[2], case)
    lies = some_of([case for case in cases if case[1] == "lost"], LIES)
    return list(dict.fromkeys(some_of(list(by_call.values()), CALLS, start) + lies))


@pytest.fixture(scope="module", name="verdicts")
def verdicts_of_a_slice():
    """By scene. All in one campaign, as each of its jobs makes a machine."""
    names = [scene.name for scene in scenes.SCENES]
    cases = campaign.cases_of(names)
    chosen = [case for number, name in enumerate(names)
              for case in slice_of([case for case in cases if case[0] == name], number)]
    found = {name: [] for name in names}
    for (name, fault, point), verdict in campaign.run(chosen, names, 2):
        found[name].append((fault, point, verdict))
    return found


@pytest.mark.parametrize("name", [scene.name for scene in scenes.SCENES])
def test_nothing_is_lost_and_nothing_claimed_when_a_call_fails(verdicts, name):
    wrong = [f"{fault} {point}: {verdict}" for fault, point, verdict in verdicts[name] if verdict.kind]
    assert len(verdicts[name]) > 20 and not wrong, "\n".join(wrong)


def test_a_campaign_goes_on_where_another_was_stopped(tmp_path):
    points = [machine.Point(0, 7, "read", 3), machine.Point(1, 7, "read", 3)]
    first = results.Found(tmp_path, "save --try")
    first.expect(3)
    first.add("EIO", points[0], Verdict(1))
    results.Found(tmp_path, "save --try").add("kill", points[0], Verdict(137, LOST, "gone"))
    found = results.Found(tmp_path, "save --try")
    assert found.has("kill", points[0]) and not found.has("EIO", points[1])
    assert list(found.wrong.values()) == [Verdict(137, LOST, "0:7 read(3): gone")]
    assert found.row() == ["save --try", 1, "2 of 3", 0, 1, 1, 0, 1, 0, 0]
    found.add("EIO", points[1], Verdict(0))
    assert found.row() == ["save --try", 2, 3, 1, 1, 1, 0, 1, 0, 0]
    assert results.table([found]).endswith("\n\n3 runs at 2 system calls.\n")


def test_reads_that_bring_half_are_no_damage(ready):
    scene = scenes.SCENES[0]
    points = campaign.calls_for(scene, scene.points(ready), "short")
    wrong = [f"{point}: {verdict}" for point in points if (verdict := scene.judge(ready, point, "short")).kind]
    assert len(points) > 10 and not wrong, "\n".join(wrong)


def test_what_an_undone_restore_leaves_may_go_in_parts(ready):
    scene = next(scene for scene in scenes.SCENES if isinstance(scene, commands.AfterKill))
    points = [point for point in scene.points(ready) if point.name == "unlinkat"]
    wrong = [f"{point}: {verdict}" for point in points if (verdict := scene.judge(ready, point, "kill")).kind]
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
