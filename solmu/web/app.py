"""The application: all pages behind one gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.register(app)
    app.add_middleware(Gate, site=site)
    return app
