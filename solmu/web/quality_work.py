"""Measuring the quality of the records, in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from solmu.config import load_hub
from solmu.report.quality import measure
from solmu.store import open_store


def measure_now(folder: Path, tell: Callable[[str, int], None]) -> dict[str, Any]:
    """Measure. Whoever waits for an answer comes first, so it is nice."""
    os.nice(10)
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        told = measure(hub, store)
    looked_at = sum(one["looked_at"] for one in told["entities"].values())
    tell("records", looked_at)
    return {"looked_at": looked_at}
