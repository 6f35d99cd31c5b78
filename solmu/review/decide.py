"""Deciding a pair; `solmu.steward.undo` takes it back.

A decision is between all that the two cards showed, so that it says what the steward saw: "same" joins both golden
records as they are, "different" keeps them apart whole. Where both ends are in one golden record already, it is about
the two mentions alone, and the others follow their own pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import alias as aliased

from solmu.errors import SolmuError
from solmu.match.contradiction import Contradiction, undo_one_of
from solmu.match.contradiction import in_words as chain_in_words
from solmu.match.deciding import record, withdraw
from solmu.match.decisions import Verdict
from solmu.model import Entity
from solmu.review.names import PairId, read_pair_id
from solmu.review.seen import evidence_between
from solmu.review.sides import Side, evidence_digest, load_sides, pair_rows
from solmu.steward.intent import Kind
from solmu.steward.ledger import note
from solmu.store import time
from solmu.store.tables import decision, decision_mention


class Moved(SolmuError):
    """What was shown is not how things stand any more; nothing was decided. ``now`` is what to show instead."""

    def __init__(self, message: str, *, code: str, now: Any, expected: str) -> None:
        super().__init__(message, code=code, expected=expected)
        self.now = now


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was recorded, and the number under which `solmu undo` takes it back.

    ``left`` and ``right`` are the golden records that it is about, by public id.
    """

    id: int
    change: int
    pair: PairId
    verdict: Verdict
    entity: Entity
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision of a steward on a pair that is in force."""

    id: int
    verdict: Verdict
    who: str
    at: int


def named_pair(text: str) -> PairId:
    """The pair that somebody names. Raises SolmuError where it is no name of a pair."""
    found = read_pair_id(text)
    if found is None:
        raise SolmuError(
            "this is no name of a pair, or it was mistyped",
            code="no-pair",
            value=text,
            expected="a name that `solmu review list` shows",
        )
    return found


def decide(
    connection: Connection,
    pair: PairId,
    verdict: Verdict,
    *,
    who: str,
    now: int,
    reason: str | None = None,
    seen: str | None = None,
) -> Decided:
    """Record what a steward says of a pair; what follows from it is the next resolving's work.

    ``seen`` is the digest under which it was shown. Raises Moved where the pair was decided meanwhile, or is not what
    was shown any more, and Contradiction, with the chain in words, where decisions in force exclude it. Nothing is
    written then. An "unsure" gives way to whatever is said later.
    """
    standing = standing_decisions(connection, pair)
    binding = [one for one in standing if one.verdict is not Verdict.UNSURE or verdict is Verdict.UNSURE]
    if binding:
        raise Moved(
            f"{binding[0].who} has decided this pair on {time.iso(binding[0].at)[:10]}: {binding[0].verdict.value}",
            code="decided-already",
            now=binding[0],
            expected=f"`solmu review undo {binding[0].id}` first, if that is wrong",
        )
    row, left, right = shown(connection, pair)
    digest = evidence_digest(row, left, right)
    if seen is not None and seen != digest:
        raise Moved(
            "what the two records say, or who is on them, changed since it was shown",
            code="evidence-changed",
            now=digest,
            expected=f"a look at it as it is now: `solmu review show {pair}`",
        )
    together = left.golden_id is not None and left.golden_id == right.golden_id
    sides = ({pair.left}, {pair.right}) if together else (set(left.ids), set(right.ids))
    try:
        id = record(
            connection,
            Entity(row.entity),
            verdict,
            *sides,
            who=who,
            now=now,
            reason=reason,
            evidence=evidence_between(connection, *sides, asked=pair, digest=digest),
        )
    except Contradiction as refused:
        told = chain_in_words(connection, refused.chain)
        refused.value = " ".join(told)
        refused.expected = undo_one_of(refused.chain)
        for line in told:
            refused.add_note(line)
        raise
    for one in standing:
        withdraw(connection, one.id, who=who, now=now)
    goldens = [side.golden_id for side in (left, right) if side.golden_id is not None]
    ended = [one.id for one in standing]
    made = note(connection, Kind.DECIDE, who=who, now=now, goldens=goldens, began=[id], ended=ended)
    return Decided(id, made.id, pair, verdict, Entity(row.entity), left.public_id, right.public_id)


def shown(connection: Connection, pair: PairId) -> tuple[Any, Side, Side]:
    """The stored comparison of a pair with its two sides. Raises Moved where there is none (any more)."""
    row = pair_rows(connection, [pair]).get(pair)
    if row is None:
        raise Moved(
            "these two are not compared any more: what they say changed, or they are gone",
            code="not-asked",
            now=None,
            expected="a pair that `solmu review list` shows",
        )
    sides = load_sides(connection, (pair.left, pair.right))
    return row, sides[pair.left], sides[pair.right]


def standing_decisions(connection: Connection, pair: PairId) -> list[Standing]:
    """The stewards' decisions in force that have one of the two on either side, the newest first."""
    one, other = aliased(decision_mention), aliased(decision_mention)
    query = (
        select(decision.c.id, decision.c.verdict, decision.c.who, decision.c.at)
        .join(one, one.c.decision_id == decision.c.id)
        .join(other, other.c.decision_id == decision.c.id)
        .where(
            one.c.mention_id == pair.left,
            other.c.mention_id == pair.right,
            one.c.side != other.c.side,
            decision.c.rank == "steward",
            decision.c.withdrawn_at.is_(None),
        )
        .order_by(decision.c.id.desc())
    )
    return [Standing(row.id, Verdict(row.verdict), row.who, row.at) for row in connection.execute(query)]
