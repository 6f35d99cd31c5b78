"""Taking back an import: its rows are withdrawn, or are again what they were before it.

Nothing is deleted. Each row gets a version of its own on top: a deletion where the import was the first to show it,
else what it said before. Rows that something later has changed stay as they are. What the CRM holds is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from solmu.config import Hub
from solmu.errors import ConfigurationError
from solmu.exchange import Row
from solmu.store import Store, time
from solmu.store.lease import lease
from solmu.store.migrate import hash_key
from solmu.store.payload import unpack
from solmu.store.sql import among
from solmu.store.tables import run as run_table
from solmu.store.tables import source_record, source_version
from solmu.sync import ledger
from solmu.sync.arrivals import Arrival, Known, prepare
from solmu.sync.claims import map_pending
from solmu.sync.interrupt import check
from solmu.sync.landing import stage_of
from solmu.sync.run import Tell, begin, finish, resolve, silent, to_the_end
from solmu.sync.stream import Stream
from solmu.sync.versions import store_versions

KIND = "withdraw"
"""The kind of the runs that take back an import."""

IMPORT = "import"
_AT_ONCE = 500
_newer = source_version.alias()


@dataclass(frozen=True, slots=True)
class Rows:
    """What taking back an import does to its rows. ``moved``: changed since, and left alone."""

    withdrawn: int = 0
    put_back: int = 0
    moved: int = 0


def look(store: Store, run_id: str) -> Rows:
    """What ``withdraw`` would do, without doing it. Raises ConfigurationError for what is no import."""
    with store.read() as connection:
        mine = _of_import(run_id, _import(connection, run_id))
        first = ~_earlier().exists()
        last = source_record.c.version_id == source_version.c.id
        of_run = select(func.count()).select_from(_OF_RUN).where(mine)
        withdrawn = connection.scalar(of_run.where(last, first)) or 0
        put_back = connection.scalar(of_run.where(last, ~first)) or 0
        rows = select(func.count(source_version.c.record_id.distinct())).select_from(_OF_RUN).where(mine)
        return Rows(withdrawn, put_back, (connection.scalar(rows) or 0) - withdrawn - put_back)


def withdraw(hub: Hub, store: Store, run_id: str, *, who: str, tell: Tell = silent) -> dict[str, Any]:
    """Take back the import that was that run; gives the report of a run of kind ``withdraw``, with ``withdraw`` beside.

    ``withdraw`` has the import's ``run`` and the numbers of ``Rows``. To do it again changes nothing. Raises
    ConfigurationError for what is no import, or one whose connection the hub no longer has.
    """
    planned = look(store, run_id)
    with store.read() as connection:
        name, _, stream = _import(connection, run_id).partition("/")
    config = hub.connection(name)
    reads = config.source_streams.get(stream)
    if reads is None:
        raise config.error(
            ("streams",), f"the stream {stream} is no longer read", expected="the stream in its connection"
        )
    run = begin(hub, store, kind=KIND, tell=tell, detail={"import": run_id, "who": who})
    with to_the_end(run):
        with lease(store, f"land:{name}", wait=run.patience):
            done = run.progress("taking rows back")
            for number in _take_back(store, Stream(name, stream, full=True), run_id, run.id, who):
                done(number)
                check()
            stage = stage_of(hub, config, reads, None)
            map_pending(store, stage, run_id=run.id, count=False, progress=lambda _: check())
        resolve(run)
    counts = {"withdrawn": planned.withdrawn, "put_back": planned.put_back, "moved": planned.moved}
    with store.write() as connection:
        ledger.note(
            connection, what="import taken back", subject=f"run:{run_id}", detail=counts, now=time.now(), who=who
        )
    return {**finish(run, quiet=True), "withdraw": {"run": run_id, **counts}}


_OF_RUN = source_version.join(source_record, source_record.c.id == source_version.c.record_id)


def _of_import(run_id: str, path: str) -> ColumnElement[bool]:
    """What the import itself landed. A run that pushes as well has read the CRM, too: that is the CRM's own."""
    connection, _, stream = path.partition("/")
    return and_(
        source_version.c.run_id == run_id,
        source_record.c.connection == connection,
        source_record.c.stream == stream,
    )


def _earlier() -> Any:
    """The versions that the record of a version had before."""
    return select(_newer.c.id).where(
        _newer.c.record_id == source_version.c.record_id, _newer.c.id < source_version.c.id
    )


def _import(connection: Connection, run_id: str) -> str:
    """The stream that an import landed in, ``connection/stream``."""
    row = connection.execute(select(run_table.c.kind, run_table.c.detail).where(run_table.c.id == run_id)).first()
    if row is None or row.kind != IMPORT or "stream" not in (row.detail or {}):
        raise ConfigurationError(
            f"there is no import {run_id}" if row is None else f"{run_id} is a run of kind {row.kind}, and no import",
            code="no-import",
            value=run_id,
            expected="the run of an import, as its report and the page of runs name it",
        )
    return str(row.detail["stream"])


def _take_back(store: Store, stream: Stream, run_id: str, now_run: str, who: str) -> Iterator[int]:
    after = 0
    while True:
        with store.write() as connection:
            rows = connection.execute(
                select(source_record, source_version.c.payload, source_version.c.place, source_version.c.file)
                .add_columns(source_version.c.line, source_version.c.id.label("newest"))
                .select_from(_OF_RUN)
                .where(_of_import(run_id, stream.path), source_record.c.version_id == source_version.c.id)
                .where(source_record.c.id > after)
                .order_by(source_record.c.id)
                .limit(_AT_ONCE)
            ).all()
            if not rows:
                return
            after = rows[-1].id
            store_versions(connection, stream, _arrivals(connection, rows, who), now_run)
        yield len(rows)


def _arrivals(connection: Connection, rows: Sequence[Any], who: str) -> list[Arrival]:
    key = hash_key(connection)
    before = _before(connection, [row.newest for row in rows])
    arrivals = []
    for row in rows:
        earlier = before.get(row.id)
        place = f"{row.place or row.file or row.key}, import taken back by {who}"
        was = earlier.payload if earlier is not None and earlier.outcome != "deleted" else None
        item = Row(row.key, unpack(was) if was else {}, deleted=was is None, place=place, file=row.file, line=row.line)
        arrival = prepare(item, key)
        arrival.outcome = "deleted" if was is None else "changed"
        arrival.record = Known(row.id, row.content_hash, row.state, born=False)
        arrivals.append(arrival)
    return arrivals


def _before(connection: Connection, versions: Sequence[int]) -> dict[int, Any]:
    """The version before each of these, by record."""
    newest = (
        select(func.max(_newer.c.id))
        .where(_newer.c.record_id == source_version.c.record_id, _newer.c.id < source_version.c.id)
        .scalar_subquery()
    )
    earlier = select(newest).where(among(connection, source_version.c.id, versions))
    ids = [id for id in connection.scalars(earlier) if id is not None]
    query = select(source_version.c.record_id, source_version.c.outcome, source_version.c.payload)
    return {row.record_id: row for row in connection.execute(query.where(among(connection, source_version.c.id, ids)))}
