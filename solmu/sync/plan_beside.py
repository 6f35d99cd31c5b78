"""The process that works out pages of a plan beside the one that stores them: see ``plan_along``. It writes nothing."""

from __future__ import annotations

from typing import Any

from solmu.beside.child import Answer, answer
from solmu.config import load_hub
from solmu.store import open_store
from solmu.sync.planner import Planner
from solmu.sync.planning import work_for


def serve() -> None:
    """Work out the pages that come in on standard input, and answer there, until it ends."""
    answer(_begin)


def _begin(task: Any) -> tuple[str, Answer]:
    elsewhere, url, (plan_id, run_id, now) = task
    hub = load_hub(elsewhere.folder)
    work = work_for(hub, hub.connection(elsewhere.name), elsewhere.infos, can_read=elsewhere.can_read)
    planner = Planner(open_store(url, migrate=False), work, plan_id, run_id, now)
    return work.rules_hash, planner.page
