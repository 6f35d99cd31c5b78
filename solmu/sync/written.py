"""What a run has written to a target, read from the outbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from solmu.errors import ConfigurationError
from solmu.store import Store
from solmu.store.tables import outbox, plan, run
from solmu.sync.equal import same
from solmu.sync.outbox import sent_fields
from solmu.sync.revert import REVERT, Wrote

LAST = "last"
"""Names the last run that wrote something and took nothing back."""

PAGE = 1000
_WRITTEN = ("created", "updated", "linked")


@dataclass(slots=True)
class Written:
    """What a run did to one record of a target."""

    created: bool = False
    fields: dict[str, Wrote] = field(default_factory=dict)


def run_named(connection: Connection, name: str) -> str:
    """The id of the run that is meant; ``last`` is one too. Raises ConfigurationError where there is none."""
    if name != LAST:
        found = connection.scalar(select(run.c.id).where(run.c.id == name))
        if found is None:
            raise ConfigurationError(
                "this hub has no such run", code="no-run", value=name, expected="a run's id from reports/, or `last`"
            )
        return name
    wrote = select(outbox.c.run_id).where(outbox.c.state.in_(_WRITTEN))
    query = select(run.c.id).where(run.c.id.in_(wrote), run.c.kind != REVERT).order_by(run.c.started.desc()).limit(1)
    last: str | None = connection.scalar(query)
    if last is None:
        raise ConfigurationError(
            "no run has written anything yet", code="no-run", value=name, expected="a run that wrote to a target"
        )
    return last


def targets_of(connection: Connection, run_id: str) -> list[str]:
    """The targets that a run has written to."""
    query = select(outbox.c.target).distinct().join(plan).where(_of(run_id)).order_by(outbox.c.target)
    return list(connection.scalars(query))


def written_by(store: Store, run_id: str, target: str) -> dict[int, Written]:
    """What the run wrote, by ``remote.id``, with the later run that has written a field after it.

    A write of this run's is one that it sent, or that another one sent from the plan that it had made. Reads the outbox
    from the run's first action on, so this costs what was written since.
    """
    found: dict[int, Written] = {}
    for row, sent in _since(store, run_id, target):
        record = found.get(row.remote_pk)
        if run_id in (row.run_id, row.planned_by):
            record = found.setdefault(row.remote_pk, Written())
            record.created = record.created or row.action == "create"
            _add(record, row.fields, sent)
        elif record is not None:
            _after(record, row, sent)
    return found


def _add(record: Written, fields: Mapping[str, Mapping[str, Any]], sent: Mapping[str, Any]) -> None:
    for name, change in fields.items():
        if change["rule"] != "stamp":
            before = record.fields.get(name)
            record.fields[name] = Wrote(before.old if before else change["old"], sent[name])


def _after(record: Written, row: Row[Any], sent: Mapping[str, Any]) -> None:
    for name in record.fields.keys() & row.fields.keys():
        wrote = record.fields[name]
        # A later run that was itself taken back has left what this one wrote.
        back = row.fields[name]["rule"] == REVERT and same(sent[name], wrote.new)
        record.fields[name] = replace(wrote, later=None if back else row.run_id)


def _of(run_id: str) -> Any:
    return outbox.c.state.in_(_WRITTEN) & or_(outbox.c.run_id == run_id, plan.c.run_id == run_id)


def _since(store: Store, run_id: str, target: str) -> Iterator[tuple[Row[Any], dict[str, Any]]]:
    """The writes to the target from the run's first one on, in their order, each with what was sent."""
    with store.read() as connection:
        first = select(func.min(outbox.c.id)).join(plan).where(outbox.c.target == target, _of(run_id))
        after = (connection.scalar(first) or 0) - 1
    if after < 0:
        return
    columns = (outbox.c.id, outbox.c.remote_pk, outbox.c.run_id, outbox.c.action, outbox.c.fields, outbox.c.parents)
    while True:
        with store.read() as connection:
            query = (
                select(*columns, plan.c.run_id.label("planned_by"))
                .join(plan)
                .where(outbox.c.id > after, outbox.c.target == target, outbox.c.state.in_(_WRITTEN))
                .order_by(outbox.c.id)
                .limit(PAGE)
            )
            rows = connection.execute(query).all()
            sent = sent_fields(connection, target, rows)
        yield from ((row, sent[row.id]) for row in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1].id
