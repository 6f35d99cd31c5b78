"""What a person points at, by what is in front of them: one golden record, or one of its mentions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from solmu.errors import SolmuError
from solmu.golden.find import find, id_in_url
from solmu.model import Entity
from solmu.review.sides import Member, member_query
from solmu.steward.intent import goldens_of, members_of
from solmu.store.ids import check_public_id
from solmu.store.sql import chunks
from solmu.store.tables import golden, golden_alias, mention, remote, source_record

NAMES = (
    "an id (org_… or per_…), a CRM's id or address, an e-mail address, a phone number, an order number, "
    "a source record (connection/stream/key) or a name"
)


@dataclass(frozen=True, slots=True)
class Pointed:
    """A golden record that somebody named, with its mentions."""

    id: int
    public_id: str
    name: str | None
    entity: Entity
    members: tuple[Member, ...]

    @property
    def ids(self) -> frozenset[int]:
        """Its mentions."""
        return frozenset(each.id for each in self.members)


def point(connection: Connection, text: str) -> Pointed:
    """The one golden record that ``text`` means. Raises SolmuError where there is none, or there are several."""
    found = find(connection, text)
    if not found:
        raise SolmuError(
            f"nothing is known by {text!r}",
            code="not-found",
            value=text,
            expected=NAMES,
        )
    rows = connection.execute(
        select(
            golden.c.id, golden.c.public_id, golden.c.name, golden.c.entity, golden.c.city, golden.c.email,
            golden.c.mentions,
        )
        .where(golden.c.id.in_({each.golden_id for each in found}))
        .order_by(golden.c.mentions.desc(), golden.c.id)
    ).all()  # fmt: skip
    if len(rows) > 1:
        names = ", ".join(
            f"{row.public_id} ({_which(row)})" for row in sorted(rows, key=lambda row: -row.mentions)[:10]
        )
        raise SolmuError(
            f"this means {len(rows)} golden records, by {found[0].by}",
            code="several-found",
            value=text,
            expected=f"one of {names}",
        )
    row = rows[0]
    ids = members_of(connection, [row.id])[row.id]
    there = tuple(members(connection, ids))
    if not there:
        raise SolmuError(
            "nobody speaks of this one any more", code="not-found", value=text, expected="one that has mentions"
        )
    return Pointed(row.id, row.public_id, row.name, Entity(row.entity), there)


def _which(row: Any) -> str:
    """What tells golden records of one name apart."""
    records = "1 record" if row.mentions == 1 else f"{row.mentions} records"
    return ", ".join(filter(None, (row.name or "without a name", row.city, row.email, records)))


def members(connection: Connection, ids: Iterable[int]) -> list[Member]:
    """These mentions with the records that they came in, by id."""
    found: list[Member] = []
    for some in chunks(sorted(ids)):
        query = member_query().where(mention.c.id.in_(some)).order_by(mention.c.id)
        found += [Member(*row) for row in connection.execute(query)]
    return found


def mentions_named(connection: Connection, among: Pointed, texts: Iterable[str]) -> frozenset[int]:
    """The mentions of a golden record that these words name. Raises SolmuError for one that is not of it."""
    chosen: set[int] = set()
    for text in texts:
        chosen |= _named(connection, among, text)
    return frozenset(chosen)


def mention_named(connection: Connection, text: str, *, entity: Entity | None = None) -> tuple[Pointed, int]:
    """One mention, wherever it is, and its golden record: by its source record, or by the id that it was born with.

    Of a record that speaks of an organisation and of people, ``entity`` says which is meant, if there is only one.
    """
    ids = _ids_named(connection, text)
    if entity is not None and len(ids) > 1:
        of_kind = select(mention.c.id).where(mention.c.id.in_(ids), mention.c.entity == entity.value)
        ids = set(connection.scalars(of_kind)) or ids
    if len(ids) != 1:
        raise SolmuError(
            "no record is known by that" if not ids else f"this means {len(ids)} mentions",
            code="not-found" if not ids else "several-found",
            value=text,
            expected="a source record as `solmu explain` shows it (connection/stream/key, with #slot where a record "
            "speaks of several), a CRM's id or address, or the id that the mention was born with",
        )
    (id,) = ids
    place = goldens_of(connection, ids).get(id)
    if place is None:
        raise SolmuError("this record is of no golden record yet", code="not-found", value=text,
                         expected="one that was resolved: `solmu run`")  # fmt: skip
    row = connection.execute(
        select(golden.c.public_id, golden.c.name, golden.c.entity).where(golden.c.id == place)
    ).one()
    there = tuple(members(connection, members_of(connection, [place])[place]))
    return Pointed(place, row.public_id, row.name, Entity(row.entity), there), id


def _named(connection: Connection, among: Pointed, text: str) -> set[int]:
    found = _ids_named(connection, text) & among.ids
    # A key alone is enough within one golden record.
    found = found or {each.id for each in among.members if each.key == text.strip()}
    if not found:
        records = ", ".join(_label(each, among.members) for each in among.members[:20])
        raise SolmuError(
            f"{among.public_id} has no such record", code="no-such-mention", value=text, expected=f"one of {records}"
        )
    return found


def _label(each: Member, all: Iterable[Member]) -> str:
    """As short as says which: its record, with the slot where that record speaks of it twice."""
    twice = sum(one.source == each.source for one in all) > 1
    return f"{each.source}#{each.slot}" if twice else each.source


def _ids_named(connection: Connection, text: str) -> set[int]:
    text = text.strip()
    if public := check_public_id(text):
        query = select(golden_alias.c.mention_id).where(golden_alias.c.public_id == public)
        return set(connection.scalars(query))
    whole = _of_record(connection, text, None)
    if whole:
        return whole
    # A slot may have a number of its own (person#2), a key may hold anything.
    for at in (place for place, sign in enumerate(text) if sign == "#"):
        found = _of_record(connection, text[:at], text[at + 1 :])
        if found:
            return found
    known = select(remote.c.mention_id).where(remote.c.remote_id == id_in_url(text), remote.c.mention_id.is_not(None))
    return {id for id in connection.scalars(known) if id is not None}


def _of_record(connection: Connection, text: str, slot: str | None) -> set[int]:
    parts = text.split("/", 2)
    if len(parts) != 3:
        return set()
    query = (
        select(mention.c.id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(
            source_record.c.connection == parts[0], source_record.c.stream == parts[1], source_record.c.key == parts[2]
        )
    )
    return set(connection.scalars(query if slot is None else query.where(mention.c.slot == slot)))
