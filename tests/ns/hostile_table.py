#!/usr/bin/python3
"""What slate, GNU tar, bsdtar and BusyBox tar do with the archives of hostile.py, as root, each
onto a small root directory: hostile_table.py FILE

writes the table. What it says of a program is what was found afterwards, not its message.
"""
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import hostile
import test_overlay_hostile as trial
from test_overlay_hostile import machine

SECONDS = 120
MANY_KIB = 64 * 1024
PROGRAMS = {
    "GNU tar": ["tar", "-xzf"],
    "bsdtar": ["bsdtar", "-xf"],
    "BusyBox tar": [str(machine.BUILD / "busybox"), "tar", "-xzf"],
}
# the worst first: a cell says the worst that happened
OUTCOMES = {
    "outside": "something outside the root was written",
    "device": "a device node was made",
    "setuid": "a setuid or setgid file was made that the image does not have",
    "memory": f"more than {MANY_KIB // 1024} MiB of memory, or {SECONDS} s, were taken",
    "all": "extracted, and success claimed",
    "part": "an error, with some of it extracted",
    "refused": "an error, and the root is as it was",
}

HEAD = """# Hostile archives

{total} archives, made by `tests/ns/hostile.py` in the ustar, GNU and pax dialects: each known
trick, and each way out of the root with each kind of member. `make check` gives each to
slate's restore (tests/ns/test_overlay_hostile.py): all are refused, with the member's name and
the reason, before the first byte is written; no child takes more than {cap} MiB.

What other programs do with them, as root and with no options but the ones that extract,
onto a root directory with a few files in it. They are made for other things: extracting what
is in an archive is their task, and refusing a device is not. The table is to show what a
restore that is a `tar -xz` would let happen.

"""


def census(root):
    """Path to what it is, for all below `root`."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            st = os.lstat(path)
            found[os.path.relpath(path, root)] = (st.st_mode, st.st_uid, st.st_rdev,
                                                  st.st_size if stat.S_ISREG(st.st_mode) else 0)
    return found


def around(base, root):
    facts = {f"tmp/{name}" for name in os.listdir("/tmp")} | {f"base/{name}" for name in os.listdir(base)}
    facts |= {f"beside/{name}" for name in os.listdir(root.parent)}
    st = trial.CANARY.lstat()
    return facts, st.st_mode, st.st_nlink, trial.CANARY.read_bytes(), base.stat().st_mode, os.stat("/tmp").st_mode


def classify(before, after, status, peak, was_outside):
    new = {path: facts for path, facts in after.items() if before.get(path) != facts}
    kinds = [facts[0] for facts in new.values()]
    if was_outside:
        return "outside"
    if any(stat.S_ISCHR(mode) or stat.S_ISBLK(mode) for mode in kinds):
        return "device"
    if any(stat.S_ISREG(mode) and mode & 0o6000 for mode in kinds):
        return "setuid"
    if status is None or peak > MANY_KIB:
        return "memory"
    if status == 0:
        return "all"
    return "part" if before != after else "refused"


def run(command):
    """Exit status (None: it took too long) and the most memory, in KiB."""
    process = subprocess.Popen(["/usr/bin/time", "-f", "%M", *command], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
                               start_new_session=True)
    try:
        errors = process.communicate(timeout=SECONDS)[1]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return None, 0
    return process.returncode, int(errors.split()[-1])


def extract(base, command, content):
    """The outcome, in an empty tmpfs."""
    work = base / "work"
    machine.mount("tmpfs", work, "tmpfs", 0, "mode=0755,size=256m")
    machine.mount("tmpfs", "/tmp", "tmpfs", 0, "mode=01777,size=16m")
    try:
        trial.CANARY.write_text("canary\n")
        root = work / "deep/root"
        trial.make_image(root)
        (base / "x.tar.gz").write_bytes(content)
        before, beside = census(root), around(work, root)
        status, peak = run([*command, str(base / "x.tar.gz"), "-C", str(root)])
        return classify(before, census(root), status, peak, around(work, root) != beside)
    finally:
        machine.unmount_all(work)
        machine.unmount_all("/tmp")


def slate_says(base, made):
    wrong = trial.judge(base, made)
    if wrong:
        raise SystemExit(f"{made.name}: {wrong}")
    said = trial.restore(base, made.content).split("degraded: x.tar.gz: ")[1].split("; not restored")[0]
    return said if len(said) < 90 else f"{said[:30]}...{said[-55:]}"


def cell(results):
    """One word, or one for each dialect."""
    if len(set(results.values())) == 1:
        return next(iter(results.values()))
    return ", ".join(f"{dialect} {word}" for dialect, word in results.items())


def measure(base):
    rows = {}
    for made in hostile.corpus():
        row = rows.setdefault(made.trick, {"dialects": [], "slate": slate_says(base, made)}
                              | {program: {} for program in PROGRAMS})
        row["dialects"].append(made.dialect)
        for program, command in PROGRAMS.items():
            row[program][made.dialect] = extract(base, command, made.content)
    return rows


def report(rows):
    total = sum(len(row["dialects"]) for row in rows.values())
    text = HEAD.format(total=total, cap=trial.CAP_KIB // 1024)
    text += "| outcome | slate | " + " | ".join(PROGRAMS) + " | |\n|---|---|" + "---|" * (len(PROGRAMS) + 1) + "\n"
    for outcome, meaning in OUTCOMES.items():
        counts = [sum(list(row[program].values()).count(outcome) for row in rows.values()) for program in PROGRAMS]
        text += f"| {outcome} | {total if outcome == 'refused' else 0} | " \
                + " | ".join(map(str, counts)) + f" | {meaning} |\n"
    text += "\n| trick | in | slate says | " + " | ".join(PROGRAMS) + " |\n|---|---|---|" + "---|" * len(PROGRAMS) + "\n"
    for trick, row in rows.items():
        says = row["slate"].replace("|", "\\|")
        text += f"| {trick} | {' '.join(row['dialects'])} | `{says}` | " \
                + " | ".join(cell(row[program]) for program in PROGRAMS) + " |\n"
    return text


def main():
    out = Path(sys.argv[1]).resolve()
    base = Path(tempfile.mkdtemp(prefix="slate-hostile-", dir="/var/tmp"))
    machine.own_namespace()
    machine.mount("tmpfs", base, "tmpfs", 0, "mode=0755")
    for folder in ("medium", "work"):
        (base / folder).mkdir()
    trial.make_image(base / "pristine")
    kept = os.open("/tmp", os.O_RDONLY)
    rows = measure(base)
    os.close(kept)
    for at in ("root", "layer", "."):
        machine.unmount_all(base / at)
    shutil.rmtree(base)
    out.write_text(report(rows), encoding="utf-8")


main()
