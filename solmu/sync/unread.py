"""Mapping anew what no run reads: lists that were imported, and connections that are left out of runs; and at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

from solmu.config import ConnectionConfig, Hub
from solmu.errors import ConfigurationError
from solmu.store import Store
from solmu.store.lease import lease
from solmu.sync.anew import is_followed, waiting_anew
from solmu.sync.claims import map_pending, release_mended
from solmu.sync.closing import finish
from solmu.sync.interrupt import check
from solmu.sync.landing import land_connection, mapping_of, stage_of
from solmu.sync.remap import follow_mapping
from solmu.sync.resolving import resolve
from solmu.sync.running import Run, Tell, begin, kept, to_the_end
from solmu.sync.stage import Stage
from solmu.sync.stream import Stream

KIND = "remap"


def follow_unread(run: Run) -> None:
    """Follow the mappings of sources that no run reads; one that cannot be used is for whoever reads them again."""
    for config in run.hub.connections.values():
        if config.is_source and not config.is_target and not config.enabled:
            stages = [stage for stage in _stages(run.hub, config) if _is_due(run, stage)]
            if stages:
                with kept(run, config.name):
                    _follow(run, config, stages)


def remap(
    hub: Hub, store: Store, connection: str, streams: Collection[str] = (), *, tell: Tell | None = None
) -> dict[str, Any]:
    """Map the rows of a connection's streams (none named: all) by their mappings of now, and resolve, in a run of its
    own; gives its report. Only streams whose recipe changed are worked on. Nothing is planned.

    A connection that is written to is read first: what of its values is our own can only be told by what it holds now.
    """
    config = hub.connection(connection)
    run = begin(hub, store, kind=KIND, detail={"of": [connection, *sorted(streams)]}, tell=tell)
    with to_the_end(run):
        if config.is_target:
            land_connection(run, config.name)
        else:
            with kept(run, config.name):
                names = [name for name in config.source_streams if not streams or name in streams]
                _follow(run, config, [stage_of(hub, config, config.streams[name], None) for name in names])
        resolve(run)
    return finish(run)


def all_waiting(hub: Hub, store: Store) -> dict[str, int]:
    """How many rows the next runs map anew, by ``connection/stream``; only streams where there are any."""
    found = {}
    for config in hub.connections.values():
        for stream in config.source_streams.values() if config.is_source else ():
            with suppress(ConfigurationError), store.read() as connection:
                where = Stream(config.name, stream.name, full=True)
                if rows := waiting_anew(connection, where, mapping_of(hub, config, stream)):
                    found[where.path] = rows
    return found


def _follow(run: Run, config: ConnectionConfig, stages: Collection[Stage]) -> None:
    with lease(run.store, f"land:{config.name}", wait=run.patience):
        for stage in stages:
            release_mended(run.store, stage)
            follow_mapping(run, stage)
            map_pending(run.store, stage, run_id=run.id, count=False, progress=lambda _: check())


def _stages(hub: Hub, config: ConnectionConfig) -> Iterator[Stage]:
    for stream in config.source_streams.values():
        with suppress(ConfigurationError):
            yield stage_of(hub, config, stream, None)


def _is_due(run: Run, stage: Stage) -> bool:
    with run.store.read() as connection:
        about = connection, stage.stream, stage.mapping
        return not is_followed(*about) or waiting_anew(*about) > 0
