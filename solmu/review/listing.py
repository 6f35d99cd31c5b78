"""The queue with what a person needs to choose from it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from solmu.match.explain import HELD
from solmu.match.identity import Identity
from solmu.review.decided import changed_decisions
from solmu.review.queue import Filters, queue
from solmu.review.sides import Side, load_sides, pair_rows
from solmu.store import time

_AT_MOST = 1_000_000
"""Pairs of one listing, which nobody reads to its end."""


def listing(
    connection: Connection,
    identity: Identity,
    filters: Filters,
    *,
    limit: int,
    after: int = 0,
    most: int | None = None,
) -> dict[str, Any]:
    """``{total, at_least, oldest, changed, pairs: [...]}``; each pair ``pair, entity, band, probability, priority,
    asked, sentence, held, left, right``, a side ``golden_id, name, city, country, source, mentions``.

    ``changed`` counts decisions whose evidence is not what it was. ``most`` is how far pairs are counted; ``at_least``
    says that there are more.
    """
    waiting = queue(connection, filters, limit=min(limit, _AT_MOST), after=after, most=most)
    rows = pair_rows(connection, [each.pair for each in waiting.pairs])
    sides = load_sides(connection, {id for each in waiting.pairs for id in (each.pair.left, each.pair.right)})
    pairs = []
    for each in waiting.pairs:
        explanation = rows[each.pair].explanation
        held = explanation.get("held")
        pairs.append(
            {
                "pair": str(each.pair),
                "entity": each.entity.value,
                "band": filters.band.value,
                "probability": round(each.probability, 4),
                "priority": round(each.priority, 3),
                "asked": None if each.asked is None else time.iso(each.asked),
                "sentence": explanation.get("sentence", ""),
                "held": HELD.get(held, held) if held else None,
                "left": _short(sides[each.pair.left]),
                "right": _short(sides[each.pair.right]),
            }
        )
    return {
        "total": waiting.total,
        "at_least": waiting.at_least,
        "oldest": None if waiting.oldest is None else time.iso(waiting.oldest),
        "changed": len(changed_decisions(connection, identity)),
        "pairs": pairs,
    }


def _short(side: Side) -> dict[str, Any]:
    return {
        "golden_id": side.public_id,
        "name": side.name or _mail(side),
        "city": side.fields.get("city"),
        "country": side.fields.get("country"),
        "source": side.compared.source,
        "mentions": len(side.members),
    }


def _mail(side: Side) -> str | None:
    """Whoever has no name is known by an address."""
    found = side.fields.get("email") or side.fields.get("phone") or None
    return str(found[0]) if isinstance(found, list) else found
