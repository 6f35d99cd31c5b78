"""Counts what was turned away, so that the audit tells of it and nobody can fill the store by knocking.

Of each connection and minute the audit gets at most two lines: one at once, with the digest of the first body, and one
with the number of the others when the minute is over.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Connection, insert

from solmu.store import time
from solmu.store.tables import audit

WHAT = "delivery refused"
WHO = "serve"
MINUTE = 60_000_000
KEPT = 10_000
"""Lines that wait for a store that is out of reach; beyond, the oldest are dropped."""


@dataclass(slots=True)
class Line:
    """What one connection was sent in vain. ``at`` in microseconds; ``reasons`` are codes with how often."""

    at: int
    connection: str
    digest: str | None = None
    reasons: Counter[str] = field(default_factory=Counter)


class Refusals:
    """Safe to share between the thread that counts and the one that writes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ready: list[Line] = []
        self._more: dict[str, Line] = {}  # of the present minute, beyond the first

    def count(self, connection: str, code: str, body: bytes, now: int) -> bool:
        """One more. Gives whether it is the first of its minute, which is worth a line in the log."""
        with self._lock:
            open_line = self._more.get(connection)
            if open_line is not None and open_line.at // MINUTE == now // MINUTE:
                open_line.reasons[code] += 1
                return False
            self._close(connection)
            self._more[connection] = Line(now, connection)
            self._ready.append(Line(now, connection, hashlib.sha256(body).hexdigest(), Counter({code: 1})))
            del self._ready[:-KEPT]
            return True

    def take(self, now: int, *, all_of_them: bool = False) -> list[Line]:
        """The lines that are ready: of minutes that are over, the first of the present one, or all."""
        with self._lock:
            for connection, line in list(self._more.items()):
                if all_of_them or line.at // MINUTE < now // MINUTE:
                    self._close(connection)
            ready, self._ready = self._ready, []
            return ready

    def give_back(self, lines: list[Line]) -> None:
        """The store could not take them now."""
        with self._lock:
            self._ready = [*lines, *self._ready][-KEPT:]

    def _close(self, connection: str) -> None:
        line = self._more.pop(connection, None)
        if line is not None and line.reasons:
            self._ready.append(line)


def write(connection: Connection, lines: list[Line]) -> None:
    """Add them to the audit: connection, digest and numbers, nothing of what was sent."""
    rows = [
        {
            "at": line.at,
            "who": WHO,
            "what": WHAT,
            "subject": line.connection,
            "digest": line.digest,
            "detail": {
                "count": line.reasons.total(),
                "minute": time.iso(line.at // MINUTE * MINUTE),
                "reasons": dict(line.reasons),
            },
        }
        for line in lines
    ]
    if rows:
        connection.execute(insert(audit), rows)
