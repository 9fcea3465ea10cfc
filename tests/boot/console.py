"""What a person sees and types on a guest's serial port."""

import re

from channel import Channel, Timeout


class Console(Channel):
    """expect() waits for text after the end of what was expected last."""

    def __init__(self, path, name, log=None):
        super().__init__(path, name, log)
        self._mark = 0

    def expect(self, pattern, timeout=60):
        """Waits for the regular expression; returns its match. `pattern` is text."""
        wanted = re.compile(pattern.encode(), re.MULTILINE)
        try:
            match = self.wait(self._mark, timeout, wanted.search)
        except Timeout as reason:
            raise Timeout(f"waiting for {pattern!r}: {reason}") from None
        self._mark += match.end()
        return match

    def type(self, text):
        self.send(text.encode())

    def skip(self):
        """Forgets what came so far: expect() then waits for what is new."""
        self._mark = self.size()

    def text(self):
        """All that was said, with plain line ends."""
        return self.since(0).decode(errors="replace").replace("\r", "")
