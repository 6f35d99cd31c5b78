"""Migrations with rows in every table: what a store holds is there after each of them, down and up again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Boolean, Connection, Float, Integer, LargeBinary, String, Table, inspect, select

import solmu.store
from solmu.store import open_store
from solmu.store.migrate import migrate, newest
from solmu.store.tables import metadata

MIGRATIONS = Path(solmu.store.__file__).parent / "migrations"
Rows = dict[str, list[dict[str, Any]]]


def a_row(table: Table, number: int) -> dict[str, Any]:
    """A row with something in every column; the rows of one number belong together, as far as keys go."""
    return {column.name: _value(column.type, number) for column in table.columns}


def _value(kind: Any, number: int) -> Any:
    match kind:
        case String():
            return f"text {number}"
        case LargeBinary():
            return bytes([number])
        case Boolean():
            return True
        case Float():
            return number / 4
        case Integer():
            return number
    return {"number": number}


def rows(connection: Connection) -> Rows:
    """All that is stored, as far as this version has tables and columns for it."""
    there = inspect(connection)
    found: Rows = {}
    for table in metadata.sorted_tables:
        if there.has_table(table.name):
            columns = {column["name"] for column in there.get_columns(table.name)}
            chosen = [column for column in table.columns if column.name in columns]
            query = select(*chosen).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(query).mappings()]
    return found


def version(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def one_down(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.downgrade(config, "-1")


def as_far_as_there_is_room(kept: Rows, now: Rows) -> Rows:
    """What is kept, without the tables and columns that this version has not."""
    return {
        table: [{name: value for name, value in row.items() if name in now[table][0]} for row in kept[table]]
        for table in now
    }


def test_every_migration_keeps_the_rows_that_are_there(database_url: str) -> None:
    with open_store(database_url) as store, store.write() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.insert(), [a_row(table, number) for number in (1, 2)])
        kept = rows(connection)
        assert all(len(each) >= 2 for each in kept.values())
        versions = [version(connection)]
        while versions[-1] != "0001":
            one_down(connection)
            versions.append(version(connection))
            now = rows(connection)
            assert now == as_far_as_there_is_room(kept, now), versions[-1]
        oldest = rows(connection)
        for to in reversed(versions[:-1]):
            migrate(connection, to)
            now = rows(connection)
            assert as_far_as_there_is_room(now, oldest) == oldest, to
        assert version(connection) == newest()
        assert set(now) == set(kept)
