"""Opening what a command works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solmu.config import Hub
    from solmu.store import Store


def the_hub(folder: str | None) -> Hub:
    """The hub that is meant, read and checked. Raises ConfigurationError."""
    from solmu.config import find_hub, load_hub

    return load_hub(find_hub(folder))


@contextmanager
def the_store(folder: str | None) -> Iterator[tuple[Hub, Store]]:
    """The hub and its store."""
    from solmu.store import open_store

    hub = the_hub(folder)
    with open_store(hub.store_url) as store:
        yield hub, store
