"""The outbox as people look into it: what is on its way to a target, what waits, and what was refused."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, select

from solmu.errors import SolmuError
from solmu.store import time
from solmu.store.tables import golden as golden_table
from solmu.store.tables import mention, outbox
from solmu.sync.outbox import DISMISSED

WAITING = ("planned", "held", "sent", "unknown", "rejected", "retriable", "blocked")
"""The states of actions that are not done: on their way, waiting, or refused."""

Document = dict[str, Any]


def listed(
    connection: Connection,
    *,
    states: Collection[str] = WAITING,
    target: str | None = None,
    plan: str | None = None,
    dismissed: bool = False,
    after: int = 0,
    limit: int = 100,
) -> list[Document]:
    """Actions by number, from ``after`` on, in the shape that ``shown`` gives."""
    query = _query().where(outbox.c.id > after, outbox.c.state.in_(tuple(states))).order_by(outbox.c.id).limit(limit)
    if target is not None:
        query = query.where(outbox.c.target == target)
    if plan is not None:
        query = query.where(outbox.c.plan_id == plan)
    if not dismissed:
        query = query.where(outbox.c.code.is_distinct_from(DISMISSED))
    return [_document(row) for row in connection.execute(query)]


def shown(connection: Connection, number: int) -> Document:
    """One action: ``{number, target, object, action, state, golden_id, name, remote_id, fields: {F: {old, new, rule,
    source}}, code, message, field, attempts, plan, run, updated_at}``. Raises SolmuError where there is none."""
    row = connection.execute(_query().where(outbox.c.id == number)).first()
    if row is None:
        raise SolmuError(
            "there is no such action", code="no-action", value=number, expected="a number of `solmu outbox list`"
        )
    return _document(row)


def _query() -> Any:
    # A golden record's id is its anchor mention's, so that one which was merged away still has a name to be found by.
    return (
        select(outbox, mention.c.public_id, golden_table.c.name)
        .outerjoin(mention, mention.c.id == outbox.c.golden_id)
        .outerjoin(golden_table, golden_table.c.id == outbox.c.golden_id)
    )


def _document(row: Row[Any]) -> Document:
    return {
        "number": row.id,
        "target": row.target,
        "object": row.object,
        "action": row.action,
        "state": row.state,
        "golden_id": row.public_id,
        "name": row.name,
        "remote_id": row.remote_id,
        "fields": row.fields,
        "code": row.code,
        "message": row.message,
        "field": row.field,
        "attempts": row.attempts,
        "plan": row.plan_id,
        "run": row.run_id,
        "updated_at": time.iso(row.updated_at),
    }
