"""What a machine looks like after a command, as one digest: what follows of two states with
the same digest is the same. The clock is left out of it, and so is what depends on it."""

import functools
import hashlib
import zlib
from pathlib import Path

HEADER, SEQUENCE, PAYLOAD, TRIAL, CRC = 512, 24, 32, 504, 508
DIGEST, SIGNED = slice(64, 96), slice(64, 168)
STAMPS = (slice(4, 8), slice(48, 56), SIGNED, slice(CRC, HEADER))
UNREAD = {"save.lock", "restored", "settings", "control"}   # of /run/slate: the same, or not read


def number(slot, at, size=8):
    return int.from_bytes(slot[at:at + size], "little")


def generation_of(slot):
    """The number in a slot's header; 0: none."""
    return number(slot, SEQUENCE) if slot[16:20] == b"SLAT" else 0


def has_digest(slot):
    bare = bytearray(slot[:HEADER])
    bare[SIGNED] = bytes(SIGNED.stop - SIGNED.start)
    bare[TRIAL] = 0
    bare[CRC:] = bytes(HEADER - CRC)
    payload = slot[HEADER:HEADER + number(slot, PAYLOAD)]
    return hashlib.blake2b(payload + bytes(bare), digest_size=32).digest() == slot[DIGEST]


def timeless(slot):
    """A slot without its time; whether checksum and digest are right stands for themselves."""
    if not generation_of(slot):
        return slot
    header = bytearray(slot[:HEADER])
    right = zlib.crc32(header[:CRC]) == number(header, CRC, 4), has_digest(slot)
    for stamp in STAMPS:
        header[stamp] = bytes(stamp.stop - stamp.start)
    return repr(right).encode() + bytes(header) + slot[HEADER:]


def add_files(digest, top):
    for path in sorted(Path(top).rglob("*")):
        st = path.lstat()
        digest.update(f"{path.relative_to(top)} {st.st_mode}\n".encode())
        if path.is_file():
            digest.update(timeless_of(path, st.st_dev, st.st_ino, st.st_ctime_ns))



@functools.lru_cache(256)
def timeless_of(path, *_):
    """Read once for as long as the rest of what is asked for stays the same."""
    return hashlib.blake2b(timeless(path.read_bytes())).digest()


def state_of(machine):
    digest = hashlib.blake2b(repr((machine.is_writable(), machine.configuration())).encode())
    add_files(digest, machine.medium)
    add_files(digest, machine.root / ".slate-live")
    for path in sorted((machine.root / "run/slate").iterdir()):
        if path.name not in UNREAD and path.is_file():
            digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()
