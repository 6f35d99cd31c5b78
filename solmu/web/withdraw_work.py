"""Taking back an import, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from solmu.config import load_hub
from solmu.store import open_store
from solmu.sync.withdraw import withdraw


def take_back(folder: Path, tell: Callable[[str, int], None], *, run: str, steward: str) -> dict[str, Any]:
    """Take back the import that was that run; gives the run report."""
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        return withdraw(hub, store, run, who=steward, tell=tell)
