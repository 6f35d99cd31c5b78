"""Weakest bridges: comparisons that alone hold two parts of a golden record together.

Where such a one is wrong, the record should be two. The weakest are looked for among the weakest joins of all, because
a cluster that hangs on a weak join has one of those.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from solmu.match.decisions import Verdict, in_force
from solmu.match.rules import PROVEN, RULES
from solmu.match.standing import pairs_of
from solmu.model import Entity
from solmu.review.names import PairId
from solmu.review.sides import Side, load_sides
from solmu.store.tables import link, pair

_LOOKED_AT = 200
"""Joins that are looked at."""
_JOINING = (*RULES, PROVEN)


def weakest_bridges(connection: Connection, *, limit: int) -> list[dict[str, Any]]:
    """``pair, entity, golden_id, name, mentions, probability, rule, sentence, left, right, parts`` of the weakest.

    ``left`` and ``right`` are the two records that were compared, ``parts`` how many mentions stand on either side.
    """
    query = (
        select(pair)
        .where(pair.c.entity.in_(list(Entity)), pair.c.band == "same", pair.c.rule.in_(_JOINING))
        .order_by(pair.c.weight, pair.c.left_id, pair.c.right_id)
        .limit(_LOOKED_AT)
    )
    rows = connection.execute(query).all()
    sides = load_sides(connection, {id for row in rows for id in (row.left_id, row.right_id)})
    edges: dict[int, list[tuple[int, int]]] = {}
    found: list[dict[str, Any]] = []
    for row in rows:
        left, right = sides[row.left_id], sides[row.right_id]
        if left.golden_id is None or left.golden_id != right.golden_id or len(found) == limit:
            continue
        if left.golden_id not in edges:
            edges[left.golden_id] = _edges(connection, left)
        parts = bridge((row.left_id, row.right_id), edges[left.golden_id], left.ids)
        if parts is not None:
            found.append(
                {
                    "pair": str(PairId(row.left_id, row.right_id)),
                    "entity": row.entity,
                    "golden_id": left.public_id,
                    "name": left.name,
                    "mentions": len(left.members),
                    "probability": round(row.probability, 4),
                    "rule": row.rule,
                    "sentence": row.explanation["sentence"],
                    "left": left.compared.source,
                    "right": right.compared.source,
                    "parts": list(parts),
                }
            )
    return found


def bridge(edge: tuple[int, int], edges: Iterable[tuple[int, int]], members: frozenset[int]) -> tuple[int, int] | None:
    """How many members stand on either side once ``edge`` is gone; None where something else still connects them."""
    beside: dict[int, set[int]] = {}
    gone = False
    for one, other in edges:
        if not gone and {one, other} == set(edge):
            gone = True  # what else joins the very same two, such as a steward's word, stays
        else:
            beside.setdefault(one, set()).add(other)
            beside.setdefault(other, set()).add(one)
    reached, new = {edge[0]}, {edge[0]}
    while new:
        new = {other for one in new for other in beside.get(one, ())} - reached
        reached |= new
    return None if edge[1] in reached else (len(reached & members), len(members - reached))


def _edges(connection: Connection, side: Side) -> list[tuple[int, int]]:
    """Everything that joins two mentions of a golden record: comparisons, decisions, and that we wrote one from it."""
    members = side.ids
    joins = [
        (row.left_id, row.right_id)
        for row in pairs_of(connection, members)
        if row.rule in _JOINING and row.left_id in members and row.right_id in members
    ]
    for one in in_force(connection, members):
        if one.verdict is Verdict.SAME:
            first, *rest = sorted(one.left | one.right)
            joins += [(first, other) for other in rest]
    ours = select(link.c.mention_id).where(
        link.c.golden_id == side.golden_id, link.c.until.is_(None), link.c.why == "created-by-us"
    )
    joins += [(id, side.golden_id) for id in connection.scalars(ours) if side.golden_id in members]
    return joins
