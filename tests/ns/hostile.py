#!/usr/bin/python3
"""Archives that must not be restored: each trick in each dialect of tar that can express
it, and each way out of the root with each kind of member.

    hostile.py DIRECTORY    makes DIRECTORY/NAME.DIALECT.tar.gz
"""
import dataclasses
import gzip
import io
import sys
import tarfile
from pathlib import Path

DIALECTS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
FILE, DIR, SYM, LINK = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


def member(name, kind=FILE, target="", data=b"", mode=0o644, **more):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode = kind, target, len(data), mode
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def evil(name, **more):
    return member(name, data=b"evil\n", **more)


def attribute(name):
    return {f"SCHILY.xattr.{name}": "x"}


# name: (members, what the refusal says)
TRICKS = {
    "dotdot": ([evil("../evil")], '".." in its path'),
    "dotdot-inside": ([evil("etc/../../evil")], '".." in its path'),
    "dotdot-end": ([member("etc/..", DIR)], '".." in its path'),
    "dotdot-alone": ([member("..", DIR)], '".." in its path'),
    "dotdot-after-dot": ([evil("./.././evil")], '".." in its path'),
    "dotdot-within-root": ([evil("etc/../usr/bin/su")], '".." in its path'),
    "absolute": ([evil("/tmp/evil")], "absolute name"),
    "absolute-slashes": ([evil("//tmp/evil")], "absolute name"),
    "absolute-directory": ([member("/", DIR)], "absolute name"),
    "symlink-write": ([member("etc/x", SYM, "/tmp"), evil("etc/x/evil")], "above it is a symbolic link"),
    "symlink-relative-write": ([member("etc/x", SYM, "../../.."), evil("etc/x/evil")],
                               "above it is a symbolic link"),
    "symlink-two-steps": ([member("etc/x", SYM, "."), member("etc/x/y", SYM, "/tmp"),
                           evil("etc/x/y/evil")], "above it is a symbolic link"),
    "symlink-directory": ([member("etc/x", SYM, "/tmp"), member("etc/x", DIR), evil("etc/x/evil")],
                          "twice, as a symbolic link and as a directory"),
    "symlink-over-directory": ([member("etc/x", DIR), evil("etc/x/a"), member("etc/x", SYM, "/tmp"),
                                evil("etc/x/evil")], "twice, as a directory and as a symbolic link"),
    "symlink-over-implied": ([evil("etc/x/a"), member("etc/x", SYM, "/tmp"), evil("etc/x/evil")],
                             "twice, as a directory and as a symbolic link"),
    "symlink-file": ([member("etc/x", SYM, "/tmp/evil"), evil("etc/x")],
                     "twice, as a symbolic link and as a file"),
    "symlink-top": ([member("etc", SYM, "/tmp"), evil("etc/evil")], "above it is a symbolic link"),
    "symlink-mount-point": ([member("proc", SYM, "etc")], "can only be a directory"),
    "file-mount-point": ([evil("dev")], "can only be a directory"),
    "hardlink-mount-point": ([evil("etc/x"), member("run", LINK, "etc/x")], "can only be a directory"),
    "symlink-of-image": ([evil("etc/alternative/evil")], "has a symbolic link or file above it"),
    "symlink-of-image-made-directory": ([member("lib", DIR), evil("lib/evil")],
                                        "a directory in the archive, but not in the root"),
    "file-as-directory": ([evil("etc/x"), evil("etc/x/evil")], "above it is a file"),
    "image-file-as-directory": ([evil("etc/hostname/evil")], "has a symbolic link or file above it"),
    "hardlink-dotdot": ([member("etc/x", LINK, "../../tmp/canary"), evil("etc/x")], '".." in its path'),
    "hardlink-absolute": ([member("etc/x", LINK, "/tmp/canary"), evil("etc/x")], "absolute name"),
    "hardlink-of-image": ([member("etc/x", LINK, "usr/bin/su")], "no file before it in the archive"),
    "hardlink-forward": ([member("etc/x", LINK, "etc/y"), evil("etc/y")],
                         "no file before it in the archive"),
    "hardlink-directory": ([member("etc/d", DIR), member("etc/x", LINK, "etc/d")],
                           "no file before it in the archive"),
    "hardlink-through-symlink": ([member("etc/s", SYM, "/tmp"), member("etc/x", LINK, "etc/s/canary")],
                                 "no file before it in the archive"),
    "hardlink-symlink-write": ([member("etc/s", SYM, "/tmp/canary"), member("etc/x", LINK, "etc/s"),
                                evil("etc/x")], "twice, as a symbolic link and as a file"),
    "hardlink-symlink-through": ([member("etc/s", SYM, "/tmp"), member("etc/x", LINK, "etc/s"),
                                  evil("etc/x/evil")], "above it is a symbolic link"),
    "character-device": ([member("etc/mem", tarfile.CHRTYPE, devmajor=1, devminor=1)], "device, FIFO"),
    "block-device": ([member("etc/sda", tarfile.BLKTYPE, devmajor=8, devminor=0)], "device, FIFO"),
    "whiteout-device": ([member("etc/hostname", tarfile.CHRTYPE, devmajor=0, devminor=0)],
                        "device, FIFO"),
    "fifo": ([member("etc/fifo", tarfile.FIFOTYPE)], "device, FIFO"),
    "setuid": ([evil("usr/bin/evil", mode=0o4755)], "setuid bit"),
    "setgid": ([evil("usr/bin/evil", mode=0o2755)], "setgid bit"),
    "setuid-over-plain": ([evil("etc/hostname", mode=0o4755)], "setuid bit"),
    "setuid-other-owner": ([evil("usr/bin/su", mode=0o4755, uid=1000)], "setuid bit"),
    "setuid-then-link": ([evil("etc/a", mode=0o6755), member("etc/b", LINK, "etc/a")], "setuid bit"),
    "whiteout-dot": ([member("etc/.wh..")], "deletion of nothing"),
    "whiteout-dotdot": ([member("etc/.wh...")], "deletion of nothing"),
    "whiteout-empty": ([member("etc/.wh.")], "deletion of nothing"),
    "whiteout-aufs": ([member("etc/.wh..wh.plnk")], "deletion of nothing"),
    "whiteout-data": ([evil("etc/.wh.motd")], "must be an empty file"),
    "whiteout-symlink": ([member("etc/.wh.motd", SYM, "x")], "must be an empty file"),
    "whiteout-root": ([member(".wh..wh..opq")], "can only be a directory"),
    "whiteout-parent": ([member("etc/.wh.d", DIR)], "must be an empty file"),
    "opaque-file": ([evil("etc/x"), member("etc/x/.wh..wh..opq")],
                    "twice, as a file and as a directory"),
    "opaque-symlink": ([member("etc/alternative/.wh..wh..opq")], "open"),
    "below-whiteout": ([member("etc/.wh.x"), evil("etc/x/evil")], "above it is a deletion"),
    "name-too-long": ([evil("etc/" + "n" * 256)], "name too long"),
    "too-deep": ([evil("d/" * 65 + "evil")], "too long or too deep"),
    "path-too-long": ([evil("etc/" + ("p" * 200 + "/") * 12 + "evil")], "too long"),
    "control-newline": ([evil("etc/a\nrestored=1")], "control characters"),
    "control-escape": ([evil("etc/\033[2J")], "control characters"),
    "root-as-file": ([evil(".")], "can only be a directory"),
    "root-as-link": ([member("./", SYM, "/tmp")], "can only be a directory"),
    "symlink-no-target": ([member("etc/x", SYM, "")], "link target is empty"),
    "unknown-type": ([member("etc/x", b"Z")], "type 90 of member is not known"),
    "contiguous-dotdot": ([evil("../evil", type=tarfile.CONTTYPE)], '".." in its path'),
    "sparse-old": ([member("etc/x", b"S")], "type 83 of member is not known"),
    "multivolume": ([member("etc/x", b"M")], "type 77 of member is not known"),
    "symlink-loop": ([member("etc/x", SYM, "x"), evil("etc/x/evil")], "above it is a symbolic link"),
    "symlink-chain": ([member("etc/a", SYM, "b"), member("etc/b", SYM, "/tmp"), evil("etc/a/evil")],
                      "above it is a symbolic link"),
    "symlink-of-itself-and-up": ([member("etc/x", SYM, ".."), evil("etc/x/etc/x/evil")],
                                 "above it is a symbolic link"),
    "symlink-proc": ([member("etc/x", SYM, "/proc/self/root/tmp"), evil("etc/x/evil")],
                     "above it is a symbolic link"),
    "symlink-directory-mode": ([member("etc/x", SYM, "/tmp"), member("etc/x", DIR, mode=0o1777)],
                               "twice, as a symbolic link and as a directory"),
    "symlink-by-hardlink": ([member("etc/s", SYM, "/tmp"), member("etc/x", LINK, "etc/s"),
                             member("etc/x/d", DIR)], "above it is a symbolic link"),
    "hardlink-itself": ([member("etc/x", LINK, "etc/x")], "no file before it in the archive"),
    "hardlink-root": ([member("etc/x", LINK, ".")], "no file before it in the archive"),
    "hardlink-deletion": ([member("etc/.wh.motd"), member("etc/x", LINK, "etc/motd")],
                          "no file before it in the archive"),
    "hardlink-device": ([member("etc/mem", tarfile.CHRTYPE, devmajor=1, devminor=1),
                         member("etc/x", LINK, "etc/mem")], "device, FIFO"),
    "hardlink-long": ([member("etc/x", LINK, "../" * 40 + "tmp/canary")], '".." in its path'),
    "deletion-then-below": ([member("etc/.wh.conf.d"), evil("etc/conf.d/evil")], "above it is a deletion"),
    "deletion-and-file": ([member("etc/.wh.x"), evil("etc/x")], "twice, as a deletion and as a file"),
    "deletion-of-directory-made": ([evil("etc/d/x"), member("etc/.wh.d")],
                                   "twice, as a directory and as a deletion"),
    "reserved-directory": ([evil("etc/.wh.d/evil")], "stand for deletions"),
    "setuid-directory-file": ([member("usr", DIR, mode=0o755), evil("usr/evil", mode=0o6777)], "setuid bit"),
    "setuid-long-name": ([evil("usr/" + "l" * 120, mode=0o4755)], "setuid bit"),
    "setuid-root-of-image": ([evil("usr/bin/su", mode=0o6755)], "setuid bit"),
    "device-in-dev": ([member("dev/sda", tarfile.BLKTYPE, devmajor=8, devminor=0)], "device, FIFO"),
    "device-over-file": ([evil("etc/x"), member("etc/x", tarfile.CHRTYPE, devmajor=1, devminor=1)],
                         "device, FIFO"),
    "device-long-name": ([member("dev/" + "d" * 120, tarfile.CHRTYPE, devmajor=1, devminor=1)], "device, FIFO"),
    "control-return": ([evil("etc/a\rb")], "control characters"),
    "control-delete": ([evil("etc/a\177")], "control characters"),
    "control-link": ([member("etc/x", LINK, "etc/a\nb")], "control characters"),
    "dot-only-as-link": ([member(".", LINK, "etc/x")], "can only be a directory"),
}

