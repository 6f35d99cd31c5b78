"""A plan as a whole: what it is made under, its seal, and what the guards see of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, func, select, update

from solmu.report.plan_page import write_plan_html
from solmu.store import Store
from solmu.store.tables import plan, remote
from solmu.sync.drawn import Drafts
from solmu.sync.guard import Limits, Push, Tripped, look_at_push
from solmu.sync.outbox import counts
from solmu.sync.planned import Settings, TargetStream
from solmu.sync.seal import Digest, digest, plan_file
from solmu.sync.strangers import unknown_ids
from solmu.sync.target import Target


@dataclass(frozen=True, slots=True)
class Plan:
    """A sealed plan. ``counts`` are its actions by state; ``tripped`` what would stop it from being applied.

    ``overridden`` counts values that people wrote in the target and that a rule replaces, ``secondary`` records of the
    target that stand beside another one of the same customer from now on. ``digest`` is what it was sealed over.
    """

    id: str
    hash: str
    target: str
    counts: Mapping[str, int]
    kept_out: Mapping[str, int]
    calls_estimated: int
    overridden: int = 0
    secondary: int = 0
    tripped: Sequence[Tripped] = ()
    file: Path | None = None
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What a plan is made under: the target, its streams, and the rules."""

    target: str
    streams: Sequence[TargetStream]
    settings: Settings
    limits: Limits
    rules_hash: str
    parent_fields: Mapping[str, Collection[str]] = field(default_factory=dict)


def seal(
    store: Store,
    work: Work,
    connector: Target,
    plan_id: str,
    kept_out: Mapping[str, int],
    now: int,
    override: Collection[str],
    folder: Path | None = None,
    drafts: Drafts | None = None,
) -> Plan:
    """Seal a plan whose lines are all stored, write ``<folder>/<id>.json`` and ``.html``, and say what it would do.

    ``drafts`` are all its lines, where they are at hand.
    """
    path = None if folder is None else folder / f"{plan_id}.json"
    with plan_file(path, plan_id, work.target) as file:
        with store.read() as connection:
            read = digest if drafts is None else drafts.digest
            found = read(connection, plan_id, file.lines)
            calls = calls_of(connector, found.writes)
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
        if path is not None:
            write_plan_html(path.with_suffix(".html"), connection, plan_id)
    tripped = look_at_push(push, work.limits, overridden=override)
    return Plan(
        plan_id, found.hash, work.target, states, dict(kept_out), calls, tripped=tripped, file=path, digest=found
    )


def push_of(
    connection: Connection, target: str, plan_id: str, found: Digest, limits: Limits, connector: Target
) -> Push:
    """What a plan would do, as the guards look at it."""
    estimated = connection.scalar(select(plan.c.calls_estimated).where(plan.c.id == plan_id)) or 0
    applied = select(plan.c.id).where(plan.c.target == target, plan.c.state == "applied").limit(1)
    return Push(
        created=found.created,
        changed=sum(found.changed.values()),
        merged=found.merged,
        base=_base(connection, target, sum(found.changed.values()), limits),
        of_objects={
            object: (changed, _base(connection, target, changed, limits, object))
            for object, changed in found.changed.items()
        },
        emptied=found.emptied,
        calls=estimated,
        calls_left=connector.calls_left(),
        first_contact=connection.scalar(applied) is None,
        unknown_ids=unknown_ids(connection, target),
    )


def _base(connection: Connection, target: str, changed: int, limits: Limits, object: str | None = None) -> int:
    """How many live records of ours the target holds, in all or of an object; no further than it takes to see that a
    share is not exceeded."""
    enough = max(limits.min_base, int(changed / limits.changed_share) + 1 if limits.changed_share else changed + 1)
    some = select(remote.c.id).where(remote.c.target == target, remote.c.state == "live").limit(enough)
    if object is not None:
        some = some.where(remote.c.object == object)
    return connection.scalar(select(func.count()).select_from(some.subquery())) or 0


def calls_of(connector: Target, writes: Mapping[tuple[str, bool], int]) -> int:
    """The calls that writing will cost, and the look before each batch of updates."""
    total = 0
    for (object, creates), number in writes.items():
        total += connector.calls_for(object, number)
        total += 0 if creates else -(-number // connector.capabilities.max_batch)
    return total
