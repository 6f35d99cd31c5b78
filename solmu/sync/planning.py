"""Making a plan: from the golden records that are due for a target to sealed actions in the outbox.

Works through the ``dirty`` rows of the target in batches, each planned outside of any transaction and stored in one
short one together with the removal of its ``dirty`` rows. A plan that was not finished is never sent: the next one
takes back what it had, as it does with all that an earlier plan left unsent or that failed for a reason that may pass.
"""

from __future__ import annotations

import time as clock
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from solmu.config import ConnectionConfig, Hub
from solmu.golden.rules import Rules
from solmu.model import Entity
from solmu.store import Store, dirty
from solmu.store.ids import Births, mint
from solmu.store.sql import add_rows, among, as_document, chunks, new_ids
from solmu.store.tables import conflict, outbox, plan, remote, run
from solmu.sync.batch import Batch, Line, Settings, TargetStream, plan_batch
from solmu.sync.garbage import rarely_collected
from solmu.sync.guard import Limits, Push, Tripped, look_at_push
from solmu.sync.outbox import IN_FLIGHT, PREFIX, counts, take_back
from solmu.sync.part import Part, due_records, take_over
from solmu.sync.plan import Change, Kind
from solmu.sync.seal import Digest, digest, plan_file
from solmu.sync.settle import settle
from solmu.sync.streams import rules_hash, target_streams
from solmu.sync.target import Target
from solmu.sync.views import load, postponed

BATCH = 1000

Progress = Callable[[int], None]
"""Told how many more golden records are planned."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A sealed plan. ``counts`` are its actions by state; ``tripped`` what would stop it from being applied.

    ``overridden`` counts values that people wrote in the target and that a rule replaces.
    """

    id: str
    hash: str
    target: str
    counts: Mapping[str, int]
    kept_out: Mapping[str, int]
    calls_estimated: int
    overridden: int = 0
    tripped: Sequence[Tripped] = ()
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What a plan is made under: the target, its streams, and the rules."""

    target: str
    streams: Sequence[TargetStream]
    settings: Settings
    limits: Limits
    rules_hash: str
    parent_fields: Mapping[str, Collection[str]] = field(default_factory=dict)


def make_plan(
    store: Store,
    hub: Hub,
    config: ConnectionConfig,
    connector: Target,
    *,
    run_id: str,
    now: int,
    override: Collection[str] = (),
    part: Part | None = None,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = clock.sleep,
) -> Plan:
    """Plan what is due for a target, seal it, and write ``plans/<id>.json`` in the hub.

    Nothing is written to the target; only what became of unanswered actions is looked up there first. Hold the lease
    ``push:<connection>`` meanwhile. ``override`` are guards that are let pass, ``part`` plans some records only.
    """
    work = work_of(hub, config, connector)
    with rarely_collected():
        return plan_work(
            store,
            work,
            connector,
            run_id=run_id,
            now=now,
            override=override,
            part=part,
            progress=progress,
            sleep=sleep,
            folder=hub.folder / "plans",
        )


def work_of(hub: Hub, config: ConnectionConfig, connector: Target) -> Work:
    """What a hub's configuration says about planning for one of its connections."""
    streams = target_streams(hub, config, connector.discover())
    rules = Rules.of_hub(hub)
    settings = Settings(
        rule=cache(lambda entity, name: rules.rule(entity, name).value),
        assignment=hub.settings.assignment,
        rewritten_times=hub.settings.guards.rewritten_times,
        mint=partial(Births().mint, PREFIX),
    )
    return Work(
        target=config.name,
        streams=streams,
        settings=settings,
        limits=hub.settings.guards,
        rules_hash=rules_hash(hub, config),
        parent_fields=_parent_fields(streams),
    )


