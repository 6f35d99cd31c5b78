"""Making a plan: from the golden records that are due for a target to sealed actions in the outbox.

Works through the ``dirty`` rows of the target in batches, each planned outside of any transaction (of many, some by a
process beside this one: ``plan_along``) and stored in one short one together with the removal of its ``dirty`` rows. A
plan that was not finished is never sent: the next one plans anew what it had, as it does with all that an earlier plan
left unsent or that failed for a reason that may pass; what comes out as it was keeps its row (``carry_over``).
"""

from __future__ import annotations

import time as clock
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path

from sqlalchemy import insert

from solmu.beside.garbage import rarely_collected
from solmu.config import ConnectionConfig, Hub
from solmu.exchange import StreamInfo
from solmu.golden.rules import Rules
from solmu.model import Entity
from solmu.store import Store, dirty
from solmu.store.ids import Births, mint
from solmu.store.tables import plan
from solmu.sync.carry_over import CarryOver
from solmu.sync.drawn import Drafts
from solmu.sync.merging import check as check_merging
from solmu.sync.outbox import PREFIX
from solmu.sync.part import Part, due_records
from solmu.sync.plan_along import Elsewhere, planned_along
from solmu.sync.planned import Settings, TargetStream
from solmu.sync.planner import Planner
from solmu.sync.settle import settle
from solmu.sync.storing import store_rows
from solmu.sync.streams import rules_hash, target_streams
from solmu.sync.target import Target
from solmu.sync.whole_plan import Plan, Work, seal

BATCH = 2000

Progress = Callable[[int], None]
"""Told how many more golden records are planned."""


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
    infos, can_read = tuple(connector.discover()), connector.capabilities.can_read
    work = work_for(hub, config, infos, can_read=can_read)
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
            elsewhere=Elsewhere(hub.folder, config.name, infos, can_read),
        )


def work_of(hub: Hub, config: ConnectionConfig, connector: Target) -> Work:
    """The same, asking the connection what it offers."""
    return work_for(hub, config, connector.discover(), can_read=connector.capabilities.can_read)


def work_for(hub: Hub, config: ConnectionConfig, infos: Sequence[StreamInfo], *, can_read: bool) -> Work:
    """What a hub's configuration says about planning for one of its connections; ``infos`` are what this offers."""
    streams = target_streams(hub, config, infos)
    rules = Rules.of_hub(hub)
    if not can_read:
        rules = rules.for_files()
    settings = Settings(
        rule=cache(lambda entity, name: rules.rule(entity, name).value),
        assignment=hub.settings.assignment,
        rewritten_times=hub.settings.guards.rewritten_times,
        mint=_external_ids().__next__,
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
    elsewhere: Elsewhere | None = None,
) -> Plan:
    """The same for streams that are there already. ``folder``: where the plan's file goes, if anywhere.

    ``elsewhere`` says how another process comes to the same ``work``, if one may help.
    """
    check_merging([each.name for each in work.streams if each.merges], connector, work.target)
    settle(store, work.target, connector, run_id=run_id, now=now, sleep=sleep)
    plan_id = mint("plan")
    carry_over = CarryOver(work.target, plan_id, run_id, now, kind=part.kind if part else None)
    carry_over.make_room(store)
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
    planner = Planner(store, work, plan_id, run_id, now)
    kept_out: Counter[str] = Counter()
    overridden = secondary = 0
    consumer = f"target:{work.target}"
    due_pages = due_records(store, consumer, part, BATCH)
    # What earlier plans have in the very same words goes over into this one, and is not drawn up.
    drafts = Drafts(folder) if folder is not None and planner.draws and not carry_over.needed else None
    with drafts or nullcontext(), planned_along(store, planner, None if part else elsewhere) as along:
        for due, page in along.pages(due_pages):
            kept_out += page.rows.kept_out
            secondary += page.secondary
            overridden += page.rows.overridden
            with store.write(trusted=True) as connection:
                store_rows(connection, page.rows, work.target, run_id, now, carry_over)
                dirty.done(connection, consumer, [(id, generation) for id, generation in due if id not in page.late])
            if drafts is not None:
                drafts.add(page.rows.drawn)
            if progress:
                progress(len(due))
        along.close()
        carry_over.finish(store)
        made = seal(store, work, connector, plan_id, kept_out, now, override, folder, drafts)
    return replace(made, overridden=overridden, secondary=secondary)


def _external_ids() -> Iterator[str]:
    """New external ids; those of a batch begin alike, so that an index grows in one place with each."""
    while True:
        births = Births()
        for _ in range(BATCH):
            yield births.mint(PREFIX)


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
