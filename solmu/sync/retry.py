"""Trying again what was refused, when somebody says so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from solmu.config import Hub
from solmu.store import Store, dirty
from solmu.store.tables import outbox as outbox_table
from solmu.sync.claims import map_pending, release_mended
from solmu.sync.run import Run, Tell, begin, finish, push, reconcile, resolve, silent, stage_of


def retry(hub: Hub, store: Store, *, quarantine: bool, outbox: bool, tell: Tell = silent) -> dict[str, Any]:
    """Replay the quarantine, plan anew what targets refused, or both; gives the run report."""
    run = begin(hub, store, kind="retry", tell=tell)
    if quarantine:
        replay_quarantine(run)
        resolve(run)
    if outbox:
        replay_outbox(run)
        for name in run.targets:
            push(run, name)
            reconcile(run, name)
    return finish(run)


def replay_quarantine(run: Run) -> int:
    """Map everything that waits in quarantine anew; gives how many records that were."""
    released = 0
    for config in run.hub.connections.values():
        for stream in config.source_streams.values() if config.is_source else ():
            # A target's mirror is kept when it is read; a replay has no connection to ask.
            stage = stage_of(run.hub, config, stream, connector=None)
            released += release_mended(run.store, stage, everything=True)
            map_pending(run.store, stage, run_id=run.id, count=False)
    return released


def replay_outbox(run: Run) -> int:
    """Mark what targets refused, so that it is planned anew: its old payload is never sent again."""
    refused = select(outbox_table.c.id, outbox_table.c.target, outbox_table.c.golden_id).where(
        outbox_table.c.state.in_(("rejected", "retriable", "blocked"))
    )
    with run.store.write() as connection:
        rows = connection.execute(refused).all()
        for target in {row.target for row in rows}:
            golden = [row.golden_id for row in rows if row.target == target and row.golden_id is not None]
            dirty.mark(connection, f"target:{target}", golden)
    return len(rows)
