"""Values of a database: as JSON has them, as cursors keep them, and a little earlier."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from solmu.exchange import Cursor

_BIGGEST = 2**63  # what JSON's readers here take for a whole number
_CURSOR_TYPES = {"datetime": datetime, "date": date, "decimal": Decimal, "bytes": bytes, "int": int, "float": float}


def json_value(value: Any) -> Any:
    """A database's value as JSON has it: decimals as text, dates and times as ISO 8601, bytes as base64."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if -_BIGGEST <= value < _BIGGEST else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, Mapping):
        return {str(key): json_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(each) for each in value]
    return str(value)  # Decimal, UUID, network addresses, intervals


def earlier(value: Any, seconds: float) -> Any:
    """A time, as the database gives it or as ISO text, so many seconds earlier and in the same form.

    Raises TypeError or ValueError for what is no time.
    """
    lag = timedelta(seconds=seconds)
    if isinstance(value, datetime):
        return value - lag
    if isinstance(value, date):
        return value - timedelta(days=math.ceil(lag / timedelta(days=1)))
    if not isinstance(value, str):
        raise TypeError(value)
    if len(value) == 10:
        return earlier(date.fromisoformat(value), seconds).isoformat()
    moment = datetime.fromisoformat(value) - lag
    text = moment.isoformat(value[10], "microseconds" if "." in value else "seconds")
    return text.replace("+00:00", "Z") if value.endswith("Z") else text


def is_later(stamp: Any, known: Any) -> bool:
    """Whether a cursor moves on to ``stamp``."""
    try:
        return known is None or bool(stamp > known)
    except TypeError:  # the column changed its type: what it gives now counts
        return True


def to_cursor(value: Any) -> Cursor | None:
    """The cursor's value, with its type, so that it goes back to the database as what it was."""
    if value is None:
        return None
    kind = next((name for name, of in _CURSOR_TYPES.items() if type(value) is of), "str")
    return {"type": kind, "value": json_value(value)}


def from_cursor(cursor: Cursor) -> Any:
    """The value that ``to_cursor`` was given."""
    value = cursor["value"]
    match cursor["type"]:
        case "datetime":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case "decimal":
            return Decimal(value)
        case "bytes":
            return base64.b64decode(value)
        case "int":
            return int(value)
        case _:
            return value


def kind_of(values: Sequence[Any]) -> str:
    """What a column holds, by some of its values."""
    filled = [value for value in values if value is not None]
    for name, types in (
        ("boolean", bool),
        ("number", int | float | Decimal),
        ("datetime", datetime),
        ("date", date),
    ):
        if filled and all(isinstance(value, types) for value in filled):
            return name
    return "text"
