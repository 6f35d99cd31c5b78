"""Storing what arrived: records that are new, and a version for each row that says something new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, insert, update

from solmu.exchange import Row, Unreadable
from solmu.store import dirty, time
from solmu.store.payload import pack
from solmu.store.sql import add_rows, among, new_ids, run_many
from solmu.store.tables import quarantine, source_record, source_version
from solmu.sync.arrivals import Arrival, Known
from solmu.sync.stream import Stream

_RECORD = ("id", "connection", "stream", "key", "content_hash", "version_id", "state", "run_id")
_VERSION = (
    "id",
    "record_id",
    "run_id",
    "outcome",
    "content_hash",
    "payload",
    "changed_at",
    "landed_at",
    "place",
    "file",
    "line",
)
_CHANGE = "UPDATE source_record SET content_hash = ?, version_id = ?, state = ?, run_id = ? WHERE id = ?"


class Fresh(NamedTuple):
    """A record that has just been stored with its first version, as it is mapped next. ``stamp`` is in microseconds."""

    record_id: int
    version_id: int
    outcome: str
    key: str
    stamp: int
    text: bytes


@dataclass(slots=True)
class _Newest:
    record: Known
    arrival: Arrival
    version_id: int
    stamp: int | None
    state: str


def store_versions(connection: Connection, stream: Stream, arrivals: Sequence[Arrival], run_id: str) -> list[Fresh]:
    """Store arrivals that make a version, and give the records that are born of them and wait for their mapping."""
    if not arrivals:
        return []
    now = time.now()
    ids = new_ids(connection, source_version, len(arrivals))
    # A batch may hold two changes of one record: its newest version is the last.
    newest: dict[int, _Newest] = {}
    versions = []
    for arrival, id in zip(arrivals, ids, strict=True):
        item, record = arrival.item, arrival.record
        assert record is not None, "an arrival is judged first"
        stamp = _stamp(item, now)
        newest[record.id] = _Newest(record, arrival, id, stamp, arrival.state)
        text = pack(arrival.text)
        versions.append(
            (id, record.id, run_id, arrival.outcome, arrival.hash, text, stamp, now, item.place, item.file, item.line)
        )
    born = [each for each in newest.values() if each.record.born]
    add_rows(
        connection,
        source_record,
        _RECORD,
        [
            (
                each.record.id,
                stream.connection,
                stream.name,
                each.arrival.item.key,
                each.arrival.hash,
                each.version_id,
                each.state,
                run_id,
            )
            for each in born
        ],
    )
    add_rows(connection, source_version, _VERSION, versions)
    _change(connection, [each for each in newest.values() if not each.record.born], run_id, now)
    _hold_unreadable(connection, newest.values(), now)
    dirty.mark(connection, "map", newest)
    return [
        Fresh(
            each.record.id,
            each.version_id,
            each.arrival.outcome,
            each.arrival.item.key,
            now if each.stamp is None else each.stamp,
            each.arrival.text,
        )
        for each in born
        if each.state == "landed"
    ]


def _change(connection: Connection, newest: Sequence[_Newest], run_id: str, now: int) -> None:
    """What stood there before has a newer version, and whatever was held against it is answered."""
    if not newest:
        return
    run_many(
        connection,
        _CHANGE,
        [(each.arrival.hash, each.version_id, each.state, run_id, each.record.id) for each in newest],
    )
    connection.execute(
        update(quarantine)
        .where(
            among(connection, quarantine.c.record_id, [each.record.id for each in newest]),
            quarantine.c.state == "waiting",
        )
        .values(state="released", until=now)
    )


def _stamp(item: Row | Unreadable, now: int) -> int | None:
    stamp = item.changed_at if isinstance(item, Row) else None
    # A source whose clock runs ahead must not win for ever over what lands later.
    return None if stamp is None else min(time.micros(stamp), now)


def _hold_unreadable(connection: Connection, newest: Iterable[_Newest], now: int) -> None:
    rows = [
        {
            "record_id": each.record.id,
            "version_id": each.version_id,
            "state": "waiting",
            "stage": "read",
            "code": item.code,
            "message": item.message,
            "field": item.field,
            "value": item.value,
            "expected": item.expected,
            "since": now,
        }
        for each in newest
        if isinstance(item := each.arrival.item, Unreadable)
    ]
    if rows:
        connection.execute(insert(quarantine), rows)