def plan_work(
    store: Store,
    work: Work,
    connector: Target,
    *,
    run_id: str,
    now: int,
    override: Collection[str] = (),
    part: Part | None = None,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = clock.sleep,
    folder: Path | None = None,
) -> Plan:
    """The same for streams that are there already. ``folder``: where the plan's file goes, if anywhere."""
    settle(store, work.target, connector, run_id=run_id, now=now, sleep=sleep)
    make_room(store, work.target, run_id, now, kind=part.kind if part else None)
    plan_id = mint("plan")
    with store.write() as connection:
        connection.execute(
            insert(plan).values(
                id=plan_id,
                target=work.target,
                run_id=run_id,
                state="open",
                rules_hash=work.rules_hash,
                kept_out={},
                made_at=now,
            )
        )
    with store.read() as connection:
        query = select(outbox.c.subject).where(outbox.c.target == work.target, outbox.c.state.in_(IN_FLIGHT))
        in_flight = set(connection.scalars(query))
    kept_out: Counter[str] = Counter()
    overridden = 0
    hanging = sorted({stream.hanging for stream in work.streams if stream.hanging})
    consumer = f"target:{work.target}"
    for due in due_records(store, consumer, part, BATCH):
        with store.read() as connection:
            ids = [id for id, _ in due]
            late = postponed(connection, ids)
            ids = [id for id in ids if id not in late]
            views = load(connection, work.target, plan_id, ids, hanging=hanging, parent_fields=work.parent_fields)
        batch = plan_batch(views, ids, work.streams, work.settings, in_flight)
        kept_out += batch.kept_out
        overridden += sum(change.overrides for line in batch.lines for change in line.action.fields.values())
        with store.write() as connection:
            if part is not None:
                take_over(
                    connection,
                    [line.subject for line in batch.lines if line.remote is not None],
                    work.target,
                    plan_id,
                    run_id,
                    now,
                )
            store_batch(connection, batch, work.target, plan_id, run_id, now)
            dirty.done(connection, consumer, [(id, generation) for id, generation in due if id not in late])
        if progress:
            progress(len(due))
    made = seal(store, work, connector, plan_id, kept_out, now, override, folder)
    return replace(made, overridden=overridden)


def make_room(store: Store, target: str, run_id: str, now: int, *, kind: str | None = None) -> None:
    """Stop the plans before this one: what they have not sent is planned anew. ``kind``: only those of such runs."""
    these = plan.c.target == target
    if kind is not None:
        these &= plan.c.run_id.in_(select(run.c.id).where(run.c.kind == kind))
    while True:
        with store.write() as connection:
            if not take_back(connection, target, run_id=run_id, now=now, kind=kind):
                connection.execute(
                    update(plan).where(these, plan.c.state.in_(("open", "sealed"))).values(state="stopped")
                )
                return


# --- storing a batch --------------------------------------------------------------------------------------------------


def store_batch(connection: Connection, batch: Batch, target: str, plan_id: str, run_id: str, now: int) -> None:
    """Add the lines to a plan that is open, with the records that they intend to make."""
    made = _store_remotes(connection, batch, target, now)
    rows = [_row(line, made, target, plan_id, run_id, now) for line in batch.lines]
    replaced = [id for line in batch.lines for id in line.replaces]
    for some in chunks(replaced):
        connection.execute(
            update(outbox)
            .where(among(connection, outbox.c.id, some))
            .values(state="superseded", run_id=run_id, updated_at=now)
        )
    add_rows(connection, outbox, _ACTION, rows)
    _store_conflicts(connection, batch, target, now)


