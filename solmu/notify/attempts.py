"""Trying again, a few times, what may go through a moment later."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from solmu.errors import Retriable

T = TypeVar("T")

ATTEMPTS = 3
PAUSE = 5.0
"""Seconds after the first attempt; twice as many after each further one."""

LONGEST_PAUSE = 30.0
"""Seconds. A run must not wait long for somebody to take a message."""


def attempt(send: Callable[[], T]) -> T:
    """What ``send`` gives. Raises its Retriable after three attempts, and any other error at once."""
    trying = Retrying(
        retry=retry_if_exception_type(Retriable),
        stop=stop_after_attempt(ATTEMPTS),
        wait=_pause,
        sleep=time.sleep,
        reraise=True,
    )
    return trying(send)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Retriable) else None
    doubled: float = PAUSE * 2 ** (state.attempt_number - 1)
    return min(max(doubled, asked or 0.0), LONGEST_PAUSE)
