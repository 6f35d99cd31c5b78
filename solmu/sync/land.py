"""Landing: rows are stored as received before anything is made of them.

One short transaction a batch: new versions, states, the cursor that covers the batch, the work that follows and the
counts. A crash therefore lands a batch wholly or not at all, and reading again from the stored cursor finds the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from solmu.errors import ConfigurationError, Stopped
from solmu.exchange import Batch, Cursor, Row, Unreadable
from solmu.store import Store, dirty, time
from solmu.store.migrate import hash_key
from solmu.store.payload import canonical, content_hash, pack
from solmu.store.sql import chunks, upsert
from solmu.store.tables import cursor as cursor_table
from solmu.store.tables import quarantine, source_record, source_version
from solmu.sync import ledger
from solmu.sync.seen import Seen

Progress = Callable[[int], None]
_LOOK = 10_000


@dataclass(frozen=True, slots=True)
class Stream:
    """Where rows land. ``full``: each read is the whole list. ``key_fields``: what its key is made of."""

    connection: str
    name: str
    full: bool
    key_fields: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """As reports name it."""
        return f"{self.connection}/{self.name}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a full list may vanish before it looks like a fault of the source."""

    shrunk_share: float = 0.5
    min_base: int = 50


@dataclass(slots=True)
class _Landing:
    item: Row | Unreadable
    text: bytes
    hash: bytes
    outcome: str = ""
    record_id: int | None = None


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
) -> None:
    """Store what was read. Counts go to the ledger under ``streams``.

    Raises Stopped(guard="source-shrank") where a full list has lost more than ``limits`` allow: what came is landed,
    nothing is withdrawn. ``limits=None`` lets it happen.
    """
    with store.read() as connection:
        key = hash_key(connection)
    complete = False
    with store.write() as connection:
        ledger.add(connection, run_id, "streams", stream.path, {"read": 0})
        _freeze_key(connection, stream, run_id)
    with Seen() as seen:
        for batch in batches:
            landings = [_prepare(item, key) for item in batch.rows]
            landings = [_meet(landing, seen, stream, key) for landing in landings]
            with store.write() as connection:
                _land_batch(connection, stream, landings, run_id)
                if batch.cursor is not None:
                    _advance(connection, stream, batch.cursor, run_id)
            complete = complete or batch.complete
            if progress:
                progress(len(landings))
        if complete and stream.full:
            _withdraw_missing(store, stream, seen, run_id, limits)


def _prepare(item: Row | Unreadable, key: bytes) -> _Landing:
    text = canonical(item.payload)
    if isinstance(item, Unreadable):
        return _Landing(item, text, content_hash(key, text, unreadable=item.code))
    return _Landing(item, text, content_hash(key, text, deleted=item.deleted))


def _meet(landing: _Landing, seen: Seen, stream: Stream, key: bytes) -> _Landing:
    """A key that comes twice: with equal content it is a repetition, with other content in a full list a doubt.

    The second row of a doubtful pair is not dropped: it lands under a key of its own and waits in quarantine, in every
    run alike.
    """
    item = landing.item
    first, times = seen.meet(item.key, landing.hash)
    if first is None:
        return landing
    if first == landing.hash:
        landing.outcome = "repeated"
        return landing
    if not stream.full:
        return landing
    doubtful = Unreadable(
        key=f"{item.key}#{times + 1}",
        payload=item.payload,
        code="duplicate-key",
        message=f"another row of this list has the same key {item.key!r} and other content",
        field=", ".join(stream.key_fields) or None,
        value=item.key,
        expected="a key that is different in each row",
        place=item.place,
        file=item.file,
        line=item.line,
    )
    again = _prepare(doubtful, key)
    seen.meet(doubtful.key, again.hash)
    return again


def _land_batch(connection: Connection, stream: Stream, landings: Sequence[_Landing], run_id: str) -> None:
    now = time.now()
    _find_outcomes(connection, stream, [landing for landing in landings if not landing.outcome])
    moved = [landing for landing in landings if landing.outcome in {"new", "changed", "deleted"}]
    _store_versions(connection, stream, moved, run_id, now)
    counts = Counter(landing.outcome for landing in landings)
    refused = [landing for landing in moved if isinstance(landing.item, Unreadable)]
    for landing in refused:
        counts[landing.outcome] -= 1
        counts["refused"] += 1
    ledger.add(connection, run_id, "streams", stream.path, {"read": len(landings), **counts})


