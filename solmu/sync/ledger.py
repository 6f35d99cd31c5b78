"""The run ledger: what each run counted, written in the transactions that cause the counts.

Stream counts cannot be told from the tables afterwards, because an unchanged row leaves no trace on purpose; so they
are added up here, in the very transaction that lands the rows. States of mentions and actions are never kept here:
those are counted from the tables themselves.
"""

from __future__ import annotations

import getpass
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, true, update

from solmu.errors import OutOfBalance
from solmu.store.ids import mint
from solmu.store.lease import held
from solmu.store.payload import plain_hash
from solmu.store.sql import upsert
from solmu.store.tables import audit, mention, plan, run, run_count, source_record, source_version
from solmu.sync.outbox import SETTLED
from solmu.sync.outbox import counts as plan_counts

SMALL_RUN = "small-run"
"""The kind of the runs that `solmu serve` does beside the nights."""

STREAM_COUNTERS = ("read", "new", "changed", "unchanged", "deleted", "repeated", "refused")
MENTION_STATES = ("linked", "pending", "quarantined", "ignored", "withdrawn", "erased")
ACTION_STATES = SETTLED
# An action that has not been sent is on hold from the reader's point of view.
_HELD = {"planned": "held", "sent": "unknown"}


def begin(connection: Connection, *, kind: str, config: Mapping[str, Any], now: int, detail: Mapping[str, Any]) -> str:
    """Open a run and give its id. ``config`` is the fully resolved configuration, without secrets."""
    if not held(connection):
        # Whoever works holds a lease; a run that is open, and nobody works, was killed. What it did stays, and is gone
        # on with from there.
        connection.execute(update(run).where(run.c.state == "running").values(state="killed"))
    run_id = mint("run")
    values = {
        "id": run_id,
        "kind": kind,
        "state": "running",
        "started": now,
        "config_hash": plain_hash(config),
        "config": dict(config),
        "detail": dict(detail),
    }
    connection.execute(run.insert().values(values))
    return run_id


def finish(connection: Connection, run_id: str, *, state: str, exit: int, report: Mapping[str, Any], now: int) -> None:
    """Close a run with its report."""
    connection.execute(
        update(run).where(run.c.id == run_id).values(state=state, exit=exit, report=dict(report), finished=now)
    )


def add(connection: Connection, run_id: str, section: str, name: str, counts: Mapping[str, int]) -> None:
    """Add to counters. A zero makes a counter that is shown although nothing was counted."""
    rows = [
        {"run_id": run_id, "section": section, "name": name, "counter": counter, "value": value}
        for counter, value in counts.items()
    ]
    upsert(connection, run_count, rows, conflict=("run_id", "section", "name", "counter"), update=(), add=("value",))


def note(
    connection: Connection,
    *,
    what: str,
    subject: str | None,
    detail: Mapping[str, Any],
    now: int,
    who: str | None = None,
) -> None:
    """One line of the audit: who did what. Digests and ids, never values."""
    who = who or getpass.getuser()
    connection.execute(insert(audit).values(at=now, who=who, what=what, subject=subject, detail=dict(detail)))


def counts(connection: Connection, run_id: str, section: str) -> dict[str, dict[str, int]]:
    """{name: {counter: value}} of one section of a run."""
    query = select(run_count).where(run_count.c.run_id == run_id, run_count.c.section == section)
    result: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(query):
        result[row.name][row.counter] = row.value
    return dict(result)


def stream_counts(connection: Connection, run_id: str) -> dict[str, dict[str, int]]:
    """{connection/stream: counters}, every counter present."""
    found = counts(connection, run_id, "streams")
    return {name: {c: found[name].get(c, 0) for c in STREAM_COUNTERS} for name in sorted(found)}


def mention_counts(connection: Connection) -> dict[str, int]:
    """How many mentions are in each state."""
    found: Counter[str] = Counter()
    # As their index has them: by the state alone, SQLite would sort all of them first.
    query = select(mention.c.entity, mention.c.state, func.count()).group_by(mention.c.entity, mention.c.state)
    for _, state, number in connection.execute(query):
        found[state] += number
    return {state: found.pop(state, 0) for state in MENTION_STATES} | found


def action_counts(connection: Connection, run_id: str) -> dict[str, dict[str, int]]:
    """{target: {planned, created, …}} of the plans that a run made, by the state that each action has now.

    A run that only applied a plan shows what it did of that one, and what still waits; not what an earlier run did.
    """
    applied = (connection.scalar(select(run.c.detail).where(run.c.id == run_id)) or {}).get("plan")
    plans = select(plan.c.id, plan.c.target).where(or_(plan.c.run_id == run_id, plan.c.id == applied))
    result: dict[str, dict[str, int]] = {}
    for plan_id, target in connection.execute(plans).all():
        for state, number in plan_counts(connection, plan_id, of_run=run_id if plan_id == applied else None).items():
            row = result.setdefault(target, {"planned": 0, **dict.fromkeys(ACTION_STATES, 0)})
            row["planned"] += number
            state = _HELD.get(state, state)
            row[state] = row.get(state, 0) + number
    return result


def imbalances(connection: Connection, run_id: str, mentions: Mapping[str, int] | None = None) -> list[str]:
    """Every way in which the books do not balance at the end of a run, in words; empty when they do.

    ``mentions`` are the ``mention_counts``, where they are known. Of source records those are looked at of which this
    run stored a version: ``solmu doctor`` looks at all.
    """
    found = run_imbalances(connection, run_id)
    found += _mentions_without_state(mention_counts(connection) if mentions is None else mentions)
    brought = select(source_version.c.record_id).where(source_version.c.run_id == run_id)
    return found + _records_without_outcome(connection, source_record.c.id.in_(brought))


def run_imbalances(connection: Connection, run_id: str) -> list[str]:
    """The same of what this run counted: rows read, and actions planned."""
    found = []
    for name, row in stream_counts(connection, run_id).items():
        outcomes = sum(value for counter, value in row.items() if counter != "read")
        if row["read"] != outcomes:
            found.append(f"{name}: {row['read']} rows read, but {outcomes} accounted for")
        if min(row.values()) < 0:
            found.append(f"{name}: a count is negative")
    for target, row in action_counts(connection, run_id).items():
        known = sum(row[state] for state in ACTION_STATES)
        if row["planned"] != known:
            found.append(f"{target}: {row['planned']} actions planned, but {known} accounted for")
    return found


def state_imbalances(connection: Connection) -> list[str]:
    """The same of what the store holds: every mention and every source record is in a state that there is."""
    return _mentions_without_state(mention_counts(connection)) + _records_without_outcome(connection, true())


def check_balance(connection: Connection, run_id: str) -> None:
    """Raise OutOfBalance where the books of a run do not balance."""
    found = imbalances(connection, run_id)
    if found:
        raise OutOfBalance("the books do not balance: " + "; ".join(found))


def _mentions_without_state(counted: Mapping[str, int]) -> list[str]:
    unknown = set(counted) - set(MENTION_STATES)
    return [f"mentions in states that nobody knows: {', '.join(sorted(unknown))}"] if unknown else []


def _records_without_outcome(connection: Connection, these: ColumnElement[bool]) -> list[str]:
    query = select(source_record.c.state, func.count()).where(these).group_by(source_record.c.state)
    known = {"landed", "mapped", "refused", "withdrawn", "erased", "awaited"}
    return [
        f"{number} source records in a state that nobody knows: {state}"
        for state, number in connection.execute(query)
        if state not in known
    ]
