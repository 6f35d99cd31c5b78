from __future__ import annotations

from collections.abc import Iterator

import pytest

from solmu.store import open_store
from tests.unit.match.cards import Cards


@pytest.fixture
def cards(database_url: str) -> Iterator[Cards]:
    """An empty store to add cards to, on each kind of database."""
    with open_store(database_url) as store:
        yield Cards(store)
