"""Saves to a server that are signed or encrypted, by the slate that is built, in a root of
its own on this machine's loopback; restored by the boot's code from what the server got."""

import gzip
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "faults"), str(TESTS / "web")]

import machine as machines  # noqa: E402
from web import Fault, Web  # noqa: E402

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root: mounts")
NAME = "box.apkovl.tar.gz"


class Box:
    """A machine that saves to a server; `settings` as in slate.conf."""

    def __init__(self, machine, web):
        self.machine, self.web = machine, web
        self.archive = web.folder / NAME
        self.keys = machine.base / "keys"

    def start(self, settings="", state="empty"):
        self.machine.boot()
        run = self.machine.root / "run/slate"
        (run / "settings").write_text(settings)
        (run / "remote").write_text(f"url={self.web.url('/' + NAME)}\netag=\nstate={state}\n")
        shutil.copytree(self.keys, run / "keys")

    def save(self, word):
        self.machine.write("etc/word", f"{word}\n")
        return self.machine.slate("save")

    def restore(self, data=None, policy="require"):
        """The boot's restore of what the server holds, or of `data`; what it said."""
        machines.mount("none", self.machine.medium, None, machines.MS_REMOUNT)
        (self.machine.medium / NAME).write_bytes(self.archive.read_bytes() if data is None else data)
        done = subprocess.run([machines.DRIVER, self.machine.base, "restore", f"apkovl={NAME}"],
                              env={**os.environ, "KEYS": str(self.keys), "VERIFY": policy},
                              capture_output=True, text=True, errors="replace", check=False)
        return done.stdout + done.stderr

    def word(self):
        path = self.machine.root / "etc/word"
        return path.read_text().strip() if path.exists() else None


@pytest.fixture
def box(tmp_path):
    machine = machines.Machine()
    shutil.copy(machines.BUILD / "slate-fetch", machine.base / "pristine/slate-fetch")
    (machine.base / "pristine/bin").mkdir()
    (machine.base / "pristine/slate-fetch").rename(machine.base / "pristine/bin/slate-fetch")
    machine.insert()
    subprocess.run([machines.DRIVER, machine.base, "key", "keys"], check=True)
    try:
        with Web(tmp_path) as web:
            yield Box(machine, web)
    finally:
        machine.close()


def test_a_signed_save_is_one_that_the_next_boot_takes(box):
    box.start("slate.verify_saved=require\n")
    saved = box.save("signed")
    assert saved.status == 0, saved.text
    data = box.archive.read_bytes()
    assert data[16:20] == b"SLAT" and data[96:160] != bytes(64)
    with tarfile.open(fileobj=gzip.open(box.archive)) as archive:
        assert "etc/word" in archive.getnames()
    assert box.machine.slate("diff").text == ""
    assert "degraded" not in box.restore()
    assert box.word() == "signed"


def test_each_save_has_a_number_above_the_one_before(box):
    box.start("slate.verify_saved=require\n")
    numbers = []
    for word in ("one", "two", "three"):
        saved = box.save(word)
        assert saved.status == 0, saved.text
        numbers.append(int.from_bytes(box.archive.read_bytes()[24:32], "little"))
    assert numbers[0] < numbers[1] < numbers[2]
    assert box.machine.slate("diff").text == ""


def test_what_was_changed_on_the_server_is_refused(box):
    box.start("slate.verify_saved=require\n")
    box.save("signed")
    data = box.archive.read_bytes()
    for offset in (30, 70, 100, 300, 600, len(data) - 3):
        changed = bytearray(data)
        changed[offset] ^= 1
        assert "not restored" in box.restore(bytes(changed)), offset
        assert box.word() is None
    assert "not restored" in box.restore(data[:-1])


def test_an_archive_that_nobody_signed_is_refused(box):
    box.start()
    shutil.rmtree(box.machine.root / "run/slate/keys")
    assert box.save("plain").status == 0
    assert box.archive.read_bytes()[16:20] != b"SLAT"
    assert "not signed" in box.restore()
    assert box.word() is None
    assert "not restored" not in box.restore(policy="no")
    assert box.word() == "plain"


