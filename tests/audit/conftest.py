"""The tests here are boot tests that take long: what they stand on is in tests/boot."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "boot"))
