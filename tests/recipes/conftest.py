"""The tests here are boot tests that take long: what they stand on is in tests/boot."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "boot"))
from guest import Guest, made_by  # noqa: E402


@pytest.fixture(scope="module")
def out(request):
    """OUT of the recipe `server` with what the module calls SETTINGS, which makes its KIND of it."""
    return made_by("server", kind=request.module.KIND, PASSWORD="chosen", **request.module.SETTINGS)


@pytest.fixture(scope="module")
def server(tmp_path_factory, out):
    with Guest(tmp_path_factory.mktemp("server"), out, memory=512) as guest:
        yield guest.up(240)
