"""slate-fetch against a server that is not well: resumed, repaired, refused, never overwritten.

timeout: 240
"""

import os
import pathlib
import random
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "web"))
from web import Fault, Web, etag_of  # noqa: E402

BUILD = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
FETCH = BUILD / "slate-fetch"
SLATE = BUILD / "slate"
SIZE = 3_000_000


@pytest.fixture
def web(tmp_path):
    (tmp_path / "www").mkdir()
    with Web(tmp_path / "www") as server:
        yield server


@pytest.fixture
def data(web):
    content = random.Random(1).randbytes(SIZE)
    (web.folder / "x").write_bytes(content)
    return content


def fetch(*words, timeout=60):
    done = subprocess.run([FETCH, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=timeout)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("progress=")]
    return done.returncode, lines


def test_a_file_is_got_whole_with_its_etag(web, data, tmp_path):
    status, lines = fetch("get", web.url("/x"), tmp_path / "to")
    assert (status, lines) == (0, [f"etag={etag_of(data)}", f"size={SIZE}"])
    assert (tmp_path / "to").read_bytes() == data


def test_after_a_cut_only_the_rest_is_asked_for(web, data, tmp_path):
    web.faults["/x"] = [Fault(cut=1_000_000), Fault(cut=500_000)]
    status, lines = fetch("get", web.url("/x"), tmp_path / "to")
    assert status == 0 and "trying again" in lines[0]
    assert (tmp_path / "to").read_bytes() == data
    assert web.gets("/x") == ["", "bytes=1000000-", "bytes=1500000-"]


def test_a_file_that_changed_meanwhile_is_got_anew(web, data, tmp_path):
    web.faults["/x"] = [Fault(cut=1_000_000)]
    other = bytes(reversed(data))
    timer = threading.Timer(0.3, (web.folder / "x").write_bytes, [other])
    timer.start()
    status, _ = fetch("get", web.url("/x"), tmp_path / "to")
    timer.join()
    assert status == 0 and (tmp_path / "to").read_bytes() == other


def test_a_server_that_gives_no_parts_is_asked_for_the_whole_again(web, data, tmp_path):
    web.faults["/x"] = [Fault(cut=1_000_000), Fault(whole=True)]
    status, _ = fetch("get", web.url("/x"), tmp_path / "to")
    assert status == 0 and (tmp_path / "to").read_bytes() == data


def test_what_is_not_there_is_told_at_once_and_apart(web, tmp_path):
    status, lines = fetch("get", web.url("/none"), tmp_path / "to")
    assert status == 3 and lines == [f"error={web.url('/none')}: the server says 404 (not found)"]
    assert len(web.requests) == 1


def test_for_ever_outlasts_a_server_that_is_away_and_says_why(web, data, tmp_path):
    web.stop()
    timer = threading.Timer(2.5, web.start)
    timer.start()
    status, lines = fetch("get", "--for-ever", web.url("/x"), tmp_path / "to")
    timer.join()
    assert status == 0 and (tmp_path / "to").read_bytes() == data
    assert any("Connection refused; trying again in 1 s" in line for line in lines)


def test_for_ever_goes_on_after_refusals_too(web, data, tmp_path):
    web.faults["/x"] = [Fault(status=404), Fault(status=503), Fault(silent=True)]
    status, lines = fetch("get", "--for-ever", web.url("/x"), tmp_path / "to")
    assert status == 0 and "404 (not found); trying again in 1 s" in lines[0] and "503" in lines[1]


def test_for_ever_may_end_with_nothing_where_a_file_is_optional(web, tmp_path):
    web.faults["/none"] = [Fault(status=503)]
    status, lines = fetch("get", "--for-ever", "--optional", web.url("/none"), tmp_path / "to")
    assert status == 3 and "404" in lines[-1]


def test_without_it_three_failures_are_enough(web, data, tmp_path):
    web.faults["/x"] = [Fault(status=500)] * 9
    status, lines = fetch("get", web.url("/x"), tmp_path / "to")
    assert status == 1 and lines[-1].startswith("error=") and len(web.requests) == 3


def test_more_than_is_allowed_is_refused(web, data, tmp_path):
    status, lines = fetch("get", "--max", 1000, web.url("/x"), tmp_path / "to")
    assert status == 1 and "only 0 KiB are allowed" in lines[-1]
    assert (tmp_path / "to").stat().st_size <= 1000


