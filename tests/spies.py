"""What a test may watch: what a process beside this one is given, and which mentions are read of the store."""

from __future__ import annotations

import time
from types import ModuleType
from typing import Any

import pytest

from solmu.beside.child import Child, start_child
from solmu.match.index import Mentions


def given_beside(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> list[Any]:
    """What another process is given, which ``module`` starts at once and waits for until it is ready."""
    found: list[Any] = []
    give = Child.give

    def ready(name: str, task: object, recipe: str) -> Child | None:
        child = start_child(name, task, recipe)
        until = time.monotonic() + 60
        while child is not None and not child.is_ready() and time.monotonic() < until:
            time.sleep(0.01)
        return child

    def noted(self: Child, what: object) -> None:
        found.append(what)
        give(self, what)

    monkeypatch.setattr(module, "start_child", ready)
    monkeypatch.setattr(Child, "give", noted)
    monkeypatch.setattr(module, "HELPED_FROM", 0)
    return found


def mentions_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The mentions that are read of the store from now on, as often as they are."""
    found: list[int] = []
    read = Mentions._read

    def noted(self: Mentions, connection: Any, ids: Any) -> Any:
        found.extend(ids)
        return read(self, connection, ids)

    monkeypatch.setattr(Mentions, "_read", noted)
    return found
