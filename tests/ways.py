"""How SQLite finds what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from solmu.store import Store


def ways_of(store: Store, read: Callable[[Connection], Any]) -> list[str]:
    """How SQLite finds the rows of every query that ``read`` asks."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with store.read() as connection:
        event.listen(store.engine, "before_cursor_execute", note)
        read(connection)
        event.remove(store.engine, "before_cursor_execute", note)
        return [
            str(row[3])
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
