"""Pushing a list as tasks, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from solmu.config import load_hub
from solmu.followup.push import push_tasks
from solmu.followup.tasks import Ask
from solmu.store import open_store


def push(
    folder: Path,
    tell: Callable[[str, int], None],
    *,
    figure: str,
    target: str,
    subject: str,
    due: str,
    only: dict[str, str],
    seen: str,
    by: str,
    override: list[str],
) -> dict[str, Any]:
    """Make the tasks that somebody has seen; gives the run report."""
    ask = Ask(figure, target, subject, date.fromisoformat(due), only)
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        return push_tasks(hub, store, ask, seen=seen, who=by, override=override, tell=tell)
