"""Records that we made in a target are ours because we know that we made them, never by score.

As soon as a create is answered, the record has its source record and its mention, linked to the golden record that it
was made from. It claims nothing until it lands; when it lands, what it repeats of us is no evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from solmu.store import dirty
from solmu.store.ids import Births
from solmu.store.sql import among, chunks, run_many, upsert
from solmu.store.tables import golden_alias, link, mention, source_record

WHY = "created-by-us"


@dataclass(frozen=True, slots=True)
class Created:
    """A record that the target has just made for us. ``origin`` is the mention that it was made from."""

    remote_pk: int
    target: str
    object: str
    remote_id: str
    entity: str
    origin: int


def adopt(connection: Connection, created: Sequence[Created], *, run_id: str, now: int) -> None:
    """Give each record its source record (state ``awaited``), its mention and its link.

    One that has landed already keeps what it has, and is linked if nothing else has linked it.
    """
    for some in chunks(created):
        _adopt(connection, some, run_id, now)


def _adopt(connection: Connection, created: Sequence[Created], run_id: str, now: int) -> None:
    rows = [
        {
            "connection": each.target,
            "stream": each.object,
            "key": each.remote_id,
            "content_hash": None,
            "version_id": None,
            "state": "awaited",
            "run_id": run_id,
        }
        for each in created
    ]
    upsert(connection, source_record, rows, conflict=("connection", "stream", "key"), update=())
    query = select(source_record.c.id, source_record.c.stream, source_record.c.key).where(
        source_record.c.connection == created[0].target,
        source_record.c.stream.in_({each.object for each in created}),
        among(connection, source_record.c.key, {each.remote_id for each in created}),
    )
    records = {(row.stream, row.key): row.id for row in connection.execute(query)}
    births = Births()
    mentions = [
        {
            "record_id": records[each.object, each.remote_id],
            "slot": each.entity,
            "entity": each.entity,
            "state": "linked",
            "public_id": births.public_id(each.entity),
            "claim": {},
        }
        for each in created
    ]
    upsert(connection, mention, mentions, conflict=("record_id", "slot"), update=())
    query = select(mention.c.id, mention.c.record_id, mention.c.slot, mention.c.public_id).where(
        among(connection, mention.c.record_id, records.values())
    )
    ours = {(row.record_id, row.slot): row for row in connection.execute(query)}
    aliases = [{"public_id": row.public_id, "mention_id": row.id} for row in ours.values()]
    upsert(connection, golden_alias, aliases, conflict=("public_id",), update=())
    made = [(each, ours[records[each.object, each.remote_id], each.entity].id) for each in created]
    run_many(
        connection,
        "UPDATE remote SET mention_id = ? WHERE id = ?",
        [(mention_id, each.remote_pk) for each, mention_id in made],
    )
    link_as_ours(connection, [(mention_id, each.origin) for each, mention_id in made], run_id=run_id, now=now)


def link_as_ours(connection: Connection, pairs: Sequence[tuple[int, int]], *, now: int, run_id: str = "") -> None:
    """Link each (mention, origin) mention to where its origin is linked now. What is linked already stays."""
    for some in chunks(pairs):
        ids = {id for pair in some for id in pair}
        query = select(link.c.mention_id, link.c.golden_id).where(
            among(connection, link.c.mention_id, ids), link.c.until.is_(None)
        )
        linked = {row.mention_id: row.golden_id for row in connection.execute(query)}
        new = [(ours, linked[origin]) for ours, origin in some if ours not in linked and origin in linked]
        if not new:
            continue
        rows = [
            {"mention_id": ours, "golden_id": golden_id, "since": now, "why": WHY, "run_id": run_id}
            for ours, golden_id in new
        ]
        connection.execute(insert(link), rows)
        connection.execute(
            update(mention)
            .where(among(connection, mention.c.id, [ours for ours, _ in new]), mention.c.state == "pending")
            .values(state="linked")
        )
        dirty.mark(connection, "golden", {golden_id for _, golden_id in new})
