"""Changing what a stream's rows are known by, without losing their history.

The source is read once with the new key. A row whose content has landed before, unchanged, keeps its record: only the
record's key changes. A record whose row has changed in the same moment cannot be told from a new one; it is counted as
unmatched, and the next run withdraws it like any row that vanished, and lands the new one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, update

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.config.connectors import open_connector
from solmu.exchange import Row
from solmu.store import Store, time
from solmu.store.lease import lease
from solmu.store.migrate import hash_key
from solmu.store.payload import canonical, content_hash
from solmu.store.sql import chunks
from solmu.store.tables import cursor, source_record
from solmu.sync import ledger


def rekey(hub: Hub, store: Store, config: ConnectionConfig, stream: StreamConfig, *, write: bool) -> dict[str, Any]:
    """Find the new key of every stored record, and with ``write`` store it.

    Gives ``{kept, unmatched, clashing, written}``. Two rows of equal content, or two records that would get the same
    key, clash: nothing is written while there are any.
    """
    with lease(store, f"land:{config.name}"), open_connector(hub, config) as connector:
        with store.read() as connection:
            secret = hash_key(connection)
            query = select(source_record.c.id, source_record.c.content_hash).where(
                source_record.c.connection == config.name,
                source_record.c.stream == stream.name,
                source_record.c.state.in_(("landed", "mapped", "refused")),
            )
            by_content = {row.content_hash: row.id for row in connection.execute(query)}
        stored = len(by_content)
        new: dict[int, str] = {}
        clashing = 0
        for batch in connector.read(stream.name, None):
            for row in batch.rows:
                id = by_content.get(content_hash(secret, canonical(row.payload))) if isinstance(row, Row) else None
                if id is None:
                    continue
                clashing += id in new and new[id] != row.key
                new[id] = row.key
        clashing += len(new) - len(set(new.values()))
        written = write and not clashing
        if written:
            _store(store, config.name, stream, new)
    return {"kept": len(new), "unmatched": stored - len(new), "clashing": clashing, "written": written}


def _store(store: Store, connection_name: str, stream: StreamConfig, new: dict[int, str]) -> None:
    change = update(source_record).where(source_record.c.id == bindparam("b_id")).values(key=bindparam("b_key"))
    with store.write() as connection:
        # In two steps, because a key may be given to one record that another one still has.
        for step in (lambda id, key: f"rekeying {id}", lambda id, key: key):
            for some in chunks(new.items()):
                connection.execute(change, [{"b_id": id, "b_key": step(id, key)} for id, key in some])
        connection.execute(
            update(cursor)
            .where(cursor.c.connection == connection_name, cursor.c.stream == stream.name)
            .values(key_fields=list(stream.key or ()), value=None)
        )
        ledger.note(
            connection,
            what="stream rekeyed",
            subject=f"{connection_name}/{stream.name}",
            detail={"records": len(new), "key": list(stream.key or ())},
            now=time.now(),
        )
