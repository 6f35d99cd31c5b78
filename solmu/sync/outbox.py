"""The rows of ``outbox``: the actions that are on their way to targets, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, case, func, or_, select, type_coerce, update
from sqlalchemy.types import NullType

from solmu.store import dirty
from solmu.store.sql import among, chunks, from_stored
from solmu.store.tables import link, outbox, remote

PREFIX = "rec"
"""How our external ids begin."""

SETTLED = (
    "created",
    "updated",
    "linked",
    "unchanged",
    "rejected",
    "retriable",
    "unknown",
    "blocked",
    "held",
    "superseded",
    "conflicting",
)
STATES = ("planned", "sent", *SETTLED)
DONE = ("created", "updated", "linked", "unchanged")
"""The target is as the action would have it."""
CLOSED = (*DONE, "rejected", "superseded")
"""Dealt with; in any other state an action waits."""
UNSENT = ("planned", "held")
IN_FLIGHT = ("sent", "unknown")
DISMISSED = "dismissed"
"""The code of an action that a person has put aside; its state is ``rejected``."""

RETURNING = ("retriable", "blocked")
"""Failed for a reason that may pass: planned anew by themselves."""

_AT_ONCE = 2000
"""Records that share one query."""


DOCUMENTS = ("parents", "fields")


class Queued(NamedTuple):
    """An action as it is read to be sent and to be closed.

    No row of SQLAlchemy's: to ask one of those for a value takes half a microsecond, and each is asked fifty times.
    """

    id: int
    object: str
    action: str
    golden_id: int | None
    golden_version: int | None
    hanging: str | None
    remote_pk: int
    remote_id: Any  # a text, or None in a create
    remote_version: str | None
    external_id: str
    parents: Mapping[str, str]
    fields: Mapping[str, Mapping[str, Any]]
    attempts: int
    code: str | None
    message: str | None
    field: str | None
    job_id: str | None
    updated_at: int


QUEUED = tuple(outbox.c[name] for name in Queued._fields)
QUEUED_RAW = tuple(type_coerce(each, NullType).label(each.name) if each.name in DOCUMENTS else each for each in QUEUED)
"""The same with documents as they are stored: what is read a hundred thousand times over is not taken apart by
SQLAlchemy's types, but by ``queued``."""

_PARENTS, _FIELDS = (Queued._fields.index(name) for name in DOCUMENTS)
_NO_PARENTS = "{}"


def queued(rows: Iterable[Sequence[Any]]) -> list[Queued]:
    """The actions of rows of ``QUEUED_RAW``."""
    found = []
    for row in rows:
        values = list(row)
        parents = values[_PARENTS]
        values[_PARENTS] = {} if parents == _NO_PARENTS else from_stored(parents)
        values[_FIELDS] = from_stored(values[_FIELDS])
        found.append(Queued(*values))
    return found


def golden_of(connection: Connection, mention_ids: Iterable[int]) -> dict[int, int]:
    """The golden record that each mention is linked to now."""
    found: dict[int, int] = {}
    for some in chunks(sorted(set(mention_ids)), _AT_ONCE):
        query = select(link.c.mention_id, link.c.golden_id).where(
            among(connection, link.c.mention_id, some), link.c.until.is_(None)
        )
        found.update(connection.execute(query).tuples().all())
    return found


def supersede(
    connection: Connection,
    target: str,
    rows: Iterable[tuple[int, int | None]],
    *,
    run_id: str,
    now: int,
    code: str | None = None,
    message: str | None = None,
) -> None:
    """These actions, as (id, golden id), will not be sent any more: their golden records are planned anew.

    A golden record is named by its anchor mention, so what was merged meanwhile is found where that mention is now.
    """
    pairs = list(rows)
    values: dict[str, Any] = {"state": "superseded", "run_id": run_id, "updated_at": now}
    if code is not None:
        values |= {"code": code, "message": message}
    for some in chunks([id for id, _ in pairs]):
        connection.execute(update(outbox).where(among(connection, outbox.c.id, some)).values(**values))
    mark_due(connection, target, (golden_id for _, golden_id in pairs))


def mark_due(connection: Connection, target: str, golden_ids: Iterable[int | None]) -> None:
    """Golden records are to be planned anew for a target, each named by a mention that is or was its anchor."""
    anchors = {id for id in golden_ids if id is not None}
    dirty.mark(connection, f"target:{target}", golden_of(connection, anchors).values())