@pytest.fixture
def image(web, tmp_path):
    """A signed image on the server, and its manifest here; its bytes."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "data").write_bytes(random.Random(2).randbytes(SIZE))
    for command in (["minisign", "-G", "-W", "-p", f"{tmp_path}/k.pub", "-s", f"{tmp_path}/k.key"],
                    ["mksquashfs", tree, web.folder / "root.squashfs", "-quiet", "-no-progress"],
                    [SLATE, "image", "sign", "--sign", f"{tmp_path}/k.key", web.folder / "root.squashfs"]):
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return (web.folder / "root.squashfs").read_bytes()


def get_image(web, tmp_path, *words):
    return fetch("get", *words, "--check", web.folder / "root.manifest", web.url("/root.squashfs"),
                 tmp_path / "to")


def test_a_lie_is_found_by_the_manifest_and_only_its_block_got_again(web, image, tmp_path):
    web.faults["/root.squashfs"] = [Fault(flip=1_234_567), Fault(cut=100)]
    status, lines = get_image(web, tmp_path)
    assert status == 0, lines
    assert (tmp_path / "to").read_bytes() == image
    block = 1_234_567 // 4096 * 4096
    assert web.gets("/root.squashfs")[1] == f"bytes={block}-{block + 4095}"
    assert "4096 bytes at" in lines[0]


def test_a_lie_in_the_hash_tree_is_found_too(web, image, tmp_path):
    web.faults["/root.squashfs"] = [Fault(flip=len(image) - 9000)]
    status, lines = get_image(web, tmp_path)
    assert status == 0 and (tmp_path / "to").read_bytes() == image, lines


def test_a_server_that_always_lies_is_never_believed(web, image, tmp_path):
    web.faults["/root.squashfs"] = [Fault(flip=5000)] * 99
    status, lines = get_image(web, tmp_path)
    assert status == 4 and "not what its manifest says, also when got again" in lines[-1]


def test_a_file_of_another_size_is_refused_before_it_is_got(web, image, tmp_path):
    (web.folder / "root.squashfs").write_bytes(image + bytes(4096))
    status, lines = get_image(web, tmp_path, "--for-ever")
    assert status == 4 and "but its manifest says" in lines[-1]
    assert (tmp_path / "to").stat().st_size == 0


def test_a_put_makes_a_file_only_where_there_is_none(web, tmp_path):
    (tmp_path / "mine").write_bytes(b"mine")
    assert fetch("put", "--if-none", web.url("/saved/a"), tmp_path / "mine")[0] == 0
    assert (web.folder / "saved/a").read_bytes() == b"mine"
    (tmp_path / "mine").write_bytes(b"other")
    status, lines = fetch("put", "--if-none", web.url("/saved/a"), tmp_path / "mine")
    assert status == 4 and "another copy is there" in lines[-1]
    assert (web.folder / "saved/a").read_bytes() == b"mine"


def test_a_put_replaces_only_what_it_was_told(web, tmp_path):
    (web.folder / "a").write_bytes(b"old")
    (tmp_path / "mine").write_bytes(b"mine")
    assert fetch("put", "--if-match", etag_of(b"older"), web.url("/a"), tmp_path / "mine")[0] == 4
    assert (web.folder / "a").read_bytes() == b"old"
    assert fetch("put", "--if-match", etag_of(b"old"), web.url("/a"), tmp_path / "mine")[0] == 0
    assert (web.folder / "a").read_bytes() == b"mine"


def test_a_put_is_tried_again(web, tmp_path):
    (tmp_path / "mine").write_bytes(bytes(200_000))
    web.faults["/a"] = [Fault(status=503), Fault(silent=True)]
    assert fetch("put", "--if-none", web.url("/a"), tmp_path / "mine")[0] == 0
    assert (web.folder / "a").read_bytes() == bytes(200_000)


def test_of_two_puts_at_once_one_wins(web, tmp_path):
    (web.folder / "a").write_bytes(b"old")
    results = []

    def put(name):
        (tmp_path / name).write_text(name)
        results.append((fetch("put", "--if-match", etag_of(b"old"), web.url("/a"), tmp_path / name)[0], name))

    threads = [threading.Thread(target=put, args=(f"n{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in results) == [0, 4, 4, 4, 4, 4]
    winner = next(name for status, name in results if status == 0)
    assert (web.folder / "a").read_text() == winner


def test_what_is_no_url_is_a_mistake_of_usage(tmp_path):
    for url in ("ftp://127.0.0.1/x", "file:///etc/passwd", "x"):
        assert fetch("get", url, tmp_path / "to")[0] == 2


def test_a_redirection_leads_to_no_other_protocol(web, data, tmp_path):
    web.faults["/moved"] = [Fault(to="/x"), Fault(to="file:///etc/passwd")]
    assert fetch("get", web.url("/moved"), tmp_path / "to")[0] == 0
    assert (tmp_path / "to").read_bytes() == data
    status, lines = fetch("get", web.url("/moved"), tmp_path / "to")
    assert status == 1 and "rotocol" in lines[-1]
    assert (tmp_path / "to").read_bytes() == b""


def test_https_without_a_good_certificate_is_refused(web, tmp_path):
    before = time.monotonic()
    status, lines = fetch("get", f"https://127.0.0.1:{web.port}/x", tmp_path / "to")
    assert status == 1 and lines[-1].startswith("error=https:")
    assert time.monotonic() - before < 30
