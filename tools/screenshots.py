"""The pictures of the pages in README and docs: `make screenshots`, after `make demo`.

A copy of the demo's hub is served as in production, and a real browser looks at it, so that the demo stays as it was.
Everything to be seen is synthetic (examples/nordic/README.md, and the list below, which is nobody's).
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from solmu.config import load_hub
from solmu.store import open_store
from solmu.store.tables import golden, plan
from tests.peers import chromium

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / ".demo"
PICTURES = ROOT / "docs" / "img"
LARGEST = 150_000
"""Bytes; a page of the docs should open at once."""

SCREEN, SHORT, PHONE = (1440, 900), (1280, 680), (390, 844)
WHO = "aino"
START_SECONDS, COUNT_SECONDS = 30.0, 60.0

LIST = """Yritys;Yhteyshenkilö;Sähköposti;Puhelin;Kaupunki;Kiinnostus;Huomautus
Koivurannan Konepaja Oy;Sanni Esimerkki;sanni@koivuranta.example;040 999 1234;Kotka;Laser;
Honkaputki Oy;Eero Malli;eero@malli@honkaputki.example;0407654321;Oulu;Särmäys;soita viikolla 40
Hopeakallio Levytyö Oy;Veikko Keksitty;veikko@hopeakallio.example;050 123 4567;Lahti;Plasma;tavattu messuilla
"""


@dataclass(frozen=True)
class Picture:
    """One picture: its file, how to get to what it shows, and the screen."""

    name: str
    go: Callable[[Page], None]
    size: tuple[int, int] = SCREEN
    dark: bool = False


def main() -> None:
    if not (DEMO / "solmu.db").exists():
        sys.exit("there is no demo to take pictures of; `make demo` first")
    with tempfile.TemporaryDirectory() as name:
        folder = copied(DEMO, Path(name, "hub"))
        password = secrets.token_urlsafe()
        solmu(folder, "user", "add", WHO, "--role", "administrator", "--password-stdin", said=password)
        pictures = wanted(folder, Path(name, "fair-leads.csv"))
        with served(folder, Path(name, "ready")) as url:
            take(url, password, pictures)


def copied(demo: Path, to: Path) -> Path:
    """A hub like the demo's. The store is copied by the database itself: somebody may be using it."""
    shutil.copytree(demo, to, ignore=shutil.ignore_patterns("solmu.db*", "prefect"))
    with closing(sqlite3.connect(demo / "solmu.db")) as source, closing(sqlite3.connect(to / "solmu.db")) as target:
        source.backup(target)
    return to


def solmu(folder: Path, *words: str, said: str = "") -> None:
    """A command that has to succeed."""
    subprocess.run([sys.executable, "-m", "solmu", *words, "--hub", str(folder)], input=said, text=True, check=True)


@contextmanager
def served(folder: Path, ready: Path) -> Iterator[str]:
    """`solmu serve`; gives its address."""
    command = [sys.executable, "-m", "solmu", "serve", "--hub", str(folder), "--port", "0", "--ready-file", str(ready)]
    process = subprocess.Popen(command)
    try:
        until = time.monotonic() + START_SECONDS
        while not ready.exists() or not ready.read_text():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("solmu serve did not start")
            time.sleep(0.1)
        url = str(json.loads(ready.read_text())["url"])
        # The pages are loaded once the server listens.
        while httpx.get(f"{url}/sign-in").status_code == HTTPStatus.SERVICE_UNAVAILABLE and time.monotonic() < until:
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait()


def wanted(folder: Path, sheet: Path) -> list[Picture]:
    """All pictures. The customer is one of whom many records speak, the plan the newest; one row of the list is of
    somebody known."""
    live = select(golden).where(golden.c.state == "live").order_by(golden.c.mentions.desc(), golden.c.id).limit(1)
    with open_store(load_hub(folder).store_url) as store, store.read() as connection:
        customer = connection.execute(live.where(golden.c.entity == "organisation", golden.c.country == "FI")).one()
        known = connection.execute(live.where(golden.c.entity == "person", golden.c.email.endswith(".example"))).one()
        newest = connection.scalar(select(plan.c.id).order_by(plan.c.made_at.desc()).limit(1))
    sheet.write_text(f"{LIST};{known.name};{known.email};;{known.city or ''};Sorvi;\n", encoding="utf-8")

    def open_page(address: str) -> Callable[[Page], None]:
        return lambda page: goto(page, address)

    def figures(page: Page) -> None:
        goto(page, "/")
        page.evaluate("document.querySelector('.figures').parentElement.scrollIntoView()")

    def drop(page: Page) -> None:
        goto(page, "/import")
        page.set_input_files("#list", sheet)
        page.wait_for_url("**/import/*")

    return [
        Picture("home", open_page("/")),
        Picture("figures-dark", figures, size=SHORT, dark=True),
        Picture("review", open_page("/review"), size=SHORT),
        Picture("review-phone", open_page("/review"), size=PHONE),
        Picture("import", drop),
        Picture("customer", open_page(f"/customers/{customer.public_id}"), size=SHORT),
        Picture("plan", open_page(f"/plans/{newest}"), size=SHORT),
    ]


def take(url: str, password: str, pictures: list[Picture]) -> None:
    """Take them, each of what a screen shows without scrolling."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=list(chromium.ARGUMENTS))
        context = browser.new_context(base_url=url, locale="en-GB", timezone_id="Europe/Helsinki")
        page = context.new_page()
        sign_in(page, password)
        wait_for_figures(page)
        for one in pictures:
            page.set_viewport_size({"width": one.size[0], "height": one.size[1]})
            page.emulate_media(color_scheme="dark" if one.dark else "light", reduced_motion="reduce")
            one.go(page)
            page.wait_for_load_state("networkidle")
            path = PICTURES / f"{one.name}.png"
            page.screenshot(path=path)
            size = path.stat().st_size
            print(f"{path.relative_to(ROOT)}: {size // 1000} kB")
            if size > LARGEST:
                sys.exit(f"{path.name} has more than {LARGEST // 1000} kB: show less of the page")
        browser.close()


def sign_in(page: Page, password: str) -> None:
    """As a person does."""
    page.goto("/sign-in")
    page.get_by_label("User name").fill(WHO)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def wait_for_figures(page: Page) -> None:
    """The first look at the home page has its figures counted, in the background."""
    goto(page, "/")
    until = time.monotonic() + COUNT_SECONDS
    while not page.request.get("/api/figures").json()["counted"]:
        if time.monotonic() > until:
            raise RuntimeError("the figures of the home page were not counted")
        time.sleep(1)


def goto(page: Page, address: str) -> None:
    """Open a page that has to be there."""
    answer = page.goto(address)
    if answer is None or not answer.ok:
        raise RuntimeError(f"{address} answered {answer.status if answer else 'nothing'}")


if __name__ == "__main__":
    main()
