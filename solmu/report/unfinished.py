"""Runs that have not come to their end: those under way, and the one that was interrupted or killed last."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from solmu.store import time
from solmu.store.lease import is_at_work
from solmu.store.tables import run

_SHORT = {"interrupted", "killed", "running"}
_WHO = {"process", "who"}
"""What a run's detail says beside what its work was."""
_COUNTED = "rows"
"""What it says of rows that somebody picked: how many, and not which."""


def under_way(connection: Connection) -> list[dict[str, Any]]:
    """The runs that a living process works on, oldest first."""
    rows = connection.execute(select(run).where(run.c.state == "running").order_by(run.c.started))
    return [_shown(row) for row in rows if _is_alive(connection, row)]


def interrupted(connection: Connection) -> dict[str, Any] | None:
    """The newest run that was ended or killed before its end, unless a whole night has been run since, or another run
    to its end that did the same work: it goes on with what was left.

    ``how`` is ``interrupted`` (by a signal, after a batch) or ``killed`` (the process is gone).
    """
    whole = select(run.c.started).where(run.c.kind == "run", run.c.state.not_in(_SHORT))
    newest = connection.scalar(whole.order_by(run.c.started.desc()).limit(1)) or 0
    query = select(run).where(run.c.state.in_(_SHORT), run.c.started > newest).order_by(run.c.started.desc())
    for row in connection.execute(query):
        if row.state == "running" and _is_alive(connection, row):
            continue
        if not _was_taken_over(connection, row):
            return {**_shown(row), "how": "interrupted" if row.state == "interrupted" else "killed"}
    return None


def _was_taken_over(connection: Connection, row: Row[Any]) -> bool:
    """Whether a later run of that kind came to its end whose work was the same: one file, plan or target, or all that
    waits, as where nothing is named."""
    later = select(run.c.detail).where(run.c.kind == row.kind, run.c.state == "done", run.c.started > row.started)
    work = _work(row)
    return _COUNTED not in work and any(_work(each) == work for each in connection.execute(later))


def _work(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row.detail.items() if name not in _WHO}


def _is_alive(connection: Connection, row: Row[Any]) -> bool:
    process = row.detail.get("process")
    return process is not None and is_at_work(connection, process)


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "run_id": row.id,
        "kind": row.kind,
        "started": time.iso(row.started),
        "process": row.detail.get("process"),
    }
