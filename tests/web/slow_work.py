"""Work that takes long, for tests of jobs."""

from __future__ import annotations

import time
from pathlib import Path

from solmu.errors import SolmuError


def wait(_folder: Path, tell: object) -> None:
    """Until it is told to end."""
    time.sleep(60)


def give(_folder: Path, tell: object, *, value: int) -> int:
    """At once."""
    return value


def fail(_folder: Path, tell: object) -> None:
    """As our own errors do."""
    raise SolmuError("it does not go", code="broken")
