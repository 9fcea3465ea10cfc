#!/usr/bin/python3
"""Writes first inputs for the fuzz targets of overlay's decoders: seeds.py DIRECTORY

One a line of a decoder that is hard to reach by chance. What of them, and of what the
fuzzer found besides, adds to the coverage is kept in seeds/ (coverage.sh --merge).
"""
import gzip
import struct
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "ns"))
import hostile  # noqa: E402  pylint: disable=wrong-import-position


def record(key, value):
    rest = len(key) + len(value) + 3
    size = rest + len(str(rest))
    if rest + len(str(size)) > size:
        size += 1
    return b"%d %s=%s\n" % (size, key, value)


def archives():
    for made in hostile.corpus():
        if len(made.content) < 4000 and made.dialect != "ustar":
            try:
                tar = gzip.decompress(made.content)
            except (OSError, EOFError):
                tar = b""
            if 0 < len(tar) < 16384:
                # two blocks of zeros end it; the rest is tarfile's padding
                yield b"\1" + tar.rstrip(b"\0") + bytes(1024 + -len(tar.rstrip(b"\0")) % 512)
    for records in PAX:
        yield b"\1" + hostile.pax(records) + hostile.header(b"etc/x") + hostile.END
        yield b"\1" + hostile.pax(records, b"g") + hostile.header(b"etc/x") + hostile.END
    long = hostile.long_name(b"etc/" + b"d/" * 60 + b"x")
    yield b"\1" + long + hostile.header(b"x") + hostile.END
    yield b"\1" + long[:-200] + hostile.END
    yield b"\1" + hostile.pax(PAX[0]) + hostile.pax(PAX[0]) + hostile.header(b"etc/x") + hostile.END
    yield b"\1" + hostile.header(b"etc/l", b"2") + hostile.header(b"etc/c", b"3") + hostile.END
    for name in (b"etc/su", b"etc/none"):
        yield b"\1" + hostile.checksummed(hostile.header(name).replace(b"0000644", b"0004755")) + hostile.END
    yield b"\0" + gzip.compress(hostile.GOOD, mtime=0)


ACL = b"user::rwx,user::r--:1000,group::r-x,mask::rwx,other::r--"
PAX = [
    record(b"path", b"etc/" + b"p/" * 30 + b"f") + record(b"uid", b"4000000000") + record(b"gid", b"70000"),
    record(b"mtime", b"-12.5") + record(b"size", b"0") + record(b"linkpath", b"etc/y"),
    record(b"mtime", b"1.x"), record(b"mtime", b"never"), record(b"size", b"-1"), record(b"uid", b"root"),
    record(b"SCHILY.acl.access", ACL) + record(b"SCHILY.acl.default", ACL),
    record(b"SCHILY.acl.access", b"user::rwx,,user:7:r--,user:5:-wx,group::r-x,mask::---,other::---"),
    record(b"SCHILY.acl.access", b"user::rwx"), record(b"SCHILY.acl.access", b",".join([b"user:1:rwx"] * 300)),
    record(b"SCHILY.acl.access", b"what::rwx"), record(b"GNU.sparse.major", b"1"), record(b"comment", b"x"),
    b"".join(record(b"SCHILY.xattr.user.%d" % i, b"v") for i in range(70)),
    record(b"SCHILY.xattr.user.a", b"1") + record(b"SCHILY.xattr.user.a", b"2"),
    record(b"SCHILY.xattr.", b"1"), record(b"SCHILY.xattr." + b"n" * 300, b"1"),
    record(b"SCHILY.xattr.security.capability", bytes(20)), record(b"path", b""), record(b"path", b"a\0b"),
    record(b"SCHILY.xattr.user.big", b"v" * 70000), record(b"path", b"a\nb"), b"9 x\n", b"0 ",
]


