"""The long work behind the home page, in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from solmu.config import load_hub
from solmu.followup.count import count
from solmu.store import open_store


def count_customers(folder: Path, tell: Callable[[str, int], None]) -> dict[str, Any]:
    """Count how customers stand. Whoever waits for an answer comes first, so it is nice."""
    os.nice(10)
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        told = count(hub, store, tell)
    return {"customers": told["customers"]}
