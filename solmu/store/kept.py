"""SELECTs that are put together once, with places for values, and give rows as SQLAlchemy does.

To put a statement together, and to find out that it is the same as before, takes longer than the database does to
answer a question that an index serves. ``prepared.py`` goes further, for questions whose values need no type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, CursorResult, Dialect, Select, Text, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator


class Kept:
    """A question with fixed places for values, each a ``bindparam``; ``build`` is asked once a dialect."""

    def __init__(self, build: Callable[[Connection], Select[Any]]) -> None:
        self._build = build
        self._made: dict[str, Select[Any]] = {}

    def __call__(self, connection: Connection, /, **values: Any) -> CursorResult[Any]:
        """The answer. Every ``bindparam`` of the statement needs its value."""
        made = self._made.get(connection.dialect.name)
        if made is None:
            made = self._made[connection.dialect.name] = self._build(connection)
        return connection.execute(made, values)


def among_these(connection: Connection, column: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """``among`` of ``store.sql`` with a place for the ids, however many there are."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(name, type_=_Listed(column.type)))
    return column.in_(select(func.json_each(bindparam(name, type_=_Texts())).table_valued("value").c.value))


class _Listed(TypeDecorator[Collection[int]]):
    """Ids as an array."""

    impl = postgresql.ARRAY
    cache_ok = True

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        return list(value or ())


class _Texts(TypeDecorator[Collection[int]]):
    """Ids as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> str:
        return orjson.dumps(list(value or ())).decode()
