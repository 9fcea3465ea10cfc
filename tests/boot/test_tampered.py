"""Media that were tampered with, each booted whole: none runs a byte that was not signed.

A case is drawn by its number, so that a failure names what to look at. $TAMPERED_BOOTS
says how many (6; `make tamper` boots 100).

timeout: 3600
"""

import os
import random
import re

import pytest

import media
from machines import run
from qemu import Disk, copy_of
from test_verified import MODULES, ROOT, SLATE, keys, out, refused, remove, size_of_data, spoil  # noqa: F401

BOOTS = int(os.environ.get("TAMPERED_BOOTS", 6))
BLOCK = 4096
READ_ALL = "echo 3 >/proc/sys/vm/drop_caches; cat $(find /run/slate/images -type f) >/dev/null; cat /dev/dm-* >/dev/null"
REFUSED = r"not verified, so not mounted"


def parts_of(image):
    """The image's manifest and its signature."""
    stem = image.rpartition(".")[0]
    return f"{stem}.manifest", f"{stem}.manifest.minisig"


# --- What is done to the image `image` of `disk`; each returns what it did. -------

def a_block_of_data(disk, out, image, chance):  # noqa: F811
    at = chance.randrange(size_of_data(out, image.split("/")[1].split(".")[0]))
    spoil(disk, image, at)
    return f"bit of byte {at}"


def a_block_of_the_tree(disk, out, image, chance):  # noqa: F811
    data = size_of_data(out, image.split("/")[1].split(".")[0])
    size = len(media.get_file(disk, image))
    at = chance.randrange(data, size)
    spoil(disk, image, at)
    return f"bit of byte {at} of {size}, the tree begins at {data}"


def a_byte_of_the_manifest(disk, _out, image, chance):
    name = parts_of(image)[0]
    at = chance.randrange(len(media.get_file(disk, name)))
    spoil(disk, name, at)
    return f"byte {at} of {name}"


def a_byte_of_the_signature(disk, _out, image, chance):
    name = parts_of(image)[1]
    text = media.get_file(disk, name)
    at = chance.randrange(text.index(b"\n") + 1, len(text) - 1)
    spoil(disk, name, at)
    return f"byte {at} of {name}"


def a_shorter_file(disk, _out, image, chance):
    name = chance.choice([image, *parts_of(image)])
    data = media.get_file(disk, name)
    size = chance.randrange(len(data) - 1)
    media.put_file(disk, name, data[:size])
    return f"{name} cut to {size} of {len(data)}"


def a_missing_file(disk, _out, image, chance):
    name = chance.choice(parts_of(image))
    remove(disk, name)
    return f"{name} removed"


def the_other_image_in_its_place(disk, _out, image, chance):
    """Signed as well, but as another: its data, its tree, or what is said of it."""
    other = MODULES if image == ROOT else ROOT
    mine, theirs = (image, *parts_of(image)), (other, *parts_of(other))
    pick = chance.choice([(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)])
    for i in pick:
        media.put_file(disk, mine[i], media.get_file(disk, theirs[i]))
    return f"{', '.join(theirs[i] for i in pick)} for its own"


def another_tree(disk, out, image, _chance):  # noqa: F811
    other = MODULES if image == ROOT else ROOT
    mine, theirs = media.get_file(disk, image), media.get_file(disk, other)
    cut = size_of_data(out, image.split("/")[1].split(".")[0])
    tree = theirs[size_of_data(out, other.split("/")[1].split(".")[0]):]
    media.put_file(disk, image, mine[:cut] + tree)
    return f"the tree of {other}"


def another_key(disk, _out, image, _chance, folder, theirs):
    """The whole is signed again, by somebody else; the image is changed on the way."""
    data = bytearray(media.get_file(disk, image))
    path = f"{folder}/{image.split('/')[1]}"
    with open(path, "wb") as file:
        file.write(data)
    run(SLATE, "image", "sign", "--sign", theirs, path)
    for name in (image, *parts_of(image)):
        with open(f"{folder}/{name.split('/')[1]}", "rb") as file:
            media.put_file(disk, name, file.read())
    return "signed by another key"


WAYS = (a_block_of_data, a_block_of_the_tree, a_byte_of_the_manifest, a_byte_of_the_signature, a_shorter_file,
        a_missing_file, the_other_image_in_its_place, another_tree, another_key)
# Blocks that nothing reads at once are found out when they are read.
LATER = (a_block_of_data, a_block_of_the_tree)


def ends_with_a_restart(machine):
    """dm-verity found it, either on the way up or when all is read."""
    try:
        machine.ready(60).send(f"{READ_ALL}\n".encode())
    except AssertionError:
        pass    # it had no time to come up
    machine.qmp.wait_event("RESET", 90)
    assert re.search(r"verity: .*block \d+ is corrupted", machine.console.text()), machine.console.text()[-3000:]


@pytest.mark.parametrize("number", range(BOOTS))
def test_a_tampered_medium_does_not_boot(boot, out, keys, folder, number):  # noqa: F811
    chance = random.Random(f"tampered {number}")
    way, image = WAYS[number % len(WAYS)], chance.choice([ROOT, MODULES])
    disk = copy_of(out / "disk.img", folder)
    more = (folder, keys / "theirs.key") if way is another_key else ()
    did = way(disk, out, image, chance, *more)
    print(f"{image}: {did}")
    machine = boot("panic=600 loglevel=7" if way not in LATER else "panic=1 loglevel=7", out=out, disks=[Disk(disk)])
    if way not in LATER:
        refused(machine, REFUSED)
    elif machine.console.wait(0, 120, lambda said: found_out(machine, said)) == "refused":
        machine.qmp.wait_event("RESET", 60)
    else:
        ends_with_a_restart(machine)


def found_out(machine, said):
    """"refused" or "runs", once it is either."""
    if REFUSED.encode() in said:
        return "refused"
    return "runs" if machine.shell.size() or b"is corrupted" in said else None


def test_what_is_swapped_after_the_check_is_found_out(boot, out, folder):  # noqa: F811
    disk = copy_of(out / "disk.img", folder)
    data = media.get_file(disk, MODULES)
    at = size_of_data(out, "modules") * 6 // 10 // BLOCK * BLOCK
    with open(disk, "rb") as file:
        where = file.read().find(data[at:at + BLOCK])
    machine = boot("panic=1 loglevel=7", out=out, disks=[Disk(disk)])
    shell = machine.ready()
    assert ", verified" in shell.ok("slate status")
    # somebody has the medium's bytes in hand while it is mounted
    with open(disk, "r+b") as file:
        file.seek(where)
        file.write(random.Random(1).randbytes(BLOCK))
    shell.send(f"{READ_ALL}\n".encode())
    machine.qmp.wait_event("RESET", 90)
