"""How much the door lets in: so many deliveries a second, and so many bytes at once."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address

CLIENTS = 10_000
"""Addresses that are remembered; the one that was silent longest is forgotten first."""

SECONDS_SAVED_UP = 2.0
"""A sender that was silent may send so many seconds' worth at once."""

HELD = 256 * 1_048_576
"""Bytes of deliveries that may be in memory at once, read but not yet stored."""


class Rate:
    """Deliveries a second, for each connection and client a bucket of its own. For one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()  # what is left, and when

    def wait(self, connection: str, client: str, rate: float) -> float:
        """Take one delivery in at ``rate`` a second: 0.0 where it may pass, else the seconds until one may."""
        who, now, most = (connection, network(client)), self._clock(), max(1.0, rate * SECONDS_SAVED_UP)
        left, at = self._buckets.pop(who, (most, now))
        left = min(most, left + (now - at) * rate)
        passes = left >= 1
        self._buckets[who] = (left - 1 if passes else left, now)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if passes else (1 - left) / rate


class Full(Exception):
    """No room for more bytes now."""


class Budget:
    """Bytes that are held at once by all requests together. For one thread."""

    def __init__(self, most: int = HELD) -> None:
        self._most = most
        self._held = 0

    @contextmanager
    def share(self) -> Iterator[Callable[[int], None]]:
        """A part of it for one request: call what this gives with each number of bytes more. Raises Full."""
        mine = 0

        def take(more: int) -> None:
            nonlocal mine
            if self._held + more > self._most:
                raise Full
            mine += more
            self._held += more

        try:
            yield take
        finally:
            self._held -= mine


def network(client: str) -> str:
    """An IPv6 sender has a whole /64 to send from, so that is what is counted."""
    if ":" not in client:
        return client
    try:
        return str(IPv6Address(client).packed[:8].hex())
    except ValueError:
        return client
