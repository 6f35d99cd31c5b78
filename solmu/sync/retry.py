"""Trying again what was refused, when somebody says so."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from solmu.config import Hub
from solmu.config.connectors import open_connector
from solmu.store import Store, time
from solmu.sync import outbox
from solmu.sync.claims import map_pending, release_mended
from solmu.sync.run import Run, Tell, begin, finish, kept, push, reconcile, resolve, silent, stage_of


def retry(hub: Hub, store: Store, *, quarantine: bool, rejected: bool, tell: Tell = silent) -> dict[str, Any]:
    """Replay the quarantine, plan anew what targets rejected, or both; gives the run report."""
    run = begin(hub, store, kind="retry", tell=tell)
    if quarantine:
        replay_quarantine(run)
        resolve(run)
    if rejected:
        replay_outbox(run)
        for name in run.targets:
            push(run, name)
            reconcile(run, name)
    return finish(run)


def replay_quarantine(run: Run) -> int:
    """Map everything that waits in quarantine anew; gives how many records that were."""
    released = 0
    for config in run.hub.connections.values():
        with ExitStack() as stack:
            # What we wrote ourselves is told from a target's own word with the target's help; a source needs none.
            stack.enter_context(kept(run, config.name))
            needed = config.is_source and config.is_target
            connector = stack.enter_context(open_connector(run.hub, config)) if needed else None
            for stream in config.source_streams.values() if config.is_source else ():
                stage = stage_of(run.hub, config, stream, connector)
                released += release_mended(run.store, stage, everything=True)
                map_pending(run.store, stage, run_id=run.id, count=False)
    return released


def replay_outbox(run: Run) -> int:
    """Let what targets rejected be planned anew: its old payload is never sent again. Gives how many actions it was.

    What failed for a reason that may pass needs no such word: every plan takes it back.
    """
    with run.store.write() as connection:
        return sum(outbox.retry(connection, target, run_id=run.id, now=time.now()) for target in run.targets)
