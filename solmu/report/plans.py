"""Plans as people look into them: what a push would do, what became of it, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from solmu.config import Hub
from solmu.errors import SolmuError
from solmu.store.tables import outbox, plan, run
from solmu.sync.arm import arming
from solmu.sync.outbox import DISMISSED, OWN_HOLDS, anything_to_send
from solmu.sync.revert import REVERT

COUNTED = 100_000
"""Lines of a plan that are counted at most; a plan of more says so."""
_SENDABLE = ("sealed", "stopped", "applied")
_WRITTEN = ("created", "updated", "linked")

Document = dict[str, Any]


def is_no_draft() -> ColumnElement[bool]:
    """The condition of a plan that is one, and not only a look at what taking a run back would do."""
    return or_(plan.c.hash.is_not(None), plan.c.run_id.not_in(select(run.c.id).where(run.c.kind == REVERT)))


def targets(connection: Connection, hub: Hub) -> list[Document]:
    """What may be written to: ``{name, armed, left, plan}``; ``plan`` is the newest one, ``{id, state, made_at}``."""
    found = []
    for config in hub.connections.values():
        if not config.is_target or not config.enabled:
            continue
        state = arming(connection, config.name)
        query = select(plan.c.id, plan.c.state, plan.c.made_at).where(plan.c.target == config.name, is_no_draft())
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
    sendable, held, reverts, draft, sent_by, newest}``. ``counts`` are lines by object, action and state; ``held`` why
    what is left of it waits, as ``{code, message}``; ``reverts`` the run that it takes back, or None; ``draft`` says
    that it was only looked at, and is sent by nothing; ``sent_by`` is a run that has sent some of it, ``newest`` the
    newest plan of the target. Raises SolmuError where there is none."""
    query = select(plan, run.c.kind, run.c.detail).join(run, run.c.id == plan.c.run_id).where(plan.c.id == id)
    row = connection.execute(query).first()
    if row is None:
        raise SolmuError("this hub has no such plan", code="no-plan", value=id, expected="a plan of the list")
    counts = counted(connection, id)
    total = sum(each["lines"] for each in counts)
    wrote = select(outbox.c.run_id).where(outbox.c.plan_id == id, outbox.c.state.in_(_WRITTEN)).limit(1)
    written = any(each["state"] in _WRITTEN for each in counts)
    newest = select(plan.c.id).where(plan.c.target == row.target, is_no_draft()).order_by(plan.c.made_at.desc())
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
        "sendable": row.state in _SENDABLE and anything_to_send(connection, id),
        "held": _held(connection, id),
        "reverts": row.detail.get("reverts"),
        "draft": row.kind == REVERT and row.hash is None,
        "sent_by": connection.scalar(wrote) if written else None,
        "newest": connection.scalar(newest.limit(1)),
    }


def counted(connection: Connection, id: str) -> list[Document]:
    """Lines of a plan by object, action and state, as ``{object, action, state, lines}``; no more than COUNTED + 1."""
    some = (
        select(outbox.c.object, outbox.c.action, outbox.c.state)
        .where(outbox.c.plan_id == id, outbox.c.action != "skip")
        .limit(COUNTED + 1)
        .subquery()
    )
    by = (some.c.object, some.c.action, some.c.state)
    query = select(*by, func.count().label("lines")).group_by(*by).order_by(*by)
    return [dict(row._mapping) for row in connection.execute(query)]


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
