"""A small hub with pages, users of each role, and a real browser that looks at them.

- `site` is a hub that ran once, on the databases of `database_url`; `client("sten")` has signed in there.
- `served_hub` is one on SQLite behind a real server; `page` is a tab of a real browser that signed in as administrator.
  Mark tests that take it with `peer("chromium")`, and `peer("axe")` where they call `check_page`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.sync_api import Browser, Page, sync_playwright

from solmu.web import passwords, sessions, users
from solmu.web.app import make_pages
from solmu.web.site import Site
from tests.conftest import address
from tests.peers import chromium, postgres
from tests.web.client import Client
from tests.web.serving import PASSWORD, Served, listen, make_ready, served, sign_in

MakeClient = Callable[..., Client]


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Hashing takes its time, on purpose."""
    return passwords.hashed(PASSWORD)


@pytest.fixture(scope="session")
def ready_hub(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Path:
    """A folder to copy: the hub on SQLite after its first run."""
    return make_ready(tmp_path_factory.mktemp("ready") / "hub", password_hash)


@pytest.fixture(scope="session")
def migrated_sqlite(ready_hub: Path) -> Path:
    """Here `database_url` is no empty store but one after a first run; a file to copy."""
    return ready_hub / "solmu.db"


@pytest.fixture(scope="session")
def migrated_postgresql(
    postgres_server: postgres.Server, tmp_path_factory: pytest.TempPathFactory, password_hash: str
) -> Iterator[str]:
    """The same on PostgreSQL; the name of a database to copy."""
    with postgres_server.database() as url:
        make_ready(tmp_path_factory.mktemp("ready") / "hub", password_hash, store=address(url))
        assert url.database is not None
        yield url.database


@pytest.fixture
def site(tmp_path: Path, ready_hub: Path, database_url: str) -> Iterator[Site]:
    """A hub that ran once, and its users: vera the viewer, sten the steward, adda the administrator."""
    folder = tmp_path / "hub"
    shutil.copytree(ready_hub, folder, ignore=shutil.ignore_patterns("solmu.db*"))
    settings = folder / "hub.yaml"
    settings.write_text(settings.read_text().replace("sqlite:///solmu.db", database_url))
    with Site(folder) as opened:
        yield opened


@pytest.fixture
def client(site: Site, portal: BlockingPortal) -> Iterator[MakeClient]:
    """Makes a client that has signed in under that name, or not at all for None."""
    app, made = make_pages(site), list[Client]()

    def make(name: str | None = "adda") -> Client:
        one = Client(app, portal)
        made.append(one)
        if name is not None:  # by the back door: hashing takes its time, on purpose
            with site.write() as connection:
                session = sessions.begin(connection, users.find(connection, name).id)
            one.enter(session)
        return one

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def served_hub(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[Served]:
    """One for all tests of a module, on SQLite: what a browser sees does not differ by database."""
    with served(make_ready(tmp_path_factory.mktemp("pages") / "hub", password_hash)) as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: as long as it is there, its event loop runs in this thread, and no other can."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.path(), args=list(chromium.ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, served_hub: Served) -> Iterator[Page]:
    """Signed in as adda, the administrator."""
    context = browser.new_context(base_url=served_hub.url, viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    listen(opened)
    sign_in(opened, "adda")
    yield opened
    context.close()
