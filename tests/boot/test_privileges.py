"""What each process of slate may do, as /proc says: a row that grows is a failure."""

ALL = (1 << 64) - 1

# program and parent's program: effective and bounding capabilities at most, and whether
# it can gain more by an exec. Process 1 starts what the units ask for, so it has all.
ROWS = {
    ("slate-init", None): {"CapEff": ALL, "CapBnd": ALL, "NoNewPrivs": 0},
    ("slate-init", "slate-init"): {"CapEff": 0, "CapBnd": 0, "NoNewPrivs": 1},
}

LIST = r"""
for p in /proc/[0-9]*; do
	exe=$(readlink $p/exe) || continue
	echo ${p#/proc/} ${exe##*/} $(grep -E '^(PPid|CapEff|CapBnd|NoNewPrivs|Seccomp):' $p/status)
done
"""


def processes(shell):
    """Of each process: its program, and the fields of its status."""
    found = {}
    for line in shell.ok(LIST).splitlines():
        pid, program, *rest = line.split()
        found[pid] = program, dict(zip((name.rstrip(":") for name in rest[::2]), rest[1::2]))
    return found


def test_no_process_of_slate_may_do_more_than_its_row_says(boot):
    shell = boot("").ready()
    found = processes(shell)
    ours = {pid: row for pid, row in found.items() if row[0].startswith("slate")}
    seen = set()
    for program, status in ours.values():
        parent = found.get(status["PPid"], (None,))[0]
        assert (program, parent) in ROWS, f"{program}, started by {parent}, has no row"
        row = ROWS[program, parent]
        seen.add((program, parent))
        for name in ("CapEff", "CapBnd"):
            assert int(status[name], 16) & ~row[name] == 0, f"{program} of {parent}: {name} {status[name]}"
        assert int(status["NoNewPrivs"]) >= row["NoNewPrivs"]
    assert seen == set(ROWS)
    # nothing that gives rights away, and nobody to talk to over the network
    assert shell.ok("find / -xdev -type f -perm /6000") == ""
    assert shell.ok("netstat -ltnu | grep -c ':' || :") == "0"
