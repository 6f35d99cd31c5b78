"""Stewards' decisions between two sets of mentions: recorded with the evidence as seen, withdrawn by undo.

"Same" and "different" bind the machine. What contradicts the decisions in force is refused, with the chain that shows
why; of "unsure" and "related" nothing follows but that the question was seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from solmu.errors import SolmuError
from solmu.match.cluster import Decision, Rank
from solmu.model import Entity
from solmu.store import dirty, time
from solmu.store.sql import chunks
from solmu.store.tables import audit, decision, decision_mention, golden, link, mention, pair


class Verdict(StrEnum):
    """What a person says of two sets of mentions."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    RELATED = "related"


class Contradiction(SolmuError):
    """A decision that others in force exclude. ``chain`` is the ids of the decisions that show it, in order."""

    def __init__(self, message: str, *, chain: tuple[int, ...]) -> None:
        super().__init__(
            message, code="contradicts-decisions", expected="withdraw one of the decisions in the chain first"
        )
        self.chain = chain


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

_RANKS = {"steward": Rank.STEWARD, "crm": Rank.CRM}


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
    serialise(connection)
    sides = frozenset(left), frozenset(right)
    _check_sides(connection, entity, *sides)
    if verdict in (Verdict.SAME, Verdict.DIFFERENT):
        chain = contradiction(connection, verdict, *sides, rank=_RANKS[rank])
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
    serialise(connection)
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


def in_force(connection: Connection, mentions: Iterable[int]) -> list[Stored]:
    """The decisions in force that name any of these mentions, whole."""
    ids: set[int] = set()
    for some in chunks(sorted(set(mentions))):
        query = (
            select(decision.c.id)
            .join(decision_mention, decision_mention.c.decision_id == decision.c.id)
            .where(decision_mention.c.mention_id.in_(some), decision.c.withdrawn_at.is_(None))
        )
        ids.update(connection.scalars(query))
    return by_id(connection, ids)


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
                _RANKS[one.rank],
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


def serialise(connection: Connection) -> None:
    """Let no other decision be written until this transaction ends; reading goes on.

    Two that exclude each other could both be recorded otherwise, because neither sees the other. On SQLite a write
    transaction is alone by itself.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE decision IN SHARE ROW EXCLUSIVE MODE"))


def pairs_between(connection: Connection, left: Collection[int], right: Collection[int]) -> list[Any]:
    """The stored comparisons between two sets of mentions."""
    found = []
    members = set(left) | set(right)
    for some in chunks(sorted(members)):
        for row in connection.execute(select(pair).where(pair.c.left_id.in_(some))):
            if row.right_id in members and (row.left_id in left) != (row.right_id in left):
                found.append(row)
    return found


def in_words(connection: Connection, chain: Iterable[int]) -> list[str]:
    """What each of these decisions said, who and when, one sentence each; the records by the names they have now."""
    said = {
        Verdict.SAME: "are the same",
        Verdict.DIFFERENT: "are different",
        Verdict.UNSURE: "may be the same or not",
        Verdict.RELATED: "are related",
    }
    told = []
    for id in chain:
        row = connection.execute(select(decision).where(decision.c.id == id)).one()
        one, other = (_called(connection, id, side) for side in ("left", "right"))
        day = time.iso(row.at)[:10]
        told.append(f"{row.who} said on {day} that {one} and {other} {said[Verdict(row.verdict)]} (decision {id}).")
    return told


def _called(connection: Connection, id: int, side: str) -> str:
    query = (
        select(golden.c.name, mention.c.public_id)
        .select_from(decision_mention)
        .join(mention, mention.c.id == decision_mention.c.mention_id)
        .outerjoin(link, (link.c.mention_id == mention.c.id) & link.c.until.is_(None))
        .outerjoin(golden, golden.c.id == link.c.golden_id)
        .where(decision_mention.c.decision_id == id, decision_mention.c.side == side)
        .order_by(mention.c.id)
        .limit(1)
    )
    row = connection.execute(query).one()
    return f"{row.name} ({row.public_id})" if row.name else str(row.public_id)


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


def contradicts(chain: tuple[int, ...]) -> Contradiction:
    """What to raise where a chain of decisions excludes another."""
    return Contradiction(f"this contradicts {len(chain)} decisions in force", chain=chain)


def contradiction(
    connection: Connection,
    verdict: Verdict,
    left: frozenset[int],
    right: frozenset[int],
    *,
    rank: Rank,
    in_force: InForce = in_force,
) -> tuple[int, ...] | None:
    """The decisions that exclude a "same" or "different", as a chain; None where nothing does."""
    same, different = _connected(connection, left | right, rank, in_force)
    if verdict is Verdict.DIFFERENT:
        return _path(same, left, right)
    joined = [*same, Stored(0, Verdict.SAME, rank, left, right)]
    for one in different:
        path = _path(joined, one.left, one.right)
        if path is not None and (0 in path or one.left & one.right):
            return (*(id for id in path if id), one.id)
    return None


def _connected(
    connection: Connection, mentions: frozenset[int], rank: Rank, in_force: InForce
) -> tuple[list[Stored], list[Stored]]:
    """The decisions of a rank that "same" decisions connect with these mentions: those, and the differents there."""
    known: dict[int, Stored] = {}
    seen: set[int] = set()
    edge = set(mentions)
    while edge:
        seen |= edge
        new = [one for one in in_force(connection, edge) if one.id not in known and one.rank is rank]
        known |= {one.id: one for one in new}
        edge = {id for one in new if one.verdict is Verdict.SAME for id in one.left | one.right} - seen
    return (
        [one for one in known.values() if one.verdict is Verdict.SAME],
        [one for one in known.values() if one.verdict is Verdict.DIFFERENT],
    )


def _path(same: Collection[Stored], start: frozenset[int], end: frozenset[int]) -> tuple[int, ...] | None:
    """The shortest chain of "same" decisions that leads from one set of mentions to the other."""
    came: dict[int, tuple[int, ...]] = dict.fromkeys(start, ())
    queue = deque(sorted(start))
    while queue:
        at = queue.popleft()
        if at in end:
            return came[at]
        for one in same:
            if at in one.left or at in one.right:
                for next_one in sorted((one.left | one.right) - came.keys()):
                    came[next_one] = (*came[at], one.id)
                    queue.append(next_one)
    return None


def _note(connection: Connection, who: str, what: str, id: int, detail: dict[str, Any], now: int) -> None:
    connection.execute(
        insert(audit).values(at=now, who=who, what=what, subject=f"decision:{id}", digest=None, detail=detail)
    )
