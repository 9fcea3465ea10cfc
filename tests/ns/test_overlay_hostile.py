"""No hostile archive is restored, not even in part; each refusal names the member and gives
its reason; nothing outside the root is touched; memory is bounded. The archives come from
hostile.py, and docs/hostile.md has what other programs do with them."""

# timeout: 300

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import hostile
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "faults"))
import machine  # noqa: E402  pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: mounts and foreign owners")

CAP_KIB = 32 * 1024  # resident, of each child that reads
CANARY = Path("/tmp/canary")


def make_image(root):
    for folder in ("etc/conf.d", "usr/bin", "usr/lib"):
        (root / folder).mkdir(parents=True)
    (root / "etc/hostname").write_text("shipped\n")
    (root / "etc/motd").write_text("motd\n")
    (root / "etc/conf.d/1").write_text("1\n")
    (root / "usr/bin/su").write_bytes(b"su\n")
    (root / "usr/bin/su").chmod(0o4755)
    (root / "etc/alternative").symlink_to("../usr")
    (root / "lib").symlink_to("usr/lib")


@pytest.fixture(scope="module", name="base")
def made_base(tmp_path_factory):
    machine.own_namespace()
    base = tmp_path_factory.mktemp("hostile")
    machine.mount("tmpfs", base, "tmpfs", 0, "mode=0755")
    # a /tmp of its own: what is written there is seen
    machine.mount("tmpfs", "/tmp", "tmpfs") if not base.is_relative_to("/tmp") else None
    (base / "medium").mkdir()
    make_image(base / "pristine")
    CANARY.write_text("canary\n")
    yield base
    CANARY.unlink()
    for at in ("root", "layer", "."):
        machine.unmount_all(base / at)


def restore(base, content):
    (base / "medium/x.tar.gz").write_bytes(content)
    done = subprocess.run([machine.DRIVER, base, "restore", "apkovl=x.tar.gz"], capture_output=True, check=False,
                          timeout=60, env={"TMPFS": "size=32m,mode=0755", "PEAK": "1"})
    return (done.stdout + done.stderr).decode(errors="replace")


def outside(base):
    """All that is not the root: names and contents where an archive might write."""
    facts = [sorted(os.listdir("/")), sorted(os.listdir(base)), CANARY.read_text(), CANARY.stat().st_mode,
             sorted(name for name in os.listdir("/tmp") if "evil" in name or "canary" in name)]
    for path in sorted((base / "pristine").rglob("*")):
        st = path.lstat()
        facts.append((str(path), st.st_mode, st.st_uid, st.st_size, st.st_mtime_ns))
    return facts


def shown(member):
    """How a message may have it: reduced, or hidden by a deletion, or as it is."""
    clean = "".join("?" if ord(c) < 32 or ord(c) == 127 else c for c in member)[:150]
    return {clean, clean.rstrip("/"), clean.removeprefix("./"), clean.replace(".wh..wh..opq", "").rstrip("/"),
            clean.replace(".wh.", "")}


def judge(base, made):
    said = restore(base, made.content)
    if int(said.split("peak=")[1]) > CAP_KIB:
        return f"took {said}"
    told = next((line for line in said.splitlines() if line.startswith("degraded: x.tar.gz: ")), "")
    if "restored=0 " not in said or not told:
        return f"was restored: {said}"
    if made.reason not in told:
        return f"{told} (wanted: {made.reason})"
    refused = told.removeprefix("degraded: x.tar.gz: ")
    # a GNU name is refused for its length before it is read
    named = made.member if made.name != "path-too-long.gnu.tar.gz" else ""
    if named and not any(refused.startswith(name) for name in shown(named)):
        return f"{told} (does not name {made.member})"
    if any((base / "layer/upper").iterdir()):
        return "left something"
    return None


def test_every_hostile_archive_is_refused_by_name_and_reason(base):
    restore(base, b"")
    before, count, wrong = outside(base), 0, []
    for made in hostile.corpus():
        count += 1
        what = judge(base, made)
        if what:
            wrong.append(f"{made.name}: {what}")
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong)
    assert count >= 450
    assert outside(base) == before


def test_a_good_archive_is_restored_beside_them(base):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        info, data = hostile.member("etc/hostname", data=b"mine\n")
        tar.addfile(info, io.BytesIO(data))
    assert "restored=1 " in restore(base, gzip.compress(out.getvalue()))
    assert (base / "root/etc/hostname").read_text() == "mine\n"


def test_the_corpus_is_the_same_each_time():
    digests = [hashlib.sha256(b"".join(made.content for made in hostile.corpus() if len(made.content) < 9999))
               .hexdigest() for _ in range(2)]
    assert digests[0] == digests[1]