# What leads out of the root, each with each kind of member; and what each reason is.
WAYS_OUT = {
    "up": ("../evil", '".." in its path'),
    "up-inside": ("etc/a/../../../evil", '".." in its path'),
    "up-slashes": ("etc//..//..//evil", '".." in its path'),
    "up-dots": ("./././../evil", '".." in its path'),
    "up-long": ("../" * 30 + "tmp/evil", '".." in its path'),
    "absolute": ("/tmp/evil", "absolute name"),
    "absolute-dots": ("/./tmp/./evil", "absolute name"),
}
PAYLOADS = {
    "directory": lambda path: [member(path, DIR)],
    "symlink": lambda path: [member(path, SYM, "/etc/shadow")],
    "hardlink": lambda path: [evil("etc/x"), member(path, LINK, "etc/x")],
    "setuid": lambda path: [evil(path, mode=0o4755)],
    "deletion": lambda path: [member(path.replace("evil", ".wh.evil"))],
    "opaque": lambda path: [member(path + "/.wh..wh..opq")],
}
# A link first, then something through it.
LINKS = {"absolute": "/tmp", "relative": "../../..", "here": ".", "dangling": "/tmp/evil-new"}
THROUGH = {
    "directory": lambda path: member(path, DIR),
    "symlink": lambda path: member(path, SYM, "x"),
    "deletion": lambda path: member(path.replace("evil", ".wh.evil")),
    "opaque": lambda path: member(path + "/.wh..wh..opq"),
    "setuid": lambda path: evil(path, mode=0o4755),
}


