#!/usr/bin/python3
"""Changes a slot as somebody does who can write the medium but holds no key.

    forge.py SLOT sequence=N     another number, digest and checksum made to match
    forge.py SLOT payload        another byte of the archive, the same
    forge.py SLOT unsigned       the signature taken off
    forge.py SLOT from=OTHER     the content and signature of another slot, whole
"""
import hashlib
import struct
import sys
import zlib

HEADER, SEQUENCE, PAYLOAD, DIGEST, MESSAGE, CRC = 512, 24, 32, 64, 168, 508


def seal(data):
    """Makes digest and checksum right for what stands there."""
    length = struct.unpack_from("<Q", data, PAYLOAD)[0]
    bare = bytearray(data[:HEADER])
    bare[DIGEST:MESSAGE] = bytes(MESSAGE - DIGEST)
    bare[CRC:HEADER] = bytes(HEADER - CRC)
    digest = hashlib.blake2b(data[HEADER:HEADER + length] + bare, digest_size=32).digest()
    data[DIGEST:DIGEST + 32] = digest
    struct.pack_into("<I", data, CRC, zlib.crc32(data[:CRC]))


def forge(data, what, value):
    if what == "sequence":
        struct.pack_into("<Q", data, SEQUENCE, int(value))
    elif what == "payload":
        data[HEADER + 5] ^= 0x40
    elif what == "unsigned":
        data[DIGEST + 32:MESSAGE] = bytes(MESSAGE - DIGEST - 32)
    elif what == "from":
        with open(value, "rb") as other:
            data[:] = other.read()
        return
    seal(data)


def main(path, how):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    forge(data, *(how.split("=", 1) + [""])[:2])
    with open(path, "r+b") as file:
        file.write(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
