"""What queries become: values, cursors, keys, refusals. SQLite throughout; the contract runs on PostgreSQL too."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from connectors.sql import QueryStream, SqlConnector, SqlSettings
from connectors.sql.values import earlier, from_cursor, json_value, to_cursor
from solmu.errors import Fatal, Retriable
from solmu.exchange import Row


@pytest.fixture
def erp(tmp_path: Path) -> Path:
    execute(tmp_path, "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, amount NUMERIC, changed TEXT)")
    for number in range(1, 4):
        execute(tmp_path, f"INSERT INTO orders VALUES ({number}, 'Ärjä Oy', {number}.5, '2024-05-0{number} 10:00:00')")
    return tmp_path


def execute(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "erp.db") as connection:
        connection.execute(statement)
    connection.close()


def connect(folder: Path, url: str = "sqlite:///erp.db", timezone: str = "UTC", **stream: Any) -> SqlConnector:
    settings = SqlSettings.model_validate({"url": url, "timezone": timezone})
    streams = {"orders": QueryStream.model_validate({"query": "SELECT * FROM orders"} | stream)}
    return SqlConnector(name="erp", settings=settings, streams=streams, folder=folder)


def read(connector: SqlConnector, cursor: dict[str, Any] | None = None) -> list[Row]:
    rows = [row for batch in connector.read("orders", cursor) for row in batch.rows]
    return [row for row in rows if isinstance(row, Row)]


def test_a_whole_list_is_keyed_as_stated(erp: Path) -> None:
    rows = read(connect(erp, key=["id"]))
    assert [row.key for row in rows] == ["1", "2", "3"]
    assert rows[0].payload == {"id": 1, "customer": "Ärjä Oy", "amount": 1.5, "changed": "2024-05-01 10:00:00"}


def test_the_stamp_of_a_row_is_utc(erp: Path) -> None:
    [first, *_] = read(connect(erp, timezone="Europe/Helsinki", key=["id"], cursor="changed"))
    assert first.changed_at == datetime(2024, 5, 1, 7, tzinfo=UTC)


def test_a_number_can_be_the_cursor(erp: Path) -> None:
    connector = connect(erp, key=["id"], cursor="id")
    [batch] = connector.read("orders", None)
    assert batch.cursor == {"type": "int", "value": 3}
    execute(erp, "INSERT INTO orders VALUES (4, 'Uusi Oy', 1, NULL)")
    assert [row.key for row in read(connector, batch.cursor)] == ["3", "4"]


def test_rows_without_a_stamp_come_every_time(erp: Path) -> None:
    execute(erp, "INSERT INTO orders VALUES (4, 'Ajaton Oy', 1, NULL)")
    connector = connect(erp, key=["id"], cursor="changed")
    *_, batch = connector.read("orders", None)
    assert sorted(row.key for row in read(connector, batch.cursor)) == ["3", "4"]


def test_a_query_may_place_the_cursor_itself(erp: Path) -> None:
    query = "SELECT * FROM orders WHERE :cursor IS NULL OR changed >= :cursor;"
    connector = connect(erp, query=query, key=["id"], cursor="changed")
    assert connector.check()
    [batch] = connector.read("orders", None)
    assert len(batch.rows) == 3
    assert [row.key for row in read(connector, batch.cursor)] == ["3"]


def test_the_lag_reaches_back(erp: Path) -> None:
    connector = connect(erp, key=["id"], cursor="changed", lag_seconds=86_400)
    [batch] = connector.read("orders", None)
    assert [row.key for row in read(connector, batch.cursor)] == ["2", "3"]


def test_columns_of_one_name_are_told_apart(erp: Path) -> None:
    [first, *_] = read(connect(erp, query="SELECT a.id, b.id FROM orders a JOIN orders b ON a.id = b.id"))
    assert first.payload == {"id": 1, "id (2)": 1}


def test_identical_rows_without_a_key_are_numbered(erp: Path) -> None:
    rows = read(connect(erp, query="SELECT customer FROM orders"))
    assert len({row.key for row in rows}) == 3


def test_nothing_can_be_written_by_a_query(erp: Path) -> None:
    with pytest.raises(Fatal) as raised:
        read(connect(erp, query="DELETE FROM orders RETURNING id"))
    assert (raised.value.code, raised.value.field) == ("bad-query", "query")
    assert len(read(connect(erp))) == 3


def test_a_locked_database_asks_to_come_back(erp: Path) -> None:
    other = sqlite3.connect(erp / "erp.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(Retriable) as raised:
            read(connect(erp, url="sqlite:///erp.db?timeout=0.1"))
    finally:
        other.close()
    assert (raised.value.connection, raised.value.stream) == ("erp", "orders")


def test_an_error_does_not_show_the_password(tmp_path: Path) -> None:
    connector = connect(tmp_path, url="postgresql+psycopg://solmu:very-secret@127.0.0.1:1/erp")
    with pytest.raises(Fatal) as raised:
        connector.check()
    assert raised.value.field == "url"
    assert "very-secret" not in str(raised.value)


def test_without_streams_every_table_is_offered(erp: Path) -> None:
    settings = SqlSettings.model_validate({"url": "sqlite:///erp.db"})
    [info] = SqlConnector(name="erp", settings=settings, streams={}, folder=erp).discover()
    assert (info.name, info.key) == ("orders", ("id",))
    assert [field.name for field in info.fields] == ["id", "customer", "amount", "changed"]


@pytest.mark.parametrize(
    "settings",
    [
        {"query": "SELECT 1", "cursor": "changed"},
        {"query": "SELECT 1", "lag_seconds": 60},
        {"query": "SELECT 1 WHERE x >= :cursor"},
        {"query": ""},
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        QueryStream.model_validate(settings)


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (None, None),
        (True, True),
        (2**63, "9223372036854775808"),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (Decimal("10.10"), "10.10"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), "2024-02-29T01:02:03+00:00"),
        (time(1, 2), "01:02:00"),
        (b"\x00\xff", "AP8="),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ({"a": [Decimal(1), None]}, {"a": ["1", None]}),
    ],
)
def test_values_become_json(value: Any, json: Any) -> None:
    assert json_value(value) == json


@pytest.mark.parametrize(
    ("value", "before"),
    [
        (datetime(2024, 3, 1, 0, 0, 30, tzinfo=UTC), datetime(2024, 2, 29, 23, 59, 30, tzinfo=UTC)),
        (date(2024, 3, 1), date(2024, 2, 29)),
        ("2024-03-01 00:00:30", "2024-02-29 23:59:30"),
        ("2024-03-01T00:00:30.250000", "2024-02-29T23:59:30.250000"),
        ("2024-03-01T00:00:30Z", "2024-02-29T23:59:30Z"),
        ("2024-03-01", "2024-02-29"),
    ],
)
def test_a_minute_earlier_keeps_the_form(value: Any, before: Any) -> None:
    assert earlier(value, 60) == before


@pytest.mark.parametrize("value", [5, "Oy", Decimal(1)])
def test_what_is_no_time_has_no_earlier(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        earlier(value, 60)


@pytest.mark.parametrize(
    "value", [7, 1.5, "2024", Decimal("1.50"), date(2024, 1, 2), datetime(2024, 1, 2, tzinfo=UTC), b"\x01"]
)
def test_a_cursor_comes_back_as_what_it_was(value: Any) -> None:
    cursor = to_cursor(value)
    assert cursor is not None
    assert from_cursor(cursor) == value
    assert type(from_cursor(cursor)) is type(value)