def _store_remotes(connection: Connection, batch: Batch, target: str, now: int) -> dict[str, int]:
    """New records are intended from now on. Gives their ids by external id."""
    fresh = [line for line in batch.lines if line.remote is None]
    made: dict[str, int] = {}
    if fresh:
        ids = new_ids(connection, remote, len(fresh))
        made = {line.external_id: id for line, id in zip(fresh, ids, strict=True)}
        add_rows(connection, remote, _REMOTE, [_intended(line, made[line.external_id], target, now) for line in fresh])
    known = [line for line in batch.lines if line.remote is not None]
    agreed = [
        {"b_id": line.remote.id, "b_agreed": {**line.remote.agreed, **line.action.agreed}}
        for line in known
        if line.remote is not None and line.action.agreed
    ]
    if agreed:
        connection.execute(
            update(remote).where(remote.c.id == bindparam("b_id")).values(agreed=bindparam("b_agreed")), agreed
        )
    named = [
        {"b_id": line.remote.id, "b_external_id": line.external_id}
        for line in known
        if line.remote is not None and line.remote.external_id is None
    ]
    if named:
        connection.execute(
            update(remote).where(remote.c.id == bindparam("b_id")).values(external_id=bindparam("b_external_id")), named
        )
    for id, role in batch.roles.items():
        connection.execute(update(remote).where(remote.c.id == id).values(role=role))
    for some in chunks(batch.abandoned):
        connection.execute(
            update(remote).where(among(connection, remote.c.id, some)).values(state="abandoned", updated_at=now)
        )
    return made


_REMOTE = (
    "id",
    "target",
    "object",
    "external_id",
    "stamped",
    "mention_id",
    "hanging",
    "hanging_id",
    "role",
    "state",
    "written",
    "observed",
    "agreed",
    "updated_at",
)
_NOTHING = as_document({})


def _intended(line: Line, id: int, target: str, now: int) -> tuple[Any, ...]:
    return (
        id,
        target,
        line.stream.name,
        line.external_id,
        False,
        None if line.hung else line.golden.id,  # a golden record's id is its anchor mention's
        line.hung.table if line.hung else None,
        line.hung.id if line.hung else None,
        "primary",
        "intended",
        _NOTHING,
        _NOTHING,
        _NOTHING,
        now,
    )


_ACTION = (
    "plan_id",
    "target",
    "object",
    "position",
    "action",
    "state",
    "subject",
    "golden_id",
    "golden_version",
    "hanging",
    "hanging_id",
    "remote_pk",
    "remote_id",
    "remote_version",
    "external_id",
    "parents",
    "fields",
    "attempts",
    "code",
    "message",
    "field",
    "run_id",
    "updated_at",
)


def _row(line: Line, made: Mapping[str, int], target: str, plan_id: str, run_id: str, now: int) -> tuple[Any, ...]:
    action = line.action
    code, name = action.code, action.field
    if code is None and action.emptied:
        code, name = "emptied", action.emptied[0]
    return (
        plan_id,
        target,
        line.stream.name,
        line.stream.level,
        action.kind.value,
        action.state,
        line.subject,
        line.golden.id,
        line.golden.version,
        line.hung.table if line.hung else None,
        line.hung.id if line.hung else None,
        made[line.external_id] if line.remote is None else line.remote.id,
        line.remote.remote_id if line.remote else None,
        line.remote.version if line.remote else None,
        line.external_id,
        as_document(dict(action.parents)),
        as_document({name: change.as_dict() for name, change in _shown(line).items()}),
        0,
        code,
        action.message,
        name,
        run_id,
        now,
    )


def _shown(line: Line) -> Mapping[str, Change]:
    """What a line says of its fields: what would change, or what both sides have changed."""
    if line.action.kind is not Kind.CONFLICT:
        return line.action.fields
    return {name: Change(clash.target, clash.hub, "ask", None) for name, clash in line.action.conflicts.items()}


def _store_conflicts(connection: Connection, batch: Batch, target: str, now: int) -> None:
    """Open what is new, bring up to date what is open, and settle what the two sides have settled by themselves."""
    lines = {line.remote.id: line for line in batch.lines if line.remote is not None and line.remote.remote_id}
    there: dict[tuple[int, str], Row[Any]] = {}
    for some in chunks(lines):
        query = select(conflict).where(among(connection, conflict.c.remote_pk, some), conflict.c.state == "open")
        there.update({(row.remote_pk, row.field): row for row in connection.execute(query)})
    for remote_pk, line in lines.items():
        for name, clash in line.action.conflicts.items():
            values = {"hub_value": clash.hub, "remote_value": clash.target, "agreed_value": clash.agreed}
            row = there.pop((remote_pk, name), None)
            if row is None:
                values |= {"target": target, "remote_pk": remote_pk, "field": name, "state": "open", "since": now}
                connection.execute(insert(conflict).values(values))
            elif any(getattr(row, column) != value for column, value in values.items()):
                connection.execute(update(conflict).where(conflict.c.id == row.id).values(values))
    for some in chunks(row.id for row in there.values()):
        connection.execute(update(conflict).where(conflict.c.id.in_(some)).values(state="settled", decided_at=now))


