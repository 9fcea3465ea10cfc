"""The log of a device's writes, as QEMU's blklogwrites leaves it.

Sectors of 512 bytes. The first holds magic, version, number of entries and sector
size; each entry is a sector with place, count, flags, then its data.
Documentation/admin-guide/device-mapper/log-writes.rst of Linux.
"""

import dataclasses
import struct

SECTOR = 512
MAGIC = 0x6a736677736872
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
ACK = b"POWERCUT-ACK"


@dataclasses.dataclass
class Write:
    offset: int             # bytes
    data: bytes


@dataclasses.dataclass
class Flush:
    """All writes before it are on the medium now."""


@dataclasses.dataclass
class Ack:
    """A save has returned; its generation counts from here."""
    offset: int             # of the sector that says so
    generation: int


def read(path, is_ack):
    """The events of a log file; writes to a sector for which is_ack(offset) are acknowledgements."""
    events = []
    with open(path, "rb") as log:
        magic, version, count, sector_size = struct.unpack("<QQQI", log.read(28))
        if magic != MAGIC or version != 1 or sector_size != SECTOR:
            raise ValueError(f"{path}: not a log of writes")
        at = SECTOR
        for _ in range(count):
            log.seek(at)
            sector, sectors, flags, _length = struct.unpack("<QQQQ", log.read(32))
            at += SECTOR
            if flags & ~(FLUSH | FUA | DISCARD):
                raise ValueError(f"{path}: entry with flags {flags:#x}")
            data = b"\0" * (sectors * SECTOR)
            if not flags & DISCARD:
                log.seek(at)
                data = log.read(sectors * SECTOR)
                at += sectors * SECTOR
            if flags & FLUSH:
                events.append(Flush())
            if sectors:
                events.append(event_of(sector * SECTOR, data, is_ack))
            if flags & FUA:
                events.append(Flush())
    return events


def event_of(offset, data, is_ack):
    return Ack(offset, generation_in(data)) if is_ack(offset) else Write(offset, data)


def generation_in(sector):
    """What an acknowledgement says."""
    if not sector.startswith(ACK):
        raise ValueError("a write past the end of the file system")
    return int(sector[16:].split(b"\0")[0])
