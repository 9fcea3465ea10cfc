#!/usr/bin/python3
"""Signed images and media, tampered with in every way, offline: none is accepted.

    tamper.py [--every N] [--jobs J]

`slate image verify` judges each with the functions that a boot uses before it mounts,
and reads every block besides. The exit status is 1 when one was accepted, or was
refused without a reason. --every N takes each N-th case only.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import queue
import random
import shutil
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
SLATE = BUILD / "slate"
BLOCK = 4096
# No tree, a tree of one level, and of two.
SIZES = {"small": 1, "middle": 3 * BLOCK, "large": 700_000}
IMAGE, MANIFEST, SIGNATURE = FILES = ("root.squashfs", "root.manifest", "root.manifest.minisig")

# kind: what the report counts by; name: of the case; files: those that differ, as bytes
# (None: missing), of the image `of`.
Case = collections.namedtuple("Case", "kind name of files")


def run(*command):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120)


def done(*command):
    result = run(*command)
    assert result.returncode == 0, result.stdout


class Made:
    """Keys, and signed images as bytes by file name: NAME, its older twin, a stranger's."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.images = {}
        for key in ("ours", "theirs"):
            done("minisign", "-G", "-W", "-p", self.folder / f"{key}.pub", "-s", self.folder / f"{key}.key")
        for seed, (name, size) in enumerate(SIZES.items()):
            self._sign(name, "ours", size, 41, seed)
            self._sign(f"{name}-older", "ours", size, 40, 100 + seed)
            self._sign(f"{name}-theirs", "theirs", size, 42, seed)

    def _sign(self, name, key, size, version, seed):
        place = self.folder / name
        (place / "root").mkdir(parents=True)
        (place / "root/data").write_bytes(random.Random(seed).randbytes(size))
        done("mksquashfs", place / "root", place / IMAGE, "-quiet", "-no-progress")
        done(SLATE, "image", "sign", "--sign", self.folder / f"{key}.key", "--image-name", "kiosk",
             "--image-version", version, place / IMAGE)
        self.images[name] = {file: (place / file).read_bytes() for file in FILES}


def facts(files):
    return dict(line.split("=", 1) for line in files[MANIFEST].decode().splitlines())


def flipped(data, at, bit):
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:]


def blocks_changed(name, good, chance):
    """Each block of data and of the tree, four times: another bit, zeros, the next block, noise."""
    image, data = good[IMAGE], int(facts(good)["data-size"])
    for start in range(0, len(image), BLOCK):
        kind = "block of the image" if start < data else "block of the tree"
        block = image[start:start + BLOCK]
        after = image[start + BLOCK:start + 2 * BLOCK] or image[:BLOCK]
        bit = flipped(block, chance.randrange(len(block)), chance.randrange(8))
        for what, new in (("bit", bit), ("zeros", bytes(len(block))), ("next", after[:len(block)]),
                          ("noise", chance.randbytes(len(block)))):
            if new != block and len(new) == len(block):
                yield Case(kind, f"{what} at {start}", name, {IMAGE: image[:start] + new + image[start + BLOCK:]})


def bytes_changed(name, good, chance):
    """Each byte of the manifest and of what is signed in the signature's file."""
    for file in (MANIFEST, SIGNATURE):
        text = good[file]
        first = text.index(b"\n") + 1 if file == SIGNATURE else 0   # a comment that nobody has signed
        for at in range(first, len(text)):
            yield Case(f"byte of the {file.split('.')[-1]}", f"{at}", name,
                       {file: flipped(text, at, chance.randrange(8))})


def lengths_changed(name, good, _):
    for file in FILES:
        whole = len(good[file])
        step = BLOCK if file == IMAGE else 9
        for size in range(0, whole - 1, step):
            yield Case("truncated", f"{file} to {size}", name, {file: good[file][:size]})
        for more in (b"x", b"\0", b"\nx", bytes(BLOCK), bytes(10 * BLOCK)):
            yield Case("extended", f"{file} by {len(more)}", name, {file: good[file] + more})
        yield Case("missing", file, name, {file: None})


def parts_mixed(name, good, _):
    """What of another signed image, by ours or another's key, stands in the place of ours."""
    for other in (f"{name}-older", f"{name}-theirs"):
        theirs = MADE.images[other]
        for mask in range(1, 8):
            files = {file: theirs[file] for bit, file in enumerate(FILES) if mask >> bit & 1}
            if mask == 7 and other.endswith("older"):
                continue    # a whole older image is signed; that it is old is for the medium to remember
            if all(good[file] == files[file] for file in files):
                continue    # the same root gives the same image
            yield Case("wrong key" if other.endswith("theirs") else "another image's part",
                       f"{other} {mask:03b}", name, files)


