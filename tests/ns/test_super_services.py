"""Services under slate-init: each type starts, ends and comes back as systemd.service(5) says."""
import re
import time

import pytest

from supervised import Supervised, needs_root, service

pytestmark = needs_root

PYTHON = "/usr/bin/python3 -c"
NOTIFY = "import os,socket,time;s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);" \
         "say=lambda t:s.sendto(t.encode(),os.environ['NOTIFY_SOCKET']);"

UNITS = {
    "steady.service": service("/bin/sleep 1000", "Restart=always", "RestartSec=10ms", unit=["StartLimitIntervalSec=0"]),
    "family.service": service("/bin/sh -c '(setsid sleep 2001 &) ; (setsid sleep 2002 &) ; exec sleep 2000'"),
    "once.service": service("/bin/true", "Type=oneshot", "RemainAfterExit=yes", "ExecStart=/bin/sh -c 'echo second'",
                            "ExecStop=/bin/sh -c 'echo stopping >/run/once-stopped'"),
    "broken.service": service("/bin/sh -c 'echo dying; exit 7'", "Type=oneshot"),
    "missing.service": service("/no/such/program"),
    "exec.service": service("/no/such/program", "Type=exec"),
    "nobody-else.service": service("/bin/sleep 1000", "User=no-such-user"),
    "forker.service": service("/bin/sh -c 'sleep 3000 & echo $! >/run/forker.pid'", "Type=forking",
                              "PIDFile=/run/forker.pid"),
    "guessed.service": service("/bin/sh -c 'sleep 3001 &'", "Type=forking"),
    "late.service": service("/bin/sh -c '(sleep 0.3; sleep 3002 & echo $! >/run/late.tmp; mv /run/late.tmp "
                            "/run/late.pid; wait) >/dev/null &'", "Type=forking", "PIDFile=/run/late.pid"),
    "notify.service": service(f"{PYTHON} \"{NOTIFY}time.sleep(0.3);say('READY=1\\\\nSTATUS=all is well');"
                              "time.sleep(1000)\"", "Type=notify"),
    "mute.service": service("/bin/sleep 1000", "Type=notify", "TimeoutStartSec=300ms"),
    "watched.service": service(f"{PYTHON} \"{NOTIFY}say('READY=1');time.sleep(1000)\"", "Type=notify",
                               "WatchdogSec=200ms", "Restart=on-watchdog", "RestartSec=10ms",
                               unit=["StartLimitIntervalSec=0"]),
    "hopeless.service": service("/bin/false", "Restart=always", "RestartSec=1ms",
                                unit=["StartLimitIntervalSec=60", "StartLimitBurst=4"]),
    "stubborn.service": service("/bin/sh -c 'trap \"\" TERM; echo deaf; while :; do sleep 0.1; done'", "TimeoutStopSec=300ms"),
    "user.service": service("/bin/sh -c 'id -un; echo $RUNTIME_DIRECTORY; touch $RUNTIME_DIRECTORY/mine; "
                            "exec sleep 1000'", "User=daemon", "RuntimeDirectory=user-test"),
    "env.service": service("/bin/sh -c 'echo one=$ONE two=${TWO} three=$THREE'", "Type=oneshot",
                           "Environment=ONE=1 \"TWO=two words\"", "EnvironmentFile=-/no/such/file",
                           "EnvironmentFile=/run/systemd/system/env.txt"),
    "env.txt": "# a comment\nTHREE='from the file'\n",
    "reload.service": service("/bin/sleep 1000", "ExecReload=/bin/sh -c 'echo reloaded $MAINPID >/run/reloaded'"),
    "phases.service": service("/bin/sh -c 'echo main >>/run/phases; exec sleep 1000'", "Type=exec",
                              "ExecStartPre=/bin/sh -c 'echo pre >>/run/phases'",
                              "ExecStartPre=-/bin/false",
                              "ExecStartPost=/bin/sh -c 'echo post >>/run/phases'",
                              "ExecStop=/bin/sh -c 'echo stop >>/run/phases'",
                              "ExecStopPost=/bin/sh -c 'echo stoppost $SERVICE_RESULT >>/run/phases'"),
    "delegated.service": service("/bin/sh -c 'g=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup); mkdir $g/mine; "
                                 "echo $$ >$g/mine/cgroup.procs; echo +pids >$g/cgroup.subtree_control; "
                                 "exec sleep 4001'", "Delegate=yes",
                                 "ExecReload=/bin/sh -c 'cat /proc/self/cgroup >/run/delegated'",
                                 "ExecStop=/bin/kill $MAINPID", "ExecStopPost=/bin/touch /run/delegated-over"),
    "picky.service": service("/bin/sleep 1000", "ExecCondition=/bin/sh -c 'exit 3'"),
    "unmet.service": service("/bin/sleep 1000", unit=["ConditionPathExists=/no/such/path"]),
    "asserted.service": service("/bin/sleep 1000", unit=["AssertPathExists=/no/such/path"]),
    "talker.service": service("/bin/sh -c 'echo out; echo err >&2; printf \"\\\\033[31mred\\\\n\"; exec sleep 1000'"),
}


