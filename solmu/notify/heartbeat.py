"""A sign of life after a good run, so that somebody who waits for it notices the night that never came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solmu.notify.http import call

if TYPE_CHECKING:
    from solmu.config.settings import Heartbeat


def ping(settings: Heartbeat, *, address: str, good: bool) -> None:
    """Ping the address; after a run that was not good, its ``/fail`` (healthchecks.io's "Signaling failures").

    Raises Retriable and Fatal as ``call`` does.
    """
    where, mark, query = address.partition("?")
    there = address if good else f"{where.rstrip('/')}/fail{mark}{query}"
    call(settings.method, there, timeout=settings.timeout_seconds, what="the heartbeat")
