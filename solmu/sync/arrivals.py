"""What a row that was read is to the store: new, changed, unchanged, deleted, repeated, or refused as before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from solmu.exchange import Row, Unreadable
from solmu.store.payload import canonical, content_hash
from solmu.store.sql import among, new_ids
from solmu.store.tables import source_record
from solmu.sync.seen import Seen
from solmu.sync.stream import Stream

STORED = frozenset({"new", "changed", "deleted"})
"""Outcomes that make a version."""


@dataclass(slots=True)
class Known:
    """A source record as it stands when a row of it arrives. ``born``: it is none yet, and is stored with that row."""

    id: int
    hash: bytes | None
    state: str
    born: bool


@dataclass(slots=True)
class Arrival:
    """A row on its way into the store, as canonical text with its hash."""

    item: Row | Unreadable
    text: bytes
    hash: bytes
    outcome: str = ""
    record: Known | None = None

    @property
    def deleted(self) -> bool:
        """Whether the row says that what it is of is gone."""
        return isinstance(self.item, Row) and self.item.deleted

    @property
    def state(self) -> str:
        """The state that it gives its record."""
        if isinstance(self.item, Unreadable):
            return "refused"
        return "withdrawn" if self.item.deleted else "landed"


def prepare(item: Row | Unreadable, key: bytes) -> Arrival:
    """``key`` is the store's own, of ``hash_key``."""
    text = canonical(item.payload)
    if isinstance(item, Unreadable):
        return Arrival(item, text, content_hash(key, text, unreadable=item.code))
    return Arrival(item, text, content_hash(key, text, deleted=item.deleted))


def judge(connection: Connection, stream: Stream, arrivals: Sequence[Arrival], seen: Seen, key: bytes) -> list[Arrival]:
    """Give each arrival its record and outcome, in a write transaction; ``seen`` is what this read has met.

    A key that comes again with equal content is a repetition. With other content it is a change in a feed, and a doubt
    in a full list: the second row of a doubtful pair is not dropped, but lands under a key of its own and waits in
    quarantine, in every run alike.
    """
    records = _Records(connection, stream)
    records.look_up(arrival.item.key for arrival in arrivals)
    judged: list[Arrival] = []
    for arrival in arrivals:
        record = records.known[arrival.item.key]
        times = seen.meet(record.id)
        if times and arrival.hash != record.hash and stream.full:
            arrival = _doubt(arrival.item, times, stream, key)
            records.look_up([arrival.item.key])
            record = records.known[arrival.item.key]
            times = 0
            seen.meet(record.id)
        arrival.record = record
        arrival.outcome = "repeated" if times and arrival.hash == record.hash else _outcome(arrival, record)
        if arrival.outcome in STORED:
            record.hash, record.state = arrival.hash, arrival.state
        judged.append(arrival)
    return judged


class _Records:
    """The records of a stream by key, as far as they were looked up, and as they are after the rows judged so far."""

    def __init__(self, connection: Connection, stream: Stream) -> None:
        self.known: dict[str, Known] = {}
        self._connection, self._stream = connection, stream
        self._last_born = 0

    def look_up(self, keys: Iterable[str]) -> None:
        """Add the records of those keys; for keys that there are no records of, ones yet to be born."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self.known]
        if not wanted:
            return
        query = select(
            source_record.c.id, source_record.c.key, source_record.c.content_hash, source_record.c.state
        ).where(
            source_record.c.connection == self._stream.connection,
            source_record.c.stream == self._stream.name,
            among(self._connection, source_record.c.key, wanted),
        )
        for id, key, hash, state in self._connection.execute(query):
            self.known[key] = Known(id, hash, state, born=False)
        born = [key for key in wanted if key not in self.known]
        ids = new_ids(self._connection, source_record, len(born), after=self._last_born)
        for key, id in zip(born, ids, strict=True):
            self.known[key] = Known(id, None, "", born=True)
            self._last_born = id


def _outcome(arrival: Arrival, record: Known) -> str:
    if record.hash is None:
        return "deleted" if arrival.deleted else "new"
    if record.hash == arrival.hash and (record.state != "withdrawn" or arrival.deleted):
        return "refused" if record.state == "refused" else "unchanged"
    return "deleted" if arrival.deleted else "changed"


def _doubt(item: Row | Unreadable, times: int, stream: Stream, key: bytes) -> Arrival:
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
    return prepare(doubtful, key)
