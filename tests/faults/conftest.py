"""The program that runs nights, and the count of what it killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

KILLS = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[KILLS] = Counter()


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    kills = config.stash.get(KILLS, Counter())
    if kills:
        by_stage = ", ".join(f"{stage} {number}" for stage, number in kills.items())
        terminalreporter.write_line(f"kills with work in hand: {kills.total()} ({by_stage})")
