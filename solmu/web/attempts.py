"""How often somebody may try to sign in: so many wrong passwords for one address, and for one user.

Kept in memory: one process serves a hub's pages, and a restart is nothing that a guesser can cause.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from solmu.intake.limits import network

MOST_PER_USER = 8
MOST_PER_ADDRESS = 30
WINDOW = 900.0
"""Seconds in which so many failures are forgotten again."""

REMEMBERED = 10_000


class Attempts:
    """Counts failures. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def take(self, address: str, user: str) -> float:
        """Count an attempt before it is judged: 0.0 where it may be made, else the seconds until one may."""
        now = self._clock()
        keys = (("address", network(address)), MOST_PER_ADDRESS), (("user", user.strip().lower()), MOST_PER_USER)
        with self._lock:
            wait = max(self._wait(key, most, now) for key, most in keys)
            if wait == 0.0:
                for key, _ in keys:
                    self._count(key, now)
            return wait

    def wait(self, address: str) -> float:
        """The seconds until that address may try again, 0.0 for none; nothing is counted."""
        with self._lock:
            return self._wait(("address", network(address)), MOST_PER_ADDRESS, self._clock())

    def failed(self, address: str) -> None:
        """Count a failure of that address only."""
        with self._lock:
            self._count(("address", network(address)), self._clock())

    def succeeded(self, address: str, user: str) -> None:
        """It was no failure: take it off again. The user's earlier failures are forgotten, the address's are not."""
        with self._lock:
            self._failures.pop(("user", user.strip().lower()), None)
            if mine := self._failures.get(("address", network(address))):
                mine.pop()

    def _count(self, key: tuple[str, str], now: float) -> None:
        self._failures.setdefault(key, []).append(now)
        self._failures.move_to_end(key)
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def _wait(self, key: tuple[str, str], most: int, now: float) -> float:
        recent = [at for at in self._failures.get(key, ()) if at > now - WINDOW]
        if recent:
            self._failures[key] = recent
        return max(0.0, recent[-most] + WINDOW - now) if len(recent) >= most else 0.0