def combinations():
    for way, (path, reason) in WAYS_OUT.items():
        for kind, payload in PAYLOADS.items():
            yield f"out-{way}-{kind}", payload(path), reason
    for link, target in LINKS.items():
        for kind, payload in THROUGH.items():
            yield (f"through-{link}-{kind}", [member("etc/l", SYM, target), payload("etc/l/evil")],
                   "setuid bit" if kind == "setuid" else "above it is a symbolic link")


PAX_TRICKS = {
    "xattr-ima": ([evil("etc/x", pax_headers=attribute("security.ima"))], "security.ima is not allowed"),
    "xattr-opaque": ([member("etc", DIR, pax_headers=attribute("trusted.overlay.opaque"))],
                     "trusted.overlay.opaque is not allowed"),
    "xattr-redirect": ([member("etc", DIR, pax_headers=attribute("trusted.overlay.redirect"))],
                       "trusted.overlay.redirect is not allowed"),
    "xattr-unknown": ([evil("etc/x", pax_headers=attribute("system.evil"))], "is not allowed"),
    "capability-on-directory": ([member("etc", DIR, pax_headers=attribute("security.capability"))],
                                "capabilities on a directory"),
    "acl-nonsense": ([evil("etc/x", pax_headers={"SCHILY.acl.access": "user::rwx,evil"})], "ACL"),
    "acl-by-name": ([evil("etc/x", pax_headers={"SCHILY.acl.access":
                                                "user::rwx,user:evil:rwx,group::r--,other::r--"})], "numeric"),
    "pax-path": ([evil("etc/x", pax_headers={"path": "../evil"})], '".." in its path'),
    "pax-absolute": ([evil("etc/x", pax_headers={"path": "/tmp/evil"})], "absolute name"),
    "pax-linkpath": ([member("etc/x", LINK, "y", pax_headers={"linkpath": "/tmp/canary"})],
                     "absolute name"),
    "pax-sparse": ([evil("etc/x", pax_headers={"GNU.sparse.major": "1"})], "sparse file"),
    "pax-uid": ([evil("etc/x", pax_headers={"uid": "99999999999"})], "not a number"),
    "pax-mtime": ([evil("etc/x", pax_headers={"mtime": "yesterday"})], "not a number"),
    "pax-whiteout": ([member("etc/x", pax_headers={"path": "etc/.wh..."})], "deletion of nothing"),
}