# --- sealing ----------------------------------------------------------------------------------------------------------


def seal(
    store: Store,
    work: Work,
    connector: Target,
    plan_id: str,
    kept_out: Mapping[str, int],
    now: int,
    override: Collection[str],
    folder: Path | None = None,
) -> Plan:
    """Seal a plan whose lines are all stored, write ``<folder>/<id>.json``, and say what it would do."""
    path = None if folder is None else folder / f"{plan_id}.json"
    with plan_file(path, plan_id, work.target) as file:
        with store.read() as connection:
            found = digest(connection, plan_id, file.lines)
            calls = _calls(connection, connector, plan_id)
            states = counts(connection, plan_id)
        with store.write() as connection:
            connection.execute(
                update(plan)
                .where(plan.c.id == plan_id)
                .values(state="sealed", hash=found.hash, kept_out=dict(kept_out), calls_estimated=calls, sealed_at=now)
            )
        file.finish(found.hash, kept_out, calls)
    with store.read() as connection:
        push = push_of(connection, work.target, plan_id, found, work.limits, connector)
    tripped = look_at_push(push, work.limits, overridden=override)
    return Plan(plan_id, found.hash, work.target, states, dict(kept_out), calls, tripped=tripped, file=path)


def push_of(
    connection: Connection, target: str, plan_id: str, found: Digest, limits: Limits, connector: Target
) -> Push:
    """What a plan would do, as the guards look at it."""
    estimated = connection.scalar(select(plan.c.calls_estimated).where(plan.c.id == plan_id)) or 0
    applied = select(plan.c.id).where(plan.c.target == target, plan.c.state == "applied").limit(1)
    return Push(
        created=found.created,
        changed=found.changed,
        base=_base(connection, target, found.changed, limits),
        emptied=found.emptied,
        calls=estimated,
        calls_left=connector.calls_left(),
        first_contact=connection.scalar(applied) is None,
    )


def _base(connection: Connection, target: str, changed: int, limits: Limits) -> int:
    """How many live records of ours the target holds; no further than it takes to see that a share is not exceeded."""
    enough = max(limits.min_base, int(changed / limits.changed_share) + 1 if limits.changed_share else changed + 1)
    some = select(remote.c.id).where(remote.c.target == target, remote.c.state == "live").limit(enough)
    return connection.scalar(select(func.count()).select_from(some.subquery())) or 0


def _calls(connection: Connection, connector: Target, plan_id: str) -> int:
    """The calls that writing will cost, and the look before each batch of updates."""
    query = (
        select(outbox.c.object, outbox.c.action, func.count())
        .where(outbox.c.plan_id == plan_id, outbox.c.state == "planned")
        .group_by(outbox.c.object, outbox.c.action)
    )
    writes: Counter[tuple[str, bool]] = Counter()
    for object, action, number in connection.execute(query):
        writes[object, action == Kind.CREATE.value] += number
    total = 0
    for (object, creates), number in writes.items():
        total += connector.calls_for(object, number)
        total += 0 if creates else -(-number // connector.capabilities.max_batch)
    return total


def _parent_fields(streams: Sequence[TargetStream]) -> dict[str, frozenset[str]]:
    """By stream, the fields that point at an organisation."""
    organisations = {stream.name for stream in streams if stream.entity is Entity.ORGANISATION}
    return {
        stream.name: frozenset(
            name for name, want in stream.mapping.desired({}).items() if want.parent in organisations
        )
        for stream in streams
        if stream.entity is Entity.PERSON
    }
