"""Whether everything that is derived can be derived again: claims from what was received, golden records from links.

Within the recipe: a claim that another mapping or another version of a library made is not compared, since it would
differ for a good reason; the next run maps its row anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.errors import Skippable
from solmu.golden.expire import awaiting
from solmu.golden.recompute import BATCH, document_hash, gather, typed_columns
from solmu.golden.rules import Rules
from solmu.mapping import SourceMapping, load_source_mapping
from solmu.mapping.values import Mapped
from solmu.store import Store, dirty, time
from solmu.store.migrate import hash_key
from solmu.store.payload import canonical, content_hash, unpack
from solmu.store.tables import golden, mention, source_record, source_version
from solmu.sync.carried import with_earlier
from solmu.sync.lost_columns import ever_lost
from solmu.sync.stream import Stream


def golden_differences(store: Store, hub: Hub) -> Iterator[str]:
    """Golden records that are not what their links, the rules and the pins give, in words."""
    rules = Rules.of_hub(hub)
    for connection, rows in _batches(store, select(golden), golden.c.id):
        key = hash_key(connection)
        found = gather(connection, [row.id for row in rows])
        waiting = _waiting(connection, [row.id for row in rows])
        for row in rows:
            gathered = found[row.id]
            document = gathered.document(rules)
            if row.id in waiting:
                continue  # it is known to be out of date, and the next run computes it
            if document_hash(key, document, gathered.state(), gathered.links) != row.document_hash:
                yield f"{row.public_id}: computed anew it has other values, or other mentions"
            elif document != row.document or gathered.state() != row.state:
                yield f"{row.public_id}: what is stored is not what its hash was made of"
            else:
                columns = typed_columns(document, gathered.links, hub.settings.matching.protected)
                wrong = [name for name, value in columns.items() if getattr(row, name) != value]
                if wrong:
                    yield f"{row.public_id}: it would not be found by what it holds ({', '.join(wrong)})"


def claim_differences(store: Store, hub: Hub, *, or_lost: bool = False) -> Iterator[str]:
    """Claims that are not what their records' versions give under the mapping of now, in words.

    A version that is gone or damaged says nothing about its claim; with ``or_lost`` that is told too.
    """
    for config in hub.connections.values():
        for stream in config.source_streams.values() if config.is_source else ():
            if stream.mapping is not None:
                yield from _stream_differences(store, hub, config, stream, or_lost)


def _stream_differences(
    store: Store, hub: Hub, config: ConnectionConfig, stream: StreamConfig, or_lost: bool
) -> Iterator[str]:
    mapping = load_source_mapping(hub, stream.mapping or "")
    query = (
        select(
            mention,
            source_record.c.connection.label("source"),
            source_record.c.key,
            source_version.c.payload,
            source_version.c.content_hash,
            source_version.c.outcome,
        )
        .join(source_record, source_record.c.id == mention.c.record_id)
        .join(source_version, source_version.c.id == mention.c.version_id)
        .where(
            source_record.c.connection == config.name,
            source_record.c.stream == stream.name,
            mention.c.recipe == mapping.recipe,
            mention.c.state != "erased",
        )
    )
    for connection, rows in _batches(store, query, mention.c.id):
        key = hash_key(connection)
        lost = ever_lost(connection, Stream(config.name, stream.name, full=True))
        for row in rows:
            where = f"{config.name}/{stream.name}/{row.key} {row.slot}"
            payload = _as_received(row, key)
            if payload is None:
                if or_lost:
                    yield f"{where}: what it was made of is lost, so it cannot be made again"
                continue
            try:
                mapped = mapping.map(payload, connection=config.name)
            except Skippable:
                yield f"{where}: its version cannot be mapped, and yet there is a claim"
                continue
            if not _is_said(mapped, row) and not _is_said(_carried(connection, mapping, row, payload, lost), row):
                yield f"{where}: mapped anew it says something else"


def _is_said(mapped: Mapped | None, row: Any) -> bool:
    """Whether the claim has all that the row says. A partial row leaves other fields as they were."""
    if mapped is None:
        return False
    told = mapped.mention(row.slot)
    said = {name: entry["value"] for name, entry in (row.claim or {}).items()}
    again = {name: value for name, value in (told.fields if told else {}).items() if name != "opt_out"}
    return all(said.get(name) == value for name, value in again.items())


def _carried(
    connection: Connection, mapping: SourceMapping, row: Any, payload: dict[str, Any], lost: Collection[str]
) -> Mapped | None:
    """The same with what the row said earlier in columns that its list has lost."""
    id = row.record_id
    found = with_earlier(connection, {id: row.version_id}, {id: payload}, lost, mapping) if lost else {}
    with suppress(Skippable):
        return mapping.map(found[id], connection=row.source) if id in found else None
    return None


def _as_received(row: Any, key: bytes) -> dict[str, Any] | None:
    if row.payload is None:
        return None
    try:
        payload = unpack(row.payload)
    except ValueError:
        return None
    hash = content_hash(key, canonical(payload), deleted=row.outcome == "deleted")
    return payload if hash == row.content_hash else None


def rebuild(store: Store, hub: Hub) -> int:
    """Mark every golden record, and compute all of them anew; gives how many changed."""
    from solmu.golden.recompute import recompute

    for _, rows in _batches(store, select(golden.c.id), golden.c.id):
        with store.write() as connection:
            dirty.mark(connection, "golden", [row.id for row in rows])
    targets = [c.name for c in hub.connections.values() if c.is_target and c.enabled]
    return recompute(store, Rules.of_hub(hub), targets=targets, protecting=hub.settings.matching.protected)


def _batches(store: Store, query: Any, id: Any) -> Iterator[tuple[Connection, Sequence[Any]]]:
    after = 0
    while True:
        with store.read() as connection:
            rows = connection.execute(query.where(id > after).order_by(id).limit(BATCH)).all()
            if not rows:
                return
            yield connection, rows
        after = rows[-1].id


def _waiting(connection: Connection, ids: Sequence[int]) -> set[int]:
    from solmu.store.tables import dirty as table

    query = select(table.c.id).where(table.c.consumer == "golden", table.c.id.in_(ids))
    return set(connection.scalars(query)) | awaiting(connection, ids, time.now())
