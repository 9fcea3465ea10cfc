"""Tampered images, offline: `slate image verify` checks with the functions that a boot uses.

timeout: 300
"""

import os
import pathlib
import random
import shutil
import subprocess

import pytest

BUILD = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
SLATE = BUILD / "slate"
BLOCK = 4096
SIZES = [1, 3 * BLOCK, 700_000]     # no tree, a tree of one level, and of two
FILES = ("root.squashfs", "root.manifest", "root.manifest.minisig")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, **options)


def done(*command, **options):
    result = run(*command, **options)
    assert result.returncode == 0, result.stdout
    return result.stdout


def keys(folder, name):
    done("minisign", "-G", "-W", "-p", folder / f"{name}.pub", "-s", folder / f"{name}.key")
    return folder / f"{name}.key"


def signed(folder, key, name, version=41, seed=1, size=700_000):
    """A signed image in folder/name."""
    place = folder / name
    place.mkdir()
    (folder / f"{name}.root").mkdir()
    (folder / f"{name}.root/data").write_bytes(random.Random(seed).randbytes(size))
    done("mksquashfs", folder / f"{name}.root", place / "root.squashfs", "-quiet", "-no-progress")
    done(SLATE, "image", "sign", "--sign", key, "--image-name", name, "--image-version", version,
         place / "root.squashfs")
    return place


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two keys, three signed images: this, older and by another key."""
    folder = tmp_path_factory.mktemp("made")
    ours, theirs = keys(folder, "ours"), keys(folder, "theirs")
    signed(folder, ours, "this")
    signed(folder, ours, "older", version=40, seed=2)
    signed(folder, theirs, "foreign")
    return folder


@pytest.fixture
def copy(made, tmp_path):
    """A private copy of the signed image, to spoil."""
    return shutil.copytree(made / "this", tmp_path / "out")


def verify(made, *paths):
    return run(SLATE, "image", "verify", "--key", made / "ours.pub", *paths)


def refused(made, place, why):
    result = verify(made, place)
    assert result.returncode == 1, f"accepted: {result.stdout}"
    assert why in result.stdout, result.stdout


def facts(place):
    return dict(line.split("=") for line in (place / "root.manifest").read_text().splitlines())


def flip(path, at, bit=0):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


def test_what_was_signed_is_verified_by_any_name(made, copy):
    for path in (copy, copy / "root.squashfs", copy / "root.manifest"):
        result = verify(made, path)
        assert result.returncode == 0 and "verified: this, version 41" in result.stdout, result.stdout


def test_other_programs_agree(made, copy):
    fact = facts(copy)
    done("minisign", "-Vm", copy / "root.manifest", "-p", made / "ours.pub")
    done("/usr/sbin/veritysetup", "verify", copy / "root.squashfs", copy / "root.squashfs", fact["root-hash"],
         "--no-superblock", f"--hash-offset={fact['hash-offset']}", f"--salt={fact['salt']}", "--hash=sha256",
         f"--data-blocks={int(fact['data-size']) // BLOCK}")
    done("unsquashfs", "-q", "-n", "-d", copy / "unpacked", copy / "root.squashfs")


@pytest.mark.parametrize("size", SIZES)
def test_images_of_any_size_are_signed_and_each_changed_block_found(made, tmp_path, size):
    place = signed(tmp_path, made / "ours.key", "any", size=size)
    assert verify(made, place).returncode == 0
    total = (place / "root.squashfs").stat().st_size
    for at in range(0, total, max(BLOCK, total // 12)):
        flip(place / "root.squashfs", at)
        assert verify(made, place).returncode == 1, f"byte {at} changed: accepted"
        flip(place / "root.squashfs", at)
    assert verify(made, place).returncode == 0


def test_every_block_of_image_and_tree_is_covered(made, copy):
    image = copy / "root.squashfs"
    fact = facts(copy)
    data, total = int(fact["data-size"]), int(fact["size"])
    chance = random.Random(7)
    for start in range(0, total, BLOCK):
        at = start + chance.randrange(BLOCK)
        flip(image, at, chance.randrange(8))
        result = verify(made, copy)
        assert result.returncode == 1, f"byte {at} changed: accepted"
        assert ("data is damaged" if start < data else "hash tree") in result.stdout, result.stdout
        shutil.copy(made / "this/root.squashfs", image)
    assert verify(made, copy).returncode == 0


@pytest.mark.parametrize("name,why", [("root.manifest", "signature of root.manifest"),
                                      ("root.manifest.minisig", "signature of root.manifest")])
def test_every_third_byte_of_manifest_and_signature_is_covered(made, copy, name, why):
    path = copy / name
    good = path.read_bytes()
    first = good.index(b"\n") + 1 if name.endswith("minisig") else 0    # its comment is not signed
    for at in range(first, len(good), 3):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1 << at % 8]) + good[at + 1:])
        refused(made, copy, why)
    path.write_bytes(good)
    assert verify(made, copy).returncode == 0


def test_truncated_and_extended_files_are_refused(made, copy):
    for name in FILES:
        path = copy / name
        good = path.read_bytes()
        for size in (0, 1, len(good) // 2, len(good) - 2):
            path.write_bytes(good[:size])
            refused(made, copy, "")
        path.write_bytes(good + b"x")
        refused(made, copy, "")
        path.write_bytes(good)


@pytest.mark.parametrize("name", FILES[1:])
def test_a_missing_manifest_or_signature_is_named(made, copy, name):
    (copy / name).unlink()
    refused(made, copy, f"{name} is missing")


def test_another_key_is_refused_and_named(made):
    refused(made, made / "foreign", "which is not trusted here")


def test_the_parts_of_two_signed_images_do_not_fit_together(made, copy):
    shutil.copy(made / "older/root.squashfs", copy)
    refused(made, copy, "hash tree is not the one that was signed")
    shutil.copy(made / "older/root.manifest", copy)
    refused(made, copy, "does not match")
    shutil.copy(made / "older/root.manifest.minisig", copy)
    assert verify(made, copy).returncode == 0


def test_the_tree_of_another_image_is_refused(made, copy):
    data = int(facts(copy)["data-size"])
    other = (made / "older/root.squashfs").read_bytes()
    mine = (copy / "root.squashfs").read_bytes()
    (copy / "root.squashfs").write_bytes(mine[:data] + other[data:])
    refused(made, copy, "hash tree is not the one that was signed")


def test_a_signed_image_by_another_name_is_refused(made, copy):
    for name in FILES:
        (copy / name).rename(copy / name.replace("root", "modules"))
    refused(made, copy, "its manifest is that of root.squashfs")


def test_an_unsigned_image_beside_signed_ones_is_told(made, copy):
    shutil.copy(made / "this/root.squashfs", copy / "extra.squashfs")
    refused(made, copy, "extra.manifest is missing")


def test_links_and_devices_in_place_of_files_are_refused(made, copy):
    for name in FILES:
        path = copy / name
        path.rename(copy / "aside")
        path.symlink_to("aside")
        refused(made, copy, "")
        path.unlink()
        os.mkfifo(path)
        refused(made, copy, "")
        path.unlink()
        (copy / "aside").rename(path)
    assert verify(made, copy).returncode == 0


def test_keys_that_do_not_belong_together_are_told_when_signing(made, copy):
    result = run(SLATE, "image", "sign", "--sign", made / "ours.key", "--key", made / "theirs.pub",
                 copy / "root.squashfs")
    assert result.returncode == 1 and "not trusted here" in result.stdout
    assert run(SLATE, "image", "sign", "--sign", made / "nowhere.key", copy / "root.squashfs").returncode == 1
    assert run(SLATE, "image", "sign", copy / "root.squashfs").returncode == 2


def test_signing_again_makes_no_second_tree(made, copy):
    before = (copy / "root.squashfs").read_bytes()
    done(SLATE, "image", "sign", "--sign", made / "ours.key", "--image-version", 42, copy / "root.squashfs")
    assert (copy / "root.squashfs").read_bytes() == before
    assert "version 42" in verify(made, copy).stdout


def test_a_key_that_is_none_and_no_key_are_refused(made, copy):
    (copy / "bad.pub").write_text("untrusted comment: x\nAAAA\n")
    result = run(SLATE, "image", "verify", "--key", copy / "bad.pub", copy)
    assert result.returncode == 1 and "not a public key" in result.stdout
    assert run(SLATE, "image", "verify", copy).returncode == 2
