"""The little SQL that SQLite and PostgreSQL share but SQLAlchemy words apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
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
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
