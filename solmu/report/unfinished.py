"""Runs that have not come to their end: those under way, and the one that was interrupted or killed last."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from solmu.store import time
from solmu.store.lease import is_at_work
from solmu.store.tables import run

_SHORT = {"interrupted", "killed", "running"}


def under_way(connection: Connection) -> list[dict[str, Any]]:
    """The runs that a living process works on, oldest first."""
    rows = connection.execute(select(run).where(run.c.state == "running").order_by(run.c.started))
    return [_shown(row) for row in rows if _is_alive(connection, row)]


def interrupted(connection: Connection) -> dict[str, Any] | None:
    """The newest run that was ended or killed before its end, unless a whole night has been run since.

    ``how`` is ``interrupted`` (by a signal, after a batch) or ``killed`` (the process is gone).
    """
    whole = select(run.c.started).where(run.c.kind == "run", run.c.state.not_in(_SHORT))
    newest = connection.scalar(whole.order_by(run.c.started.desc()).limit(1)) or 0
    query = select(run).where(run.c.state.in_(_SHORT), run.c.started > newest).order_by(run.c.started.desc())
    for row in connection.execute(query):
        if row.state != "running" or not _is_alive(connection, row):
            return {**_shown(row), "how": "interrupted" if row.state == "interrupted" else "killed"}
    return None


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
