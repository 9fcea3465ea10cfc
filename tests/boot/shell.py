"""Runs commands in the root shell that a test machine offers on its second serial port.

The shell reads lines without echo or prompt (`SERVE` below starts one). A
command travels as base64, and so does its output, so that any bytes pass
unharmed; an exit status follows the output. A machine that boots anew greets
again: wait_ready() then waits for that greeting.
"""

import base64
import itertools
import subprocess

from channel import Channel, Timeout

GREETING = b"@ready\n"

# What a machine runs to offer the shell, for a unit or an init script. A shell
# whose errors go to no terminal is not interactive, so it edits and echoes nothing.
SERVE = "exec </dev/ttyS1 >/dev/ttyS1 2>/dev/null; stty raw -echo; printf '@ready\\n'; exec sh"

# The serial port has no flow control: pieces must fit the terminal's buffer.
PIECE = 600


class Shell(Channel):
    def __init__(self, path, name, log=None):
        super().__init__(path, name, log)
        self._seen = 0
        self._numbers = itertools.count()

    def wait_ready(self, timeout=60):
        """Waits for a greeting that came after the last one waited for."""
        end = self.wait(self._seen, timeout, lambda data: data.find(GREETING) + 1)
        self._seen += end

    def run(self, command, timeout=60):
        """Runs a shell command; a CompletedProcess with status and output (both streams)."""
        token = f"@{next(self._numbers)}:"
        start = self.size()
        self._type_in_pieces(command)
        self.send(
            b'{ (eval "$c") 2>&1 </dev/null; printf "\\n%s" $?; } | base64 -w0 | '
            b'{ printf "%s" "' + token.encode() + b'"; cat; echo .; }\n'
        )
        try:
            reply = self.wait(start, timeout, lambda data: _between(data, token.encode(), b"."))
        except Timeout as reason:
            raise Timeout(f"running {command!r}: {reason}") from None
        output, _, status = base64.b64decode(reply).rpartition(b"\n")
        return subprocess.CompletedProcess(command, int(status), output)

    def _type_in_pieces(self, command):
        text = base64.b64encode(command.encode())
        self.send(b"c=\n")
        for at in range(0, len(text), PIECE):
            self.run_blind(b"c=${c}" + text[at : at + PIECE])
        self.send(b'c=$(echo "$c" | base64 -d)\n')

    def run_blind(self, line):
        """Sends a line and waits until the shell has read it."""
        mark = f"@{next(self._numbers)}+".encode()
        start = self.size()
        self.send(line + b"; echo " + mark + b"\n")
        self.wait(start, 30, lambda data: mark in data)

    def ok(self, command, timeout=60):
        """Runs a command that must succeed; its output as text, without the last line end."""
        done = self.run(command, timeout)
        text = done.stdout.decode(errors="replace")
        assert done.returncode == 0, f"{command!r} ended with {done.returncode}: {text}"
        return text.rstrip("\n")

    def fails(self, command, timeout=60):
        """Runs a command that must fail; its output as text."""
        done = self.run(command, timeout)
        text = done.stdout.decode(errors="replace")
        assert done.returncode != 0, f"{command!r} did not fail: {text}"
        return text

    def read(self, path):
        """The bytes of a file."""
        done = self.run(f"cat '{path}'")
        assert done.returncode == 0, f"{path}: {done.stdout!r}"
        return done.stdout

    def write(self, path, data):
        """Makes a file of exactly these bytes."""
        text = data if isinstance(data, bytes) else data.encode()
        self.ok(f"echo {base64.b64encode(text).decode()} | base64 -d >'{path}'")


def _between(data, start, end):
    at = data.find(start)
    if at < 0:
        return None
    stop = data.find(end, at)
    return data[at + len(start) : stop] if stop >= 0 else None
