"""Pictures of a machine's screen, as QMP's screendump gives them, and what they should be."""

import pathlib
import struct
import zlib

from machines import BUILD

SCREENS = BUILD / "screens"


class Picture:
    """width, height; rows: the bytes of each, three a pixel."""

    def __init__(self, width, height, rows):
        self.width, self.height, self.rows = width, height, rows

    def at(self, x, y):
        """The colour at a place, given in parts of width and height."""
        i = 3 * int(x * self.width)
        return tuple(self.rows[int(y * self.height)][i:i + 3])

    def share_of(self, colour):
        """How much of the picture has this colour, 0 to 1."""
        pixels = b"".join(self.rows)
        return sum(pixels[i:i + 3] == bytes(colour) for i in range(0, len(pixels), 3)) * 3 / len(pixels)

    def differs_from(self, other, top=0.0, bottom=1.0):
        """How much of the part between these heights differs, 0 to 1."""
        first, last = int(top * self.height), int(bottom * self.height)
        if (self.width, self.height) != (other.width, other.height):
            return 1.0
        return sum(a[i:i + 3] != b[i:i + 3]
                   for a, b in zip(self.rows[first:last], other.rows[first:last]) if a != b
                   for i in range(0, len(a), 3)) / (self.width * (last - first))

    def keep(self, name):
        """As build/screens/NAME.png, for people."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        data = zlib.compress(b"".join(b"\0" + row for row in self.rows))
        chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
        (SCREENS / f"{name}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in chunks))


def screen(machine):
    """What the machine's screen shows now."""
    file = pathlib.Path(machine.folder) / "screen.ppm"
    machine.qmp.execute("screendump", filename=str(file))
    _, size, _, pixels = file.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    return Picture(width, height, [pixels[i:i + 3 * width] for i in range(0, len(pixels), 3 * width)])


def quarters(width, height, colours):
    """A picture of four quarters: left and right above, left and right below."""
    above, below = (bytes(colours[i]) * (width // 2) + bytes(colours[i + 1]) * (width - width // 2)
                    for i in (0, 2))
    return Picture(width, height, [above] * (height // 2) + [below] * (height - height // 2))
