"""Work that takes long, for tests of jobs."""

from __future__ import annotations

import time
from pathlib import Path


def wait(_folder: Path, tell: object) -> None:
    """Until it is told to end."""
    time.sleep(60)
