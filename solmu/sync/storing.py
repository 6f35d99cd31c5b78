"""Storing the lines of a plan, a batch in one transaction, with the records that they intend to make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from solmu.store.sql import add_rows, among, chunks, new_ids
from solmu.store.tables import conflict, outbox, remote
from solmu.sync.action import Clash
from solmu.sync.carry_over import CarryOver
from solmu.sync.planned import Batch
from solmu.sync.rows import ACTION, REMOTE, Rows, Values, rows_of


def store_batch(
    connection: Connection,
    batch: Batch,
    target: str,
    plan_id: str,
    run_id: str,
    now: int,
) -> None:
    """Add the lines to a plan that is open, with the records that they intend to make."""
    store_rows(connection, rows_of(batch, target, plan_id, run_id, now), target, run_id, now)


def store_rows(
    connection: Connection, rows: Rows, target: str, run_id: str, now: int, carry_over: CarryOver | None = None
) -> None:
    """The same for a batch that is rows already.

    ``carry_over``: but for those that an earlier plan has in the very same words.
    """
    actions = _store_remotes(connection, rows, now)
    if carry_over is not None and carry_over.needed:
        named = [dict(zip(ACTION, action, strict=True)) for action in actions]
        actions = [actions[place] for place in carry_over.fresh(connection, named)]
    for some in chunks(rows.replaced):
        connection.execute(
            update(outbox)
            .where(among(connection, outbox.c.id, some))
            .values(state="superseded", run_id=run_id, updated_at=now)
        )
    add_rows(connection, outbox, ACTION, actions)
    _store_conflicts(connection, rows.clashes, target, now)


def _store_remotes(connection: Connection, rows: Rows, now: int) -> list[Values]:
    """New records are intended from now on. Gives the actions, all with the ids of their records."""
    actions = rows.actions
    if rows.remotes:
        ids = new_ids(connection, remote, len(rows.remotes))
        add_rows(connection, remote, REMOTE, [(id, *each) for id, each in zip(ids, rows.remotes, strict=True)])
        made = iter(ids)
        actions = [each if each[-1] is not None else (*each[:-1], next(made)) for each in actions]
    if rows.agreed:
        connection.execute(
            update(remote).where(remote.c.id == bindparam("b_id")).values(agreed=bindparam("b_agreed")),
            [{"b_id": id, "b_agreed": agreed} for id, agreed in rows.agreed],
        )
    if rows.named:
        connection.execute(
            update(remote).where(remote.c.id == bindparam("b_id")).values(external_id=bindparam("b_external_id")),
            [{"b_id": id, "b_external_id": external_id} for id, external_id in rows.named],
        )
    for id, role in rows.roles.items():
        connection.execute(update(remote).where(remote.c.id == id).values(role=role))
    for some in chunks(rows.abandoned):
        connection.execute(
            update(remote).where(among(connection, remote.c.id, some)).values(state="abandoned", updated_at=now)
        )
    return actions


def _store_conflicts(connection: Connection, clashes: Mapping[int, Mapping[str, Clash]], target: str, now: int) -> None:
    """Open what is new, bring up to date what is open, and settle what the two sides have settled by themselves."""
    there: dict[tuple[int, str], Row[Any]] = {}
    for some in chunks(clashes):
        query = select(conflict).where(among(connection, conflict.c.remote_pk, some), conflict.c.state == "open")
        there.update({(row.remote_pk, row.field): row for row in connection.execute(query)})
    for remote_pk, found in clashes.items():
        for name, clash in found.items():
            values = {"hub_value": clash.hub, "remote_value": clash.target, "agreed_value": clash.agreed}
            row = there.pop((remote_pk, name), None)
            if row is None:
                values |= {"target": target, "remote_pk": remote_pk, "field": name, "state": "open", "since": now}
                connection.execute(insert(conflict).values(values))
            elif any(getattr(row, column) != value for column, value in values.items()):
                connection.execute(update(conflict).where(conflict.c.id == row.id).values(values))
    for some in chunks(row.id for row in there.values()):
        connection.execute(update(conflict).where(conflict.c.id.in_(some)).values(state="settled", decided_at=now))
