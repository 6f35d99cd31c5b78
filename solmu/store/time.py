"""Time as the store keeps it: whole UTC microseconds since 1970."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """The present, in microseconds."""
    return time.time_ns() // 1000


def micros(moment: datetime) -> int:
    """An aware datetime as microseconds, exactly."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(value: int) -> datetime:
    """Microseconds as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=value)


def iso(value: int) -> str:
    """Microseconds as ISO 8601 text to the second, as reports show it."""
    return from_micros(value).isoformat(timespec="seconds").replace("+00:00", "Z")