def slots():
    good = bytearray((Path(__file__).parent / "seeds/slot/good").read_bytes()[:512])
    yield bytes(good)
    for at, value in ((16, b"X"), (20, b"\2"), (24, bytes(8)), (32, bytes(8)), (32, b"\xff" * 7), (60, b"\1"),
                      (22, b"\1\0"), (48, b"\xff" * 8), (167, b"\1"), (24, b"\xff" * 8)):
        changed = bytearray(good)
        changed[at:at + len(value)] = value
        yield bytes(changed)
        changed[508:512] = struct.pack("<I", zlib.crc32(changed[:508]))
        yield bytes(changed)
    yield bytes(512)
    yield from (b"slot-12.apkovl.tar.gz", b"slot-012.apkovl.tar.gz", b"slot-99999.apkovl.tar.gz", b"slot-x", b"p", b"pay",
                b"slot-.apkovl.tar.gz", b"slot-1.tar")


def manifests():
    good = (Path(__file__).parent / "seeds/rootmanifest/good").read_bytes()
    yield good
    for old, new in ((b"kiosk", b"a b"), (b"=squashfs", b"=ext4"), (b"root.squashfs", b"../x"), (b"sha256", b"md5"),
                     (b"salt=c8", b"salt=zz"), (b"root-hash=e9", b"root-hash="), (b"712704", b"712705"),
                     (b"data-block=4096", b"data-block=4097"), (b"version=41", b"version=x"), (b"name=kiosk\n", b""),
                     (b"=squashfs", b"=erofs"), (b"version=41", b"version=41\nversion=42"), (b"hash=", b"hush="),
                     (b"salt=", b"salt=" + b"00" * 70), (b"salt=c8", b"salt="), (b"hash-offset=", b"hash-offset=4")):
        yield good.replace(old, new, 1)
    yield good + b"x" * 9000
    yield good.replace(b"fstype=squashfs", b"fstype=erofs").replace(b"root.squashfs", b"root.erofs")
    yield good.replace(b"name=kiosk", b"name=" + b"n" * 300)


def lists():
    yield from (b"#\n+/etc/a*\n-/etc/[!a-c]x\n+b?\n", b"+\n", b"x\n", b"+/a\0b\n", b"+" + b"p" * 5000 + b"\n", b"+/a/\r\n",
                b"+/etc/../x\n", b"+a\n" * 1100, b"#" + b"+a\n" * 1100, b"\n\n# c\n\t+/x \n", b"-/etc/[\n", b"+/**/x\n+/*/*/y\n",
                b"@/x\n!/y\n", b"etc/motd\nvar/lib\n", b"#no\nwrong line\n", b"+a/b/c\n", b"-a\n+a/b\n", b"+b/*/d\n+b/c/d\n")


def signatures():
    folder = Path(__file__).parent / "seeds/minisign"
    for name in ("key", "prehashed", "legacy"):
        good = (folder / name).read_bytes()
        lines = good.splitlines()
        yield good
        yield good.replace(b"\n", b"\r\n")
        yield good.replace(b"RUS", b"RVS").replace(b"RWS", b"RXS")
        yield good.replace(b"=\n", b"\xff\n", 1)
        yield lines[0] + b"\n" + b"UWS" + lines[1][3:] + b"\n" + b"\n".join(lines[2:]) + b"\n"
        yield good + b"more\n"
        yield b"\n".join(lines[:1])
        yield good.replace(b"trusted comment: slate", b"comment: slate")
        yield good.replace(b"trusted comment: slate", b"trusted comment: " + b"c" * 2000)
        yield b"\n".join(lines[:3]) + b"\nAAAA\n"
        yield good + b" " * 9000
    yield from (b"signed", b"s\xff comment")


def streams():
    plain = gzip.compress(b"hello" * 100, mtime=0)
    yield from (plain, plain + bytes(50), plain + plain, plain[:-5], plain + b"x", b"\x1f\x8b", b"", b"text")
    yield plain[:3] + b"\x1f" + plain[4:10] + b"\3\0abcname\0comment\0" + plain[10:]
    yield plain[:12] + b"\xff\xff" + plain[14:]
    yield plain[:-8] + bytes(8)
    yield gzip.compress(bytes(3 << 20), mtime=0)
    yield plain[:2] + b"\7" + plain[3:]


def main():
    out = Path(sys.argv[1])
    for name, make in (("archive", archives), ("slot", slots), ("rootmanifest", manifests), ("savelist", lists),
                       ("minisign", signatures), ("gzip", streams)):
        (out / name).mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(make()):
            (out / name / f"{number:03}").write_bytes(content)


main()
