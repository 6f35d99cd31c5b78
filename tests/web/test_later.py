"""The receiver answers before the pages are loaded; they say so until they are."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette

from solmu.intake.background import in_background
from solmu.web.later import LatePages
from solmu.web.site import Site
from tests.hubs import make_hub
from tests.web.serving import serving


def test_pages_say_when_to_come_back_until_they_are_loaded(site: Site, portal: BlockingPortal) -> None:
    pages = LatePages(site.folder)
    browser = httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=pages.routes)), base_url="http://hub.example"
    )

    def get(path: str, accept: str = "text/html,*/*") -> httpx.Response:
        return portal.call(lambda: browser.get(path, headers={"Accept": accept}))

    early = get("/sign-in?next=/review")
    assert (early.status_code, early.headers["retry-after"], early.headers["refresh"]) == (503, "2", "2")
    assert "opens by itself" in early.text
    assert get("/static/solmu.css").status_code == 200
    assert get("/api/customers?q=a", "*/*").json()["error"]["code"] == "loading"
    assert get("/sign-in", "*/*").text.startswith("Solmu has just been started")
    with in_background("pages", pages.keep):
        until = time.monotonic() + 60
        while get("/sign-in").status_code == 503:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert "Sign in" in get("/sign-in").text
        assert get("/in/one").status_code == 404
        assert get("/healthz").text == "Not Found"
    portal.call(browser.aclose)


def test_what_cannot_be_loaded_leaves_the_receiver_alone(
    tmp_path: Path, expect_errors: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "solmu.web.app", None)
    with in_background("pages", LatePages(tmp_path).keep):
        pass
    assert [each.getMessage() for each in expect_errors] == ["the pages cannot be shown; the receiver goes on"]


@pytest.mark.peer("chromium")
def test_a_person_who_comes_early_sees_a_page_that_opens_by_itself(tmp_path: Path, browser: Browser) -> None:
    pages = LatePages(make_hub(tmp_path / "hub").folder)
    with serving(Starlette(routes=pages.routes)) as url:
        context = browser.new_context(base_url=url)
        page = context.new_page()
        early = page.goto("/sign-in")
        assert early is not None
        assert early.status == 503
        expect(page.get_by_role("heading", name="One moment")).to_be_visible()
        with in_background("pages", pages.keep):
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=60_000)
        context.close()
