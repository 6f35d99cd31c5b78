"""Pins that run out: the golden record is computed without them, by the next run.

A pin with an expiry stands in ``dirty`` under the consumer ``pin`` until it has run out or was withdrawn, so that
finding those that are due costs what has an expiry and not what was ever pinned.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import time as clock
from datetime import timedelta

from sqlalchemy import Connection, select

from solmu.store import Store, dirty, time
from solmu.store.sql import chunks
from solmu.store.tables import dirty as marks
from solmu.store.tables import link, pin

CONSUMER = "pin"
_BATCH = 500
_DAY, _MIDNIGHT = timedelta(days=1), clock()


def watch(connection: Connection, pins: Collection[int]) -> None:
    """These pins have an expiry."""
    dirty.mark(connection, CONSUMER, pins)


def mark_expired(store: Store, now: int) -> int:
    """Mark the golden records whose pins ran out by ``now``, in microseconds; gives how many pins those are."""
    after = expired = 0
    while True:
        with store.read() as connection:
            work = dirty.take(connection, CONSUMER, _BATCH, after=after)
            rows = {row.id: row for row in connection.execute(select(pin).where(pin.c.id.in_([id for id, _ in work])))}
        if not work:
            return expired
        after = work[-1][0]
        over = [(id, generation) for id, generation in work if _is_over(rows.get(id), now)]
        if over:
            with store.write() as connection:
                due = [rows[id].mention_id for id, _ in over if id in rows and rows[id].withdrawn_at is None]
                mark_holders(connection, due)
                dirty.done(connection, CONSUMER, over)
            expired += len(due)


def mark_holders(connection: Connection, mentions: Collection[int]) -> None:
    """Mark the golden records of these mentions to be computed anew."""
    for some in chunks(sorted(set(mentions))):
        query = select(link.c.golden_id).where(link.c.mention_id.in_(some), link.c.until.is_(None))
        dirty.mark(connection, "golden", connection.scalars(query).all())


def awaiting(connection: Connection, goldens: Collection[int], now: int) -> set[int]:
    """Those of ``goldens`` that are still as a pin had them that ran out by ``now``."""
    found: set[int] = set()
    for some in chunks(goldens):
        query = (
            select(link.c.golden_id)
            .join(pin, pin.c.mention_id == link.c.mention_id)
            .where(
                link.c.golden_id.in_(some),
                link.c.until.is_(None),
                pin.c.withdrawn_at.is_(None),
                pin.c.expires_at <= now,
                pin.c.id.in_(select(marks.c.id).where(marks.c.consumer == CONSUMER)),
            )
        )
        found.update(connection.scalars(query))
    return found


def last_day(expires_at: int | None) -> str | None:
    """Until when a pin holds, as whoever set it says it: the last day, or the moment where it does not end with one."""
    if expires_at is None:
        return None
    moment = time.from_micros(expires_at)
    return time.iso(expires_at) if moment.time() != _MIDNIGHT else (moment - _DAY).date().isoformat()


def _is_over(row: object, now: int) -> bool:
    expires = getattr(row, "expires_at", None)
    return expires is None or getattr(row, "withdrawn_at", None) is not None or bool(expires <= now)
