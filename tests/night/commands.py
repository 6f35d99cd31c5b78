"""Command lines that are run in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from solmu.cli import main
from solmu.config import Hub

Solmu = Callable[..., tuple[int, Any]]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout, which must be exactly one document."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        document = self.json
        assert set(document) == {"error"}
        keys = {"code", "message", "connection", "stream", "record", "file", "line", "field", "value", "expected"}
        assert set(document["error"]) == keys
        return dict(document["error"])


Command = Callable[..., Said]


def in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """What runs a command line here, and gives what it said."""

    def run(*arguments: object) -> Said:
        monkeypatch.setattr("sys.argv", ["solmu", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        code = stop.value.code
        return Said(code if isinstance(code, int) else 0, *capsys.readouterr())

    return run


def on_hub(hub: Hub, command: Command) -> Solmu:
    """What runs a command on the hub, and gives its exit code and its document, or with ``text`` what a person sees."""

    def run(*words: str, text: bool = False) -> tuple[int, Any]:
        said = command(*words, "--hub", hub.folder, *(() if text else ("--output", "json")))
        return said.code, said.out + said.err if text else said.json

    return run
