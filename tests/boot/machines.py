"""The root image and the media that the boot tests use, made once and kept in build/.

A made thing lies in build/boot-tests/NAME-KEY, where KEY is a hash of all that it
was made of; test files that run side by side share it (a lock). What other inputs
made is removed some hours later, so that a make does not pull it from under a test.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", TOP / "build")).resolve()
CACHE = BUILD / "boot-tests"

KEPT_S = 3 * 3600

# What tests set and read on the guest beyond BusyBox, with the libraries they need.
TOOLS = ("setcap", "getcap", "setfacl", "getfacl", "setfattr", "getfattr", "stat", "touch")
FOLDERS = ("bin", "sbin", "usr/bin", "usr/sbin", "etc", "proc", "sys", "dev", "run", "tmp", "var/log", "var/tmp",
           "root", "home/visitor", "mnt", "lib", "usr/lib")


def run(*command, **options):
    """Runs a host program that must succeed; its output is in the failure's message."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, **options)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {said}"
    return said


def key_of(*inputs):
    """A hash over texts and over the contents of files and folders."""
    digest = hashlib.sha256()
    for item in inputs:
        if not isinstance(item, pathlib.Path):
            digest.update(repr(item).encode())
            continue
        files = sorted(item.rglob("*")) if item.is_dir() else [item]
        for file in files:
            digest.update(str(file).encode() + b"\0")
            if file.is_symlink():
                digest.update(os.readlink(file).encode())
            elif file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def made_once(name, inputs, make):
    """The folder that make(folder) filled for these inputs, now or earlier."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / f"{name}-{key_of(name, *inputs)}"
    with open(CACHE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for old in CACHE.glob(f"{name}-" + "?" * 16):
                if time.time() - old.stat().st_mtime > KEPT_S:
                    shutil.rmtree(old)
            new = CACHE / f"{name}.new"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            make(new)
            new.rename(folder)
    return folder


def kernel(name):
    """(kernel image, modules folder) of build/kernels/NAME, fetched when missing."""
    folder = BUILD / "kernels" / name
    if not (folder / "vmlinuz").exists():
        run(TOP / "image/deps/kernels.sh", name, env={**os.environ, "SLATE_BUILD": str(BUILD)}, cwd=TOP)
    return (folder / "vmlinuz").resolve(), (folder / "modules").resolve()


def root_folder():
    """A BusyBox root with the tests' own files and units."""
    inputs = [BUILD / "busybox", HERE / "root", pathlib.Path(__file__)]
    return made_once("root", inputs, _make_root)


def _make_root(folder):
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copytree(HERE / "root", folder, symlinks=True, dirs_exist_ok=True)
    os.chmod(folder / "etc/shadow", 0o600)
    os.chmod(folder / "root", 0o700)
    os.chmod(folder / "tmp", 0o1777)
    os.chown(folder / "home/visitor", 1000, 1000)
    shutil.copy(BUILD / "busybox", folder / "bin/busybox")
    for applet in run(BUILD / "busybox", "--list-full").split():
        link = folder / applet
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink() and not link.exists():
            link.symlink_to("/bin/busybox")
    for tool in TOOLS:
        _add_tool(folder, tool)


def _add_tool(folder, tool):
    """Copies a host program with the shared libraries that it loads."""
    source = shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin")
    assert source, f"{tool} is not installed"
    target = folder / "usr/bin" / tool
    for place in ("bin", "sbin", "usr/bin", "usr/sbin"):
        (folder / place / tool).unlink(missing_ok=True)
    shutil.copy(source, target)
    for line in run("ldd", source).splitlines():
        library = next((word for word in line.split() if word.startswith("/")), None)
        if library and not (folder / library[1:]).exists():
            (folder / library[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, folder / library[1:])


def medium(kernel_name="bookworm-cloud", *options, name=None, root=None, tools=None):
    """What `slate image build` makes of the root for a kernel: the folder OUT.

    options: further words for the command. name: the thing's name in the cache.
    tools: a folder of programs that it runs instead of the host's.
    """
    image, modules = kernel(kernel_name)
    tree = root or root_folder()
    programs = [BUILD / program for program in ("slate", "slate-boot", "slate-init", "slate-fetch", "busybox")]
    inputs = [tree.name, str(image), str(modules), options, *programs, TOP / "hooks", *([tools] if tools else [])]
    path = f"{tools}:{os.environ['PATH']}" if tools else os.environ["PATH"]

    def make(folder):
        run(BUILD / "slate", "image", "build", "--root", tree, "--kernel", image, "--modules", modules,
            *options, "-o", folder, env={**os.environ, "PATH": path})

    return made_once(name or f"medium-{kernel_name}", inputs, make)
