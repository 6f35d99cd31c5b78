"""One payload on its way through a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solmu.errors import Skippable
from solmu.mapping.columns import heading
from solmu.mapping.values import MappingWarning
from solmu.normalise.invalid import Invalid


class Row:
    """``lenient``: the row is ignored anyway, so that nothing in it is refused."""

    __slots__ = ("connection", "lenient", "payload", "warnings")

    def __init__(self, payload: Mapping[str, Any], connection: str, *, lenient: bool = False) -> None:
        self.payload = payload
        self.connection = connection
        self.lenient = lenient
        self.warnings: list[MappingWarning] = []

    def invalid(self, field: str, column: str, problem: Invalid, *, drop: bool) -> None:
        """Refuse the row for that value, or leave the value out with a warning. ``column`` may be a path."""
        column = heading(column, self.payload)
        if not (drop or self.lenient):
            raise Skippable(
                f"{column}: {problem.message}",
                code=problem.code,
                connection=self.connection,
                field=column,
                value=problem.value,
                expected=problem.expected,
            )
        self.warnings.append(MappingWarning(field, column, problem.code, problem.message, problem.value))
