"""Decisions that exclude each other: the chain that shows why, in ids and in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from solmu.errors import SolmuError
from solmu.match.cluster import Rank
from solmu.match.decisions import InForce, Stored, Verdict, in_force
from solmu.store import time
from solmu.store.tables import decision, decision_mention, mention, source_record
from solmu.sync.fold import evidence


class Contradiction(SolmuError):
    """A decision that others in force exclude. ``chain`` is the ids of the decisions that show it, in order."""

    def __init__(self, message: str, *, chain: tuple[int, ...]) -> None:
        super().__init__(
            message, code="contradicts-decisions", expected="withdraw one of the decisions in the chain first"
        )
        self.chain = chain


def contradicts(chain: tuple[int, ...]) -> Contradiction:
    """What to raise where a chain of decisions excludes another."""
    number = "a decision" if len(chain) == 1 else f"{len(chain)} decisions"
    return Contradiction(f"this contradicts {number} in force", chain=chain)


def undo_one_of(chain: Collection[int]) -> str:
    """What to do where decisions exclude another, in words."""
    if len(chain) == 1:
        return f"`solmu review undo {next(iter(chain))}` first, if that one is wrong"
    return f"`solmu review undo` of one of {', '.join(map(str, chain))} first, if that one is wrong"


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


def _called(connection: Connection, id: int, side: str) -> str:
    """By what its own record says: the two sides of a decision may be one golden record now."""
    query = (
        select(mention.c.claim, source_record.c.connection, source_record.c.stream, source_record.c.key)
        .select_from(decision_mention)
        .join(mention, mention.c.id == decision_mention.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(decision_mention.c.decision_id == id, decision_mention.c.side == side)
        .order_by(mention.c.id)
        .limit(1)
    )
    row = connection.execute(query).one()
    record = f"{row.connection}/{row.stream}/{row.key}"
    name = evidence(row.claim).get("name")
    return f"{name} ({record})" if name else record
