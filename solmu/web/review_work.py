"""What follows from stewards' decisions, and what takes longer than a request, in processes of their own."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from pathlib import Path
from typing import Any

from solmu.config import load_hub
from solmu.match.contradiction import Contradiction
from solmu.match.decisions import Verdict
from solmu.model import Entity
from solmu.review.bring_back import import_sheet
from solmu.review.decide import Moved, decide
from solmu.review.likeness import BULK_REASON, by_likeness
from solmu.review.settle import settle
from solmu.store import Store, dirty, open_store, time
from solmu.store.sql import chunks
from solmu.web.site import Site

FOLLOW = "follow"
_GATHERED_SECONDS = 2.0
"""How long decisions are gathered before they are followed: a steward makes one every few seconds."""
_ROUNDS = 30
_AT_ONCE = 20
"""Decisions in one transaction: nobody has to wait for a long list of them."""

Tell = Callable[[str, int], None]


def follow_soon(site: Site, who: str) -> None:
    """Have what was decided followed, beside the pages; one process does it for everybody."""
    site.jobs.start(FOLLOW, f"{__name__}:follow", who=who, then="/review", once=True)


def follow(folder: Path, tell: Tell) -> dict[str, Any]:
    """Resolve what decisions touched, until nothing waits any more, or somebody else resolves."""
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        for _ in range(_ROUNDS):
            clock.sleep(_GATHERED_SECONDS)
            settled = settle(hub, store)
            if not settled.done:
                return {"followed": False, "why": settled.why}
            # Whatever was decided while this resolved starts no process of its own.
            if not _waits(store):
                break
    return {"followed": True, "why": None}


def take_sheet(folder: Path, tell: Tell, *, path: str, steward: str) -> dict[str, Any]:
    """Take the decisions of a filled-in review sheet, and follow them. The file goes afterwards."""
    hub, file = load_hub(folder), Path(path)
    try:
        with open_store(hub.store_url) as store:
            outcome = import_sheet(store, file, who=steward, progress=lambda more: tell("rows", more))
            settled = settle(hub, store)
    finally:
        file.unlink(missing_ok=True)
        file.parent.rmdir()
    return {**outcome, "followed": settled.done, "why_not": settled.why}


def accept(
    folder: Path, tell: Tell, *, entity: str, least: float, most: float, limit: int, steward: str
) -> dict[str, Any]:
    """Say "same" of the likest pairs of a band, each a decision of its own that can be undone."""
    hub, kind = load_hub(folder), Entity(entity)
    counts = {"decided": 0, "moved": 0, "contradicting": 0}
    with open_store(hub.store_url) as store:
        with store.read() as connection:
            pairs = [pair for _, pair in by_likeness(connection, kind, least=least, most=most, limit=limit)]
        for some in chunks(pairs, _AT_ONCE):
            with store.write() as connection:
                for pair in some:
                    try:
                        decide(connection, pair, Verdict.SAME, who=steward, now=time.now(), reason=BULK_REASON)
                        counts["decided"] += 1
                    except Moved:
                        counts["moved"] += 1
                    except Contradiction:
                        counts["contradicting"] += 1
            tell("pairs", len(some))
        settled = settle(hub, store)
    return {**counts, "followed": settled.done, "why_not": settled.why}


def _waits(store: Store) -> bool:
    with store.read() as connection:
        return bool(dirty.waiting(connection, "match") or dirty.waiting(connection, "golden"))