@pytest.fixture(scope="module")
def init():
    with Supervised(UNITS) as init:
        yield init


def test_a_killed_service_comes_back(init):
    init.slate("start", "steady")
    for _ in range(3):
        pid = init.main_pid("steady")
        init.sh(f"kill -9 {pid}")
        init.until(lambda: init.main_pid("steady") not in (0, pid))
    init.slate("stop", "steady")
    assert init.state("steady") == "inactive"
    assert not init.processes("sleep 1000")


def test_children_go_with_their_service_whatever_session_they_are_in(init):
    init.slate("start", "family")
    init.until(lambda: len(init.processes("sleep 200")) == 3)
    init.slate("stop", "family")
    assert not init.processes("sleep 200")


def test_children_of_a_crashed_service_go_with_it(init):
    init.slate("start", "family")
    init.until(lambda: len(init.processes("sleep 200")) == 3)
    init.sh(f"kill -9 {init.main_pid('family')}")
    init.until(lambda: init.state("family") == "failed")
    assert not init.processes("sleep 200")
    init.slate("reset-failed", "family")


def test_a_oneshot_remains_and_is_stopped_by_its_command(init):
    init.slate("start", "once")
    assert init.show("once", "SubState") == "exited"
    assert "second" in init.until(lambda: init.log("once"))
    init.slate("stop", "once")
    assert init.sh("cat /run/once-stopped").stdout == "stopping\n"


def test_a_oneshot_that_fails_makes_its_start_fail_and_shows_its_log(init):
    done = init.slate("start", "broken", check=False)
    assert done.returncode == 1
    assert "exit-code" in done.stderr and "status 7" in done.stderr


@pytest.mark.parametrize("unit, status", [("missing", "203"), ("nobody-else", "217")])
def test_what_keeps_a_program_from_running_is_said(init, unit, status):
    init.slate("start", unit)
    init.until(lambda: init.state(unit) == "failed")
    said = init.slate("status", unit).stdout
    assert status in said
    init.until(lambda: re.search("no-such-user|/no/such/program", init.log(unit)))


def test_type_exec_fails_when_the_exec_does(init):
    assert init.slate("start", "exec", check=False).returncode == 1


@pytest.mark.parametrize("unit, args", [("forker", "3000"), ("guessed", "3001"), ("late", "3002")])
def test_a_daemon_that_forks_is_found(init, unit, args):
    init.slate("start", unit)
    pid = init.main_pid(unit)
    assert args in init.sh(f"tr '\\0' ' ' </proc/{pid}/cmdline").stdout
    init.sh(f"kill {pid}")
    init.until(lambda: init.state(unit) == "inactive")


def test_readiness_is_waited_for(init):
    before = time.monotonic()
    init.slate("start", "notify")
    assert time.monotonic() - before > 0.25
    assert init.show("notify", "StatusText") == "all is well"
    init.slate("stop", "notify")


def test_a_service_that_is_never_ready_fails_in_its_time(init):
    assert init.slate("start", "mute", check=False).returncode == 1
    assert init.show("mute", "Result") == "timeout"


