"""A folder of files keeps the contract of a connector, in each of its formats."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Connector
from connectors.file import FileConnector, FileSettings, FileStream
from connectors.file.ledger import NAME
from solmu.exchange import Payload, Verb, Write
from tests.contract import suite
from tests.contract.system import System, Wrong


class FolderSystem(System):
    """Somebody else in it is another connection to the same folder."""

    def __init__(self, folder: Path, form: str) -> None:
        self.folder = folder
        self.settings = {"folder": "out", "format": form}
        self.entered = 0
        (folder / "out").mkdir()

    @contextmanager
    def connect(self, **settings: Any) -> Iterator[Connector]:
        with self._as("ours", **settings) as connector:
            yield connector

    def _as(self, name: str, **settings: Any) -> Connector:
        stream = {"required": [self.name_field], **settings.pop("stream", {})}
        checked = FileSettings.model_validate(self.settings | settings)
        streams = {self.stream: FileStream.model_validate(stream)}
        return FileConnector(name=name, settings=checked, streams=streams, folder=self.folder)

    def wrong_settings(self) -> Sequence[Wrong]:
        (self.folder / "a-file").touch()
        return [
            Wrong("a folder that is not there", {"folder": "nowhere"}, "folder"),
            Wrong("a file for a folder", {"folder": "a-file"}, "folder"),
            Wrong("a format that nobody writes", {"format": "docx"}, "format"),
            Wrong("no format", {"format": []}, "format"),
            Wrong("a delimiter that stands in numbers", {"delimiter": "5"}, "delimiter"),
            Wrong("no deltas to keep", {"keep_deltas": 0}, "keep_deltas"),
            Wrong("a file elsewhere", {"stream": {"file": "../companies"}}, "file"),
            Wrong("a setting that does not exist", {"fodler": "x"}, "fodler"),
        ]

    def add(self, payloads: Sequence[Payload]) -> list[str]:
        writes = [Write(id, Verb.CREATE, payload) for id, payload in enumerate(payloads)]
        return [str(result.remote_id) for result in self._by_somebody(*writes)]

    def change(self, key: str, note: str) -> None:
        self._by_somebody(Write(1, Verb.UPDATE, {self.note_field: note}, remote_id=key))

    def remove(self, key: str) -> None:
        self._by_somebody(Write(1, Verb.DELETE, {}, remote_id=key))

    def _by_somebody(self, *writes: Write) -> list[Any]:
        with self._as("somebody") as connector:
            return list(connector.write(self.stream, writes, suite.no_journal))

    def count(self) -> int:
        path = self.folder / "out" / NAME
        if not path.exists():
            return 0
        with closing(sqlite3.connect(path)) as ledger:
            return int(ledger.execute("SELECT COUNT(*) FROM record WHERE deleted = 0").fetchone()[0])


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
class TestFile(
    suite.Connects,
    suite.Writes,
    suite.CreatesByExternalId,
    suite.Deletes,
    suite.WritesConditionally,
):
    @pytest.fixture
    def system(self, tmp_path: Path, form: str) -> System:
        return FolderSystem(tmp_path, form)

    def test_a_create_without_an_answer_is_found_by_our_id(self, system: System, connector: Connector) -> None:
        """A folder always answers; what may be lost is the process that would have kept the answer."""
        created = self.create(connector, system, "New Oy")
        with system.connect() as later:
            [found] = later.find(system.stream, ["slm_000001", "slm_000002"])
            again = self.create(later, system, "New Oy")
        assert found.external_id == "slm_000001"
        assert found.payload[system.name_field] == "New Oy"
        assert found.remote_id == again.remote_id == created.remote_id
        assert system.count() == 1
