"""Who is around a golden record: people, organisations, and how they belong together; and where to draw each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from solmu.model import Entity
from solmu.store.prepared import Prepared, among_these
from solmu.store.tables import affiliation, golden, link, relation

MOST = 18
"""Neighbours that are drawn; of more, how many is said."""

ROW, TOP, WIDTH = 48.0, 92.0, 420.0
"""Units from one neighbour to the next, to the middle of the first, and across."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One of them, and what joins it: a person's job, or how organisations are related."""

    golden_id: int
    public_id: str
    entity: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Node:
    """A neighbour with the middle of its left edge, and the line to it."""

    neighbour: Neighbour
    x: float
    y: float
    path: str


@dataclass(frozen=True, slots=True)
class Graph:
    """The drawing, in units of its own."""

    width: float
    height: float
    nodes: Sequence[Node]
    left_out: int


def around(connection: Connection, golden_id: int, entity: str) -> list[Neighbour]:
    """The neighbours: people before organisations, each by name; no more than are drawn and can be counted."""
    mine = [id for (id,) in _MINE.rows(connection, golden_id=golden_id)]
    if entity == Entity.ORGANISATION.value:
        rows = _THEIR_PEOPLE.rows(connection, ids=mine)
    else:
        rows = _THEIR_EMPLOYERS.rows(connection, ids=mine)
    rows = [*rows, *_RELATED_TO.rows(connection, ids=mine), *_RELATED_FROM.rows(connection, ids=mine)]
    words: dict[int, list[str]] = {}
    found: dict[int, Any] = {}
    for row in rows:
        if row.id == golden_id:
            continue
        found[row.id] = row
        said = str(row.document.get("job_title") or row.document.get("kind") or "")
        if said and said not in words.setdefault(row.id, []):
            words[row.id].append(said)
    neighbours = [
        Neighbour(id, row.public_id, row.entity, row.name or row.public_id, ", ".join(words.get(id, [])[:2]))
        for id, row in found.items()
    ]
    return sorted(neighbours, key=lambda one: (one.entity != "person", one.name.lower(), one.golden_id))


def draw(neighbours: Sequence[Neighbour]) -> Graph:
    """Below the golden record, each joined to it: it can be read on a phone as well as beside other things."""
    shown = neighbours[:MOST]
    nodes = [
        Node(one, 40, TOP + n * ROW, f"M20 {TOP - ROW + 10:g}V{TOP + n * ROW:g}H40") for n, one in enumerate(shown)
    ]
    return Graph(WIDTH, TOP + len(shown) * ROW - ROW / 2, nodes, len(neighbours) - len(shown))


def _joined(table: Any, here: Any, other: Any) -> Prepared:
    return Prepared(
        lambda connection: (
            select(golden.c.id, golden.c.public_id, golden.c.entity, golden.c.name, table.c.document)
            .select_from(table)
            .join(link, (link.c.mention_id == other) & link.c.until.is_(None))
            .join(golden, golden.c.id == link.c.golden_id)
            .where(among_these(connection, here), table.c.state == "live")
            .limit(500)
        )
    )


_MINE = Prepared(
    lambda _: select(link.c.mention_id).where(link.c.golden_id == bindparam("golden_id"), link.c.until.is_(None))
)
_THEIR_PEOPLE = _joined(affiliation, affiliation.c.other_mention_id, affiliation.c.mention_id)
_THEIR_EMPLOYERS = _joined(affiliation, affiliation.c.mention_id, affiliation.c.other_mention_id)
_RELATED_TO = _joined(relation, relation.c.mention_id, relation.c.other_mention_id)
_RELATED_FROM = _joined(relation, relation.c.other_mention_id, relation.c.mention_id)
