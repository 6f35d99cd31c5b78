"""Learning what the users of a CRM are called, so that people read names where records have ids."""

from __future__ import annotations

import logging
from itertools import islice
from typing import Any

from solmu.errors import SolmuError
from solmu.store import Store, time
from solmu.store.owners import MOST, keep_owners, listed_at

log = logging.getLogger(__name__)
_FRESH = 3_600_000_000
"""Microseconds for which a list is not asked for again: a night reads a CRM twice, a small run every few seconds."""


def follow_owners(store: Store, name: str, connector: Any) -> None:
    """Ask the connection's system for its users, where it has such a list. Names are a help and no more: whatever goes
    wrong here leaves those that are known, and the run goes on."""
    with store.read() as connection:
        before, now = listed_at(connection, name), time.now()
    if before is not None and now - before < _FRESH:
        return
    try:
        users = list(islice(connector.users(), MOST))
    except SolmuError as error:
        log.warning("the users of %s could not be listed: %s", name, error.message)
        return
    if users:
        with store.write() as connection:
            keep_owners(connection, name, users, now=now)