def test_without_a_key_nothing_is_sent(box):
    box.start("slate.verify_saved=require\n")
    shutil.rmtree(box.machine.root / "run/slate/keys")
    saved = box.save("unsigned")
    assert saved.status == 1 and "no key to sign with" in saved.text and "nothing was saved" in saved.text
    assert not box.archive.exists()


def test_an_encrypted_save_is_read_by_whoever_has_the_key(box):
    box.start("slate.encrypt=key\nslate.verify_saved=require\n")
    saved = box.save("secret-word")
    assert saved.status == 0, saved.text
    with pytest.raises(Exception):
        gzip.decompress(box.archive.read_bytes())
    assert box.machine.slate("diff").text == ""
    assert "degraded" not in box.restore()
    assert box.word() == "secret-word"
    (box.keys / "device").unlink()
    assert "not restored" in box.restore(policy="no")
    assert box.word() is None


def boot_alone(box):
    """The machine's next boot, which does not reach the server; what restore said."""
    box.machine.environment = {**os.environ, "KEYS": str(box.keys), "VERIFY": "require"}
    return box.machine.boot()


def test_a_save_is_tried_again_and_stays_on_the_medium_too(box):
    box.start("slate.verify_saved=require\n")
    box.web.faults["/" + NAME] = [Fault(status=503), Fault(silent=True)]
    saved = box.save("kept")
    assert saved.status == 0 and box.archive.exists(), saved.text
    said = boot_alone(box)
    assert "restored=1 sequence=1 " in said and box.word() == "kept", said


@pytest.mark.parametrize("settings", ["", "slate.encrypt=key\n"], ids=["signed", "encrypted"])
def test_without_the_server_the_last_good_copy_is_in_a_slot(box, settings):
    box.start("slate.verify_saved=require\n" + settings)
    assert box.save("first").status == 0
    box.web.stop()
    failed = box.save("second")
    assert failed.status == 1 and "onnect" in failed.text and "a copy is in slot-1" in failed.text, failed.text
    said = boot_alone(box)
    assert "restored=1 sequence=2 " in said and box.word() == "second", said


def test_restore_gets_what_another_machine_has_saved_since(box):
    box.start("slate.verify_saved=require\n")
    box.save("theirs")
    theirs = box.archive.read_bytes()
    box.save("mine")
    box.archive.write_bytes(theirs)
    refused = box.save("lost?")
    assert refused.status == 1 and "another machine or boot has saved since" in refused.text
    assert box.archive.read_bytes() == theirs
    back = box.machine.slate("restore")
    assert back.status == 0 and "is what http" in back.text, back.text
    assert box.word() == "theirs"
    assert box.machine.slate("diff").text == ""
    assert box.save("after").status == 0
    assert box.archive.read_bytes() != theirs


def test_restore_changes_nothing_where_the_server_has_nothing_good(box):
    box.start("slate.verify_saved=require\n")
    box.save("good")
    box.machine.write("etc/word", "unsaved\n")
    data = bytearray(box.archive.read_bytes())
    data[600] ^= 1
    box.archive.write_bytes(data)
    refused = box.machine.slate("restore")
    assert refused.status == 1 and "digest does not match" in refused.text and "nothing was changed" in refused.text
    box.archive.unlink()
    refused = box.machine.slate("restore")
    assert refused.status == 1 and "nothing was changed" in refused.text
    box.web.stop()
    assert box.machine.slate("restore").status == 1
    assert box.word() == "unsaved"
    assert not (box.machine.root / "run/slate/remote.check").exists()


def test_restore_without_a_generation_and_without_a_server_asks_which(box):
    box.start()
    (box.machine.root / "run/slate/remote").unlink()
    asked = box.machine.slate("restore")
    assert asked.status == 1 and "which generation" in asked.text
