"""A socket of QEMU's, read by a thread, so that the guest never waits for its reader."""

import socket
import threading
import time


class Timeout(AssertionError):
    """What was waited for did not come; the message holds what came instead."""


def connected(path, seconds=20):
    """A socket connected to `path`. A name that is there may not be listened to yet."""
    deadline = time.monotonic() + seconds
    while True:
        end = socket.socket(socket.AF_UNIX)
        try:
            end.connect(str(path))
            return end
        except ConnectionRefusedError:
            end.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class Channel:
    """Connects to a unix socket and keeps all that arrives there.

    `log`: a file that gets a copy as it comes, or None.
    """

    def __init__(self, path, name, log=None):
        self.name = name
        self._data = bytearray()
        self._news = threading.Condition()
        self._ended = False
        self._log = log
        self._socket = connected(path)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while True:
            try:
                piece = self._socket.recv(65536)
            except OSError:
                piece = b""
            with self._news:
                self._data += piece
                self._ended = not piece
                self._news.notify_all()
            if self._log and piece:
                self._log.write(piece)
                self._log.flush()
            if not piece:
                return

    def send(self, data):
        self._socket.sendall(data)

    def size(self):
        """How many bytes have come so far: a place to wait from."""
        with self._news:
            return len(self._data)

    def since(self, start):
        with self._news:
            return bytes(self._data[start:])

    def wait(self, start, timeout, found):
        """Calls found(bytes from `start`) at each arrival until it gives something true.

        That is returned. Raises Timeout `timeout` seconds from now, or when the
        other end is closed.
        """
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                result = found(bytes(self._data[start:]))
                if result:
                    return result
                rest = deadline - time.monotonic()
                if self._ended or rest <= 0:
                    why = "was closed" if self._ended else f"said nothing more for {timeout} s"
                    raise Timeout(f"{self.name} {why}; its end:\n{self._tail()}")
                self._news.wait(rest)

    def _tail(self):
        return bytes(self._data[-4000:]).decode(errors="replace").replace("\r", "")

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(5)
        self._socket.close()
