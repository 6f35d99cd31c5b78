"""The landing of one list, in a run of kind ``import``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from solmu.config import ConnectionConfig
from solmu.config.connectors import open_connector
from solmu.errors import SolmuError, Stopped
from solmu.exchange import Batch
from solmu.report.refused import Refused, refused_rows, write_refused
from solmu.store.lease import lease
from solmu.sync.along import mapping_along
from solmu.sync.claims import map_pending
from solmu.sync.interrupt import check
from solmu.sync.land import land, stored_cursor
from solmu.sync.mended import without_ours
from solmu.sync.remap import follow_mapping
from solmu.sync.run import Run, stage_of
from solmu.sync.stream import Stream

if TYPE_CHECKING:
    from solmu.sync.imports import Import


@contextmanager
def kept(run: Run, connection: str) -> Iterator[None]:
    """What goes wrong while the file is read is told in the report, like that of any other connection."""
    run.tried.add(connection)
    try:
        yield
    except SolmuError as error:
        run.failed.add(connection)
        error.connection = error.connection or connection
        run.problems.append(error)
        if isinstance(error, Stopped):
            run.guards.append(error.guard)


def land_list(run: Run, config: ConnectionConfig, ready: Import, keys: dict[str, int]) -> None:
    stream = config.streams[ready.stream.name]
    # One list, in which no key may come twice; that it is not all there ever was, `_noting` says.
    where = Stream(config.name, stream.name, full=True, key_fields=tuple(stream.key or ()))
    with lease(run.store, f"land:{config.name}"), open_connector(run.hub, config) as connector:
        stage = stage_of(run.hub, config, stream, connector)
        follow_mapping(run, stage)
        map_pending(run.store, stage, run_id=run.id, count=False)
        stored_cursor(run.store, where)  # refuses a key that was changed behind our back
        batches = without_ours(connector.read(stream.name, None), run.store, keyed=bool(stream.key))
        with mapping_along(run.store, stage, run_id=run.id) as along:
            land(
                run.store,
                where,
                _noting(batches, keys),
                run_id=run.id,
                progress=run.progress(f"reading {ready.file.name}"),
                then=along.take,
            )
        map_pending(run.store, stage, run_id=run.id, count=True, progress=lambda _: check())


def _noting(batches: Iterator[Batch], keys: dict[str, int]) -> Iterator[Batch]:
    """The batches, with a note of the keys in them and how often each came: what came again with other content lands
    under a key with a number.

    None is the last batch of a whole list, so that nothing is withdrawn; a cursor is for folders that are read every
    night.
    """
    for batch in batches:
        for row in batch.rows:
            keys[row.key] = times = keys.get(row.key, 0) + 1
            if times > 1:
                keys.setdefault(f"{row.key}#{times}", 1)
        yield replace(batch, cursor=None, complete=False)


def refused_workbook(run: Run, ready: Import, keys: dict[str, int]) -> Path | None:
    name, stream = ready.config.name, ready.stream.name
    with run.store.read() as connection:
        rows: list[Refused] = list(refused_rows(connection, name, stream, keys))
    if not rows:
        return None
    stem = ready.file.stem.partition("-refused-")[0]
    path = run.hub.folder / "reports" / f"{stem}-refused-{run.id}.xlsx"
    return write_refused(path, name, stream, ready.columns, rows)
