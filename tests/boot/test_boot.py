"""A machine comes up to a login prompt: kernels, consoles, what it says while it boots."""

import json

import pytest

import machines


@pytest.mark.parametrize("kernel", ["bookworm-cloud", "bookworm", "trixie"])
def test_boots_to_a_login_prompt_and_takes_the_password(boot, kernel):
    machine = boot(out=machines.medium(kernel), memory=512)
    machine.console.expect("testmachine login: ?", 120)
    machine.console.type("root\n")
    machine.console.expect("Password: ?")
    machine.console.type("slate\n")
    machine.console.expect("# ?")
    machine.console.type("echo user=$(id -un) tty=$(tty)\n")
    machine.console.expect("user=root tty=/dev/ttyS0")


def test_every_console_of_the_command_line_has_a_login(boot):
    # the kernel takes one serial port as a console, so the other one is the screen
    machine = boot("console=tty0 console=ttyS0")
    machine.console.expect("testmachine login: ?", 90)
    shell = machine.ready()
    shell.ok("for i in $(seq 100); do grep -q 'testmachine login:' /dev/vcs1 && break; usleep 100000; done; "
             "grep -q 'testmachine login:' /dev/vcs1")
    machine.console.type("root\n")
    machine.console.expect("Password: ?")
    machine.console.type("slate\n")
    machine.console.expect("# ?")


def test_autologin_asks_nothing(boot):
    machine = boot("slate.autologin=root")
    machine.console.expect("# ?", 90)
    machine.console.type("id -un\n")
    machine.console.expect("^root")


def test_a_login_that_ends_is_offered_again(boot):
    machine = boot("slate.autologin=visitor")
    for _ in range(2):
        machine.console.expect(r"\$ ?", 90)
        machine.console.type("exit\n")
    machine.console.expect(r"\$ ?")


def test_what_is_not_saved_is_said_before_a_login(boot):
    machine = boot("slate.autologin=visitor")
    shell = machine.ready()
    machine.console.expect(r"\$ ?", 90)
    assert "lost at the next boot" not in machine.console.text()
    shell.ok("echo other >/etc/hostname; rm /etc/app/kept; mkdir -p /home/visitor/.cache; "
             "echo x >/home/visitor/x; echo x >/home/visitor/.cache/x")
    machine.console.type("exit\n")
    machine.console.expect(r"identity: etc/hostname \(content\)\r?$")
    machine.console.expect(r"config: etc/app/kept \(deleted\)\r?$")
    machine.console.expect(r"\$ ?")
    assert "never kept  1 file " in shell.ok("slate status")
    assert shell.ok("slate learn").split("\n")[1:] == ["+home/visitor/x"]
    shell.ok("slate learn --add; slate save; slate diff --exit-code")
    machine.console.skip()
    machine.console.type("exit\n")
    machine.console.expect(r"\$ ?")
    assert machine.console.text().count("lost at the next boot") == 1


def test_boot_json_names_medium_image_and_every_stage(boot):
    shell = boot().ready()
    told = json.loads(shell.read("/run/slate/boot.json"))
    assert told["medium"]["label"] == "SLATE"
    assert told["medium"]["device"] == "/dev/vda1"
    assert any(image["path"].endswith("root.squashfs") for image in told["images"])
    assert told["stages"]
    for stage in told["stages"]:
        assert stage["result"] in ("ok", "skipped"), stage
        assert stage["start_us"] <= stage["end_us"], stage


def test_what_was_not_saved_is_gone_after_a_reset(boot):
    machine = boot()
    shell = machine.ready()
    shell.ok("echo x >/etc/unsaved; echo x >/home/visitor/unsaved; rm /etc/app/kept")
    machine.reset()
    machine.ready()
    shell.ok("test ! -e /etc/unsaved && test ! -e /home/visitor/unsaved && test -e /etc/app/kept")


def test_the_root_below_is_read_only_and_the_medium_too(boot):
    shell = boot().ready()
    mounts = {line.split()[4]: line.split() for line in shell.ok("cat /proc/self/mountinfo").splitlines()}
    assert "ro" in mounts["/run/slate/root"][5].split(",")
    assert {"ro", "nosuid", "nodev", "noexec"} <= set(mounts["/run/slate/medium"][5].split(","))
    shell.fails("touch /run/slate/root/x")
    shell.fails("touch /run/slate/medium/x")


def test_the_overlay_keeps_its_limits_and_init_survives_a_full_one(boot):
    shell = boot("overlay=tmpfs:size=8m,inodes=2000").ready()
    assert b"No space left" in shell.run("dd if=/dev/zero of=/fill bs=1M count=20").stdout
    assert shell.ok("df -k /run/slate/overlay | tail -n 1").split()[1] == "8192"
    shell.ok("test -d /proc/1 && rm /fill && slate status")
    assert b"No space left" in shell.run("mkdir /many && cd /many && i=0 && "
                                         "while [ $i -lt 3000 ]; do : >$i || exit; i=$((i+1)); done").stdout


def test_failsafe_restores_nothing_and_offers_a_rescue_shell(boot):
    machine = boot("failsafe")
    machine.console.expect("(?i)rescue|password|login", 90)


def test_another_init_gets_the_machine(boot):
    shell = boot("init=/sbin/init").ready()
    assert shell.ok("readlink /proc/1/exe") == "/bin/busybox"
    assert json.loads(shell.read("/run/slate/boot.json"))["medium"]["label"] == "SLATE"
