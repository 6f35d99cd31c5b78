"""Records that we made in a target are ours because we know that we made them, never by score.

As soon as a create is answered, the record has its source record and its mention, linked to the golden record that it
was made from. It claims nothing until it lands; when it lands, what it repeats of us is no evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from solmu.store import dirty
from solmu.store.ids import Births
from solmu.store.sql import add_rows, among, as_document, chunks, new_ids, run_many, upsert
from solmu.store.tables import golden_alias, link, mention, source_record
from solmu.sync.outbox import golden_of

WHY = "created-by-us"

AT_ONCE = 2000
"""Records that share one statement."""

_LINK = ("mention_id", "golden_id", "since", "why", "run_id")


class Created(NamedTuple):
    """A record that the target has just made for us. ``origin`` is the mention that it was made from."""

    remote_pk: int
    target: str
    object: str
    remote_id: str
    entity: str
    origin: int


def adopt(connection: Connection, created: Sequence[Created], *, run_id: str, now: int) -> dict[int, int]:
    """Give each record its source record (state ``awaited``), its mention and its link; gives the mention of each, by
    ``remote_pk``.

    One that has landed already keeps what it has, and is linked if nothing else has linked it.
    """
    found: dict[int, int] = {}
    for some in chunks(created, AT_ONCE):
        found |= _adopt(connection, some, run_id, now)
    return found


def _adopt(connection: Connection, created: Sequence[Created], run_id: str, now: int) -> dict[int, int]:
    ids = new_ids(connection, source_record, len(created))
    rows = [
        (id, each.target, each.object, each.remote_id, "awaited", run_id) for id, each in zip(ids, created, strict=True)
    ]
    births = Births()
    if run_many(connection, _AWAIT, rows) == len(rows):  # nobody has landed any of them: so it is most of the time
        made = _born(connection, list(zip(ids, created, strict=True)), births)
        _link(connection, [(made[each.remote_pk], each.origin) for each in created], run_id, now)
        return made
    placed = _placed(connection, created)
    ours = {id for id, (record_id, _) in zip(ids, placed, strict=True) if id == record_id}
    made = _born(connection, [pair for pair in placed if pair[0] in ours], births)
    made |= _found(connection, [pair for pair in placed if pair[0] not in ours], births)
    link_as_ours(connection, [(made[each.remote_pk], each.origin) for each in created], run_id=run_id, now=now)
    return made


def _placed(connection: Connection, created: Sequence[Created]) -> list[tuple[int, Created]]:
    """Each with its source record, whoever has made that."""
    query = select(source_record.c.id, source_record.c.stream, source_record.c.key).where(
        source_record.c.connection == created[0].target,
        source_record.c.stream.in_({each.object for each in created}),
        among(connection, source_record.c.key, {each.remote_id for each in created}),
    )
    records = {(row.stream, row.key): row.id for row in connection.execute(query)}
    return [(records[each.object, each.remote_id], each) for each in created]


# Somebody may be landing the very same record; then that one stays.
_AWAIT = """
INSERT INTO source_record (id, connection, stream, key, state, run_id) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (connection, stream, key) DO NOTHING
"""
_MENTION = ("id", "record_id", "slot", "entity", "state", "public_id", "claim")
_SILENT = as_document({})


def _born(connection: Connection, placed: Sequence[tuple[int, Created]], births: Births) -> dict[int, int]:
    """The mentions of records that were unknown until now, by ``remote_pk``."""
    ids = new_ids(connection, mention, len(placed))
    rows = [
        (id, record_id, each.entity, each.entity, "linked", births.public_id(each.entity), _SILENT)
        for id, (record_id, each) in zip(ids, placed, strict=True)
    ]
    add_rows(connection, mention, _MENTION, rows)
    add_rows(connection, golden_alias, ("public_id", "mention_id"), [(row[5], row[0]) for row in rows])
    return {each.remote_pk: id for id, (_, each) in zip(ids, placed, strict=True)}


def _found(connection: Connection, placed: Sequence[tuple[int, Created]], births: Births) -> dict[int, int]:
    """The mentions of records that have landed already, by ``remote_pk``."""
    if not placed:
        return {}
    mentions = [
        {
            "record_id": record_id,
            "slot": each.entity,
            "entity": each.entity,
            "state": "linked",
            "public_id": births.public_id(each.entity),
            "claim": {},
        }
        for record_id, each in placed
    ]
    upsert(connection, mention, mentions, conflict=("record_id", "slot"), update=())
    query = select(mention.c.id, mention.c.record_id, mention.c.slot, mention.c.public_id).where(
        among(connection, mention.c.record_id, {record_id for record_id, _ in placed})
    )
    there = {(row.record_id, row.slot): row for row in connection.execute(query)}
    aliases = [{"public_id": row.public_id, "mention_id": row.id} for row in there.values()]
    upsert(connection, golden_alias, aliases, conflict=("public_id",), update=())
    return {each.remote_pk: there[record_id, each.entity].id for record_id, each in placed}


def link_as_ours(connection: Connection, pairs: Sequence[tuple[int, int]], *, now: int, run_id: str = "") -> None:
    """Link each (mention, origin) mention to where its origin is linked now. What is linked already stays."""
    for some in chunks(pairs, AT_ONCE):
        linked = golden_of(connection, [ours for ours, _ in some])
        new = _link(connection, [pair for pair in some if pair[0] not in linked], run_id, now)
        pending = among(connection, mention.c.id, new) & (mention.c.state == "pending")
        connection.execute(update(mention).where(pending).values(state="linked"))


def _link(connection: Connection, pairs: Sequence[tuple[int, int]], run_id: str, now: int) -> list[int]:
    """The same for mentions that are linked to nothing. Gives those that are linked now."""
    linked = golden_of(connection, [origin for _, origin in pairs])
    new = [(ours, linked[origin], now, WHY, run_id) for ours, origin in pairs if origin in linked]
    add_rows(connection, link, _LINK, new)
    dirty.mark(connection, "golden", {golden_id for _, golden_id, *_ in new})
    return [ours for ours, *_ in new]