def _find_outcomes(connection: Connection, stream: Stream, landings: Sequence[_Landing]) -> None:
    known = {}
    for keys in chunks(landing.item.key for landing in landings):
        query = select(
            source_record.c.id, source_record.c.key, source_record.c.content_hash, source_record.c.state
        ).where(
            source_record.c.connection == stream.connection,
            source_record.c.stream == stream.name,
            source_record.c.key.in_(keys),
        )
        known.update({row.key: row for row in connection.execute(query)})
    for landing in landings:
        row = known.get(landing.item.key)
        deleted = isinstance(landing.item, Row) and landing.item.deleted
        landing.record_id = row.id if row else None
        if row is None or row.content_hash is None:
            landing.outcome = "deleted" if deleted else "new"
        elif row.content_hash == landing.hash and (row.state != "withdrawn" or deleted):
            landing.outcome = "refused" if row.state == "refused" else "unchanged"
        else:
            landing.outcome = "deleted" if deleted else "changed"


def _store_versions(
    connection: Connection, stream: Stream, landings: Sequence[_Landing], run_id: str, now: int
) -> None:
    if not landings:
        return
    _insert_records(connection, stream, [landing for landing in landings if landing.record_id is None], run_id)
    versions = [
        {
            "record_id": landing.record_id,
            "run_id": run_id,
            "outcome": landing.outcome,
            "content_hash": landing.hash,
            "payload": pack(landing.text),
            "changed_at": _stamp(landing.item, now),
            "landed_at": now,
            "place": landing.item.place,
            "file": landing.item.file,
            "line": landing.item.line,
        }
        for landing in landings
    ]
    ids = connection.scalars(
        insert(source_version).returning(source_version.c.id, sort_by_parameter_order=True), versions
    ).all()
    # A batch may hold two changes of one record: its newest version is the last.
    newest = {landing.record_id: (landing, id) for landing, id in zip(landings, ids, strict=True)}
    connection.execute(
        update(source_record)
        .where(source_record.c.id == bindparam("b_id"))
        .values(
            content_hash=bindparam("b_hash"),
            version_id=bindparam("b_version"),
            state=bindparam("b_state"),
            run_id=run_id,
        ),
        [
            {"b_id": record_id, "b_hash": landing.hash, "b_version": id, "b_state": _state(landing)}
            for record_id, (landing, id) in newest.items()
        ],
    )
    record_ids = [id for id in newest if id is not None]
    for some in chunks(record_ids):
        connection.execute(
            update(quarantine)
            .where(quarantine.c.record_id.in_(some), quarantine.c.state == "waiting")
            .values(state="released", until=now)
        )
    _hold_unreadable(connection, list(newest.values()), now)
    dirty.mark(connection, "map", record_ids)


def _insert_records(connection: Connection, stream: Stream, landings: Sequence[_Landing], run_id: str) -> None:
    by_key: dict[str, list[_Landing]] = {}
    for landing in landings:
        by_key.setdefault(landing.item.key, []).append(landing)
    if not by_key:
        return
    rows = [
        {"connection": stream.connection, "stream": stream.name, "key": key, "state": "landed", "run_id": run_id}
        for key in by_key
    ]
    ids = connection.scalars(
        insert(source_record).returning(source_record.c.id, sort_by_parameter_order=True), rows
    ).all()
    for same, id in zip(by_key.values(), ids, strict=True):
        for position, landing in enumerate(same):
            landing.record_id = id
            if position and landing.outcome == "new":
                landing.outcome = "changed"


def _stamp(item: Row | Unreadable, now: int) -> int | None:
    stamp = item.changed_at if isinstance(item, Row) else None
    # A source whose clock runs ahead must not win for ever over what lands later.
    return None if stamp is None else min(time.micros(stamp), now)


def _state(landing: _Landing) -> str:
    if isinstance(landing.item, Unreadable):
        return "refused"
    return "withdrawn" if landing.item.deleted else "landed"


def _hold_unreadable(connection: Connection, landings: Sequence[tuple[_Landing, int]], now: int) -> None:
    rows = [
        {
            "record_id": landing.record_id,
            "version_id": version_id,
            "state": "waiting",
            "stage": "read",
            "code": item.code,
            "message": item.message,
            "field": item.field,
            "value": item.value,
            "expected": item.expected,
            "since": now,
        }
        for landing, version_id in landings
        if isinstance(item := landing.item, Unreadable)
    ]
    if rows:
        connection.execute(insert(quarantine), rows)


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
    there = (
        source_record.c.connection == stream.connection,
        source_record.c.stream == stream.name,
        source_record.c.state.in_(("landed", "mapped", "refused")),
    )
    missing: list[int] = []
    base, after = 0, 0
    while True:
        with store.read() as connection:
            rows = connection.execute(
                select(source_record.c.id, source_record.c.key)
                .where(*there, source_record.c.id > after)
                .order_by(source_record.c.id)
                .limit(_LOOK)
            ).all()
        if not rows:
            break
        base += len(rows)
        after = rows[-1].id
        missing += seen.missing((row.id, row.key) for row in rows)
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
