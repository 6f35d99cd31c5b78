"""The pages in a real browser: fit for everyone, and usable by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from solmu.config import load_hub
from solmu.followup.count import count
from solmu.store import open_store
from solmu.store.tables import golden
from tests.web.serving import Served, check_page

pytestmark = [pytest.mark.peer("chromium"), pytest.mark.peer("axe")]


@pytest.fixture
def kotka(served_hub: Served) -> str:
    """The address of a customer's page."""
    with open_store(load_hub(served_hub.folder).store_url) as store, store.read() as connection:
        id = connection.scalar(select(golden.c.public_id).where(golden.c.name == "Kotka Kone Oy"))
    return f"/customers/{id}"


def test_home_is_fit_for_everyone(page: Page, served_hub: Served) -> None:
    hub = load_hub(served_hub.folder)
    with open_store(hub.store_url) as store:
        count(hub, store, lambda _step, _more: None)
    page.goto("/")
    expect(page.get_by_role("heading", name="Without a next step")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name=re.compile("Show them.*Without a next step")).click()
    expect(page.get_by_role("link", name="Suomen Sorvi Oy")).to_be_visible()
    check_page(page)


def test_a_customer_is_found_by_keyboard_from_any_page(page: Page) -> None:
    page.goto("/account")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("kotka k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Kotka Kone Oy")).to_be_visible()


def test_why_a_value_is_what_it_is_is_told_on_focus_and_put_away_by_escape(page: Page, kotka: str) -> None:
    page.goto(kotka)
    why = page.get_by_role("button", name="Why Business id")
    why.focus()
    page.keyboard.press("Enter")
    told = page.locator(f"#{why.get_attribute('aria-controls')}")
    expect(told).to_contain_text("one/leads/1")
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()


@pytest.mark.parametrize(
    "path", ["", "?view=sources", "?view=history", "?view=targets", "/split", "/pin?field=city&value=Hamina"]
)
def test_a_customer_s_pages_are_fit_for_everyone(path: str, page: Page, kotka: str) -> None:
    page.goto(f"{kotka}{path}")
    check_page(page)


@pytest.mark.parametrize("path", ["/customers", "/customers?q=zzz", "/people", "/people/vera", "/people/audit"])
def test_lists_and_forms_are_fit_for_everyone(path: str, page: Page) -> None:
    page.goto(path)
    check_page(page)


def test_two_customers_are_merged_and_it_is_taken_back(page: Page, kotka: str) -> None:
    page.goto(kotka)
    page.get_by_role("link", name="Merge with another").click()
    page.get_by_label("The other one").fill("Suomen Sorvi Oy")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_role("heading", name="What it would do")).to_be_visible()
    check_page(page)
    page.get_by_label("Why, for whoever asks later").fill("one company")
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("status")).to_contain_text("Done")
    page.get_by_role("link", name="Take it back").click()
    page.get_by_role("button", name="Do it").click()
    page.goto("/customers?q=Suomen+Sorvi+Oy")
    expect(page.get_by_role("heading", level=1, name="Suomen Sorvi Oy")).to_be_visible()


def test_who_signs_out_has_to_sign_in_again(page: Page) -> None:
    page.goto("/account")
    check_page(page)
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    check_page(page)
    page.goto("/account")
    assert page.url.endswith("/sign-in?next=/account")
