"""What systemd-analyze(1) thinks of slate's own units, and of the calls that are in its groups."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
UNITS = sorted((TOP / "hooks/units").glob("*.service"))
LIMIT = 2.0

# Units that can't be kept from more, why, and what they must stay below.
LOGIN = "its purpose is a login or a shell of root"
EXCEPTIONS = {
    "emergency.service": (10, LOGIN),
    "getty@.service": (10, LOGIN),
    "kiosk.service": (4.6, "a browser compiles what it runs and makes namespaces of its own; devices of screens differ"),
    "rescue.service": (10, LOGIN),
    "serial-getty@.service": (10, LOGIN),
}

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")


def analyze(*words):
    return subprocess.run(["systemd-analyze", *words], check=True, capture_output=True, text=True).stdout


def test_the_exceptions_are_units():
    assert set(EXCEPTIONS) <= {unit.name for unit in UNITS}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_exposed_no_more_than_it_must_be(unit, tmp_path):
    # an instance: a template alone is not looked at
    copy = tmp_path / unit.name.replace("@.", "@x.")
    copy.write_text(unit.read_text())
    said = analyze("security", "--offline=true", "--no-pager", str(copy))
    score = float(re.search(r"exposure level for \S+: ([\d.]+)", said).group(1))
    limit, _ = EXCEPTIONS.get(unit.name, (LIMIT, ""))
    assert score <= limit, said


def rows():
    """Names of calls that are no newer than systemd 252 with their groups, as the table has them."""
    text = (TOP / "init/unit/calls_rows.c").read_text()
    for name, number, groups in re.findall(r'\{ "(\w+)", (\w+), ([^}]*) \}', text):
        if not number.isdigit() or int(number) <= 450:
            yield name, {"@" + group.lower().replace("_", "-") for group in groups.split(" | ") if group != "0"}


def test_each_group_has_the_calls_that_systemd_puts_in_it():
    theirs, group = {}, None
    for line in analyze("syscall-filter", "--no-pager").splitlines():
        if line.startswith("@"):
            group = line.strip()
        elif line.strip() and not line.strip().startswith(("#", "@")):
            theirs.setdefault(line.strip(), set()).add(group)
    newer = {"@sandbox"} - set.union(*theirs.values())
    ours = {name: groups - newer for name, groups in rows()}
    assert len(ours) > 350
    assert [name for name in ours if name in theirs and ours[name] != theirs[name] - {"@known"}] == []
