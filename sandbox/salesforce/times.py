"""Times as the API writes them. Inside: whole milliseconds since 1970 in UTC."""

import re
import time
from datetime import UTC, date, datetime, timedelta

_DATETIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?",
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The whole second that was written last, and its text: a page of records shares few of them.
_written: dict[int, str] = {}


def now() -> int:
    return time.time_ns() // 1_000_000


def write(milliseconds: int) -> str:
    """`2026-11-21T23:36:44.123+0000`"""
    second, rest = divmod(milliseconds, 1000)
    text = _written.get(second)
    if text is None:
        if len(_written) > 4096:
            _written.clear()
        text = _written[second] = (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:03}+0000"


def read(text: str) -> int | None:
    """Milliseconds of an ISO 8601 date and time; one without an offset is UTC. None if it is none."""
    match = _DATETIME.fullmatch(text.strip())
    if match is None:
        return None
    day, minutes, seconds, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{minutes}:{seconds or '00'}{_offset(offset)}")
    except ValueError:
        return None
    return round((moment - _EPOCH) / timedelta(milliseconds=1)) + int((fraction or "0").ljust(3, "0")[:3])


def _offset(text: str | None) -> str:
    if text is None or text == "Z":
        return "+00:00"
    return text if ":" in text else f"{text[:3]}:{text[3:]}"


def read_date(text: str) -> str | None:
    """A date in `YYYY-MM-DD`; the date part of a date and time is taken, as the API does. None if it is none."""
    candidate = text.strip()
    if len(candidate) > 10 and _DATETIME.fullmatch(candidate):
        candidate = candidate[:10]
    if not _DATE.fullmatch(candidate):
        return None
    try:
        return date.fromisoformat(candidate).isoformat()
    except ValueError:
        return None
