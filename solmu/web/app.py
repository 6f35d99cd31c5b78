"""The application: all pages behind one gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from starlette.staticfiles import StaticFiles

from solmu import __version__
from solmu.web import problems
from solmu.web.access import at_least
from solmu.web.gate import Gate
from solmu.web.page import Page
from solmu.web.pages import all_pages
from solmu.web.render import STATIC
from solmu.web.site import Site


@contextmanager
def pages_of(folder: Path) -> Iterator[FastAPI]:
    """The pages of the hub in ``folder``."""
    with Site(folder) as site:
        yield make_pages(site)


SECURITY = {
    "token": {
        "type": "http", "scheme": "bearer",
        "description": "A token that `solmu token add` has made. Nothing else is needed with it.",
    },
    "session": {
        "type": "apiKey", "in": "cookie", "name": "solmu-<port>",
        "description": "The cookie of whoever has signed in, over HTTPS `__Host-solmu`. A POST needs `Origin` and"
        " `X-CSRF-Token` as well.",
    },
}  # fmt: skip
"""How a request says whose it is."""


def with_security(document: dict[str, Any]) -> dict[str, Any]:
    """A description with the ways to be let in; any one of them will do."""
    document.setdefault("components", {})["securitySchemes"] = SECURITY
    document["security"] = [{name: []} for name in SECURITY]
    return document


def make_pages(site: Site, pages: Sequence[Page] | None = None) -> FastAPI:
    """The application that shows the pages, all there are unless some are named."""
    app = FastAPI(
        title="Solmu", version=__version__, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.site = site
    app.state.pages = list(all_pages() if pages is None else pages)
    for page in app.state.pages:
        needed = [] if page.public else [Depends(at_least(page.role))]
        app.include_router(page.router, dependencies=needed)
    described = app.openapi
    app.openapi = lambda: with_security(described())  # type: ignore[method-assign]  # as FastAPI says to extend it
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.register(app)
    app.add_middleware(Gate, site=site)
    return app
