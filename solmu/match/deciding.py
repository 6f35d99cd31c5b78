"""Deciding: stewards' decisions recorded with the evidence as seen, withdrawn by undo, put back in force.

"Same" and "different" bind the machine. What contradicts the decisions in force is refused, with the chain that shows
why; of "unsure" and "related" nothing follows but that the question was seen.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, insert, select, update

from solmu.errors import SolmuError
from solmu.match.contradiction import contradiction, contradicts
from solmu.match.decisions import RANKS, Verdict, by_id
from solmu.model import Entity
from solmu.store import dirty
from solmu.store.sql import chunks
from solmu.store.tables import audit, decision, decision_mention, mention


def record(
    connection: Connection,
    entity: Entity,
    verdict: Verdict,
    left: Collection[int],
    right: Collection[int],
    *,
    who: str,
    now: int,
    rank: str = "steward",
    reason: str | None = None,
    evidence: Any = None,
) -> int:
    """Store a decision and mark its mentions to be matched again; gives its id.

    ``evidence`` is what the person saw: explanations of the pairs between the two sets. Raises Contradiction where
    decisions of the same rank exclude it, and SolmuError for sets that are empty, overlap or are not of ``entity``.
    """
    sides = frozenset(left), frozenset(right)
    _check_sides(connection, entity, *sides)
    if verdict in (Verdict.SAME, Verdict.DIFFERENT):
        chain = contradiction(connection, verdict, *sides, rank=RANKS[rank])
        if chain is not None:
            raise contradicts(chain)
    row = {
        "entity": entity.value,
        "verdict": verdict.value,
        "rank": rank,
        "who": who,
        "reason": reason,
        "at": now,
        "evidence": evidence if evidence is not None else [],
    }
    id: int = connection.execute(insert(decision).values(row).returning(decision.c.id)).scalar_one()
    connection.execute(
        insert(decision_mention),
        [
            {"decision_id": id, "mention_id": one, "side": side}
            for side, members in zip(("left", "right"), sides, strict=True)
            for one in sorted(members)
        ],
    )
    _note(connection, who, "decided", id, {"verdict": verdict.value, "rank": rank}, now)
    dirty.mark(connection, "match", sides[0] | sides[1])
    return id


def withdraw(connection: Connection, id: int, *, who: str, now: int) -> bool:
    """Take a decision back; gives False where that was done before. What it joined or parted is matched again."""
    done = connection.execute(
        update(decision)
        .where(decision.c.id == id, decision.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_by=who)
    )
    if done.rowcount == 0:
        return False
    members = connection.scalars(
        select(decision_mention.c.mention_id).where(decision_mention.c.decision_id == id)
    ).all()
    _note(connection, who, "decision withdrawn", id, {}, now)
    dirty.mark(connection, "match", members)
    return True


def restore(connection: Connection, id: int, *, who: str, now: int) -> bool:
    """Put a withdrawn decision back in force, as it was; gives False where it is in force.

    Raises Contradiction where decisions that were made since exclude it.
    """
    (one,) = by_id(connection, {id})
    if one.verdict in (Verdict.SAME, Verdict.DIFFERENT):
        chain = contradiction(connection, one.verdict, one.left, one.right, rank=one.rank)
        if chain is not None and chain != (id,):
            raise contradicts(chain)
    done = connection.execute(
        update(decision)
        .where(decision.c.id == id, decision.c.withdrawn_at.is_not(None))
        .values(withdrawn_at=None, withdrawn_by=None)
    )
    if done.rowcount == 0:
        return False
    _note(connection, who, "decision put back in force", id, {}, now)
    dirty.mark(connection, "match", one.left | one.right)
    return True


def _check_sides(connection: Connection, entity: Entity, left: frozenset[int], right: frozenset[int]) -> None:
    if not left or not right or left & right:
        raise SolmuError("a decision is between two sets of mentions that have none in common", code="decision-sides")
    known = 0
    for some in chunks(sorted(left | right)):
        # Asked for the entity too, SQLite would go through all mentions of it instead of these.
        query = select(mention.c.entity).where(mention.c.id.in_(some))
        known += list(connection.scalars(query)).count(entity.value)
    if known < len(left | right):
        raise SolmuError(f"a decision on mentions that are not there, or of no {entity.value}", code="decision-sides")


def _note(connection: Connection, who: str, what: str, id: int, detail: dict[str, Any], now: int) -> None:
    connection.execute(
        insert(audit).values(at=now, who=who, what=what, subject=f"decision:{id}", digest=None, detail=detail)
    )
