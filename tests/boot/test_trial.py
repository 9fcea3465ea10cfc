"""What is saved for a trial stays when it is confirmed, and goes when it is not."""

# timeout: 1200

import time

from qemu import Disk

READER = """[Unit]
Description=reads a file
[Service]
EnvironmentFile=/etc/reader.env
ExecStart=/bin/sh -c 'echo $WORD >/run/word; exec sleep 100000'
"""

STUCK = """[Unit]
Description=never done
Before=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sleep 100000
"""


def wait_for(shell, command, seconds=120):
    deadline = time.monotonic() + seconds
    while shell.run(command).returncode != 0:
        assert time.monotonic() < deadline, f"{command}\n{shell.run('slate status').stdout}"
        time.sleep(1)


def saved(boot):
    """A machine with a generation whose /etc/word is "before"."""
    machine = boot()
    shell = machine.ready()
    shell.ok("echo before >/etc/word && slate save")
    return machine, shell


def test_a_trial_that_is_confirmed_in_time_stays(boot):
    machine, shell = saved(boot)
    shell.ok("echo tried >/etc/word && slate save --try 10m -m 'new word'")
    assert "on trial" in shell.ok("slate generations")
    assert "generation 2" in shell.ok("slate status | grep trial")
    assert "slate confirm" in shell.fails("slate save")
    assert shell.ok("slate confirm") == "generation 2 is kept"
    shell.fails("slate confirm")
    shell.fails("slate is-active -q slate-trial.service")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "tried"
    shell.ok("test ! -e /run/slate/degraded && slate save")


def test_a_trial_that_is_not_confirmed_goes_back_with_its_services(boot):
    machine = boot()
    shell = machine.ready()
    shell.ok("mkdir -p /etc/systemd/system")
    shell.write("/etc/systemd/system/reader.service", READER)
    shell.ok("echo WORD=before >/etc/reader.env; echo before >/etc/word; slate daemon-reload;"
             "slate start reader && slate save")
    shell.ok("echo WORD=tried >/etc/reader.env; echo tried >/etc/word; echo new >/etc/new; slate restart reader")
    wait_for(shell, "grep -q tried /run/word")
    shell.ok("slate save --try 10s")
    wait_for(shell, "test -e /run/slate/degraded")
    why = "generation 2 was on trial for 10 s: it was not confirmed; generation 1 is back"
    assert shell.ok("cat /run/slate/degraded") == why
    assert why in shell.ok("slate status") and why in shell.ok("slate log slate-trial.service")
    assert shell.ok("cat /etc/word /etc/reader.env") == "before\nWORD=before"
    shell.ok("test ! -e /etc/new && test ! -e /run/slate/trial")
    wait_for(shell, "grep -q before /run/word")
    assert "given up" in shell.ok("slate generations")
    shell.fails("slate confirm")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "before"
    assert "not confirmed in time" in shell.ok("cat /run/slate/degraded")
    # what was tried can be had again, and a save says the last word
    shell.ok("slate restore 2 && grep -q tried /etc/word /etc/reader.env && test -e /etc/new")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "tried"
    shell.ok("test ! -e /run/slate/degraded")


def test_a_trial_goes_back_where_the_medium_was_let_go(boot):
    """It is mounted again for the watch alone; who puts the files back gets what it needs from there."""
    machine = boot("toram")
    shell = machine.ready()
    wait_for(shell, "grep -q held /run/slate/toram")
    shell.fails("mountpoint -q /run/slate/medium")
    shell.ok("echo before >/etc/word && slate save")
    shell.ok("echo tried >/etc/word && slate save --try 10s")
    wait_for(shell, "test -e /run/slate/degraded")
    assert "it was not confirmed; generation 1 is back" in shell.ok("cat /run/slate/degraded")
    assert shell.ok("cat /etc/word") == "before"
    shell.ok("test ! -e /run/slate/trial && test ! -e /run/slate/lent && test ! -e /run/slate/goneback")
    assert "given up" in shell.ok("slate generations")


def test_a_power_cut_in_the_middle_of_a_trial_brings_back_the_generation_before(boot):
    machine, shell = saved(boot)
    shell.ok("echo tried >/etc/word && slate save --try 10m")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "before"
    assert "generation 2 was on trial for 10 min: the machine went down before it was confirmed" in \
        shell.ok("slate status")
    wait_for(shell, "slate generations | grep -q 'given up'")
    wait_for(shell, "test ! -e /run/slate/trial")
    shell.fails("slate confirm")
    shell.ok("echo after >/etc/word && slate save")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "after"
    shell.ok("test ! -e /run/slate/degraded")


def test_one_boot_after_an_orderly_restart_takes_what_is_on_trial(boot):
    machine, shell = saved(boot)
    shell.ok("echo tried >/etc/word && slate save --try 10m")
    shell.send(b"reboot\n")
    machine.qmp.wait_event("RESET", 120)
    machine.ready()
    assert shell.ok("cat /etc/word") == "tried"
    assert "generation 2" in shell.ok("slate status | grep trial")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "before"
    assert "the boot that tried it was not confirmed" in shell.ok("cat /run/slate/degraded")
    shell.ok("echo again >/etc/word && slate save --try 10m")
    shell.send(b"reboot\n")
    machine.qmp.wait_event("RESET", 120)
    machine.ready()
    assert shell.ok("cat /etc/word && slate confirm") == "again\ngeneration 3 is kept"
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "again"


def test_a_boot_that_does_not_reach_its_target_is_followed_by_one_without_the_trial(boot):
    machine, shell = saved(boot)
    shell.ok("mkdir -p /etc/systemd/system/multi-user.target.wants")
    shell.write("/etc/systemd/system/stuck.service", STUCK)
    shell.ok("ln -s ../stuck.service /etc/systemd/system/multi-user.target.wants/stuck.service")
    shell.ok("echo tried >/etc/word && slate save --try 40s")
    shell.send(b"reboot\n")
    machine.qmp.wait_event("RESET", 120)
    machine.ready()     # stuck, but so far
    machine.ready(300)
    assert shell.ok("cat /etc/word") == "before"
    assert "did not reach its target" in shell.ok("cat /run/slate/degraded")
    shell.ok("test ! -e /etc/systemd/system/stuck.service")


def test_a_trial_is_not_taken_by_a_boot_that_may_not_write(boot):
    machine, shell = saved(boot)
    shell.ok("echo tried >/etc/word && slate save --try 10m")
    shell.send(b"poweroff\n")
    machine.wait_off(120)
    disk = machine.disks[0].path
    machine.close()
    shell = boot("nosave", disks=[Disk(disk)]).ready()
    assert shell.ok("cat /etc/word") == "before"
    assert "may not write" in shell.ok("cat /run/slate/degraded")
