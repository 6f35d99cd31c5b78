"""Landing one connection: every stream is read, stored, and made mentions of."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.config.connectors import open_connector
from solmu.errors import ConfigurationError
from solmu.exchange import StreamInfo
from solmu.mapping import SourceMapping, load_source_mapping, load_target_mapping
from solmu.model import Entity
from solmu.store.lease import lease
from solmu.sync import ledger
from solmu.sync.along import mapping_along
from solmu.sync.claims import map_pending, release_mended
from solmu.sync.guard import look_at_stream, stop
from solmu.sync.interrupt import check
from solmu.sync.land import Limits, land, stored_cursor
from solmu.sync.lost_columns import Columns
from solmu.sync.owners import follow_owners
from solmu.sync.reading import foreseen
from solmu.sync.remap import follow_mapping, look_at_mapping
from solmu.sync.running import Run, kept
from solmu.sync.stage import Stage, mapping_of_file
from solmu.sync.stream import Stream


def land_connection(run: Run, name: str) -> None:
    """Read every stream of one connection, store what came, and make mentions of it."""
    config = run.hub.connection(name)
    taken = lease(run.store, f"land:{name}", wait=run.patience)
    with kept(run, name), taken, open_connector(run.hub, config) as connector:
        for stream in config.source_streams.values():
            _land_stream(run, config, stream, connector)
        follow_owners(run.store, name, connector)


def _land_stream(run: Run, config: ConnectionConfig, stream: StreamConfig, connector: Any) -> None:
    shape: StreamInfo = connector.shape(stream.name)
    where = Stream(config.name, stream.name, full=shape.full, key_fields=tuple(stream.key or shape.key))
    stage = stage_of(run.hub, config, stream, connector, partial=shape.partial)
    # First what an earlier run left behind, and what waits for a mapping that was mended since: then whatever is read
    # now meets records in the state that they deserve, and is counted by it.
    release_mended(run.store, stage)
    follow_mapping(run, stage)
    map_pending(run.store, stage, run_id=run.id, count=False, progress=lambda _: check())
    guards = run.hub.settings.guards
    limits = None if "source-shrank" in run.override else Limits(guards.shrunk_share, guards.min_base)
    try:
        with mapping_along(run.store, stage, run_id=run.id) as along:
            land(
                run.store,
                where,
                foreseen(connector.read(stream.name, stored_cursor(run.store, where)), config.name, stream.name),
                run_id=run.id,
                limits=limits,
                progress=run.progress(f"reading {where.path}"),
                then=along.take,
                columns=_columns(stage, where, run),
            )
    except Exception:
        # However the reading ended, what has landed is mapped, and counted in the run that read it; only a run that is
        # asked to end leaves that to the next one.
        map_pending(run.store, stage, run_id=run.id, count=True, progress=lambda _: check())
        raise
    map_pending(run.store, stage, run_id=run.id, count=True, progress=lambda _: check())
    follow_mapping(run, stage, read=True)
    with run.store.read() as connection:
        counts = ledger.stream_counts(connection, run.id)[where.path]
    tripped = look_at_stream(read=counts["read"], refused=counts["refused"], limits=guards, overridden=run.override)
    tripped = tripped or look_at_mapping(run, stage, guards)
    stop(tripped, connection=config.name, stream=stream.name)


def _columns(stage: Stage, where: Stream, run: Run) -> Columns | None:
    """Who looks at what columns the rows have; not of a CRM, which describes its fields, and may leave out blank
    ones."""
    if stage.as_remote is not None or not isinstance(stage.mapping, SourceMapping):
        return None
    return Columns(where, stage.mapping, run.id)


def stage_of(
    hub: Hub, config: ConnectionConfig, stream: StreamConfig, connector: Any, *, partial: bool = False
) -> Stage:
    """How a stream of this hub becomes mentions."""
    mapping = mapping_of(hub, config, stream)
    as_remote = entity = None
    if connector is not None and stream.name in config.target_streams:
        as_remote = _remote_reader(connector, stream.name)
        with suppress(ConfigurationError):  # planning says what is wrong with it
            entity = load_target_mapping(hub, stream.mapping or "").entity
    return Stage(
        stream=Stream(config.name, stream.name, full=True, key_fields=tuple(stream.key or ())),
        mapping=mapping,
        partial=partial,
        targets=[c.name for c in hub.connections.values() if c.is_target and c.enabled],
        as_remote=as_remote,
        entity=entity,
        elsewhere=functools.partial(mapping_of_file, mapping.name, mapping.file, {e: hub.fields(e) for e in Entity}),
    )


def mapping_of(hub: Hub, config: ConnectionConfig, stream: StreamConfig) -> SourceMapping:
    """The mapping that reads a stream. Raises ConfigurationError with file and line, of the connection where that
    names none, or one that there is not."""
    where = ("streams", stream.name, "mapping")
    if stream.mapping is None:
        raise config.error(
            where,
            "this stream has no mapping, so nothing can be made of its rows",
            expected="the name of a file below mappings/sources or the hub's mappings",
        )
    try:
        return load_source_mapping(hub, stream.mapping)
    except ConfigurationError as error:
        if error.line is not None:
            raise
        raise config.error(where, error.message, value=error.value, expected=error.expected) from error


def _remote_reader(connector: Any, stream: str) -> Callable[[str, dict[str, Any]], Any]:
    return lambda key, payload: connector.as_remote(stream, key, payload)
