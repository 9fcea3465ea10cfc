"""slate.harden=: what the running kernel says of each setting, and what still works after it."""
# timeout: 1200

import json

import machines

DEGRADED = "cat /run/slate/degraded 2>/dev/null || :"

# What no 6.1 has: `slate harden` must say so, and must say it of nothing else.
LACKING_6_1 = {"hash_pointers", "cfi", "ia32_emulation", "bdev_allow_write_mounted", "dev.tty.legacy_tiocsti",
               "kernel.io_uring_disabled"}


def hardened(boot, profile, kernel="bookworm-cloud", **options):
    """A machine of that profile whose boot is over, and its shell."""
    out = machines.medium(kernel, "--harden", profile, name=f"medium-{kernel}-{profile}")
    words = (out / "cmdline").read_text().strip()
    assert f"slate.harden={profile}" in words
    machine = boot(words, out=out, **options)
    shell = machine.ready()
    shell.ok("slate start slate-harden-end", 120)
    return machine, shell


def table(shell, *words):
    done = shell.run(f"slate harden --json {' '.join(words)} 2>/dev/null")
    rows = json.loads(done.stdout)
    assert done.returncode == 1 or (done.returncode == 3) == any(row["state"] == "differs" for row in rows)
    return {(row["name"], row["wanted"]): row for row in rows}


def names(rows, state):
    return {row["name"] for row in rows.values() if row["state"] == state}


def test_strict_leaves_nothing_undone_and_names_what_the_kernel_lacks(boot):
    machine, shell = hardened(boot, "strict")
    rows = table(shell)
    assert names(rows, "differs") == set()
    assert names(rows, "lacking") <= LACKING_6_1
    assert {"cfi", "dev.tty.legacy_tiocsti", "kernel.io_uring_disabled"} <= names(rows, "lacking")
    assert shell.ok(DEGRADED) == ""
    # asked of the kernel itself, not of slate
    assert shell.ok("cat /proc/sys/kernel/modules_disabled /proc/sys/kernel/yama/ptrace_scope") == "1\n3"
    assert "[confidentiality]" in shell.ok("cat /sys/kernel/security/lockdown")
    shell.fails("modprobe dummy")
    shell.fails("echo 0 >/proc/sys/kernel/modules_disabled")
    shell.fails("unshare -U true")
    for folder in ("/tmp", "/var/tmp", "/var/log"):
        shell.ok(f"cp /bin/busybox {folder}/x && chmod 755 {folder}/x")
        shell.fails(f"{folder}/x true")
    assert "nosuid,nodev" in shell.ok("grep ' /home ' /proc/mounts")
    assert shell.ok("su visitor -c 'ls -d /proc/1 2>/dev/null' || :") == ""
    # and it is still a machine
    shell.ok("echo hardened >/etc/word && echo kept >/home/visitor/word && slate include /home/visitor && slate save",
             120)
    shell.ok("slate start test-shell && slate status")
    shell.send(b"reboot\n")
    machine.qmp.wait_event("RESET", 60)
    assert machine.ready().ok("cat /etc/word /home/visitor/word") == "hardened\nkept"


def test_hotplug_lets_drivers_in(boot):
    machine, shell = hardened(boot, "hotplug")
    rows = table(shell)
    assert names(rows, "differs") == set()
    assert shell.ok("cat /proc/sys/kernel/modules_disabled") == "0"
    assert "[integrity]" in shell.ok("cat /sys/kernel/security/lockdown")
    shell.ok("modprobe dummy && unshare -U true")
    # what strict would be is told too
    assert "kernel.modules_disabled" in names(table(shell, "strict"), "differs")


def test_a_newer_kernel_has_all_of_it(boot):
    machine, shell = hardened(boot, "strict", "trixie", memory=512)
    rows = table(shell)
    assert names(rows, "differs") == set()
    assert names(rows, "lacking") <= {"hash_pointers", "cfi"}
    shell.ok("echo hardened >/etc/word && slate save", 120)


def test_a_site_keeps_what_it_needs_and_a_slip_is_told(boot):
    machine = boot("slate.harden=strict")
    shell = machine.ready()
    shell.ok("slate start slate-harden-end", 120)
    # without the words of --harden the command line is not as wanted, and nothing else
    differs = {row["name"] for row in table(shell).values() if row["state"] == "differs"}
    assert {"init_on_free", "nosmt"} <= differs and not [name for name in differs if "." in name
                                                        and name.startswith(("kernel.", "net.", "fs."))]
    shell.ok("printf 'user.max_user_namespaces = 500\\nkernel.sysrq = keep\\nkernel.sysrk = keep\\n' "
             ">/etc/slate/harden.conf && slate save")
    shell.send(b"reboot\n")
    machine.qmp.wait_event("RESET", 60)
    shell = machine.ready()
    shell.run("slate start slate-harden-end", 120)
    assert shell.ok("cat /proc/sys/user/max_user_namespaces") == "500"
    assert shell.ok("cat /proc/sys/kernel/sysrq") != "0"
    assert table_state(shell, "kernel.sysrq") == "kept"
    assert shell.run("slate harden").returncode == 1
    assert "line 3: kernel.sysrk: not a setting of this profile" in shell.ok(DEGRADED)


def table_state(shell, name):
    return next(row["state"] for row in table(shell).values() if row["name"] == name)


def test_a_machine_that_asks_for_nothing_gets_nothing(boot):
    shell = boot("").ready()
    shell.fails("test -e /run/slate/harden")
    assert shell.ok("cat /proc/sys/kernel/modules_disabled") == "0"
    assert "hidepid" not in shell.ok("grep ' /proc ' /proc/mounts")
