"""Landing: rows are stored as received before anything is made of them.

One short transaction a batch: new versions, states, the cursor that covers the batch, the work that follows and the
counts. A crash therefore lands a batch wholly or not at all, and reading again from the stored cursor finds the rest.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from solmu.beside.garbage import rarely_collected
from solmu.errors import ConfigurationError, Stopped
from solmu.exchange import Batch, Cursor, Unreadable
from solmu.store import Store, dirty, time
from solmu.store.migrate import hash_key
from solmu.store.sql import chunks, upsert
from solmu.store.tables import cursor as cursor_table
from solmu.store.tables import quarantine, source_record
from solmu.sync import ledger
from solmu.sync.arrivals import STORED, Arrival, judge, prepare
from solmu.sync.lost_columns import Columns
from solmu.sync.seen import Seen
from solmu.sync.stream import Stream
from solmu.sync.versions import Fresh, store_versions

Progress = Callable[[int], None]
Then = Callable[[Sequence[Fresh]], None]
_LOOK = 10_000
_THERE = ("landed", "mapped", "refused")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a full list may vanish before it looks like a fault of the source."""

    shrunk_share: float = 0.5
    min_base: int = 50


def stored_cursor(store: Store, stream: Stream) -> Cursor | None:
    """How far the stream is read. Raises ConfigurationError where its key was changed behind our back."""
    with store.read() as connection:
        row = connection.execute(
            select(cursor_table).where(
                cursor_table.c.connection == stream.connection, cursor_table.c.stream == stream.name
            )
        ).first()
    if row is None:
        return None
    frozen = tuple(row.key_fields or ())
    if frozen != stream.key_fields:
        raise ConfigurationError(
            "the key of a stream is frozen when it first lands",
            code="key-changed",
            connection=stream.connection,
            stream=stream.name,
            field="key",
            value=", ".join(stream.key_fields),
            expected=f"{', '.join(frozen) or 'no key'}, or `solmu connection rekey {stream.connection} {stream.name}`",
        )
    value: Cursor | None = row.value
    return value


def land(
    store: Store,
    stream: Stream,
    batches: Iterable[Batch],
    *,
    run_id: str,
    limits: Limits | None = None,
    progress: Progress | None = None,
    then: Then | None = None,
    columns: Columns | None = None,
) -> None:
    """Store what was read. Counts go to the ledger under ``streams``; ``columns`` looks at what columns the rows have.

    ``then`` is given the records that each batch has brought into being, once they are stored. Raises
    Stopped(guard="source-shrank") where a full list has lost more than ``limits`` allow: what came is landed, nothing
    is withdrawn. ``limits=None`` lets it happen.
    """
    with store.read() as connection:
        key = hash_key(connection)
    complete = False
    with store.write() as connection:
        ledger.add(connection, run_id, "streams", stream.path, {"read": 0})
        _freeze_key(connection, stream, run_id)
    with Seen() as seen, rarely_collected():
        for batch in batches:
            arrivals = [prepare(item, key) for item in batch.rows]
            with store.write(trusted=True) as connection:
                judged = judge(connection, stream, arrivals, seen, key)
                moved = [arrival for arrival in judged if arrival.outcome in STORED]
                if columns is not None and moved:
                    columns.take(connection, judged, moved, whole=batch.complete and stream.full)
                fresh = _land_batch(connection, stream, judged, moved, run_id)
                if batch.cursor is not None:
                    _advance(connection, stream, batch.cursor, run_id)
            complete = complete or batch.complete
            if then:
                then(fresh)
            if progress:
                progress(len(arrivals))
        if complete and stream.full:
            _withdraw_missing(store, stream, seen, run_id, limits)


def _land_batch(
    connection: Connection, stream: Stream, judged: Sequence[Arrival], moved: Sequence[Arrival], run_id: str
) -> list[Fresh]:
    fresh = store_versions(connection, stream, moved, run_id)
    counts = Counter(arrival.outcome for arrival in judged)
    for arrival in moved:
        if isinstance(arrival.item, Unreadable):
            counts[arrival.outcome] -= 1
            counts["refused"] += 1
    ledger.add(connection, run_id, "streams", stream.path, {"read": len(judged), **counts})
    return fresh


def _freeze_key(connection: Connection, stream: Stream, run_id: str) -> None:
    values = {
        "connection": stream.connection,
        "stream": stream.name,
        "value": None,
        "key_fields": list(stream.key_fields),
        "run_id": run_id,
        "updated_at": time.now(),
    }
    upsert(connection, cursor_table, [values], conflict=("connection", "stream"), update=())


def _advance(connection: Connection, stream: Stream, value: Cursor, run_id: str) -> None:
    connection.execute(
        update(cursor_table)
        .where(cursor_table.c.connection == stream.connection, cursor_table.c.stream == stream.name)
        .values(value=value, run_id=run_id, updated_at=time.now())
    )


def _withdraw_missing(store: Store, stream: Stream, seen: Seen, run_id: str, limits: Limits | None) -> None:
    """What a full list no longer holds is withdrawn: counted as read-as-gone, so that the books still balance."""
    missing = array("q")
    page = (
        select(source_record.c.id, source_record.c.key)
        .where(
            source_record.c.connection == stream.connection,
            source_record.c.stream == stream.name,
            source_record.c.state.in_(_THERE),
        )
        .order_by(source_record.c.key)
        .limit(_LOOK)
    )
    base, after = 0, page
    while True:
        with store.read() as connection:
            rows = connection.execute(after).all()
        if not rows:
            break
        after = page.where(source_record.c.key > rows[-1].key)
        base += len(rows)
        missing.extend(seen.missing([id for id, _ in rows]))
    if limits and base >= limits.min_base and len(missing) > limits.shrunk_share * base:
        raise Stopped(
            f"{len(missing)} of {base} rows are gone from a list that is read whole; nothing was withdrawn",
            guard="source-shrank",
            connection=stream.connection,
            stream=stream.name,
            expected="the whole list, or `--override guard=source-shrank` if they are really gone",
        )
    for ids in chunks(missing):
        with store.write() as connection:
            now = time.now()
            connection.execute(
                update(source_record).where(source_record.c.id.in_(ids)).values(state="withdrawn", run_id=run_id)
            )
            connection.execute(
                update(quarantine)
                .where(quarantine.c.record_id.in_(ids), quarantine.c.state == "waiting")
                .values(state="released", until=now)
            )
            dirty.mark(connection, "map", ids)
            ledger.add(connection, run_id, "streams", stream.path, {"read": len(ids), "deleted": len(ids)})
