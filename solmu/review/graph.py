"""A pair as a graph: the mentions of both golden records, what joins them, and where either hangs on one join alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from solmu.match.rules import Band
from solmu.match.standing import pairs_of
from solmu.report.bridges import bridge
from solmu.review.names import PairId
from solmu.review.sides import Member, Side, load_sides

SHOWN = 12
"""Mentions of a golden record that are drawn."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One comparison. ``kind``: asked (what the steward is to decide) · other (between the two sides as well) · joined
    (within a golden record) · weakest (the same, and without it that record would be two). ``weight`` in bits."""

    left: int
    right: int
    kind: str
    weight: float


@dataclass(frozen=True, slots=True)
class Graph:
    """``left`` and ``right`` are the mentions that are drawn, ``more`` counts those of each side that are not."""

    left: tuple[Member, ...]
    right: tuple[Member, ...]
    more: tuple[int, int]
    edges: tuple[Edge, ...]


def graph(connection: Connection, pair: PairId) -> Graph:
    """What hangs on either end of a pair, and how."""
    sides = load_sides(connection, (pair.left, pair.right))
    left, right = sides[pair.left], sides[pair.right]
    together = left.golden_id is not None and left.golden_id == right.golden_id
    shown = (_first(left, pair), () if together else _first(right, pair))
    all_ids = left.ids | right.ids
    rows = [row for row in pairs_of(connection, all_ids) if row.left_id in all_ids and row.right_id in all_ids]
    weakest = {found for side in (left, right) if (found := _weakest_bridge(side, rows)) is not None}
    drawn = {each.id for side in shown for each in side}
    edges = []
    for row in sorted(rows, key=lambda row: (row.left_id, row.right_id)):
        ends = (row.left_id, row.right_id)
        if not drawn.issuperset(ends):
            continue
        within = (row.left_id in left.ids) == (row.right_id in left.ids)
        if ends == (pair.left, pair.right):
            kind = "asked"
        elif not within:
            kind = "other"
        elif row.band != Band.SAME:
            continue  # compared, and not what joins them
        else:
            kind = "weakest" if ends in weakest else "joined"
        edges.append(Edge(*ends, kind, row.weight))
    hidden = (len(left.members) - len(shown[0]), 0 if together else len(right.members) - len(shown[1]))
    return Graph(shown[0], shown[1], hidden, tuple(edges))


def _first(side: Side, pair: PairId) -> tuple[Member, ...]:
    """The mentions of a side that are drawn: those of the pair always."""
    ordered = sorted(side.members, key=lambda each: (each.id not in (pair.left, pair.right), each.id))
    return tuple(ordered[:SHOWN])


def _weakest_bridge(side: Side, rows: list[Any]) -> tuple[int, int] | None:
    joins = [row for row in rows if row.band == Band.SAME and {row.left_id, row.right_id} <= side.ids]
    edges = [(row.left_id, row.right_id) for row in joins]
    for row in sorted(joins, key=lambda row: (row.weight, row.left_id, row.right_id)):
        if bridge((row.left_id, row.right_id), edges, side.ids) is not None:
            return row.left_id, row.right_id
    return None
