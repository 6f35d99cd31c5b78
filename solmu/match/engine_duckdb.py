"""Full runs on DuckDB: one machine, a file for what does not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from solmu.match.model import Model


class DuckDb:
    """See ``engine.Engine``."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._tables: set[str] = set()

    def fill(self, table: str, rows: Any) -> None:
        self._database.register("batch", rows)
        known = table in self._tables
        self._database.execute(f"INSERT INTO {table} FROM batch" if known else f"CREATE TABLE {table} AS FROM batch")
        self._database.unregister("batch")
        self._tables.add(table)

    def define(self, table: str, query: str) -> None:
        self._database.execute(f"CREATE TABLE {table} AS {query}")
        self._tables.add(table)

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        found: list[tuple[Any, ...]] = self._database.execute(query).fetchall()
        return found

    def splink(self) -> Any:
        from splink import DuckDBAPI

        return DuckDBAPI(connection=self._database)

    def settings(self, model: Model) -> dict[str, Any]:
        return dict(model.settings)

    def clear(self) -> None:
        # Splink's own tables too: it gives them names of which no second one may be made.
        for kind, name in self.rows("SELECT table_type, table_name FROM information_schema.tables"):
            self._database.execute(f'DROP {"VIEW" if kind == "VIEW" else "TABLE"} IF EXISTS "{name}"')
        self._tables.clear()


@contextmanager
def duckdb_in(folder: Path, *, memory_mb: int) -> Iterator[DuckDb]:
    """A database in a file of that folder, which spills there too. The file is gone when the block ends."""
    import duckdb

    file = folder / "scores.duckdb"
    options: dict[str, Any] = {"memory_limit": f"{memory_mb}MB", "temp_directory": str(folder / "spill")}
    try:
        with duckdb.connect(str(file), config=options) as database:
            yield DuckDb(database)
    finally:
        file.unlink(missing_ok=True)
