"""Trying again what was refused, when somebody says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from typing import Any

from sqlalchemy import func, select

from solmu.config import Hub
from solmu.config.connectors import open_connector
from solmu.store import Store, time
from solmu.store.tables import quarantine as quarantine_table
from solmu.sync import outbox
from solmu.sync.claims import map_pending, release_mended
from solmu.sync.run import Run, Tell, begin, finish, kept, push, reconcile, resolve, silent, stage_of, to_the_end


def retry(hub: Hub, store: Store, *, quarantine: bool, rejected: bool, tell: Tell = silent) -> dict[str, Any]:
    """Replay the quarantine, plan anew what targets rejected, or both; gives the run report.

    Beside what every report has stands ``retry``: how many ``rows`` were mapped anew and how many of them were
    ``refused_again``; how many rejected ``actions`` were planned anew and how many were ``rejected_again``.
    """
    parts = [name for name, wanted in (("quarantine", quarantine), ("outbox", rejected)) if wanted]
    run = begin(hub, store, kind="retry", detail={"of": parts}, tell=tell)
    told = {"rows": 0, "refused_again": 0, "actions": 0, "rejected_again": 0}
    with to_the_end(run):
        if quarantine:
            told["rows"] = replay_quarantine(run)
            told["refused_again"] = run.refused_again = refused_in(run)
            resolve(run)
        if rejected:
            told["actions"] = replay_outbox(run)
            for name in run.targets:
                push(run, name)
                reconcile(run, name)
    report = finish(run)
    told["rejected_again"] = sum(row["rejected"] for row in report["targets"].values())
    return {**report, "retry": told}


def refused_in(run: Run) -> int:
    """How many rows this run has refused; asked before it lands any."""
    query = select(func.count()).where(quarantine_table.c.state == "waiting", quarantine_table.c.since >= run.started)
    with run.store.read() as connection:
        return connection.scalar(query) or 0


def replay_quarantine(run: Run, only: Mapping[tuple[str, str], Collection[int]] | None = None) -> int:
    """Map everything that waits in quarantine anew, or ``only`` those records, by connection and stream; gives how many
    records that were. What else has landed there and waits for its mapping is mapped along.
    """
    released = 0
    for config in run.hub.connections.values():
        streams = [each for each in config.source_streams.values() if only is None or (config.name, each.name) in only]
        if only is not None and not streams:
            continue
        with ExitStack() as stack:
            # What we wrote ourselves is told from a target's own word with the target's help; a source needs none.
            stack.enter_context(kept(run, config.name))
            needed = config.is_source and config.is_target
            connector = stack.enter_context(open_connector(run.hub, config)) if needed else None
            for stream in streams if config.is_source else ():
                stage = stage_of(run.hub, config, stream, connector)
                chosen = None if only is None else only[config.name, stream.name]
                released += release_mended(run.store, stage, everything=True, only=chosen)
                map_pending(run.store, stage, run_id=run.id, count=False)
    return released


def replay_outbox(run: Run) -> int:
    """Let what targets rejected be planned anew: its old payload is never sent again. Gives how many actions it was.

    What failed for a reason that may pass needs no such word: every plan takes it back.
    """
    with run.store.write() as connection:
        return sum(outbox.retry(connection, target, run_id=run.id, now=time.now()) for target in run.targets)
