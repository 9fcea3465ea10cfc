"""Packs states for the guest; the format is described in guest/deck.h."""

import struct

CHUNK = 65536
FINE = 4096
HEAD = 512


class Deck:
    def __init__(self, path, medium, fstype, sequence, payload):
        self._file = open(path, "wb")
        self._file.write(b"\0" * HEAD)
        self._medium, self._names, self._payload = medium, (fstype, sequence), payload
        self._bases, self._states, self._extents = [], [], []
        self.count = 0

    def _put(self, data):
        at = self._file.tell()
        self._file.write(data)
        return at

    def add_base(self, image):
        """The contents of a whole medium. Returns its number."""
        first = len(self._extents)
        for start in range(0, self._medium, CHUNK):
            chunk = bytes(image[start:start + CHUNK])
            if chunk.count(0) == len(chunk):
                continue
            for fine in range(0, len(chunk), FINE):
                piece = chunk[fine:fine + FINE]
                if piece.count(0) != len(piece):
                    self._extend(first, start + fine, len(piece), self._put(piece))
        self._bases.append((first, len(self._extents) - first))
        return len(self._bases) - 1

    def _extend(self, first, offset, length, at):
        """Adds an extent, to the one before where both its ends meet."""
        if len(self._extents) > first:
            before, size, where = self._extents[-1]
            if before + size == offset and (where + size == at if at and where else at == where):
                self._extents[-1] = (before, size + length, where)
                return
        self._extents.append((offset, length, at))

    def add_contents(self, cells):
        """Stores the bytes of a case's cells; returns where each number is."""
        return [0] + [self._put(data) for data in cells.bytes[1:]]

    def add_state(self, base, cells, where, state, fill):
        """`state` as what differs from `base`, the medium that `cells` began with.

        fill: whether the medium is to be filled up afterwards."""
        first = len(self._extents)
        for i, number in enumerate(state):
            if number != cells.base[i]:
                start, end = cells.cuts[i] * 512, cells.cuts[i + 1] * 512
                self._extend(first, start, end - start, where[number])
        self._states.append((base, first, len(self._extents) - first, int(fill)))
        self.count += 1
        return self.count - 1

    def close(self):
        bases = self._put(b"".join(struct.pack("<QQ", *base) for base in self._bases))
        states = self._put(b"".join(struct.pack("<QQQQ", *state) for state in self._states))
        extents = self._put(b"".join(struct.pack("<QQQ", *extent) for extent in self._extents))
        self._put(b"\0" * (-self._file.tell() % 512))
        self._file.seek(0)
        self._file.write(struct.pack("<8sQQQQQQ16s16s", b"POWERCUT", self._medium, bases, states,
                                     self.count, extents, self._payload,
                                     *(name.encode() for name in self._names)))
        self._file.close()
