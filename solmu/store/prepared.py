"""SELECTs that are put together once and asked many times.

To put a statement together, and to find out that it is the same as before, costs a page more than the database takes to
answer a question that an index serves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam


class Prepared:
    """A question with fixed places for values, each a ``bindparam``, and no list of values, which has no fixed number.

    ``build`` is given a connection, once a dialect: some words differ. Values go to the driver, and come from it, as
    they are: for ids, numbers and text.
    """

    def __init__(self, build: Callable[[Connection], Select[Any]]) -> None:
        self._build = build
        self._made: dict[str, tuple[str, list[str] | None, dict[str, Any]]] = {}

    def rows(self, connection: Connection, /, **values: Any) -> list[tuple[Any, ...]]:
        """The answer. Every ``bindparam`` of the statement needs its value."""
        made = self._made.get(connection.dialect.name)
        if made is None:
            compiled: Any = self._build(connection).compile(dialect=connection.dialect)
            fixed = {name: value for name, value in compiled.params.items() if value is not None}
            made = self._made[connection.dialect.name] = (str(compiled), compiled.positiontup, fixed)
        text, order, fixed = made
        values = {**fixed, **values}
        parameters: Any = values if order is None else tuple(values[name] for name in order)
        return [tuple(row) for row in connection.exec_driver_sql(text, parameters)]


def begins_with(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """``begins`` of ``store.sql`` with places for the values that ``beginning`` gives."""
    if connection.dialect.name == "postgresql":
        return column.like(bindparam("begins"), escape="/")
    return and_(column >= bindparam("low"), column < bindparam("high"))


def beginning(text: str) -> dict[str, str]:
    """The values by which ``begins_with`` finds what begins with ``text``."""
    escaped = text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return {"begins": f"{escaped}%", "low": text, "high": text + "\U0010ffff"}