def test_a_watchdog_that_is_not_fed_restarts_the_service(init):
    init.slate("start", "watched")
    pid = init.main_pid("watched")
    init.until(lambda: init.main_pid("watched") not in (0, pid))
    init.slate("stop", "watched")


def test_a_service_that_can_not_live_is_given_up(init):
    init.slate("start", "hopeless", check=False)
    init.until(lambda: init.show("hopeless", "Result") == "start-limit-hit")
    assert int(init.show("hopeless", "NRestarts")) == 4
    assert init.slate("start", "hopeless", check=False).returncode == 1
    init.slate("reset-failed", "hopeless")
    assert init.state("hopeless") == "inactive"


def test_a_service_that_ignores_sigterm_is_killed_and_named(init):
    init.slate("start", "stubborn")
    init.until(lambda: "deaf" in init.log("stubborn"))
    init.slate("stop", "stubborn")
    assert init.show("stubborn", "Result") == "timeout"
    assert "stubborn.service: does not end: killed" in init.said()


def test_a_user_gets_a_directory_that_goes_with_the_service(init):
    init.slate("start", "user")
    init.until(lambda: "daemon" in init.log("user") and "/run/user-test" in init.log("user"))
    assert init.sh("stat -c %U /run/user-test").stdout == "daemon\n"
    init.slate("stop", "user")
    assert init.sh("test -e /run/user-test", check=False).returncode == 1


def test_variables_come_from_the_unit_and_its_files(init):
    init.slate("start", "env")
    init.until(lambda: "one=1 two=two words three=from the file" in init.log("env"))


def test_a_reload_runs_its_command(init):
    init.slate("start", "reload")
    init.slate("reload", "reload")
    assert init.sh("cat /run/reloaded").stdout == f"reloaded {init.main_pid('reload')}\n"
    init.slate("stop", "reload")
    assert init.slate("reload", "reload", check=False).returncode == 1


def test_a_service_that_divides_its_own_group_is_reloaded_stopped_and_started_again(init):
    for _ in range(2):
        init.slate("start", "delegated")
        init.until(lambda: init.sh("pgrep -f 'sleep 4001'", check=False).returncode == 0)
        init.slate("reload", "delegated")
        assert init.sh("cat /run/delegated").stdout.endswith("/system.slice/delegated.service/.control\n")
        init.slate("stop", "delegated")
        init.sh("rm /run/delegated-over; test ! -e /sys/fs/cgroup/system.slice/delegated.service")
    assert init.state("delegated") == "inactive"


def test_commands_run_in_their_order(init):
    init.slate("start", "phases")
    init.slate("stop", "phases")
    assert init.sh("cat /run/phases").stdout.split("\n")[:-1] == ["pre", "main", "post", "stop", "stoppost success"] or \
        init.sh("cat /run/phases").stdout.split("\n")[:-1] == ["pre", "post", "main", "stop", "stoppost success"]


@pytest.mark.parametrize("unit", ["picky", "unmet"])
def test_a_condition_that_is_not_met_is_no_failure(init, unit):
    init.slate("start", unit)
    assert init.state(unit) == "inactive"


def test_an_assertion_that_is_not_met_is_one(init):
    assert init.slate("start", "asserted", check=False).returncode == 1
    assert init.state("asserted") == "failed"


def test_output_is_logged_line_by_line_and_survives_the_service(init):
    init.slate("start", "talker")
    init.until(lambda: "red" in init.log("talker"))
    init.slate("stop", "talker")
    log = init.log("talker")
    assert " out\n" in log and " err\n" in log
    assert "\\x1b[31mred" in log and "\x1b" not in log


def test_the_log_process_may_die(init):
    init.slate("start", "talker")
    logger = init.sh("pgrep -o -P 1 -x slate-log").stdout.strip()
    init.sh(f"kill -9 {logger}")
    init.until(lambda: init.sh("pgrep -P 1 -x slate-log", check=False).stdout.strip() not in ("", logger))
    init.slate("restart", "env")
    init.until(lambda: init.log("env").count("one=1") >= 2)
    init.slate("stop", "talker")


def test_an_unknown_unit_is_named(init):
    done = init.slate("start", "no-such-unit", check=False)
    assert done.returncode == 1 and "no-such-unit.service" in done.stderr
