"""The two sides of a pair as a steward sees them: not two rows, but the golden records that they stand for now."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from solmu.golden.survive import values
from solmu.review.names import PairId
from solmu.store.sql import chunks
from solmu.store.tables import golden, link, mention, pair, source_record


@dataclass(frozen=True, slots=True)
class Member:
    """One mention of a side, with the record that it came in."""

    id: int
    public_id: str
    state: str
    slot: str
    connection: str
    stream: str
    key: str
    claim_hash: bytes | None

    @property
    def source(self) -> str:
        """Where it comes from, as ``connection/stream/key``."""
        return f"{self.connection}/{self.stream}/{self.key}"


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a pair: the mention that was compared, and the golden record that it is linked to.

    ``golden_id`` is None where it is linked to nobody yet; ``fields`` are the golden record's values.
    """

    mention_id: int
    golden_id: int | None
    public_id: str
    name: str | None
    protected: bool
    fields: Mapping[str, Any]
    members: tuple[Member, ...]

    @property
    def ids(self) -> frozenset[int]:
        """The mentions of this side."""
        return frozenset(each.id for each in self.members)

    @property
    def compared(self) -> Member:
        """The mention that the pair names."""
        return next(each for each in self.members if each.id == self.mention_id)


def load_sides(connection: Connection, mentions: Iterable[int]) -> dict[int, Side]:
    """The side of each of these mentions, as things stand now."""
    wanted = sorted(set(mentions))
    place: dict[int, int] = {}
    for some in chunks(wanted):
        query = select(link.c.mention_id, link.c.golden_id).where(link.c.mention_id.in_(some), link.c.until.is_(None))
        place |= {row.mention_id: row.golden_id for row in connection.execute(query)}
    rows: dict[int, Any] = {}
    members: dict[int, list[Member]] = {}
    for some in chunks(sorted(set(place.values()))):
        columns = (golden.c.id, golden.c.public_id, golden.c.name, golden.c.protected, golden.c.document)
        rows |= {row.id: row for row in connection.execute(select(*columns).where(golden.c.id.in_(some)))}
        linked = (
            member_query()
            .add_columns(link.c.golden_id)
            .join(link, link.c.mention_id == mention.c.id)
            .where(link.c.golden_id.in_(some), link.c.until.is_(None))
        )
        for row in connection.execute(linked.order_by(mention.c.id)):
            members.setdefault(row.golden_id, []).append(Member(*row[:-1]))
    alone: dict[int, Member] = {}
    for some in chunks([id for id in wanted if id not in place]):
        query = member_query().where(mention.c.id.in_(some))
        alone |= {row.id: Member(*row) for row in connection.execute(query)}
    found = {
        id: Side(id, at, rows[at].public_id, rows[at].name, rows[at].protected, values(rows[at].document),
                 tuple(members[at]))
        for id, at in place.items()
    }  # fmt: skip
    found |= {id: Side(id, None, one.public_id, None, False, {}, (one,)) for id, one in alone.items()}
    return found


def pair_rows(connection: Connection, pairs: Collection[PairId]) -> dict[PairId, Any]:
    """The stored comparisons of these pairs, as far as there are any."""
    found: dict[PairId, Any] = {}
    wanted = set(pairs)
    for some in chunks(sorted({each.left for each in wanted})):
        for row in connection.execute(select(pair).where(pair.c.left_id.in_(some))):
            each = PairId(row.left_id, row.right_id)
            if each in wanted:
                found[each] = row
    return found


def evidence_digest(row: Any, left: Side, right: Side) -> str:
    """Changes with everything that the two cards say, with who is on them, and with how they compare.

    16 hexadecimal digits. What was shown under one digest may be decided as long as the digest is the same.
    """
    cards = [
        sorted([each.public_id, (each.claim_hash or b"").hex()] for each in side.members) for side in (left, right)
    ]
    levels = [[bar["field"], bar["level"]] for bar in bars_of(row.explanation)]
    text = orjson.dumps([cards, levels, row.rule])
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def bars_of(explanation: Any) -> Sequence[Mapping[str, Any]]:
    """The bars of a stored explanation: ``field``, ``level``, ``weight`` in bits."""
    found: Sequence[Mapping[str, Any]] = explanation.get("bars", ()) if isinstance(explanation, dict) else ()
    return found


def member_query() -> Any:
    """Mentions with the records that they came in: a row has the fields of a ``Member``, in their order."""
    return select(
        mention.c.id,
        mention.c.public_id,
        mention.c.state,
        mention.c.slot,
        source_record.c.connection,
        source_record.c.stream,
        source_record.c.key,
        mention.c.claim_hash,
    ).join(source_record, source_record.c.id == mention.c.record_id)
