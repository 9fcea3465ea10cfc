"""A small web server that misbehaves as told, for tests of whoever gets files from it.

    with Web(folder) as web:
        web.faults["/x"] = [Fault(status=503), Fault(cut=1000), Fault(flip=5000)]
        ... web.url("/x") ...
        web.requests        # what was asked: (method, path, headers)

It serves the files of `folder`, with ETags, parts and conditions as RFC 9110 has
them, and takes PUT. Each request of a path uses up one of the path's faults; when
none is left it behaves.
"""

import dataclasses
import hashlib
import http.server
import pathlib
import threading
import time


@dataclasses.dataclass
class Fault:
    """status: answer with this and no file. cut: end after so many bytes of the body. flip:
    change the byte at this offset of the file. late: seconds before the answer. silent:
    take the request and close. whole: give no parts. deaf: do what was asked, close without
    an answer. blind: look at no condition. to: send it elsewhere."""

    status: int = 0
    cut: int = -1
    flip: int = -1
    late: float = 0
    silent: bool = False
    whole: bool = False
    deaf: bool = False
    blind: bool = False
    to: str = ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        fault = self._begin()
        if fault is None:
            return
        data = self._file()
        if data is None:
            self._answer(404)
            return
        etag = etag_of(data)
        start, end = self._part(len(data), etag, fault)
        if fault.flip >= 0:
            data = bytearray(data)
            data[fault.flip] ^= 1
        body = bytes(data[start:end])
        self.send_response(206 if (start, end) != (0, len(data)) else 200)
        if (start, end) != (0, len(data)):
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if 0 <= fault.cut < len(body):
            self.wfile.write(body[: fault.cut])
            self.close_connection = True
            return
        self.wfile.write(body)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self._begin()
        if fault is None:
            return
        with self.server.web.lock:
            data = self._file()
            wanted, none = self.headers["If-Match"], self.headers["If-None-Match"]
            stale = wanted and (data is None or etag_of(data) != wanted) or none == "*" and data is not None
            if stale and not fault.blind:
                self._answer(412)
                return
            path = self._path()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        if fault.deaf:
            self.close_connection = True
            return
        self._answer(204 if data is not None else 201)

    def _begin(self):
        """The fault of this request, or None where it is answered already."""
        web = self.server.web
        if not web.is_run_by(self.server):
            self.close_connection = True
            return None
        web.requests.append((self.command, self.path, dict(self.headers)))
        left = web.faults.get(self.path)
        fault = left.pop(0) if left else Fault()
        time.sleep(fault.late)
        if fault.silent:
            self.close_connection = True
            return None
        if fault.to:
            self.send_response(302)
            self.send_header("Location", fault.to)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        if fault.status:
            self._answer(fault.status)
            return None
        return fault

    def _answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _path(self):
        return self.server.web.folder / self.path.split("?")[0].lstrip("/")

    def _file(self):
        path = self._path()
        return path.read_bytes() if path.is_file() else None

    def _part(self, size, etag, fault):
        asked, condition = self.headers["Range"], self.headers["If-Range"]
        if not asked or fault.whole or (condition and condition != etag):
            return 0, size
        first, _, last = asked.removeprefix("bytes=").partition("-")
        return int(first), min(size, int(last) + 1 if last else size)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Whoever hangs up in the middle may."""


def etag_of(data):
    return f'"{hashlib.sha256(data).hexdigest()[:16]}"'


class Web:
    """host: how whoever asks reaches this machine."""

    def __init__(self, folder, host="127.0.0.1"):
        self.folder, self.host = pathlib.Path(folder), host
        self.faults, self.requests, self.lock = {}, [], threading.Lock()
        self.port = 0
        self._server = None
        self.start()

    def start(self):
        """Listens, if it does not; again after stop() on the same port."""
        if self._server:
            return
        self._server = Server(("127.0.0.1", self.port), Handler)
        self._server.web = self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    def is_run_by(self, server):
        """A connection outlives the server that took it: after stop() it brings no answer."""
        return self._server is server

    def url(self, path):
        return f"http://{self.host}:{self.port}{path}"

    def gets(self, path):
        """The parts that were asked for of a path: "" where it was the whole."""
        return [headers.get("Range", "") for method, at, headers in list(self.requests)
                if method == "GET" and at == path]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
