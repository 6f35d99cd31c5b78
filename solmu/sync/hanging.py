"""Leads, orders, activities and the like, which hang on an entity through a mention.

Whose something is may be known only by a reference to another record (an order names its customer's number), and either
may arrive first: a reference is resolved when the mention is there, in whichever order the two come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, exists, or_, select, tuple_, update

from solmu.mapping.values import MappedHanging, Reference
from solmu.store import dirty
from solmu.store.payload import canonical, keyed_hash
from solmu.store.sql import chunks, upsert
from solmu.store.tables import HANGING, affiliation, link, mention, relation, source_record
from solmu.sync.copies import COPY
from solmu.sync.let_in import plan_whom_it_lets_in

TYPED = ("number", "on", "partner", "kind", "until")
"""Fields that have a column of their own, in the tables that have such a column."""

_TWO_SIDED = (affiliation, relation)
_REFERENCES = (
    *((table, "reference", "mention_id") for table in HANGING.values()),
    *((table, "other_reference", "other_mention_id") for table in _TWO_SIDED),
)


def store_hanging(
    connection: Connection,
    things: Sequence[tuple[int, MappedHanging]],
    slots: Mapping[tuple[int, str], int],
    versions: Mapping[int, int],
    *,
    key: bytes,
    targets: Sequence[str],
    made_from: Mapping[int, str] | None = None,
) -> None:
    """Store what the records of ``versions`` say now: (record id, thing) pairs; what they no longer say is withdrawn.

    ``versions`` gives the newest version of each record, ``slots`` the mention of (record id, slot). ``made_from`` are
    records that we made in a target, each with the table of the row that it was made from. What changed marks its
    golden record for every target.
    """
    by_table: dict[str, list[tuple[int, MappedHanging]]] = {}
    for record_id, thing in things:
        by_table.setdefault(thing.kind.value, []).append((record_id, thing))
    for name, table in HANGING.items():
        copies = {record_id for record_id, origin in (made_from or {}).items() if origin == name}
        _store_table(connection, table, by_table.get(name, []), slots, versions, copies, key=key, targets=targets)


def _store_table(
    connection: Connection,
    table: Table,
    things: Sequence[tuple[int, MappedHanging]],
    slots: Mapping[tuple[int, str], int],
    versions: Mapping[int, int],
    copies: Collection[int],
    *,
    key: bytes,
    targets: Sequence[str],
) -> None:
    stored: dict[tuple[int, str], Any] = {}
    for ids in chunks(versions):
        query = select(table).where(table.c.record_id.in_(ids))
        stored.update({(row.record_id, row.slot): row for row in connection.execute(query)})
    references = _resolve(
        connection, {end.text for _, thing in things for end in (thing.of, thing.other) if isinstance(end, Reference)}
    )
    rows: list[dict[str, Any]] = []
    owners: set[Any] = set()
    for record_id, thing in things:
        row = _row(table, record_id, thing, slots, references, key)
        row["state"] = COPY if record_id in copies else "live"
        before = stored.pop((record_id, thing.slot), None)
        if before is not None and all(getattr(before, name) == value for name, value in row.items()):
            continue
        if "version_id" in table.c:
            row["version_id"] = before.version_id if _names_the_same(before, row) else versions[record_id]
        rows.append(row)
        if row["state"] == COPY and (before is None or before.state == COPY):
            continue  # what people change in it is seen by the mirror, and nothing else goes out because of it
        owners.update(row[end] for end in _evidence_of(table))
        owners.update(getattr(before, end) for end in _evidence_of(table) if before is not None)
    gone = [row for row in stored.values() if row.state in ("live", COPY)]
    owners.update(getattr(row, end) for row in gone for end in _evidence_of(table))
    owners.discard(None)
    for some in chunks(rows, 200):
        upsert(connection, table, some, conflict=("record_id", "slot"))
    for some in chunks([row.id for row in gone]):
        connection.execute(update(table).where(table.c.id.in_(some)).values(state="withdrawn"))
    touch(connection, owners, targets=targets, table=table)


def resolve_waiting(connection: Connection, new: Mapping[str, int], *, targets: Sequence[str]) -> None:
    """Mentions have been born: what was waiting for them by reference (text → mention id) hangs on them now."""
    for table, reference, column in _REFERENCES if new else ():
        _resolve_column(connection, table, reference, column, new, targets)


def anything_waits(connection: Connection) -> bool:
    """Whether there is anything that ``resolve_waiting`` could resolve."""
    return bool(connection.scalar(_ANYTHING_WAITS))


def touch(
    connection: Connection, mentions: Iterable[int], *, targets: Collection[str], table: Table | None = None
) -> None:
    """What hangs on these mentions changed, or whether they are asked about: targets look at their goldens again.

    ``table`` is the one in which it changed, where that has more to it: who employs a person, or which company is
    whose parent, is evidence for matching; a lead or an order may let a company into a target, and so its people.
    """
    mentions = sorted(set(mentions))
    for some in chunks(mentions):
        golden = set(
            connection.scalars(select(link.c.golden_id).where(link.c.mention_id.in_(some), link.c.until.is_(None)))
        )
        for target in targets:
            dirty.mark(connection, f"target:{target}", golden)
        if table is not None and table not in _TWO_SIDED:
            plan_whom_it_lets_in(connection, golden, targets=targets)
    if table in _TWO_SIDED:
        dirty.mark(connection, "match", mentions)


def _evidence_of(table: Table) -> tuple[str, ...]:
    """Of which ends a row is evidence: a relation keeps both apart, an employer says something of the person only."""
    return ("mention_id", "other_mention_id") if table is relation else ("mention_id",)


def _names_the_same(before: Any, row: Mapping[str, Any]) -> bool:
    """Whether the other end is the one that was named before; by reference, it may have come to be known since."""
    if before is None or before.other_reference != row["other_reference"]:
        return False
    return row["other_reference"] is not None or before.other_mention_id == row["other_mention_id"]


def _row(
    table: Table,
    record_id: int,
    thing: MappedHanging,
    slots: Mapping[tuple[int, str], int],
    references: Mapping[str, int],
    key: bytes,
) -> dict[str, Any]:
    mention_id, reference = _end(record_id, thing.of, slots, references)
    row: dict[str, Any] = {
        "record_id": record_id,
        "slot": thing.slot,
        "mention_id": mention_id,
        "reference": reference,
        "document": thing.fields,
        "document_hash": keyed_hash(key, canonical(thing.fields)),
    }
    row |= {name: thing.fields.get(name) for name in TYPED if name in table.c}
    if table in _TWO_SIDED:
        row["other_mention_id"], row["other_reference"] = _end(record_id, thing.other, slots, references)
    return row


def _end(
    record_id: int,
    end: str | Reference | None,
    slots: Mapping[tuple[int, str], int],
    references: Mapping[str, int],
) -> tuple[int | None, str | None]:
    if end is None:
        return None, None
    if isinstance(end, Reference):
        return references.get(end.text), end.text
    return slots.get((record_id, end)), None


def _resolve(connection: Connection, texts: set[str]) -> dict[str, int]:
    """The mentions that references name, as far as they are there."""
    parts = {text: _split(text) for text in texts}
    found: dict[tuple[str, str, str, str], int] = {}
    for some in chunks(sorted(parts.values()), 100):
        query = (
            select(
                source_record.c.connection,
                source_record.c.stream,
                mention.c.slot,
                source_record.c.key,
                mention.c.id,
            )
            .join(mention, mention.c.record_id == source_record.c.id)
            .where(
                tuple_(source_record.c.connection, source_record.c.stream, source_record.c.key).in_(
                    [(one, two, key) for one, two, _, key in some]
                )
            )
        )
        found.update({(row[0], row[1], row[2], row[3]): row[4] for row in connection.execute(query)})
    return {text: found[part] for text, part in parts.items() if part in found}


def _split(text: str) -> tuple[str, str, str, str]:
    connection, stream, slot, key = text.split("/", 3)
    return connection, stream, slot, key


def _waiting(table: Table, reference: str, column: str) -> ColumnElement[bool]:
    return and_(table.c[reference].is_not(None), table.c[column].is_(None))


_ANYTHING_WAITS = select(or_(*(exists().where(_waiting(*each)) for each in _REFERENCES)))


def _resolve_column(
    connection: Connection,
    table: Table,
    reference: str,
    column: str,
    new: Mapping[str, int],
    targets: Sequence[str],
) -> None:
    if connection.scalar(select(table.c.id).where(_waiting(table, reference, column)).limit(1)) is None:
        return
    resolved: set[int] = set()
    for texts in chunks(sorted(new)):
        query = select(table.c.id, table.c[reference]).where(table.c[reference].in_(texts), table.c[column].is_(None))
        rows = [{"b_id": row[0], "b_mention": new[row[1]]} for row in connection.execute(query)]
        if rows:
            connection.execute(
                update(table).where(table.c.id == bindparam("b_id")).values({column: bindparam("b_mention")}), rows
            )
            resolved.update(row["b_id"] for row in rows)
    for ids in chunks(sorted(resolved)):
        ends = select(*(table.c[end] for end in _evidence_of(table))).where(table.c.id.in_(ids))
        owners = {owner for row in connection.execute(ends) for owner in row if owner is not None}
        touch(connection, owners, targets=targets, table=table)
