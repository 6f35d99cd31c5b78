"""How long a sender may take before its request has begun.

The web server itself waits for ever for the head of a request; some thousand senders that never finish one would take
all the connections that this process may have.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any

HEAD_SECONDS = 20.0
"""From when a connection, or something on it, came, to when the head of its request is complete."""


class Patience:
    """Knows since when each connection has been waited for. For one thread."""

    def __init__(self, seconds: float = HEAD_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._since: dict[Any, float] = {}

    def lost(self, connections: Collection[Any]) -> list[Any]:
        """Those (uvicorn's protocols) that have been waited for too long; call it again and again."""
        now = self._clock()
        self._since = {each: self._since.get(each, now) for each in connections if _is_awaited(each)}
        return [each for each, since in self._since.items() if now - since > self._seconds]


def _is_awaited(connection: Any) -> bool:
    """Whether the head of a request is missing; one that only rests between two requests has a timer of its own."""
    if connection.timeout_keep_alive_task is not None:
        return False
    return connection.cycle is None or bool(connection.cycle.response_complete)