def archive(members, dialect):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=DIALECTS[dialect], errors="surrogateescape") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def checksummed(block):
    block = bytearray(block)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def header(name, kind=b"0", size=b"00000000000", magic=b"ustar\0" b"00"):
    block = bytearray(512)
    block[0:len(name)] = name
    block[100:108] = b"0000644\0"
    block[108:124] = b"0000000\0" * 2
    block[124:124 + len(size)] = size
    block[136:147] = b"14000000000"
    block[156:157] = kind
    block[257:265] = magic
    return checksummed(block)


def long_name(text, kind=b"L"):
    data = text + b"\0" * (512 - len(text) % 512)
    return header(b"././@LongLink", kind, b"%011o" % len(text), b"ustar  \0") + data


def pax(text, kind=b"x"):
    return header(b"PaxHeaders/x", kind, b"%011o" % len(text)) + text + b"\0" * (-len(text) % 512)


END = b"\0" * 1024
GOOD = header(b"etc/good") + END


def raw():
    """Archives that no library writes: (name, the gzip file's bytes, reason)."""
    def packed(tar):
        return gzip.compress(tar, 1, mtime=0)

    yield "gnu-long-dotdot", packed(long_name(b"../" + b"e" * 200) + header(b"x") + END), '".."'
    yield "gnu-long-absolute", packed(long_name(b"/tmp/" + b"e" * 200) + header(b"x") + END), "absolute"
    yield "gnu-long-nul", packed(long_name(b"\0../evil") + header(b"x") + END), "empty long name"
    yield "gnu-long-huge", packed(header(b"L", b"L", b"77777777777") + END), "too long"
    yield "gnu-long-end", packed(long_name(b"etc/x") + END), "middle of a member"
    yield "gnu-link-absolute", packed(long_name(b"/tmp/canary", b"K") + header(b"etc/x", b"1") + END), "absolute"
    yield "pax-huge", packed(header(b"x", b"x", b"77777777777") + END), "too long"
    yield "pax-malformed", packed(pax(b"30 path=../evil\n") + header(b"x") + END), "malformed"
    yield "pax-no-newline", packed(pax(b"16 path=../evil ") + header(b"x") + END), "malformed"
    yield "pax-twice", packed(pax(b"11 path=xy\n") * 2 + header(b"x") + END), "two pax headers"
    yield "pax-global-path", packed(pax(b"16 path=../evil\n", b"g") + END), "global pax header sets path"
    yield "checksum", packed(GOOD.replace(b"good", b"evil")), "checksum"
    yield "size-huge", packed(header(b"etc/x", size=b"\x80\0\0\0\x7f" + b"\xff" * 6) + END), ""
    yield "size-negative", packed(header(b"etc/x", size=b"\xff" * 12) + END), "out of range"
    yield "size-past-end", packed(header(b"etc/x", size=b"00000100000") + END), "cut short"
    yield "size-wraps", packed(header(b"etc/x", size=b"\x80\0\0\0" + b"\xff" * 8) + END), "out of range"
    yield "directory-data", packed(header(b"etc/x/", b"5", b"00000000010") + b"e" * 512 + END), "with data"
    yield "symlink-data", packed(header(b"etc/x", b"2", b"00000000010") + b"e" * 512 + END), "with data"
    yield "hardlink-data", packed(header(b"etc/y") + header(b"etc/x", b"1", b"00000000010") + b"e" * 512 + END), "with data"
    yield "old-dotdot", packed(header(b"../evil", b"\0", magic=b"\0" * 8) + END), '".."'
    yield "prefix-dotdot", packed(checksummed(GOOD[:345] + b"../x" + GOOD[349:512]) + END), '".."'
    yield "unterminated", packed(header(b"e" * 100)[:257] + b"x" * 255 + END), "checksum"
    yield "no-end", packed(header(b"etc/x")), "cut short"
    yield "after-end", packed(GOOD + header(b"../evil") + END), "after the end"
    yield "second-member", packed(GOOD) + packed(header(b"../evil") + END), "after the end"
    yield "garbage-after", packed(GOOD) + b"evil", "after the end"
    yield "truncated", packed(GOOD)[:-9], "cut short"
    yield "truncated-trailer", packed(GOOD)[:-4], "cut short"
    yield "crc", packed(GOOD)[:-8] + b"\0\0\0\0" + packed(GOOD)[-4:], "damaged gzip"
    yield "length", packed(GOOD)[:-4] + b"\1\0\0\0", "damaged gzip"
    yield "not-gzip", GOOD, "not a gzip"
    yield "empty", b"", "it is empty"
    yield "zeros", bytes(4096), "not a gzip"
    yield "plain-text", b"hello\n", "not a gzip"
    yield "many-members", packed(header(b"etc/x") * 262200 + END), "more than 262144 members"
    yield "bomb", packed(header(b"etc/x", size=b"%011o" % (100 << 20)) + bytes(100 << 20) + END), "No space left"


