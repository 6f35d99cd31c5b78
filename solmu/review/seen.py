"""What a steward saw: the evidence that a decision keeps."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from solmu.match.decisions import pairs_between
from solmu.review.names import PairId
from solmu.review.sides import bars_of

_KEPT = 20
"""Comparisons between the two sides that a decision keeps, the strongest first."""


def evidence_between(
    connection: Connection,
    left: Collection[int],
    right: Collection[int],
    *,
    asked: PairId | None = None,
    digest: str | None = None,
) -> list[dict[str, Any]]:
    """How two sets of mentions compare as something is said of them: the strongest comparison first.

    The pair that was ``asked``, if one was, comes before all others, with the ``digest`` under which it was shown.
    """
    rows = pairs_between(connection, left, right)
    first = (asked.left, asked.right) if asked else None
    rows.sort(key=lambda row: ((row.left_id, row.right_id) != first, -row.weight, row.left_id, row.right_id))
    kept = [_as_seen(row) for row in rows[:_KEPT]]
    if kept and digest is not None:
        kept[0]["seen"] = digest
    return kept


def _as_seen(row: Any) -> dict[str, Any]:
    return {
        "left": row.left_id,
        "right": row.right_id,
        "band": row.band,
        "rule": row.rule,
        "weight": round(row.weight, 3),
        "probability": round(row.probability, 6),
        "model": row.model,
        "sentence": row.explanation.get("sentence"),
        "held": row.explanation.get("held"),
        "bars": list(bars_of(row.explanation)),
    }
