"""Somebody at a terminal who gives prepared answers to a command: it reads them from a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from solmu.cli import main

END = "\x04"  # end of input: a question that nobody expected breaks the command off instead of waiting for ever


@dataclass(frozen=True)
class Talk:
    """How it ended, and everything that was shown."""

    code: int
    said: str


@contextmanager
def typing(answers: list[str]) -> Iterator[None]:
    """Standard input is a terminal at which those lines have been typed."""
    master, slave = pty.openpty()
    before = sys.stdin
    try:
        os.write(master, ("".join(f"{line}\n" for line in answers) + END).encode())
        with os.fdopen(slave, encoding="utf-8") as sys.stdin:
            yield
    finally:
        sys.stdin = before
        os.close(master)


def converse(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], answers: list[str]
) -> Talk:
    """Run a command line in this process, with those answers."""
    monkeypatch.setattr("sys.argv", ["solmu", *arguments])
    monkeypatch.setenv("COLUMNS", "200")
    capsys.readouterr()
    with typing(answers), pytest.raises(SystemExit) as stop:
        main()
    out, err = capsys.readouterr()
    code = stop.value.code
    return Talk(code if isinstance(code, int) else 0, out + err)
