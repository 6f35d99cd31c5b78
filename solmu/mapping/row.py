"""One payload on its way through a mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from solmu.errors import Skippable
from solmu.mapping.columns import heading
from solmu.mapping.values import MappingWarning
from solmu.normalise.invalid import Invalid

Drop = Callable[[str], bool]
"""Whether a value that makes no sense is left out instead of refusing its row, by the code of what is wrong with it."""

_WITHOUT_COUNTRY = frozenset({"phone-without-country", "business-id-without-country", "unknown-region"})


def never(code: str) -> bool:
    """``on_invalid: refuse``."""
    return False


def always(code: str) -> bool:
    """``on_invalid: drop``."""
    return True


def without_country(code: str) -> bool:
    """``on_invalid: drop-without-country``: nothing is wrong with the value, only nobody knows where it is from."""
    return code in _WITHOUT_COUNTRY


ON_INVALID: Mapping[str, Drop] = {"refuse": never, "drop": always, "drop-without-country": without_country}


Columns = tuple[str, ...]
"""Names of columns of a payload."""

Pairs = tuple[tuple[str, Any], ...]
"""Fields with their values."""


class Row:
    """``lenient``: the row is ignored anyway, so that nothing in it is refused."""

    __slots__ = ("connection", "lenient", "payload", "warnings")

    def __init__(self, payload: Mapping[str, Any], connection: str, *, lenient: bool = False) -> None:
        self.payload = payload
        self.connection = connection
        self.lenient = lenient
        self.warnings: list[MappingWarning] = []

    def invalid(self, field: str, column: str, problem: Invalid, *, drop: Drop) -> None:
        """Refuse the row for that value, or leave the value out with a warning. ``column`` may be a path."""
        column = heading(column, self.payload)
        if not (drop(problem.code) or self.lenient):
            raise Skippable(
                f"{column}: {problem.message}",
                code=problem.code,
                connection=self.connection,
                field=column,
                value=problem.value,
                expected=problem.expected,
            )
        self.warnings.append(
            MappingWarning(field, column, problem.code, problem.message, problem.value, problem.expected)
        )


Fill = Callable[[Row, dict[str, Any], dict[str, Columns]], None]
"""Reads a row and sets fields, and beside each the columns that it was read from."""