@dataclasses.dataclass
class Archive:
    trick: str
    dialect: str
    content: bytes
    reason: str     # what the refusal says
    member: str     # and of which member; "": of the file as a whole

    @property
    def name(self):
        return f"{self.trick}.{self.dialect}.tar.gz"


# A refusal of the archive as a whole: of bytes that are no member, or not all of one.
NAMELESS = {
    "gnu-long-nul", "gnu-long-huge", "gnu-long-end", "pax-huge", "pax-malformed", "pax-twice",
    "pax-global-path", "checksum", "unterminated", "no-end", "after-end", "second-member", "garbage-after",
    "truncated", "truncated-trailer", "crc", "length", "not-gzip", "empty", "zeros", "plain-text",
    "pax-no-newline",
}


# Which member is refused, where it is not the last.
REFUSED = {
    "symlink-two-steps": "etc/x/y", "symlink-directory": "etc/x", "symlink-over-directory": "etc/x",
    "symlink-over-implied": "etc/x", "symlink-of-image-made-directory": "lib", "hardlink-forward": "etc/x",
    "setuid-then-link": "etc/a", "root-as-file": "/", "dot-only-as-link": "/", "hardlink-device": "etc/mem",
    "pax-path": "../evil", "pax-absolute": "/tmp/evil", "pax-whiteout": "etc/.wh...",
    "gnu-long-dotdot": "../eeee", "gnu-long-absolute": "/tmp/eeee", "old-dotdot": "../evil",
    "prefix-dotdot": "../x/etc/good",
}


def corpus():
    """All of them; a trick has one name in all its dialects."""
    every = [(trick, members, reason, DIALECTS) for trick, (members, reason) in TRICKS.items()]
    every += [(*made, DIALECTS) for made in combinations()]
    every += [(trick, members, reason, ["pax"]) for trick, (members, reason) in PAX_TRICKS.items()]
    for trick, members, reason, dialects in every:
        for dialect in dialects:
            try:
                content = gzip.compress(archive(members, dialect), 1, mtime=0)
            except ValueError:
                continue  # this dialect can't say it
            yield Archive(trick, dialect, content, reason, REFUSED.get(trick, members[-1][0].name))
    for trick, content, reason in raw():
        yield Archive(trick, "raw", content, reason,
                      "" if trick in NAMELESS else REFUSED.get(trick, "etc/x"))


def main():
    out = Path(sys.argv[1])
    for made in corpus():
        (out / made.name).write_bytes(made.content)


if __name__ == "__main__":
    main()
