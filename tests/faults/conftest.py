"""The program that runs nights, and the hubs that they are spent on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RAN_ON, address
from tests.faults.copies import Copies, say_where
from tests.peers.postgres import Server


class Nights:
    """Runs nights on hubs, each in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, hub: Path, stage: str | None = None, moment: int | None = None) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"hub": str(hub), "stage": stage, "moment": moment}), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def kill(self, hub: Path, stage: str, moment: int) -> str:
        """Kill a night at a moment at which it has something to lose; says what that was."""
        told = self.run(hub, stage, moment)
        at = f"{stage}, moment {moment}: {told.get('killed')}"
        assert told["signal"] == signal.SIGKILL, at
        assert told["killed"].startswith(("uncommitted", "unacknowledged")), at
        return at


@pytest.fixture(scope="session")
def nights() -> Iterator[Nights]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nights"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        yield Nights(process)
        process.stdin.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peer("postgres"))], scope="module")
def copies(request: pytest.FixtureRequest) -> Copies:
    """How hubs are copied whose stores are on each kind of database in turn."""
    made: Copies = request.getfixturevalue(f"copies_{request.param}")
    return made


@pytest.fixture(scope="session")
def copies_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    blank = tmp_path_factory.mktemp("blank")
    shutil.copyfile(migrated_sqlite, blank / "solmu.db")
    return Copies(blank)


@pytest.fixture(scope="session")
def copies_postgresql(
    postgres_server: Server, migrated_postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Copies:
    blank = tmp_path_factory.mktemp("blank")
    say_where(blank, address(postgres_server.url.set(database=migrated_postgresql)))
    return Copies(blank, postgres_server)


@pytest.fixture
def counted(copies: Copies, pytestconfig: pytest.Config) -> None:
    """The test is one of those that ran on this kind of database."""
    pytestconfig.stash[RAN_ON][copies.kind] += 1
