"""The decisions that there are between two sets of mentions: which are in force, and what clustering takes of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from solmu.match.cluster import Decision, Rank
from solmu.store.sql import chunks, run_with_ids
from solmu.store.tables import decision, decision_mention, pair


class Verdict(StrEnum):
    """What a person says of two sets of mentions."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Stored:
    """A decision in force."""

    id: int
    verdict: Verdict
    rank: Rank
    left: frozenset[int]
    right: frozenset[int]


InForce = Callable[[Connection, Iterable[int]], list[Stored]]
"""Tells the decisions on some mentions: those in force, or those that would be."""

RANKS = {"steward": Rank.STEWARD, "crm": Rank.CRM}
"""The ranks of decisions, as the store writes them."""


def in_force(connection: Connection, mentions: Iterable[int]) -> list[Stored]:
    """The decisions in force that name any of these mentions, whole."""
    wanted = set(mentions)
    return by_id(connection, run_with_ids(connection, _NAMING, (), wanted).scalars().all()) if wanted else []


_NAMING = """
SELECT DISTINCT decision.id FROM decision JOIN decision_mention ON decision_id = decision.id
WHERE withdrawn_at IS NULL AND mention_id IN IDS
"""


def by_id(connection: Connection, ids: Collection[int]) -> list[Stored]:
    """These decisions, in force or not."""
    found: list[Stored] = []
    for some in chunks(sorted(ids)):
        sides: dict[tuple[int, str], set[int]] = {}
        members = select(decision_mention).where(decision_mention.c.decision_id.in_(some))
        for one in connection.execute(members):
            sides.setdefault((one.decision_id, one.side), set()).add(one.mention_id)
        query = select(decision.c.id, decision.c.verdict, decision.c.rank).where(decision.c.id.in_(some))
        found += [
            Stored(
                one.id,
                Verdict(one.verdict),
                RANKS[one.rank],
                frozenset(sides[one.id, "left"]),
                frozenset(sides[one.id, "right"]),
            )
            for one in connection.execute(query)
        ]
    return sorted(found, key=lambda one: one.id)


def for_clustering(stored: Iterable[Stored], mentions: Collection[int]) -> list[Decision]:
    """Decisions as ``cluster`` takes them, of those mentions only.

    "Related" keeps the machine from joining the two by itself, as a relation in the data does, and binds nobody else.
    """
    there = set(mentions)
    found = []
    for one in stored:
        left, right = one.left & there, one.right & there
        if one.verdict is Verdict.UNSURE or not left or not right:
            continue
        related = one.verdict is Verdict.RELATED
        # Relations of the data have ids of their own; the sign keeps the two apart.
        found.append(
            Decision(
                id=-one.id if related else one.id,
                rank=Rank.RELATION if related else one.rank,
                same=one.verdict is Verdict.SAME,
                left=left,
                right=right,
            )
        )
    return found


def pairs_between(connection: Connection, left: Collection[int], right: Collection[int]) -> list[Any]:
    """The stored comparisons between two sets of mentions."""
    found = []
    members = set(left) | set(right)
    for some in chunks(sorted(members)):
        for row in connection.execute(select(pair).where(pair.c.left_id.in_(some))):
            if row.right_id in members and (row.left_id in left) != (row.right_id in left):
                found.append(row)
    return found