def retry(connection: Connection, target: str, *, run_id: str, now: int) -> int:
    """Plan what the target has rejected once more, although nothing changed in the hub. Gives how many.

    What a person has dismissed is left alone.
    """
    query = select(outbox.c.id, outbox.c.golden_id).where(
        outbox.c.target == target, outbox.c.state == "rejected", outbox.c.code.is_distinct_from(DISMISSED)
    )
    rows = [(row.id, row.golden_id) for row in connection.execute(query)]
    supersede(connection, target, rows, run_id=run_id, now=now)
    return len(rows)


# --- actions ----------------------------------------------------------------------------------------------------------


def subject(object: str, external_id: str) -> str:
    """The name of the one record in a target that an action is about; it is there before the record is."""
    return f"{object}/{external_id}"


def external_id_of(subject: str) -> str:
    """The external id in a subject."""
    return subject.rpartition("/")[2]


def counts(connection: Connection, plan_id: str, *, of_run: str | None = None) -> dict[str, int]:
    """How many actions of a plan are in each state now; ``?`` counts those in a state that there is not.

    ``of_run``: only what that run has dealt with, and what still waits.
    """
    these = outbox.c.plan_id == plan_id
    if of_run is not None:
        these &= or_(outbox.c.run_id == of_run, outbox.c.state.not_in(CLOSED))
    # Asked to group them, SQLite would sort them all, in memory: of a million that is a hundred megabytes.
    tally = [func.count(case((outbox.c.state == state, 1))) for state in STATES]
    total, *numbers = connection.execute(select(func.count(), *tally).where(these)).one()
    found = dict(zip(STATES, numbers, strict=True)) | {"?": total - sum(numbers)}
    return {state: number for state, number in found.items() if number}


def hold(connection: Connection, plan_id: str, *, code: str, message: str, run_id: str, now: int) -> int:
    """Nothing more of this plan is sent for now. Gives how many actions wait."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.plan_id == plan_id, outbox.c.state == "planned")
        .values(state="held", code=code, message=message, run_id=run_id, updated_at=now)
    )
    return result.rowcount


def parents_of(connection: Connection, target: str, rows: Iterable[Row[Any] | Queued]) -> dict[str, str | None]:
    """The remote ids of the parents that these actions wait for, by subject; None for one that is not there."""
    subjects = {parent for row in rows for parent in row.parents.values()}
    by_external = {external_id_of(each): each for each in subjects}
    found: dict[str, str | None] = dict.fromkeys(subjects)
    for some in chunks(by_external):
        query = select(remote.c.external_id, remote.c.remote_id).where(
            remote.c.target == target, among(connection, remote.c.external_id, some), remote.c.state == "live"
        )
        found.update({by_external[row.external_id]: row.remote_id for row in connection.execute(query)})
    return found


def sent_fields(connection: Connection, target: str, rows: Sequence[Row[Any] | Queued]) -> dict[int, dict[str, Any]]:
    """What is sent for each action, by its id: its new values, and the ids of parents that the same plan made."""
    sent = {row.id: {name: change["new"] for name, change in row.fields.items()} for row in rows}
    waiting = [row for row in rows if row.parents]
    parents = parents_of(connection, target, waiting)
    for row in waiting:
        fields = sent[row.id]
        fields.update({name: parents[subject] for name, subject in row.parents.items() if name in fields})
    return sent


def sendable() -> Any:
    """The condition of an action that may be sent: planned, or held for a reason that is not its own."""
    return or_(outbox.c.state == "planned", (outbox.c.state == "held") & outbox.c.code.not_in(OWN_HOLDS))


def anything_to_send(connection: Connection, plan_id: str, action: str | None = None) -> bool:
    """Whether a plan has an action that may be sent; an ``action`` of that kind, if one is named."""
    kind = outbox.c.action != "skip" if action is None else outbox.c.action == action
    ready = select(outbox.c.id).where(outbox.c.plan_id == plan_id, kind, sendable()).limit(1)
    return connection.scalar(ready) is not None


OWN_HOLDS = ("rewritten",)
"""Why an action is held for its own sake; any other code holds a whole plan, until somebody lets it go."""
