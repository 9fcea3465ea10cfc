"""QEMU's control socket: commands with their answers, and events."""

import json
import time

from channel import Channel, Timeout


class QmpError(AssertionError):
    pass


class Qmp:
    def __init__(self, path):
        self._channel = Channel(path, "QMP")
        self._read_to = 0
        self.events = []
        self._next(10)  # the greeting
        self.execute("qmp_capabilities")

    def _next(self, timeout):
        """The next message."""
        line = self._channel.wait(
            self._read_to, timeout, lambda data: b"\n" in data and data.partition(b"\n")[0]
        )
        self._read_to += len(line) + 1
        return json.loads(line)

    def execute(self, command, timeout=30, **arguments):
        self._channel.send(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            message = self._next(timeout)
            if "event" in message:
                self.events.append(message)
            elif "error" in message:
                raise QmpError(f"{command}: {message['error']['desc']}")
            else:
                return message.get("return")

    def wait_event(self, name, timeout=60):
        """Takes the first event of that name, waiting for it."""
        deadline = time.monotonic() + timeout
        while True:
            for at, event in enumerate(self.events):
                if event["event"] == name:
                    return self.events.pop(at)
            rest = deadline - time.monotonic()
            if rest <= 0:
                raise Timeout(f"no {name} from QEMU within {timeout} s")
            message = self._next(rest)
            if "event" in message:
                self.events.append(message)

    def has_event(self, name):
        """Whether there was an event of that name."""
        self.execute("query-status")
        return any(event["event"] == name for event in self.events)

    def close(self):
        self._channel.close()
