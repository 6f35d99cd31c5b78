"""Databases keep the contract of a connector: by increments, and as whole lists; SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, DateTime, Engine, MetaData, String, Table, create_engine, delete, insert, update
from sqlalchemy.engine import URL

from connectors.base import Connector
from connectors.sql import QueryStream, SqlConnector, SqlSettings
from solmu.exchange import Payload
from tests.contract import suite
from tests.contract.system import System, Wrong
from tests.peers import postgres

COMPANIES = Table(
    "companies",
    MetaData(),
    Column("number", String, primary_key=True),
    Column("name", String),
    Column("note", String),
    Column("changed", DateTime),
)


class DatabaseSystem(System):
    """A table of somebody's ERP."""

    cursor: str | None = None

    def __init__(self, folder: Path, url: URL) -> None:
        self.folder = folder
        self.url = url
        self.engine: Engine = create_engine(url)
        self.entered = 0
        COMPANIES.create(self.engine)

    @contextmanager
    def connect(self, **settings: Any) -> Iterator[Connector]:
        stream: dict[str, Any] = {"query": "SELECT number, name, note, changed FROM companies", "key": ["number"]}
        if self.cursor:
            stream |= {"cursor": self.cursor, "lag_seconds": 60}
        stream |= settings.pop("stream", {})
        checked = SqlSettings.model_validate({"url": self.url.render_as_string(hide_password=False)} | settings)
        streams = {self.stream: QueryStream.model_validate(stream)}
        with SqlConnector(name="erp", settings=checked, streams=streams, folder=self.folder) as connector:
            yield connector

    def wrong_settings(self) -> Sequence[Wrong]:
        self.add([self.payload("First")])
        return [
            Wrong("no address", {"url": "our erp"}, "url"),
            Wrong("a driver that nobody has", {"url": "wonderbase://erp"}, "url"),
            Wrong("a file that is not there", {"url": "sqlite:///nowhere.db"}, "url"),
            Wrong("a table that is not there", {"stream": {"query": "SELECT * FROM clients"}}, "query"),
            Wrong("no query", {"stream": {"query": "companies, please"}}, "query"),
            Wrong("a key that the query does not give", {"stream": {"key": ["id"]}}, "key"),
            Wrong("a cursor that the query does not give", {"stream": {"cursor": "edited"}}, "cursor"),
            Wrong("a lag behind what is no time", {"stream": {"cursor": "name", "lag_seconds": 60}}, "lag_seconds"),
            Wrong("changes without a key", {"stream": {"cursor": "changed", "key": []}}, "key"),
            Wrong("a time zone that nobody lives in", {"timezone": "Europe/Atlantis"}, "timezone"),
            Wrong("a setting that does not exist", {"ulr": "x"}, "ulr"),
        ]

    def add(self, payloads: Sequence[Payload]) -> list[str]:
        return self._add(payloads, now())

    def add_with_one_stamp(self, payloads: Sequence[Payload]) -> list[str]:
        return self._add(payloads, datetime(2024, 5, 6, 7, 8, 9))  # noqa: DTZ001 - ERPs write local times

    def add_late(self, payload: Payload) -> str:
        [key] = self._add([payload], now() - timedelta(seconds=30))
        return key

    def _add(self, payloads: Sequence[Payload], at: datetime) -> list[str]:
        keys = [f"N{self.entered + number:06}" for number in range(1, len(payloads) + 1)]
        self.entered += len(payloads)
        rows = [{"number": key, "changed": at, **payload} for key, payload in zip(keys, payloads, strict=True)]
        with self.engine.begin() as connection:
            connection.execute(insert(COMPANIES), rows)
        return keys

    def change(self, key: str, note: str) -> None:
        with self.engine.begin() as connection:
            changed = update(COMPANIES).where(COMPANIES.c.number == key).values(note=note, changed=now())
            assert connection.execute(changed).rowcount == 1

    def remove(self, key: str) -> None:
        with self.engine.begin() as connection:
            assert connection.execute(delete(COMPANIES).where(COMPANIES.c.number == key)).rowcount == 1

    def close(self) -> None:
        self.engine.dispose()


class ChangingDatabaseSystem(DatabaseSystem):
    cursor = "changed"


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class OnSqlite:
    kind: type[DatabaseSystem]

    @pytest.fixture
    def system(self, tmp_path: Path) -> Iterator[System]:
        system = self.kind(tmp_path, URL.create("sqlite", database=str(tmp_path / "erp.db")))
        yield system
        system.close()


@pytest.mark.peer("postgres")
class OnPostgresql:
    kind: type[DatabaseSystem]

    @pytest.fixture
    def system(self, tmp_path: Path, postgres_server: postgres.Server) -> Iterator[System]:
        with postgres_server.database() as url:
            system = self.kind(tmp_path, url)
            yield system
            system.close()


class WholeLists(suite.Connects, suite.Reads, suite.ReadsWholeLists):
    pass


class Changes(suite.Connects, suite.Reads, suite.ReadsChanges):
    pass


class TestWholeListsOfSqlite(OnSqlite, WholeLists):
    kind = DatabaseSystem


class TestChangesOfSqlite(OnSqlite, Changes):
    kind = ChangingDatabaseSystem


class TestWholeListsOfPostgresql(OnPostgresql, WholeLists):
    kind = DatabaseSystem


class TestChangesOfPostgresql(OnPostgresql, Changes):
    kind = ChangingDatabaseSystem
