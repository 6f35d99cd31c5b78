"""One small run: what was pushed to us lands, is resolved, and goes to the CRM, with everything that guards a night.

It plans only the records that what it landed speaks of; what a night left waiting for somebody goes on waiting. It
needs targets that are armed, whose first ten records somebody has confirmed, and that say what changed since they were
last read: each is read before anything is made in it, so that what a salesperson has just entered is not made again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from solmu.config import Hub
from solmu.config.connectors import connector_class
from solmu.errors import Stopped
from solmu.intake.landed import waiting_deliveries
from solmu.report.unfinished import under_way
from solmu.store import Store, time
from solmu.store.tables import dirty, link, mention, run_count, source_record, source_version
from solmu.store.tables import run as run_table
from solmu.sync import ledger
from solmu.sync.arm import arming
from solmu.sync.part import Part
from solmu.sync.run import Run, begin, finish, kept, land_connection, push, resolve, to_the_end

KIND = ledger.SMALL_RUN
DAY_MICROS = 24 * 3600 * 1_000_000
PATIENCE = 5.0
"""Seconds that a small run waits for another one; else it comes later."""

_MADE = "small-runs"
_FLOOD = "created-count"


@dataclass(frozen=True, slots=True)
class Work:
    """What small runs are for in a hub: the connections that receive, and the targets that may be written to."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.sources and self.targets)


def receiving(hub: Hub) -> tuple[str, ...]:
    """The connections that others push to."""
    there = [each for each in hub.connections.values() if each.is_source and each.enabled]
    return tuple(each.name for each in there if getattr(connector_class(each.connector), "receives", False))


def followed(hub: Hub) -> tuple[str, ...]:
    """The targets whose changes can be followed: others would have to be read whole each time."""
    there = [each for each in hub.connections.values() if each.is_target and each.is_source and each.enabled]
    return tuple(
        each.name for each in there if getattr(connector_class(each.connector), "reports_changes_since", False)
    )


def work_of(hub: Hub, connection: Connection) -> Work:
    """The work that there is for small runs now; false where there is none."""
    if not hub.settings.serve.push:
        return Work((), ())
    ready = []
    for name in followed(hub):
        state = arming(connection, name)
        if state.armed and state.left is None:
            ready.append(name)
    return Work(receiving(hub), tuple(ready))


def something_waits(hub: Hub, connection: Connection, work: Work) -> bool:
    """Whether something was received and has not landed."""
    return waiting_deliveries(connection, hub, only=work.sources) > 0


def others_at_work(connection: Connection) -> bool:
    """Whether a run of another kind is under way: it lands and pushes by itself, and must not be waited on by."""
    return any(each["kind"] != KIND for each in under_way(connection))


def small_run(hub: Hub, store: Store, work: Work) -> dict[str, Any]:
    """Land, resolve and push what was received. Gives the report; no file is written, and nobody is told."""
    run = begin(hub, store, kind=KIND, patience=PATIENCE)
    with to_the_end(run):
        for name in (*work.sources, *work.targets):
            land_connection(run, name)
        resolve(run, patience=PATIENCE)
        if "resolve" not in run.failed:
            for name in work.targets:
                _push(run, name, work.sources)
    return finish(run, quiet=True)


def _push(run: Run, name: str, sources: Collection[str]) -> None:
    if name in run.failed:
        return
    with kept(run, name):
        _refuse_flood(run, name)
    plan = push(run, name, part=Part(KIND, lambda connection: due(connection, name, sources, now=time.now())))
    if plan is not None:
        with run.store.write() as connection:
            made = ledger.action_counts(connection, run.id).get(name, {}).get("created", 0)
            ledger.add(connection, run.id, _MADE, name, {"created": made})


def due(connection: Connection, target: str, sources: Collection[str], *, now: int) -> list[int]:
    """The golden records that are due for a target, and that something speaks of which small runs have landed within a
    day. What a night has landed is that night's."""
    query = (
        select(link.c.golden_id)
        .distinct()
        .join(mention, mention.c.id == link.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .join(source_version, source_version.c.record_id == source_record.c.id)
        .join(dirty, (dirty.c.id == link.c.golden_id) & (dirty.c.consumer == f"target:{target}"))
        .where(
            link.c.until.is_(None),
            source_record.c.connection.in_(sources),
            source_version.c.run_id.in_(_small_runs(now)),
        )
    )
    return list(connection.scalars(query))


def _refuse_flood(run: Run, target: str) -> None:
    """The guard on created records is for a run; all small runs of a day together are held to it as one.

    Raises Stopped. What waits then goes with the nightly run, which has guards of its own.
    """
    limit = run.hub.settings.guards.created_count
    query = select(func.sum(run_count.c.value)).where(
        run_count.c.section == _MADE, run_count.c.name == target, run_count.c.run_id.in_(_small_runs(time.now()))
    )
    with run.store.read() as connection:
        made = connection.scalar(query) or 0
    if made >= limit:
        raise Stopped(
            f"{made} records were created by small runs within a day, and the limit is {limit}",
            guard=_FLOOD,
            connection=target,
            expected="a look at what came; the nightly run goes on with the rest",
        )


def _small_runs(now: int) -> Any:
    return select(run_table.c.id).where(run_table.c.started > now - DAY_MICROS, run_table.c.kind == KIND)
