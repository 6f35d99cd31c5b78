"""Pushing to one target: plan, guard, send, and read back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from solmu.config import ConnectionConfig, Hub
from solmu.config.connectors import open_connector
from solmu.errors import ConfigurationError, Retriable, SolmuError, Stopped
from solmu.store import Store, time
from solmu.store.lease import lease
from solmu.store.tables import outbox
from solmu.store.tables import plan as plan_table
from solmu.sync import ledger
from solmu.sync.apply import apply
from solmu.sync.arm import arming
from solmu.sync.closing import finish
from solmu.sync.interrupt import patient
from solmu.sync.landing import land_connection
from solmu.sync.outbox import OWN_HOLDS, anything_to_send
from solmu.sync.owners import follow_owners
from solmu.sync.part import Part
from solmu.sync.planning import make_plan
from solmu.sync.resolving import resolve
from solmu.sync.rules import follow_rules, target_rules
from solmu.sync.running import Run, Tell, begin, kept, to_the_end
from solmu.sync.seal import Digest, named


def push(run: Run, name: str, *, limit: int | None = None, send: bool = True, part: Part | None = None) -> str | None:
    """Plan what one target should hold, let the guards look at it, and send it. Gives the plan's id.

    Without ``send`` the plan is only made; ``part`` plans some of the golden records that are due. A target that could
    not be read whole this time gets nothing: what it holds is not known, so what it lacks is not known either.
    """
    config = run.hub.connection(name)
    if name in run.failed:
        return None
    plan_id: str | None = None
    taken = lease(run.store, f"push:{name}", wait=run.patience)
    with kept(run, name), taken, open_connector(run.hub, config) as connector:
        if part is None:
            follow_rules(run.store, f"target:{name}", target_rules(run.hub, config))
        plan = make_plan(
            run.store,
            run.hub,
            config,
            connector,
            run_id=run.id,
            now=time.now(),
            override=run.override,
            part=part,
            progress=run.progress(f"planning {name}"),
            sleep=patient,
        )
        plan_id = plan.id
        if not config.is_source:  # otherwise landing asks
            follow_owners(run.store, name, connector)
        with run.store.write() as connection:
            beside = {
                "kept_out": sum(plan.kept_out.values()),
                "overridden": plan.overridden,
                "secondary": plan.secondary,
            }
            ledger.add(connection, run.id, "targets", name, beside)
        with run.store.read() as connection:
            armed = arming(connection, name).armed
        if not send or not armed:
            # An unarmed target is read-only: what would be written is planned, shown and held.
            return plan_id
        send_plan(run, config, connector, plan_id, limit, plan.digest)
    return plan_id


def _tell_what_stopped(run: Run, name: str, plan_id: str) -> None:
    """Fields that stopped for their own sake wait for nobody but a person, so somebody must hear of them."""
    query = (
        select(outbox.c.object, outbox.c.remote_id, outbox.c.field, outbox.c.message)
        .where(outbox.c.plan_id == plan_id, outbox.c.code.in_(OWN_HOLDS))
        .order_by(outbox.c.id)
    )
    with run.store.read() as connection:
        stopped = connection.execute(query).all()
    for one in stopped[:1]:
        more = f", and fields of {len(stopped) - 1} more records" if len(stopped) > 1 else ""
        run.problems.append(
            SolmuError(
                f"{one.message}{more}",
                code="rewritten",
                connection=name,
                stream=one.object,
                record=one.remote_id,
                field=one.field,
                expected="whoever keeps changing it found, or another rule for the field in hub.yaml",
            )
        )


def reconcile(run: Run, name: str) -> None:
    """Read what a target holds and resolve it: as a rule what was just written, so that the mirror is true before the
    night is over."""
    config = run.hub.connection(name)
    if config.is_source and name not in run.failed:
        land_connection(run, name)
        resolve(run)


def apply_plan(
    hub: Hub,
    store: Store,
    plan: str,
    *,
    limit: int | None = None,
    override: Collection[str] = (),
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Send one sealed plan, named by its id or its file, in a run of its own; read the target first if it creates.

    Gives the report, and under ``apply`` the plan's id and whether nothing of it was left to send.
    """
    plan_id, name = _known_plan(store, plan)
    config = hub.connection(name)
    with store.read() as connection:
        left = anything_to_send(connection, plan_id)
        creates = anything_to_send(connection, plan_id, action="create")
    run = begin(hub, store, kind="apply", override=override, tell=tell, detail={"plan": plan_id})
    with to_the_end(run):
        if creates:
            # Whom somebody has entered there since is linked before, and a create of that one is out of date then.
            reconcile(run, name)
        if name not in run.failed:
            taken = lease(store, f"push:{name}", wait=run.patience)
            with kept(run, name), taken, open_connector(hub, config) as connector:
                send_plan(run, config, connector, plan, limit)
        reconcile(run, name)
    return {**finish(run), "apply": {"plan": plan_id, "nothing_left": not left}}


def send_plan(
    run: Run, config: ConnectionConfig, connector: Any, plan: str, limit: int | None, digest: Digest | None = None
) -> None:
    """Send one sealed plan within a run that holds the lease of its target; ``digest`` as for ``apply``."""
    try:
        applied = apply(
            run.store,
            run.hub,
            config,
            connector,
            plan,
            run_id=run.id,
            now=time.now(),
            limit=limit,
            override=run.override,
            progress=lambda more: run.tell(f"writing to {config.name}", more),
            sleep=patient,
            digest=digest,
        )
    finally:
        with run.store.write() as connection:
            ledger.add(connection, run.id, "targets", config.name, {"api_calls": connector.calls_made()})
    if applied.stopped_by == "unavailable":
        run.problems.append(
            Retriable(
                "the target stopped answering; what was not sent is planned anew by the next run",
                code="unavailable",
                connection=config.name,
            )
        )
    if applied.stopped_by == "first-ten":
        run.guards.append(applied.stopped_by)
        run.problems.append(
            Stopped(
                "the first records were written, and the rest waits until somebody has looked at them",
                guard=applied.stopped_by,
                connection=config.name,
                expected=f"`solmu target arm {config.name} --first-ten-are-right` after a look at them there",
            )
        )
    _tell_what_stopped(run, config.name, applied.plan_id)


def _known_plan(store: Store, plan: str) -> tuple[str, str]:
    """The id of a plan that is named by its id or its file, and the connection that it is for."""
    plan_id, _ = named(plan)
    with store.read() as connection:
        name: str | None = connection.scalar(select(plan_table.c.target).where(plan_table.c.id == plan_id))
    if name is None:
        raise ConfigurationError(
            "this hub has no such plan", code="no-plan", value=plan, expected="an id or a file from plans/"
        )
    return plan_id, name
