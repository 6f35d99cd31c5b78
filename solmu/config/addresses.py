"""Where people see records in the CRMs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from solmu.config.connectors import open_connector
from solmu.config.hub import Hub
from solmu.errors import SolmuError


@contextmanager
def addresses(hub: Hub) -> Iterator[Callable[[str, str, str], str | None]]:
    """Gives the address of (target, object, remote id); None for a CRM whose connection cannot be opened here."""
    with ExitStack() as stack:
        known: dict[str, Any] = {}

        def address(target: str, object: str, remote_id: str) -> str | None:
            if target not in known:
                try:
                    known[target] = stack.enter_context(open_connector(hub, hub.connection(target)))
                except SolmuError:
                    known[target] = None
            found: str | None = known[target].record_url(object, remote_id) if known[target] else None
            return found

        yield address
