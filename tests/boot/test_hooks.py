"""Scripts of the phases of a running system: each a unit, in order, whatever becomes of the others."""

MARK = "#!/bin/sh\necho \"$0 $SLATE_PHASE $SLATE_NAME $SLATE_MEDIUM\" | tee -a /run/marks\n"
DROPIN = "[Service]\nProtectSystem=strict\nReadWritePaths=/run\n"


def put(shell, path, text):
    shell.ok(f"mkdir -p {path.rpartition('/')[0]}")
    shell.write("/run/new", text)
    shell.ok(f"chmod 755 /run/new && mv /run/new '{path}'")


def test_each_script_is_a_unit_of_its_own(boot):
    machine = boot("slate.name=box")
    shell = machine.ready()
    for phase in ("sysinit", "boot"):
        put(shell, f"/etc/slate/hooks/{phase}.d/10-first", MARK)
        put(shell, f"/etc/slate/hooks/{phase}.d/20 odd@name", MARK)
        put(shell, f"/etc/slate/hooks/{phase}.d/30-fails", MARK + "exit 3\n")
        put(shell, f"/etc/slate/hooks/{phase}.d/40-last", MARK + "echo >/usr/left || echo kept out\n")
    put(shell, "/etc/slate/hooks/boot.d/50-off", MARK)
    shell.ok("chmod 644 /etc/slate/hooks/boot.d/50-off")
    for name in ("1-one", "2-two"):
        put(shell, f"/etc/slate/hooks/shutdown.d/{name}", f"#!/bin/sh\necho shutdown {name} >/dev/console\n")
    # a site's drop-in gives one of them walls
    put(shell, "/etc/slate/system/slate-hook-boot-40-last.service.d/walls.conf", DROPIN)
    shell.ok("slate save", 120)
    shell.send(b"reboot\n")
    machine.qmp.wait_event("RESET", 60)
    shell = machine.ready()
    shell.ok("for i in $(seq 300); do "
             "[ $(wc -l </run/marks) = 8 ] && exit; sleep 0.1; done; cat /run/marks; exit 1", 60)
    marks = [line.rsplit("/", 1) for line in shell.ok("cat /run/marks | sed 's| /run/slate/medium$||'").splitlines()]
    assert [folder for folder, _ in marks] == [f"/etc/slate/hooks/{phase}.d" for phase in ("sysinit", "boot") for _ in range(4)]
    assert [rest for _, rest in marks] == [f"{name} {phase} box" for phase in ("sysinit", "boot")
                                           for name in ("10-first", "20 odd@name", "30-fails", "40-last")]
    units = shell.ok("slate units --all")
    assert "slate-hook-boot-10-first.service" in units and "50-off" not in units
    assert "30-fails boot box" in shell.ok("slate log slate-hook-boot-30-fails.service")
    shell.ok("slate is-failed -q slate-hook-boot-30-fails.service")
    shell.ok("slate is-active -q slate-hook-boot-40-last.service slate-hooks-boot.target")
    assert "kept out" in shell.ok("slate log slate-hook-boot-40-last.service")
    assert "kept out" not in shell.ok("slate log slate-hook-sysinit-40-last.service")
    # one that comes later is known after a reload, and one that goes is gone
    put(shell, "/etc/slate/hooks/boot.d/60-new", MARK)
    shell.ok("rm /etc/slate/hooks/boot.d/10-first; slate daemon-reload; slate start slate-hook-boot-60-new.service")
    assert shell.ok("tail -n 1 /run/marks").startswith("/etc/slate/hooks/boot.d/60-new")
    machine.console.skip()
    shell.send(b"poweroff\n")
    machine.wait_off(120)
    said = machine.console.text()
    assert 0 < said.index("shutdown 1-one") < said.index("shutdown 2-two"), said
