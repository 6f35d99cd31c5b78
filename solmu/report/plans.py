"""Plans as people look into them: what a push would do, what became of it, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from solmu.config import Hub
from solmu.errors import SolmuError
from solmu.store.tables import outbox, plan, run
from solmu.sync.arm import arming
from solmu.sync.outbox import DISMISSED, OWN_HOLDS, sendable

COUNTED = 100_000
"""Lines of a plan that are counted at most; a plan of more says so."""
_SENDABLE = ("sealed", "stopped", "applied")

Document = dict[str, Any]


def targets(connection: Connection, hub: Hub) -> list[Document]:
    """What may be written to: ``{name, armed, left, plan}``; ``plan`` is the newest one, ``{id, state, made_at}``."""
    found = []
    for config in hub.connections.values():
        if not config.is_target or not config.enabled:
            continue
        state = arming(connection, config.name)
        query = select(plan.c.id, plan.c.state, plan.c.made_at).where(plan.c.target == config.name)
        newest = connection.execute(query.order_by(plan.c.made_at.desc()).limit(1)).first()
        found.append(
            {
                "name": config.name,
                "armed": state.armed,
                "left": state.left,
                "plan": None if newest is None else dict(newest._mapping),
            }
        )
    return found


def plan_head(connection: Connection, id: str) -> Document:
    """One plan: ``{id, target, state, hash, kind, run, made_at, kept_out, calls_estimated, counts, total, at_least,
    sendable, held}``. ``counts`` are lines by object, action and state; ``held`` why what is left of it waits, as
    ``{code, message}``. Raises SolmuError where there is none."""
    query = select(plan, run.c.kind).join(run, run.c.id == plan.c.run_id).where(plan.c.id == id)
    row = connection.execute(query).first()
    if row is None:
        raise SolmuError("this hub has no such plan", code="no-plan", value=id, expected="a plan of the list")
    some = (
        select(outbox.c.object, outbox.c.action, outbox.c.state)
        .where(outbox.c.plan_id == id, outbox.c.action != "skip")
        .limit(COUNTED + 1)
        .subquery()
    )
    by = (some.c.object, some.c.action, some.c.state)
    counts = [
        {"object": each.object, "action": each.action, "state": each.state, "lines": each.lines}
        for each in connection.execute(select(*by, func.count().label("lines")).group_by(*by).order_by(*by))
    ]
    total = sum(each["lines"] for each in counts)
    ready = select(outbox.c.id).where(outbox.c.plan_id == id, outbox.c.action != "skip", sendable()).limit(1)
    return {
        "id": row.id,
        "target": row.target,
        "state": row.state,
        "hash": row.hash,
        "kind": row.kind,
        "run": row.run_id,
        "made_at": row.made_at,
        "kept_out": dict(sorted(row.kept_out.items())),
        "calls_estimated": row.calls_estimated,
        "counts": counts,
        "total": min(total, COUNTED),
        "at_least": total > COUNTED,
        "sendable": row.state in _SENDABLE and connection.scalar(ready) is not None,
        "held": _held(connection, id),
    }


def why_not(head: Mapping[str, Any], left: int | None, *, armed: bool) -> str | None:
    """Why a plan cannot be sent just now: ``open``, ``nothing-left``, ``not-armed``, ``first-ten``; None if it can."""
    if head["state"] == "open":
        return "open"
    if not head["sendable"]:
        return "nothing-left"
    if not armed:
        return "not-armed"
    return "first-ten" if left == 0 else None


def may_be_left_out(row: Any) -> bool:
    """Whether a line waits, so that somebody may still leave it out."""
    return row.state in ("planned", "held", "retriable", "blocked", "rejected") and row.code != DISMISSED


def _held(connection: Connection, id: str) -> Document | None:
    query = select(outbox.c.code, outbox.c.message).where(
        outbox.c.plan_id == id, outbox.c.state == "held", outbox.c.code.not_in(OWN_HOLDS)
    )
    row = connection.execute(query.limit(1)).first()
    return None if row is None else {"code": row.code, "message": row.message}
