"""The tests here boot machines of another architecture; how is in tests/boot."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "boot"))
