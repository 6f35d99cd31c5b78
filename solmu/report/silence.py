"""Which sources have gone silent, each by its own rhythm.

Of each connection the last days are kept on which it brought something: rows that were new, changed or gone. A source
is silent once nothing came for three times its usual gap. One that has shown no rhythm yet is never said to be: a new
hub has no silent sources.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from solmu.followup.stand import silence
from solmu.store import time
from solmu.store.sql import among, upsert
from solmu.store.tables import meta, run

DAYS = 24
"""Days on which something came that are kept: enough for a rhythm, few enough to notice that it has changed."""
ENOUGH = 5
"""Days on which something must have come before a gap between them says anything."""

_CAME = ("new", "changed", "deleted")
_NAME = "came:"

Streams = Mapping[str, Mapping[str, int]]
"""``streams`` of a run's report."""


def note_arrivals(connection: Connection, streams: Streams, *, now: int) -> None:
    """Keep the day for those connections of which this run has read something new. ``now`` is in microseconds."""
    today = _day(now).toordinal()
    before = _kept(connection, _bringing(streams))
    rows = [
        {"name": f"{_NAME}{name}", "value": json.dumps([*days, today][-DAYS:])}
        for name, days in before.items()
        if not days or days[-1] < today
    ]
    upsert(connection, meta, rows, conflict=["name"])


def silent_sources(
    connection: Connection, names: Collection[str], streams: Streams, *, now: int, least: int
) -> list[dict[str, Any]]:
    """Those of the connections that were read in a run and are silent, longest silent first.

    ``{connection, last, days, limit, newly}``: the last day on which something came, how many days ago that is, how
    many would have been usual enough, and whether the night before did not say so yet. ``least`` days are never too
    many.
    """
    today = _day(now)
    known = {each["connection"] for each in silent_last_night(connection)}
    found = []
    for name, days in _kept(connection, set(names) - _bringing(streams)).items():
        if len(days) < ENOUGH:
            continue
        quiet, limit = today.toordinal() - days[-1], int(silence(days, least=least))
        if quiet > limit:
            last = date.fromordinal(days[-1]).isoformat()
            found.append({"connection": name, "last": last, "days": quiet, "limit": limit, "newly": name not in known})
    return sorted(found, key=lambda each: (-each["days"], each["connection"]))


def silent_last_night(connection: Connection) -> list[dict[str, Any]]:
    """What the newest night that came to an end has said of it."""
    query = (
        select(run.c.report)
        .where(run.c.kind == "run", run.c.finished.is_not(None), run.c.report.is_not(None))
        .order_by(run.c.started.desc())
        .limit(1)
    )
    report: Mapping[str, Any] = connection.scalar(query) or {}
    return list(report.get("silent", ()))


def in_words(one: Mapping[str, Any]) -> str:
    """One of them for people."""
    return f"{one['connection']} is silent: nothing new since {one['last']}, and {one['limit']} days would be usual"


def _bringing(streams: Streams) -> set[str]:
    return {path.partition("/")[0] for path, row in streams.items() if any(row.get(each) for each in _CAME)}


def _kept(connection: Connection, names: Collection[str]) -> dict[str, list[int]]:
    """By connection, the days that are kept of it, as ordinals, ascending."""
    wanted = {f"{_NAME}{name}": name for name in sorted(names)}
    query = select(meta.c.name, meta.c.value).where(among(connection, meta.c.name, list(wanted)))
    days = {wanted[row.name]: json.loads(row.value) for row in connection.execute(query)}
    return {name: days.get(name, []) for name in wanted.values()}


def _day(micros: int) -> date:
    return time.from_micros(micros).date()
