"""When the sources were read last: what a plan that reads nothing itself is as true as."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, func, select

from solmu.report.connections import SILENCE
from solmu.store import time
from solmu.store.tables import run, run_count


def last_readings(connection: Connection, names: Collection[str]) -> dict[str, str | None]:
    """{connection: when the newest run that has read it began, in ISO 8601}; None where none of the last runs has."""
    newest = select(run.c.id, run.c.started).order_by(run.c.started.desc()).limit(SILENCE).subquery()
    query = (
        select(run_count.c.name, func.max(newest.c.started))
        .join(newest, newest.c.id == run_count.c.run_id)
        .where(run_count.c.section == "streams")
        .group_by(run_count.c.name)
    )
    found: dict[str, int] = defaultdict(int)
    for path, started in connection.execute(query):
        name = path.partition("/")[0]
        found[name] = max(found[name], started)
    return {name: time.iso(found[name]) if name in found else None for name in sorted(names)}


def in_words(readings: dict[str, str | None]) -> str:
    """In one line, oldest first: ``2026-11-22T03:30:00Z (crm, leads); never (orders)``."""
    together: dict[str, list[str]] = defaultdict(list)
    for name, at in readings.items():
        together[at or "never"].append(name)
    ends = sorted(together, key=lambda at: (at != "never", at))
    return "; ".join(f"{at} ({', '.join(together[at])})" for at in ends)
