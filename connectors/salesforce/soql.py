"""Queries ("SOQL and SOSL Reference")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_MOST_IN_A_LIST = 200
# A URI may have 16,384 bytes; this leaves room for the fields.
_LONGEST_LIST = 6_000


def text(value: str) -> str:
    """A string literal."""
    return f"'{value.translate(_ESCAPES)}'"


def moment(value: datetime) -> str:
    """A date-and-time literal, to the second below: what an org shows of its stamps, too."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def select(fields: Sequence[str], sobject: str, *conditions: str | None, order: str | None = None) -> str:
    """A query; conditions that are None are left out, the others all hold."""
    query = f"SELECT {', '.join(fields)} FROM {sobject}"  # noqa: S608 - names that the org described; values are quoted
    given = [condition for condition in conditions if condition]
    if given:
        query += f" WHERE {' AND '.join(given)}"
    return f"{query} ORDER BY {order}" if order else query


def among(field: str, values: Sequence[str]) -> str:
    """That a field has one of the values."""
    return f"{field} IN ({','.join(map(text, values))})"


def lists(values: Iterable[str]) -> Iterator[list[str]]:
    """The values in portions that fit into one query each."""
    portion: list[str] = []
    size = 0
    for value in values:
        # In a URI every character beyond ASCII is up to twelve, every quotation mark three.
        length = 3 * len(value.encode()) + 9 if not (value.isascii() and value.isalnum()) else len(value) + 9
        if portion and (len(portion) == _MOST_IN_A_LIST or size + length > _LONGEST_LIST):
            yield portion
            portion, size = [], 0
        portion.append(value)
        size += length
    if portion:
        yield portion
