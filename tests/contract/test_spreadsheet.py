"""Sheets keep the contract of a connector, in each of the formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Connector
from connectors.spreadsheet import SheetStream, SpreadsheetConnector, SpreadsheetSettings
from solmu.exchange import Payload
from tests.contract import suite
from tests.contract.system import System, Wrong
from tests.unit.connectors.sheets import WRITERS

HEADER = ["number", "name", "note"]


class SheetSystem(System):
    """One sheet that somebody keeps: records are its rows."""

    def __init__(self, folder: Path, ending: str) -> None:
        self.folder = folder
        self.file = folder / f"list{ending}"
        self.save: Callable[[Path, list[list[Any]]], None] = WRITERS[ending]
        self.rows: dict[str, Payload] = {}
        self._save()

    def _save(self) -> None:
        rows = [[key, *payload.values()] for key, payload in self.rows.items()]
        self.save(self.file, [HEADER, *rows])

    @contextmanager
    def connect(self, **settings: Any) -> Iterator[Connector]:
        stream: dict[str, Any] = {"files": self.file.name, "key": ["number"]}
        stream |= settings.pop("stream", {})
        checked = SpreadsheetSettings.model_validate({"folder": "."} | settings)
        streams = {self.stream: SheetStream.model_validate(stream)}
        with SpreadsheetConnector(name="sheets", settings=checked, streams=streams, folder=self.folder) as connector:
            yield connector

    def wrong_settings(self) -> Sequence[Wrong]:
        return [
            Wrong("a folder that is not there", {"folder": "nowhere"}, "folder"),
            Wrong("a setting that does not exist", {"foldre": "x"}, "foldre"),
            Wrong("a pattern that matches nothing", {"stream": {"files": "leads-*.xlsx"}}, "files"),
            Wrong("a column that is not there", {"stream": {"key": ["E-mail"]}}, "E-mail"),
            Wrong("a header row in the middle of nowhere", {"stream": {"header": 77}}, "header"),
            Wrong("two characters for a delimiter", {"stream": {"delimiter": "::"}}, "delimiter"),
            Wrong("an encoding that nobody knows", {"stream": {"encoding": "cp9999"}}, "encoding"),
        ]

    def add(self, payloads: Sequence[Payload]) -> list[str]:
        keys = [f"N{len(self.rows) + number}" for number in range(1, len(payloads) + 1)]
        self.rows |= dict(zip(keys, payloads, strict=True))
        self._save()
        return keys

    def change(self, key: str, note: str) -> None:
        self.rows[key] = self.rows[key] | {self.note_field: note}
        self._save()

    def remove(self, key: str) -> None:
        del self.rows[key]
        self._save()


class TestSpreadsheet(suite.Connects, suite.Reads, suite.ReadsWholeLists):
    @pytest.fixture(params=sorted(WRITERS))
    def system(self, tmp_path: Path, request: pytest.FixtureRequest) -> System:
        system = SheetSystem(tmp_path, request.param)
        # odfdo takes a millisecond a cell.
        system.many = 2_500 if request.param == ".ods" else 10_000
        return system
