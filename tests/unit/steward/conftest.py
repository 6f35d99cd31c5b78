"""A small hub in the store, to be merged and taken apart at random. All companies are made up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from solmu.config import Hub, load_hub
from solmu.golden.recompute import recompute
from solmu.golden.rules import Rules
from solmu.store import open_store
from tests.unit.match.cards import Cards


class Desk(Cards):
    """Cards, a hub's configuration, and a clock that stewards share with the resolver."""

    hub: Hub

    def settle(self) -> None:
        self.resolve()
        recompute(self.store, Rules.of_hub(self.hub), targets=())


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "hub.yaml").write_text(f"name: Desk\nstore: {database_url}\n", encoding="utf-8")
    with open_store(database_url) as store:
        desk = Desk(store, crms=())
        desk.hub = load_hub(tmp_path)
        yield desk
