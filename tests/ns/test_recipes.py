"""image/recipe.sh: what a recipe makes is the root, and the command line, of an image."""

import os
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]

# A user's own, on top of another one.
BASE = """# base: an empty machine
cmdline="quiet from=base"
root() { mkdir -p etc; echo base >etc/name; }
"""
OWN = """# own: one with a service
. "$here_is/base"
options="--harden hotplug"
settings() {
	cp "$files/motd" etc/motd
	unit hello.service <<-END
		[Service]
		ExecStart=/bin/hello
		[Install]
		WantedBy=multi-user.target
	END
	unit hello@.service </dev/null
}
"""

# In place of the tool: its words, one a line, and the root that it was given.
TOOL = """#!/bin/sh
printf '%s\\n' "$@" >"$SEEN/words"
while [ $# -gt 0 ]; do [ "$1" != --root ] || cp -a "$2" "$SEEN/root"; shift; done
"""


def recipe(folder, *words):
    (folder / "build/kernels/bookworm").mkdir(parents=True, exist_ok=True)
    (folder / "build/kernels/bookworm/vmlinuz").touch()
    (folder / "build/slate").write_text(TOOL)
    (folder / "build/slate").chmod(0o755)
    env = {**os.environ, "BUILD": str(folder / "build"), "SEEN": str(folder), "here_is": str(folder)}
    return subprocess.run([TOP / "image/recipe.sh", *map(str, words)], env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100)


@pytest.fixture
def own(tmp_path):
    (tmp_path / "base").write_text(BASE)
    (tmp_path / "own").write_text(OWN)
    (tmp_path / "own.files").mkdir()
    (tmp_path / "own.files/motd").write_text("hello\n")
    return tmp_path


def test_a_recipe_of_ones_own_stands_on_another(own):
    done = recipe(own, own / "own", own / "out", "--fs", "erofs")
    assert done.returncode == 0, done.stdout
    assert (own / "root/etc/name").read_text() == "base\n"
    assert (own / "root/etc/motd").read_text() == "hello\n"
    wants = own / "root/etc/systemd/system/multi-user.target.wants"
    assert [(link.name, os.readlink(link)) for link in wants.iterdir()] == [("hello.service", "../hello.service")]
    assert (own / "root/etc/systemd/system/hello@.service").exists()
    words = (own / "words").read_text().splitlines()
    assert words[:2] == ["image", "build"]
    assert words[words.index("--cmdline") + 1] == "quiet from=base"
    # what was typed comes after the recipe's own, so it wins
    assert words[words.index("--harden"):] == ["--harden", "hotplug", "--fs", "erofs", "-o", str(own / "out")]
    assert not list((own / "out").iterdir())


def test_a_recipe_that_fails_makes_no_image(own):
    (own / "own").write_text(OWN.replace("etc/motd", "no/such/folder"))
    done = recipe(own, own / "own", own / "out")
    assert done.returncode != 0 and "no/such/folder" in done.stdout
    assert not (own / "words").exists()
    assert not list((own / "out").iterdir())


def test_every_recipe_is_listed_with_what_it_is(tmp_path):
    files = sorted(file.name for file in (TOP / "image/recipes").iterdir() if file.is_file())
    lines = recipe(tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in lines] == files
    assert all(len(line.split()) > 3 for line in lines), lines


def test_an_unknown_recipe_is_named_beside_those_that_there_are(tmp_path):
    done = recipe(tmp_path, "dem", tmp_path / "out")
    assert done.returncode == 1 and "no recipe is called dem; there are: " in done.stdout
    assert " demo " in done.stdout


def test_a_recipe_says_what_it_needs(tmp_path):
    done = recipe(tmp_path, "server", tmp_path / "out")
    assert done.returncode == 1 and "SSH_KEY=FILE or PASSWORD=TEXT" in done.stdout
    (tmp_path / "own").write_text("# own: needy\nroot() { needs no-such-program some-package; }\n")
    done = recipe(tmp_path, tmp_path / "own", tmp_path / "out")
    assert done.returncode == 1
    assert done.stdout == "recipe: no-such-program is missing: apt-get install some-package\n"
