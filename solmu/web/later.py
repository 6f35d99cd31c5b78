"""The pages of a server that receives: what they need is loaded once it listens, so that no sender waits for that."""

from __future__ import annotations

import gc
import logging
from collections.abc import MutableMapping
from pathlib import Path
from threading import Event
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)

RECEIVERS = ("/in/", "/healthz")
"""Addresses that are the receiver's, whatever it makes of them."""

_LOADING = PlainTextResponse(
    "The pages are being loaded, and will be here in a moment.\n",
    503,
    # A browser asks again by itself.
    {"retry-after": "2", "refresh": "2", "cache-control": "no-store"},
)


class LatePages:
    """The pages of the hub in ``folder``; until they are loaded they answer 503."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._app: ASGIApp = _LOADING
        self.routes: list[BaseRoute] = [_Rest("/", app=self)]
        """What is to be served after the receiver's."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def keep(self, end: Event) -> None:
        """Load them, and keep what they hold until the end."""
        try:
            from solmu.web.app import pages_of

            with pages_of(self._folder) as self._app:
                # What is loaded now stays, as what was loaded before the server listened.
                gc.freeze()
                end.wait()
        except Exception:
            log.exception("the pages cannot be shown; the receiver goes on")


class _Rest(Mount):
    """Everything that is not the receiver's."""

    def matches(self, scope: MutableMapping[str, Any]) -> tuple[Match, MutableMapping[str, Any]]:
        path: Any = scope["path"]
        return (Match.NONE, {}) if path.startswith(RECEIVERS) else super().matches(scope)
