"""A draft of what takes a run back: all that a plan says, without the seal that lets it be sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from solmu.store.tables import plan
from solmu.sync.guard import look_at_push
from solmu.sync.outbox import counts
from solmu.sync.run import Run
from solmu.sync.seal import digest, plan_file
from solmu.sync.whole_plan import Plan, Work, calls_of, push_of

DRAFTED = "superseded"
"""The state of a draft's lines: nothing sends such an action, and it stands in no other plan's way."""


def draft(run: Run, work: Work, connector: Any, plan_id: str) -> Plan:
    """What a draft would do, and its file, with the calls and the guards that a sealed plan would have."""
    path = run.hub.folder / "plans" / f"{plan_id}.json"
    with plan_file(path, plan_id, work.target) as file:
        with run.store.read() as connection:
            found = digest(connection, plan_id, file.lines)
            states = counts(connection, plan_id)
        calls = calls_of(connector, {(object, False): number for object, number in found.changed.items()})
        with run.store.write() as connection:
            connection.execute(update(plan).where(plan.c.id == plan_id).values(calls_estimated=calls))
        file.finish(found.hash, {}, calls)
    with run.store.read() as connection:
        push = push_of(connection, work.target, plan_id, found, work.limits, connector)
    tripped = look_at_push(push, work.limits, overridden=run.override)
    return Plan(plan_id, found.hash, work.target, states, {}, calls, tripped=tripped, file=path)
