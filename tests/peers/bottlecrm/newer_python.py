"""Finds a Python that BottleCRM runs on: 3.12 or 3.13, the first that works of what SOLMU_PYTHON312 names, what PATH
has, and what pyenv has installed. As a script it prints the path, or how to get one; it needs nothing installed, so
that .ci/run can ask it first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VERSIONS = ("3.12", "3.13")
HOW_TO_GET_ONE = "Python 3.12 or 3.13 is needed: `pyenv install 3.12`, or name one in SOLMU_PYTHON312"
_TRIED = "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2], sys.executable)"


def find() -> str | None:
    """The path of the interpreter. A candidate is tried, not looked up: a version manager's shim may exist and fail."""
    for candidate in _candidates():
        try:
            done = subprocess.run([candidate, "-c", _TRIED], capture_output=True, text=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            continue
        version, _, path = done.stdout.strip().partition(" ")
        if done.returncode == 0 and version in VERSIONS:
            return path
    return None


def _candidates() -> Iterator[str]:
    named = os.environ.get("SOLMU_PYTHON312")
    if named:
        yield named
        return
    if sys.version_info[:2] in {tuple(map(int, version.split("."))) for version in VERSIONS}:
        yield sys.executable
    yield from (f"python{version}" for version in VERSIONS)
    for version in VERSIONS:
        for root in (os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")):
            if root:
                yield from sorted(str(path) for path in Path(root, "versions").glob(f"{version}*/bin/python"))


if __name__ == "__main__":
    found = find()
    if found is None:
        sys.exit(HOW_TO_GET_ONE)
    print(found)
