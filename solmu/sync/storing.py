"""Storing the lines of a plan, a batch in one transaction, with the records that they intend to make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from solmu.store.sql import add_rows, among, as_document, chunks, new_ids
from solmu.store.tables import conflict, outbox, remote
from solmu.sync.action import Change, Kind
from solmu.sync.carry_over import CarryOver
from solmu.sync.planned import Batch, Line


def store_batch(
    connection: Connection,
    batch: Batch,
    target: str,
    plan_id: str,
    run_id: str,
    now: int,
    carry_over: CarryOver | None = None,
) -> None:
    """Add the lines to a plan that is open, with the records that they intend to make.

    ``carry_over``: but for those that an earlier plan has in the very same words.
    """
    made = _store_remotes(connection, batch, target, now)
    rows = [_row(line, made, target, plan_id, run_id, now) for line in batch.lines]
    if carry_over is not None and carry_over.needed:
        named = [dict(zip(_ACTION, row, strict=True)) for row in rows]
        rows = [rows[place] for place in carry_over.fresh(connection, named)]
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
