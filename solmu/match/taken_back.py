"""Thresholds that were proven, and that new answers have broken: whoever runs the hub is told until that is mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from solmu.match.bundles import calibrations
from solmu.store import time
from solmu.store.tables import run

KINDS = {"organisation": "organisations", "person": "people"}


def taken_back(connection: Connection, *, run_id: str | None = None) -> list[dict[str, Any]]:
    """``{entity, since, promised, low, newly}`` of each threshold that was taken back, and that none replaces yet.

    ``low`` is the lower bound of what its merges were right. ``newly``: no night before that of ``run_id`` could tell.
    """
    nights = select(func.max(run.c.finished)).where(run.c.kind == "run", run.c.id != (run_id or ""))
    found = []
    for entity, calibration in calibrations(connection).items():
        if calibration.get("state") != "broken":
            continue
        audit = calibration["audit"]
        found.append(
            {
                "entity": entity,
                "since": calibration["at"],
                "promised": calibration["promised"],
                "low": min(audit["pairs"]["low"], audit["clusters"]["low"]),
                "newly": calibration["at"] >= time.iso(connection.scalar(nights) or 0),
            }
        )
    return found


def in_words(one: Mapping[str, Any]) -> str:
    """A line of text."""
    kind, since = KINDS[one["entity"]], one["since"][:10]
    return (
        f"scores merge no {kind} by themselves any more since {since}: by the answers on pairs drawn at random at least"
        f" {one['low']:.2%} were right, and {one['promised']:.2%} is promised; what they alone had joined came apart"
        " and is asked about: solmu match calibrate"
    )
