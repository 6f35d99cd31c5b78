"""SELECTs that are put together once, with places for values, and go straight to the driver.

To put a statement together, to find out that it is the same as before, and to wrap its rows costs a page many times
what the database takes to answer a question that an index serves; and a page asks a dozen of them.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Dialect, Select, Text, and_, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

Convert = Callable[[Any], Any]
_NAMED: Any = namedtuple  # its names are known only when a statement is


class Prepared:
    """A question with fixed places for values, each a ``bindparam``, and no list of values but by ``among_these``.

    ``build`` is given a connection, once a dialect: some words differ. Values are converted both ways as their columns'
    types say; a row is a tuple with names.
    """

    def __init__(self, build: Callable[[Connection], Select[Any]]) -> None:
        self._build = build
        self._made: dict[str, _Made] = {}

    def rows(self, connection: Connection, /, **values: Any) -> list[Any]:
        """The answer. Every ``bindparam`` of the statement needs its value.

        Raises what SQLAlchemy raises where the database refuses.
        """
        made = self._made.get(connection.dialect.name)
        if made is None:
            made = self._made[connection.dialect.name] = _Made(self._build(connection), connection.dialect)
        return made.rows(connection, values)

    def first(self, connection: Connection, /, **values: Any) -> Any:
        """The first row, or None."""
        found = self.rows(connection, **values)
        return found[0] if found else None


class _Made:
    """A statement as one kind of database takes it."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        assert not compiled.post_compile_params, "a list of values has no fixed number of places"
        columns = list(statement.selected_columns)
        self._text = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup
        self._converts = _known({name: _to_driver(each.type, dialect) for name, each in compiled.binds.items()})
        self._fixed = self._converted({name: value for name, value in compiled.params.items() if value is not None})
        self._row: Convert = _NAMED("Row", [str(each.key) for each in columns], rename=True)._make
        self._types = [each.type for each in columns]
        self._reads: dict[int, Convert] | None = None  # once the driver has said what it gives

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        if not connection.in_transaction():
            connection.begin()  # as SQLAlchemy does by itself: all of a look sees one state
        given = {**self._fixed, **self._converted(values)}
        parameters: Any = given if self._order is None else [given[name] for name in self._order]
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._text, parameters)
            found = cursor.fetchall()
            if self._reads is None:
                self._reads = self._reading(cursor.description, connection.dialect)
        except connection.dialect.loaded_dbapi.Error as error:
            dialect = connection.dialect
            raise DBAPIError.instance(
                self._text, parameters, error, dialect.loaded_dbapi.Error, dialect=dialect
            ) from error
        finally:
            cursor.close()
        if not self._reads:
            return [self._row(row) for row in found]
        rows = []
        for row in found:
            read = list(row)
            for place, convert in self._reads.items():
                read[place] = convert(read[place])
            rows.append(self._row(read))
        return rows

    def _reading(self, description: Sequence[Sequence[Any]], dialect: Dialect) -> dict[int, Convert]:
        given = zip(self._types, description, strict=True)
        return _known({place: _from_driver(type_, dialect, each[1]) for place, (type_, each) in enumerate(given)})

    def _converted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        converts = self._converts
        return {name: converts[name](value) if name in converts else value for name, value in values.items()}


def _known(converts: Mapping[Any, Convert | None]) -> dict[Any, Convert]:
    return {key: convert for key, convert in converts.items() if convert is not None}


def _to_driver(type_: Any, dialect: Dialect) -> Convert | None:
    found: Convert | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return found


def _from_driver(type_: Any, dialect: Dialect, given: Any) -> Convert | None:
    found: Convert | None = type_.dialect_impl(dialect).result_processor(dialect, given)
    return found


def among_these(connection: Connection, column: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """``among`` of ``store.sql`` with a place for the ids, however many there are."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(name, type_=_Listed(column.type)))
    return column.in_(select(func.json_each(bindparam(name, type_=_Texts())).table_valued("value").c.value))


def begins_with(connection: Connection, column: ColumnElement[Any], suffix: str = "") -> ColumnElement[bool]:
    """``begins`` of ``store.sql`` with places for the values that ``beginning`` gives."""
    if connection.dialect.name == "postgresql":
        return column.like(bindparam(f"begins{suffix}"), escape="/")
    return and_(column >= bindparam(f"low{suffix}"), column < bindparam(f"high{suffix}"))


def beginning(text: str, suffix: str = "") -> dict[str, str]:
    """The values by which ``begins_with`` finds what begins with ``text``."""
    values = {"begins": f"{escaped(text)}%", "low": text, "high": text + "\U0010ffff"}
    return {f"{name}{suffix}": value for name, value in values.items()}


def escaped(text: str) -> str:
    """The text as a part of what LIKE looks for, with ``/`` to escape."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


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
