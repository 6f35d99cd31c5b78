"""What a steward is about to do: which decisions would be said, taken back or put back in force, and which pins."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import orjson
from sqlalchemy import Connection, select

from solmu.match.cluster import Rank
from solmu.match.contradiction import Contradiction, contradiction, contradicts, undo_one_of
from solmu.match.contradiction import in_words as chain_in_words
from solmu.match.decisions import InForce, Stored, Verdict, in_force
from solmu.model import Entity
from solmu.store.sql import chunks
from solmu.store.tables import link, mention, pin

UNSAID = 2**62
"""Ids of decisions that nobody has recorded yet begin here, so that they come after all that are."""


class Kind(StrEnum):
    """What a steward can do."""

    MERGE = "merge"
    UNMERGE = "unmerge"
    SPLIT = "split"
    MOVE = "move"
    HOLD = "hold"
    PIN = "pin"
    UNPIN = "unpin"
    DECIDE = "decide"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Said:
    """A decision that would be recorded."""

    verdict: Verdict
    left: frozenset[int]
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class PinSaid:
    """A pin that would be set. ``expires_at`` in microseconds."""

    mention: int
    field: str
    value: object
    expires_at: int | None = None


@dataclass(frozen=True)
class Intent:
    """One change before it is made.

    ``goldens`` are the golden records that it is about, the one that a person named first; ``mentions`` theirs.
    ``takes_back`` and ``puts_back`` are ids of decisions, ``unpins`` and ``repins`` of pins. ``seen`` is the digest of
    what it was made from: it is carried out only while that is as it was.
    """

    kind: Kind
    entity: Entity
    goldens: tuple[int, ...]
    mentions: frozenset[int]
    seen: str
    says: tuple[Said, ...] = ()
    takes_back: tuple[int, ...] = ()
    puts_back: tuple[int, ...] = ()
    pins: tuple[PinSaid, ...] = ()
    unpins: tuple[int, ...] = ()
    repins: tuple[int, ...] = ()
    undoes: tuple[int, ...] = ()
    apart: tuple[frozenset[int], ...] = field(default=())  # the parts that it is to come to, for the evidence


def members_of(connection: Connection, goldens: Iterable[int]) -> dict[int, frozenset[int]]:
    """The mentions linked to each of these golden records."""
    found: dict[int, set[int]] = {id: set() for id in goldens}
    for some in chunks(sorted(found)):
        query = select(link.c.golden_id, link.c.mention_id).where(link.c.golden_id.in_(some), link.c.until.is_(None))
        for golden_id, mention_id in connection.execute(query):
            found[golden_id].add(mention_id)
    return {id: frozenset(those) for id, those in found.items()}


def goldens_of(connection: Connection, mentions: Iterable[int]) -> dict[int, int]:
    """Where each of these mentions is linked now."""
    found: dict[int, int] = {}
    for some in chunks(sorted(set(mentions))):
        query = select(link.c.mention_id, link.c.golden_id).where(link.c.mention_id.in_(some), link.c.until.is_(None))
        found |= {row.mention_id: row.golden_id for row in connection.execute(query)}
    return found


def state_digest(connection: Connection, mentions: Collection[int]) -> str:
    """Changes with where these mentions are, who is with them, what they say, and what people said of them.

    16 hexadecimal digits.
    """
    places = goldens_of(connection, mentions)
    members = members_of(connection, set(places.values()))
    everyone = sorted(set(mentions).union(*members.values()))
    said: list[object] = []
    pins: list[object] = []
    for some in chunks(everyone):
        claims = select(mention.c.id, mention.c.state, mention.c.claim_hash).where(mention.c.id.in_(some))
        said += [(row.id, row.state, (row.claim_hash or b"").hex()) for row in connection.execute(claims)]
        pinned = select(pin.c.id, pin.c.expires_at).where(pin.c.mention_id.in_(some), pin.c.withdrawn_at.is_(None))
        pins += [tuple(row) for row in connection.execute(pinned)]
    text = orjson.dumps(
        [
            sorted((id, sorted(those)) for id, those in members.items()),
            sorted(said, key=str),
            sorted(pins, key=str),
            [one.id for one in in_force(connection, everyone)],
        ]
    )
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def assumed(
    says: Iterable[Said] = (), takes_back: Collection[int] = (), puts_back: Mapping[int, Stored] | None = None
) -> InForce:
    """What would be in force if these decisions were said, and those taken back or put back."""
    more = [
        *(Stored(UNSAID + n, one.verdict, Rank.STEWARD, one.left, one.right) for n, one in enumerate(says)),
        *(puts_back or {}).values(),
    ]

    def would_be(connection: Connection, mentions: Iterable[int]) -> list[Stored]:
        asked = set(mentions)
        there = [one for one in in_force(connection, asked) if one.id not in takes_back]
        known = {one.id for one in there}
        there += [one for one in more if one.id not in known and not asked.isdisjoint(one.left | one.right)]
        return there

    return would_be


def check(connection: Connection, said: Said, would_be: InForce) -> None:
    """Raise Contradiction, with the chain in words, where what would be in force excludes a decision."""
    chain = contradiction(connection, said.verdict, said.left, said.right, rank=Rank.STEWARD, in_force=would_be)
    if chain is not None:
        raise told(connection, contradicts(tuple(id for id in chain if id < UNSAID)))


def told(connection: Connection, refused: Contradiction) -> Contradiction:
    """The same with the chain in words, and what to do."""
    lines = chain_in_words(connection, refused.chain)
    refused.value = " ".join(lines)
    if refused.chain:
        refused.expected = undo_one_of(refused.chain)
    for line in lines:
        refused.add_note(line)
    return refused


def crossing(
    connection: Connection,
    out: frozenset[int],
    rest: frozenset[int],
    says: list[Said],
    takes_back: set[int],
) -> None:
    """Add to ``says`` and ``takes_back`` what parts ``out`` from ``rest``.

    A "same" that leads from one to the other is taken back, and said again of those whom it leaves together: a steward
    who takes one record out does not take back what was said of the others.
    """
    apart = Said(Verdict.DIFFERENT, out, rest)
    while True:
        would_be = assumed(says, takes_back)
        chain = contradiction(connection, apart.verdict, out, rest, rank=Rank.STEWARD, in_force=would_be)
        if chain is None:
            break
        known = {one.id: one for one in would_be(connection, out | rest)}
        across = [known[id] for id in chain if id in known and _crosses(known[id], out)]
        if not across or any(one.id >= UNSAID for one in across):
            raise told(connection, contradicts(tuple(id for id in chain if id < UNSAID)))
        for one in across:
            takes_back.add(one.id)
            says += [Said(Verdict.SAME, *sides) for sides in left_of(one, out)]
    says.append(apart)


def _crosses(one: Stored, out: frozenset[int]) -> bool:
    named = one.left | one.right
    return bool(named & out) and bool(named - out)


def left_of(one: Stored, out: frozenset[int]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """What a "same" still says of those inside ``out``, and of those outside: that its one side is its other."""
    parts = ((one.left & out, one.right & out), (one.left - out, one.right - out))
    return [(left, right) for left, right in parts if left and right]
