"""The finished programs make their relocated data read-only, seen from outside.

Each is run with --version under ptrace, stopped at its very end, when its memory
is still there, and the part that PT_GNU_RELRO names is looked up in its maps.
"""
import ctypes
import os
import struct
import time
from pathlib import Path

import pytest

BUILD = Path(os.environ["BUILD"])
PROGRAMS = ["slate-boot", "slate-init", "slate-fetch", "slate"]

PTRACE_TRACEME, PTRACE_CONT, PTRACE_SETOPTIONS = 0, 7, 0x4200
PTRACE_O_TRACEEXIT, PTRACE_O_EXITKILL = 0x40, 0x100000
PTRACE_EVENT_EXIT = 6
PT_GNU_RELRO = 0x6474E552
PAGE = os.sysconf("SC_PAGESIZE")

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, pid, data=0):
    if libc.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), f"ptrace request {request}")


def relro_of(program):
    """The range of whole pages that must be read-only, from the file's first byte."""
    image = program.read_bytes()
    offset, = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    for i in range(count):
        kind, _, _, vaddr, _, _, memsz, _ = struct.unpack_from("<IIQQQQQQ", image, offset + i * size)
        if kind == PT_GNU_RELRO:
            return vaddr & -PAGE, (vaddr + memsz) & -PAGE
    raise AssertionError(f"{program} has no PT_GNU_RELRO")


def start_traced(program):
    pid = os.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        try:
            ptrace(PTRACE_TRACEME, 0)
            os.execv(program, [program.name, "--version"])
        finally:
            os._exit(127)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSTOPPED(status)
    ptrace(PTRACE_SETOPTIONS, pid, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)
    return pid


def maps_at_exit(program):
    pid = start_traced(program)
    deadline = time.monotonic() + 10
    deliver = 0
    while time.monotonic() < deadline:
        ptrace(PTRACE_CONT, pid, deliver)
        _, status = os.waitpid(pid, 0)
        assert os.WIFSTOPPED(status), "ended without its exit being seen"
        if status >> 16 == PTRACE_EVENT_EXIT:
            maps = Path(f"/proc/{pid}/maps").read_text()
            # a process in this stop may not hear SIGKILL: it is let end by itself
            ptrace(PTRACE_CONT, pid)
            os.waitpid(pid, 0)
            return maps
        deliver = os.WSTOPSIG(status)
    raise AssertionError("did not end")


def mappings(maps):
    for line in maps.splitlines():
        span, mode, offset, *_ = line.split()
        low, high = (int(part, 16) for part in span.split("-"))
        yield low, high, mode, line


@pytest.mark.parametrize("name", PROGRAMS)
def test_relocated_data_is_read_only(name):
    program = BUILD / name
    low, high = relro_of(program)
    assert high > low, "no whole page is protected"
    maps = maps_at_exit(program)
    base = next(int(line.split("-")[0], 16) for line in maps.splitlines() if str(program) in line)
    covering = [(mode, line) for start, end, mode, line in mappings(maps)
                if start < base + high and end > base + low]
    assert covering, maps
    assert all(mode == "r--p" for mode, _ in covering), maps


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_is_writable_and_executable(name):
    for _, _, mode, line in mappings(maps_at_exit(BUILD / name)):
        assert not ("w" in mode and "x" in mode), line
