"""What campaigns have found, in one file that is kept with the source.

The whole takes hours: a campaign goes on where the one before it stopped, and the page
of the documents is made from all of it. Each result says which code it is of.
"""

import json
import os
import subprocess
import threading

import guest

PATH = guest.TOP / "tests/powercut/results.json"
SERIES = ("matrix", "chains", "mutants")


def git(*words):
    return subprocess.run(["git", *words], cwd=guest.TOP, text=True, stdout=subprocess.PIPE, check=False)


def code():
    """The version of the code under test, as git names it; what is found is no part of it."""
    name = git("rev-parse", "--short", "HEAD").stdout.strip()
    is_clean = git("diff", "--quiet", "HEAD", "--", ".", ":!tests/powercut/results.json").returncode == 0
    return (name or "unknown") + ("" if is_clean else "-dirty")


class Results:
    """`all`: {series: {name: result}}, on disk after each put()."""

    def __init__(self, fresh=False):
        known = {} if fresh or not PATH.exists() else json.loads(PATH.read_text())
        self.all = {series: known.get(series, {}) for series in SERIES}
        self._code, self._lock = code(), threading.Lock()

    def is_done(self, series, name, asked):
        """Whether there is a result of a campaign as large as this one."""
        return self.all[series].get(name, {}).get("asked", 0) >= asked

    def put(self, series, name, result):
        with self._lock:
            self.all[series][name] = {"code": self._code, **result}
            new = PATH.with_suffix(".new")
            new.write_text(json.dumps(self.all, indent=1, sort_keys=True) + "\n")
            os.replace(new, PATH)

    def clear(self, series):
        self.all[series] = {}
