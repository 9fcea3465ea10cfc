"""What a failed boot says and offers, and the hooks that a boot runs."""

import json
import re

import pytest
import zbar


def test_a_key_gives_a_shell_and_its_end_tries_the_stage_again(boot):
    machine = boot("root=LABEL=NOWHERE rootwait=600 panic=600")
    machine.console.expect("LABEL=NOWHERE: [0-9]+ s left, any key ends the wait", 90)
    machine.console.type("x")
    machine.console.expect("medium: root=LABEL=NOWHERE did not appear")
    machine.console.expect("vda1: .* vfat, LABEL=SLATE")
    machine.console.expect("restart: [0-9]+ s left, any key gives a shell")
    machine.console.type("x")
    machine.console.expect("# ")
    machine.console.type("cat /run/slate/boot.json\n")
    machine.console.expect('"name":"medium","start_us":[0-9]+,"end_us":[0-9]+,"result":"failed"')
    machine.console.type("modprobe udf && grep -c ^udf /proc/modules\n")
    machine.console.expect("^1\r?$")
    machine.console.type("exit\n")
    machine.console.expect("LABEL=NOWHERE: [0-9]+ s left", 30)


def test_a_failure_restarts_by_itself_when_nobody_is_there(boot):
    machine = boot("root=LABEL=NOWHERE rootwait=1 panic=2")
    machine.console.expect("restarting in 2 s", 90)
    machine.qmp.wait_event("RESET", 30)


def test_no_shell_is_given_where_none_is_wanted(boot):
    machine = boot("root=LABEL=NOWHERE rootwait=1 panic=600 slate.shell=no")
    machine.console.expect("any key restarts now", 90)
    machine.console.type("x")
    machine.qmp.wait_event("RESET", 30)
    assert "# " not in machine.console.text().split("any key restarts now")[1]


def test_a_shell_after_the_root_is_known_asks_for_its_password(boot):
    machine = boot("break=overlay")
    machine.console.expect("(?i)password|maintenance", 90)
    machine.console.type("wrong\n")
    machine.console.expect("(?i)incorrect", 30)
    machine.console.expect("(?i)password|maintenance", 30)
    machine.console.type("slate\n")
    machine.console.expect("# ", 30)
    machine.console.type("exit\n")
    machine.ready()


def test_an_image_that_must_be_verified_is_not_mounted_unverified(boot):
    machine = boot("slate.verify=require panic=1")
    machine.console.expect("slate.verify=require", 90)
    machine.qmp.wait_event("RESET", 30)


@pytest.mark.parametrize("init", ["/nowhere", "/etc/hostname"])
def test_an_init_that_can_not_be_started_is_told_and_another_taken(boot, init):
    shell = boot(f"init={init}").ready()
    assert f"init={init}" in shell.ok("cat /run/slate/degraded")


def test_options_that_can_not_be_honoured_are_told_and_the_machine_comes_up(boot):
    shell = boot("overlay=tmpfs:size=banana apkovl=http://x/y rootwait=soon slate.nonsense=1").ready()
    told = shell.ok("cat /run/slate/degraded")
    for word in ("size=banana", "apkovl=http://x/y"):
        assert word in told, told
    log = shell.ok("dmesg")
    assert "rootwait: not a number" in log and "slate.nonsense: not an option" in log


def test_saved_hooks_run_before_the_new_init(boot):
    machine = boot()
    shell = machine.ready()
    shell.ok("mkdir -p /etc/slate/hooks/restored.d")
    shell.write("/etc/slate/hooks/restored.d/10-mark",
                '#!/bin/sh\necho "$SLATE_PHASE $SLATE_DEVICE $SLATE_GENERATION" >$SLATE_ROOT/etc/mark\n')
    shell.write("/etc/slate/hooks/restored.d/20-fails", "#!/bin/sh\nexit 3\n")
    shell.ok("chmod 755 /etc/slate/hooks/restored.d/* && slate save")
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/mark") == "restored /dev/vda1 1"
    assert "restored/20-fails exited with status 3" in shell.ok("cat /run/slate/degraded")
    assert json.loads(shell.read("/run/slate/boot.json"))["restored"]["sequence"] == 1


def codes_on_screen(machine):
    """The texts of the codes that a camera would see."""
    file = machine.folder / "screen.ppm"
    machine.qmp.execute("screendump", filename=str(file))
    _, size, _, pixels = file.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    image = zbar.Image(width, height, "Y800", pixels[::3])
    zbar.ImageScanner().scan(image)
    return [code.data for code in image]


def test_a_failure_is_a_code_on_the_screen_for_whoever_stands_there(boot):
    machine = boot("root=LABEL=NOWHERE rootwait=1 panic=600",
                   extra=["-device", "VGA", "-smbios", "type=1,serial=BOX-17"])
    machine.console.expect("restart: [0-9]+ s left", 90)
    [text] = codes_on_screen(machine)
    assert re.match(r"slate \S+\nmedium: root=LABEL=NOWHERE did not appear within 1 s\nBOX-17", text), text
