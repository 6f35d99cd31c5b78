"""The little SQL that SQLite and PostgreSQL share but SQLAlchemy words apart."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import orjson
from sqlalchemy import ColumnElement, Connection, CursorResult, Table, any_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

CHUNK = 500
"""How many ids go into one IN list: below SQLite's oldest limit of 999 parameters."""


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    *,
    conflict: Sequence[str],
    update: Sequence[str] | None = None,
    add: Sequence[str] = (),
) -> None:
    """INSERT … ON CONFLICT for many rows.

    ``conflict`` names the unique columns. ``update`` are the columns that the new row overwrites (None: all others;
    empty: the old row stays); ``add`` are counters to which the new value is added.
    """
    if not rows:
        return
    build = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = build(table)
    columns = list(rows[0])
    overwrite = [c for c in columns if c not in conflict and c not in add] if update is None else list(update)
    values: dict[str, Any] = {c: statement.excluded[c] for c in overwrite}
    values |= {c: table.c[c] + statement.excluded[c] for c in add}
    if values:
        connection.execute(statement.on_conflict_do_update(index_elements=list(conflict), set_=values), rows)
    else:
        connection.execute(statement.on_conflict_do_nothing(index_elements=list(conflict)), rows)


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most ``size``."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def among(
    connection: Connection, column: ColumnElement[Any], values: Collection[int] | Collection[str]
) -> ColumnElement[bool]:
    """``column IN values`` as one parameter, however many values there are."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(values), postgresql.ARRAY(column.type)))
    texts = orjson.dumps(list(values)).decode()
    if "\\u0000" in texts:  # SQLite's JSON ends a text there
        return column.in_(values)
    return column.in_(select(func.json_each(texts).table_valued("value").c.value))


def begins(connection: Connection, column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a text column begins with ``text``, in the words that make each database use an index."""
    if connection.dialect.name == "postgresql":
        return column.startswith(text, autoescape=True)
    return (column >= text) & (column < text + "\U0010ffff")


def run_with_ids(
    connection: Connection, statement: str, parameters: Sequence[Any], ids: Collection[int]
) -> CursorResult[Any]:
    """Execute SQL in which ``?`` stands for a value and ``IDS``, at its end or beyond all values, for a table of ids.

    For statements of hot paths: to put one together anew costs more than many a batch.
    """
    if connection.dialect.name == "postgresql":
        statement = statement.replace("?", "%s").replace("IDS", "(SELECT id FROM unnest(%s::bigint[]) AS id)")
        return connection.exec_driver_sql(statement, (*parameters, list(ids)))
    statement = statement.replace("IDS", "(SELECT value AS id FROM json_each(?))")
    return connection.exec_driver_sql(statement, (*parameters, orjson.dumps(list(ids)).decode()))


def new_ids(connection: Connection, table: Table, count: int, *, after: int = 0) -> Sequence[int]:
    """Ids for ``count`` rows that this write transaction is about to add, ascending.

    Known beforehand, so that rows which name each other can be added many at a time, without asking for ids in between.
    ``after`` is the last id that this transaction was given before, whose row it has not added yet.
    """
    if count == 0:
        return ()
    if connection.dialect.name == "postgresql":
        sequence = func.nextval(func.pg_get_serial_sequence(f'"{table.name}"', "id"))
        return sorted(connection.scalars(select(sequence).select_from(func.generate_series(1, count))))
    # Nobody else writes while this transaction does, and SQLite itself goes on from the highest id as well.
    first = max(after, connection.scalar(select(func.max(table.c.id))) or 0) + 1
    return range(first, first + count)


def add_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    positions: Collection[str] = (),
    ids: Sequence[int] = (),
) -> None:
    """INSERT many rows as fast as the driver can: values go to it as they are, documents as JSON text.

    In columns of ``positions`` the rows hold places in ``ids``, and get those ids.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    placed = [place for place, column in enumerate(columns) if column in positions]
    marks = ["?"] * len(columns)
    if isinstance(ids, range):  # SQLite's, which it can add up itself
        for place in placed:
            marks[place] = f"? + {ids.start}"
    elif placed:
        rows = [_with_ids(row, placed, ids) for row in rows]
    run_many(connection, f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join(marks)})', rows)  # noqa: S608 (ours)


def _with_ids(row: tuple[Any, ...], placed: Sequence[int], ids: Sequence[int]) -> tuple[Any, ...]:
    values = list(row)
    for place in placed:
        if values[place] is not None:
            values[place] = ids[values[place]]
    return tuple(values)


def as_document(value: Any) -> str:
    """The JSON text of a document, for rows that go to the driver as they are."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # halves of characters, and numbers beyond 64 bits
        return json.dumps(value)


def from_json(text: str | bytes) -> Any:
    """The value of the JSON text of a document."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)  # which takes halves of characters, and numbers that are none


def from_stored(value: Any) -> Any:
    """A document as the driver gives it where no type of SQLAlchemy's has read it: text on SQLite."""
    return from_json(value) if isinstance(value, str | bytes) else value


def run_many(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Execute SQL once for each row, values going to the driver as they are. ``?`` stands for a value.

    Gives how many rows of the table it wrote to.
    """
    if not rows:
        return 0
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    return connection.exec_driver_sql(statement.replace("?", mark), list(rows)).rowcount
