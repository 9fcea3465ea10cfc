"""Encrypted saved configuration: with the machine's key file, and with a passphrase typed on the console.

timeout: 600
"""

import pathlib
import subprocess

import media
from machines import run
from qemu import Disk, copy_of

PROMPT = "passphrase of the saved configuration"
KIND = 296  # in a slot's header: how it is encrypted


def slot(disk, number):
    return media.get_file(disk, f"slate/saved/default/slot-{number}.apkovl.tar.gz")


def key_disk(folder, key):
    files = pathlib.Path(folder) / "keys"
    files.mkdir()
    (files / "device.key").write_bytes(key)
    keys = f"{folder}/keys.img"
    media.size(keys, 4)
    run("mke2fs", "-q", "-t", "ext2", "-L", "KEYS", "-d", files, keys)
    return keys


def test_with_a_key_file_nothing_is_readable_on_the_medium_and_all_comes_back(boot, folder, medium):
    keys = key_disk(folder, bytes(range(64)))
    disk = copy_of(medium / "disk.img", folder)
    machine = boot("slate.key=LABEL=KEYS:device.key slate.encrypt=key",
                   disks=[Disk(disk), Disk(keys, name="keys")])
    shell = machine.ready()
    shell.ok("echo hidden >/etc/word && slate save")
    assert ", signed, encrypted" in shell.ok("slate generations")
    assert shell.ok("slate diff") == ""
    machine.reset()
    machine.ready()
    assert shell.ok("cat /etc/word") == "hidden"
    assert shell.ok("cat /run/slate/known") == "default=1"
    shell.fails("test -e /run/slate/degraded")
    machine.close()
    data = slot(disk, 0)
    assert data[KIND] == 1 and b"hidden" not in data
    shell = boot("rootwait=5", disks=[Disk(disk)]).ready()
    shell.fails("test -e /etc/word")
    assert "encrypted, and there is no key here" in shell.ok("cat /run/slate/degraded")


def test_what_lbu_encrypted_is_restored_with_its_passphrase_or_a_key_file(boot, folder, medium):
    tree = pathlib.Path(folder) / "tree/etc"
    tree.mkdir(parents=True)
    (tree / "word").write_text("from Alpine\n")
    archive = subprocess.run(f"tar -C {tree.parent} -cz --owner=0 --group=0 etc | "
                             "openssl enc -aes-256-cbc -salt -pass pass:'sword fish'", shell=True, check=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    disk = copy_of(medium / "disk.img", folder)
    media.put_file(disk, "box.apkovl.tar.gz.aes-256-cbc", archive)
    machine = boot(disks=[Disk(disk)])
    machine.console.expect(PROMPT, 90)
    machine.console.type("swordfish\r")
    machine.console.expect("that is not the passphrase", 60)
    machine.console.expect("tries left: 2", 30)
    machine.console.type("sword fish\r")
    shell = machine.ready()
    assert shell.ok("cat /etc/word /run/slate/degraded 2>/dev/null; true") == "from Alpine"
    machine.close()
    keys = key_disk(folder, b"sword fish\nsecond line, for thirty-two bytes\n")
    shell = boot("slate.key=LABEL=KEYS:device.key slate.verify_saved=no",
                 disks=[Disk(disk), Disk(keys, name="keys")]).ready()
    assert shell.ok("cat /etc/word") == "from Alpine"


def test_a_passphrase_is_asked_for_three_times_and_then_the_machine_starts_without(boot, folder, medium):
    disk = copy_of(medium / "disk.img", folder)
    machine = boot("slate.encrypt=passphrase", disks=[Disk(disk)])
    shell = machine.ready()
    assert "slate passphrase" in shell.fails("echo hidden >/etc/word; slate save")
    shell.ok("echo 'sword fish' | slate passphrase && slate save")
    machine.reset()
    machine.console.expect(PROMPT, 90)
    machine.console.type("swordfish\r")
    machine.console.expect("that is not the passphrase", 60)
    machine.console.expect(r"tries left: 2", 30)
    machine.console.type("sword fist\x7f\x7fsh\r")
    machine.ready()
    assert shell.ok("cat /etc/word") == "hidden"
    shell.fails("test -e /run/slate/degraded")
    shell.ok("echo more >/etc/more && slate save")

    machine.reset()
    for left in (3, 2, 1):
        machine.console.expect(f"tries left: {left}", 90)
        machine.console.type("wrong\r")
    machine.ready()
    shell.fails("test -e /etc/word")
    assert "encrypted, and its passphrase was not given" in shell.ok("cat /run/slate/degraded")
    assert "slate passphrase" in shell.fails("slate save")
    machine.close()
    assert b"hidden" not in slot(disk, 0)