def lines_of_others(name, good, _):
    """A manifest with a fact of another image, a fact twice, or none: its root hash, its sizes."""
    mine, other = facts(good), facts(MADE.images["middle-older" if name != "middle" else "large-older"])
    for key in mine:
        for value in {other[key], "0", "-1", mine[key] + "0", "ffffffffffffffffffff"} - {mine[key]}:
            text = "".join(f"{k}={value if k == key else v}\n" for k, v in mine.items())
            yield Case("manifest says other", f"{key}={value[:20]}", name, {MANIFEST: text.encode()})
        text = good[MANIFEST] + f"{key}={other[key]}\n".encode()
        yield Case("manifest says other", f"{key} twice", name, {MANIFEST: text})
    yield Case("manifest says other", "more than is known", name, {MANIFEST: good[MANIFEST] + b"allow=all\n"})


def trees_swapped(name, good, _):
    image, data = good[IMAGE], int(facts(good)["data-size"])
    for other in MADE.images:
        theirs, cut = MADE.images[other][IMAGE], int(facts(MADE.images[other])["data-size"])
        if theirs != image:
            yield Case("swapped tree", f"the tree of {other}", name, {IMAGE: image[:data] + theirs[cut:]})
            yield Case("swapped tree", f"the data of {other}", name, {IMAGE: theirs[:cut] + image[data:]})
    tree = [image[at:at + BLOCK] for at in range(data, len(image), BLOCK)]
    for first in range(len(tree)):
        for second in range(first + 1, len(tree)):
            mixed = tree.copy()
            mixed[first], mixed[second] = tree[second], tree[first]
            if mixed != tree:
                yield Case("swapped tree", f"{first} and {second}", name, {IMAGE: image[:data] + b"".join(mixed)})


MADE = None
MAKERS = (blocks_changed, bytes_changed, lengths_changed, parts_mixed, lines_of_others, trees_swapped)


def make(folder):
    """Makes the images below the folder; all cases, in an order that is always the same."""
    global MADE
    MADE = Made(folder)
    for name in SIZES:
        for number, maker in enumerate(MAKERS):
            good = MADE.images[name]
            for case in maker(name, good, random.Random(f"{name} {number}")):
                # an image of one block has no tree to swap
                if any(good[file] != data for file, data in case.files.items()):
                    yield case


def judge(place, case):
    """Verifies the case in a folder of its own: None, or what is wrong with the verdict."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for file, good in MADE.images[case.of].items():
        data = case.files.get(file, good)
        if data is not None:
            (place / file).write_bytes(data)
    result = run(SLATE, "image", "verify", "--key", MADE.folder / "ours.pub", place)
    if result.returncode != 1:
        return f"exit status {result.returncode}: {result.stdout}"
    said = result.stdout.strip()
    return None if len(said) > 20 and " " in said and "anitizer" not in said else f"no reason: {said!r}"


def control():
    """What nobody has touched is verified: a judge that refuses everything proves nothing."""
    for name in SIZES:
        place = MADE.folder / "control"
        verdict = judge(place, Case("untouched", "", name, {}))
        assert verdict and "exit status 0" in verdict and "verified: kiosk, version 41" in verdict, verdict


def run_all(folder, every=1, jobs=2):
    """(how many of each kind, what is wrong)"""
    cases = [case for number, case in enumerate(make(folder)) if number % every == 0]
    control()
    places = queue.Queue()
    for number in range(jobs):
        places.put(MADE.folder / f"place-{number}")

    def one(case):
        place = places.get()
        try:
            return case, judge(place, case)
        finally:
            places.put(place)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(one, cases))
    counts = collections.Counter(case.kind for case, _ in results)
    return counts, [f"{case.kind}: {case.of}: {case.name}: {wrong}" for case, wrong in results if wrong]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slate-tamper-") as folder:
        counts, wrong = run_all(folder, chosen.every, chosen.jobs)
    for kind, n in sorted(counts.items()):
        print(f"{n:6} {kind}")
    print(f"{sum(counts.values()):6} tampered with, {len(wrong)} accepted or refused without a reason")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
