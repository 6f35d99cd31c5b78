"""The pages of a server that receives: what they need is loaded once it listens, so that no sender waits for that."""

from __future__ import annotations

import gc
import logging
from collections.abc import MutableMapping
from pathlib import Path
from threading import Event
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Router
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from solmu.errors import SolmuError
from solmu.web.texts import LANGUAGE, texts_of

log = logging.getLogger(__name__)

RECEIVERS = ("/in/", "/healthz")
"""Addresses that are the receiver's, whatever it makes of them."""

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "retry-after": "2",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}
# By hand: what makes the other pages from templates is what is being loaded.
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="/static/solmu.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/solmu.css">
</head>
<body>
<main id="main" class="narrow">
<h1>{title}</h1>
<p class="lead" role="status">{text}</p>
<p><a class="button" href="">{again}</a></p>
</main>
</body>
</html>
"""


async def _loading(scope: Scope, receive: Receive, send: Send) -> None:
    """Says so to people, whose browser asks again by itself, and to machines."""
    said = texts_of("later")
    request = Request(scope)
    if "text/html" in request.headers.get("accept", ""):
        shown = {name: said(f"later.{name}") for name in ("title", "text", "again")}
        page: Response = HTMLResponse(_PAGE.format(language=LANGUAGE, **shown), 503, {**_HEADERS, "refresh": "2"})
    elif scope["path"].startswith("/api/"):
        page = JSONResponse({"error": SolmuError(said("later.text"), code="loading").as_dict()}, 503, _HEADERS)
    else:
        page = PlainTextResponse(f"{said('later.text')}\n", 503, {**_HEADERS, "refresh": "2"})
    await page(scope, receive, send)


def _until_then() -> ASGIApp:
    return Router([Mount("/static", StaticFiles(directory=_STATIC))], default=_loading)


class LatePages:
    """The pages of the hub in ``folder``; until they are loaded a page says so, with status 503."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._app: ASGIApp = _until_then()
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
