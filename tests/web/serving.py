"""Hubs for the tests of pages, real servers for them, and what a page in a browser has to keep to."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import uvicorn
from playwright.sync_api import Page
from starlette.types import ASGIApp

from solmu.store import open_store, time
from solmu.sync.arm import arm
from solmu.sync.run import run_all
from solmu.web import users
from solmu.web.app import pages_of
from solmu.web.roles import Role
from tests.hubs import make_hub
from tests.peers import axe

PASSWORD = "a synthetic phrase"
USERS = {"vera": Role.VIEWER, "sten": Role.STEWARD, "adda": Role.ADMINISTRATOR}
WIDTHS = (1440, 390)
JUDGED = {(1440, "light"), (390, "dark")}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Served:
    """A hub behind a real server."""

    url: str
    folder: Path


def make_ready(folder: Path, password_hash: str, *, store: str | None = None, **options: Any) -> Path:
    """A hub whose CRM is armed and that ran once, with its users; ``options`` as for ``make_hub``."""
    hub = make_hub(folder, store=store, crm_file="crm.jsonl", **options)
    with open_store(hub.store_url) as opened:
        arm(opened, "crm", who="test", now=time.now())
        run_all(hub, opened)
        with opened.write() as connection:
            for name, role in USERS.items():
                users.add(connection, name, role, password_hash, by="test")
    return folder


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """The pages of a hub behind a server of their own, in a thread."""
    with pages_of(folder) as app, serving(app) as url:
        yield Served(url, folder)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """An application behind a server of its own, in a thread; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none"))
    ready = threading.Event()
    begin = server.startup

    async def startup(sockets: Any = None) -> None:
        await begin(sockets)
        ready.set()

    server.startup = startup  # type: ignore[method-assign]  # it has no hook to say that it listens
    thread = threading.Thread(target=server.run, name="pages")
    thread.start()
    try:
        assert ready.wait(20), "the server did not start"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """As a person does."""
    page.goto("/sign-in?next=/account")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def listen(page: Page) -> None:
    """Keep what the page complains of, for ``check_page``."""
    said = _COMPLAINTS.setdefault(page, [])
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))


def check_page(page: Page, *, shots: Path | None = None) -> None:
    """Fail for what WCAG 2.2 AA forbids, on a screen in light and on a phone in dark; for complaints in the console;
    and for a page that has to be scrolled sideways. ``shots`` is a folder to leave pictures in, of all four."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{page.url} is {wide} pixels wide on a screen of {width}"
        for scheme in ("light", "dark"):
            if shots is None and (width, scheme) not in JUDGED:
                continue
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # it wants a literal
            if shots is not None:
                name = page.evaluate("location.pathname").strip("/").replace("/", "-") or "home"
                page.screenshot(path=shots / f"{name}-{width}-{scheme}.png", full_page=True)
            found = violations(page)
            assert not found, "\n".join([f"{page.url}, {width} pixels, {scheme}:", *found])
    said = _COMPLAINTS.get(page, [])
    assert not said, "\n".join(["the browser complained:", *said])


def violations(page: Page) -> list[str]:
    """What axe finds: rule, where, and what is wrong."""
    # The policy of the pages forbids scripts from elsewhere, so axe comes by the debugger.
    page.evaluate(axe.script())
    found: Mapping[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{each['id']}: {node['target']}: {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


_COMPLAINTS: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()
