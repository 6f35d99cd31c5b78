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
def the_store(folder: str | None, *, run: str | None = None) -> Iterator[tuple[Hub, Store]]:
    """The hub and its store. Raises ConfigurationError where the database cannot be had.

    ``run`` is the kind of run that it is opened for: that it cannot even begin is told to whom ``notify:`` names.
    """
    hub = the_hub(folder)
    with _opened(hub, run) as store:
        yield hub, store


def _opened(hub: Hub, run: str | None) -> Store:
    if run is not None:
        from solmu.notify.tell import telling_if_it_breaks_off

        with telling_if_it_breaks_off(hub, run):
            return _opened(hub, None)
    from sqlalchemy.exc import DatabaseError

    from solmu.store import open_store

    try:
        return open_store(hub.store_url)
    except DatabaseError as error:
        # The driver's own first line; SQLAlchemy's text may hold the statement.
        reason = str(error.orig).partition("\n")[0]
        raise hub.lines.error(
            ("store",), f"the store cannot be opened: {reason}", expected="a database that is there and lets us in"
        ) from error
