"""The reference connector keeps its own contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from connectors.base import Connector
from connectors.memory import MemoryConnector, MemorySettings, MemoryStream, Trouble, space
from solmu.exchange import Payload
from tests.contract import suite
from tests.contract.system import System, Wrong

LONG_AGO = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


class MemorySystem(System):
    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.settings = {"space": uuid4().hex, "lag_seconds": 60.0, **settings}
        self.space = space(self.settings["space"])

    @contextmanager
    def connect(self, **settings: Any) -> Iterator[Connector]:
        streams = {self.stream: MemoryStream(required=(self.name_field,))}
        checked = MemorySettings.model_validate(self.settings | settings)
        with MemoryConnector(name="reference", settings=checked, streams=streams, folder=self.folder) as connector:
            yield connector

    def wrong_settings(self) -> Sequence[Wrong]:
        return [
            Wrong("a folder that is not there", {"file": "nowhere/space.db"}, "file"),
            Wrong("a word for a number", {"page": "many"}, "page"),
            Wrong("a setting that does not exist", {"spaec": "x"}, "spaec"),
        ]

    def add(self, payloads: Sequence[Payload]) -> list[str]:
        return [self.space.put(self.stream, payload) for payload in payloads]

    def change(self, key: str, note: str) -> None:
        self.space.change(self.stream, key, {self.note_field: note})

    def remove(self, key: str) -> None:
        self.space.remove(self.stream, key)

    def merge(self, key: str, into: str) -> None:
        self.space.remove(self.stream, key, merged_into=into)

    def add_with_one_stamp(self, payloads: Sequence[Payload]) -> list[str]:
        return [self.space.put(self.stream, payload, at=LONG_AGO) for payload in payloads]

    def add_late(self, payload: Payload) -> str:
        return self.space.put(self.stream, payload, at=datetime.now(UTC) - timedelta(seconds=30))

    def count(self) -> int:
        return len(self.space.records(self.stream))

    def misbehave(self, trouble: Trouble, *, on: str, after: int = 0, times: int = 1) -> None:
        self.space.misbehave(trouble, on=on, after=after, times=times)

    def behave(self) -> None:
        self.space.behave()


class TestMemory(
    suite.Connects,
    suite.Reads,
    suite.ReadsChanges,
    suite.ReadsDeletes,
    suite.ReadsThroughTrouble,
    suite.Writes,
    suite.ReadsWhatItWrites,
    suite.WritesThroughTrouble,
    suite.CreatesByExternalId,
    suite.WritesDeals,
    suite.Deletes,
    suite.Merges,
    suite.WritesConditionally,
    suite.WritesInBulk,
):
    @pytest.fixture
    def system(self, tmp_path: Path) -> System:
        return MemorySystem(tmp_path, bulk_above=300, merges=True)


class TestMemoryWithoutIdsOfOurs(
    suite.Connects,
    suite.Reads,
    suite.ReadsChanges,
    suite.ReadsDeletes,
    suite.Writes,
    suite.ReadsWhatItWrites,
    suite.WritesThroughTrouble,
    suite.WritesDeals,
    suite.Deletes,
    suite.WritesConditionally,
):
    @pytest.fixture
    def system(self, tmp_path: Path) -> System:
        return MemorySystem(tmp_path, external_ids=False)
