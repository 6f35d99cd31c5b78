"""Turning a template into a page."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import HTMLResponse

from solmu.errors import SolmuError
from solmu.web import owner_names
from solmu.web.page import Page
from solmu.web.roles import Role
from solmu.web.show import FILTERS
from solmu.web.site import Site
from solmu.web.texts import LANGUAGE, texts
from solmu.web.visit import visit_of
from solmu.web.words import labelled, on_pages, part, rule, setting, word

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


def render(request: Request, template: str, *, status_code: int = 200, **context: Any) -> HTMLResponse:
    """The page that ``templates/<template>`` makes of ``context``.

    Every template also has ``t`` (the texts), ``user`` (None before signing in), ``csrf``, ``menu``, ``request``,
    ``hub_name``, ``there`` (the names of all pages) and ``may(role)``; a name that nobody gave is an error.
    """
    visit = visit_of(request)
    site: Site | None = request.app.state.site if "app" in request.scope else None
    shown = {
        "request": request,
        "user": visit.user,
        "csrf": visit.csrf,
        "menu": _menu(request, site) if visit.user and site else [],
        "hub_name": _hub_name(site),
        "there": {page.name for page in request.app.state.pages} if site else set(),
        "may": lambda role: visit.user is not None and visit.user.role.may(Role(role)),
        **context,
    }
    return HTMLResponse(environment().get_template(template).render(shown), status_code)


class _Said:
    """The texts as templates have them: what would be right is said by the buttons of the pages, not by commands."""

    def __call__(self, key: str, **values: Any) -> str:
        if isinstance(values.get("expected"), str):
            values["expected"] = on_pages(values["expected"])
        return texts()(key, **values)

    def __contains__(self, key: str) -> bool:
        return key in texts()


@cache
def environment() -> Environment:
    """All templates; whatever stands in one is escaped unless it says otherwise."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        FILTERS, **owner_names.FILTERS, word=word, rule=rule, labelled=labelled, part=part, setting=setting
    )
    made.globals.update(t=_Said(), static=static, query=_query, language=LANGUAGE)
    return made


@cache
def static(name: str) -> str:
    """The address of a file in ``static``; it changes with the file, so that browsers may keep it."""
    stamp = hashlib.blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?v={stamp}"


def _query(request: Request, **changes: Any) -> str:
    """This page's address with some parameters changed; None takes one away."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    new = [(name, value) for name, value in changes.items() if value is not None]
    return request.url.path + (f"?{urlencode(kept + new)}" if kept or new else "")


def _menu(request: Request, site: Site) -> list[dict[str, Any]]:
    user = visit_of(request).user
    assert user is not None
    pages: list[Page] = request.app.state.pages
    return [
        {
            "name": page.name,
            "path": page.path,
            "label": texts()(f"{page.name}.menu"),
            "here": any(_is_here(each.path, request.url.path) for each in pages if _belongs(each, page)),
            "badge": _badge(site, page),
        }
        for page in pages
        if page.order is not None and f"{page.name}.menu" in texts() and user.role.may(page.role)
    ]


def _belongs(page: Page, entry: Page) -> bool:
    """Whether a page is under that entry of the menu: ``connections-change`` is under ``connections``."""
    return page is entry or (page.order is None and page.name.startswith(f"{entry.name}-"))


def _is_here(path: str, at: str) -> bool:
    return at == path or (path != "/" and at.startswith(f"{path}/"))


def _badge(site: Site, page: Page) -> int:
    if page.badge is None:
        return 0
    try:
        return site.badge(page.name, page.badge)
    except (SQLAlchemyError, SolmuError):  # the page itself says what is wrong
        return 0


def _hub_name(site: Site | None) -> str:
    try:
        return site.hub.settings.name if site else "Solmu"
    except (SolmuError, OSError):
        return "Solmu"
