"""A list of the home page is pushed as tasks, after a look at what would be made; its export is in the audit."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from connectors.memory.space import space
from solmu.config import load_hub
from solmu.followup.count import count
from solmu.store import open_store, time
from solmu.store.tables import audit
from solmu.sync.arm import confirm_first_ten, disarm
from solmu.web.site import Site
from tests.hubs import with_follow_ups
from tests.web.conftest import MakeClient
from tests.web.jobs import done, went_on
from tests.web.serving import Served, check_page

ASKED = "/tasks/no-next-step?target=crm&subject=Call+them&due=2030-01-31"


@pytest.fixture
def counted(site: Site) -> None:
    with_follow_ups(site.folder)
    confirm_first_ten(site.store, "crm", who="adda", now=time.now())
    count(site.hub, site.store, lambda _step, _more: None)


def form(text: str) -> dict[str, str]:
    return {
        "target": "crm", "subject": "Call them", "due": "2030-01-31",
        "seen": re.findall(r'name="seen" value="(\w+)"', text)[0],
    }  # fmt: skip


def test_a_steward_pushes_a_list_after_a_look(site: Site, client: MakeClient, counted: None) -> None:
    assert client("vera").get("/tasks/no-next-step").status_code == 403
    assert "Push as tasks" not in client("vera").get("/figures/no-next-step").text
    sten = client("sten")
    assert 'href="/tasks/no-next-step"' in sten.get("/figures/no-next-step").text
    assert "What is to be done" in sten.get("/tasks/no-next-step").text
    looked = sten.get(ASKED).text
    assert "2 tasks would be made in crm" in looked
    then = done(sten, sten.post("/tasks/no-next-step", form(looked)))
    told = sten.get(then).text
    assert "2 tasks were made in crm" in told
    assert "2 customers have an open task" in told
    made = space("", site.folder / "crm.jsonl").records("follow-ups").values()
    assert sorted(task["Subject"] for task in made) == ["Call them"] * 2
    with site.read() as connection:
        assert connection.scalar(select(audit.c.who).where(audit.c.what == "list pushed as tasks")) == "sten"
    assert "list pushed as tasks" in sten.get("/runs").text


def test_what_cannot_be_is_told_in_the_form(site: Site, client: MakeClient, counted: None) -> None:
    sten = client("sten")
    assert sten.get("/tasks/nonsense").status_code == 404
    assert "this is no day" in sten.get(ASKED.replace("2030-01-31", "soon")).text.lower()
    assert sten.get(ASKED.replace("crm", "one")).status_code == 422
    assert sten.post("/tasks/no-next-step", {"target": "crm", "subject": "", "due": "2030-01-31"}).status_code == 422
    seen = form(sten.get(ASKED).text)
    told = sten.get(done(sten, sten.post("/tasks/no-next-step", {**seen, "subject": "Write to them"}))).text
    assert "has changed since somebody looked" in told
    assert sten.post("/tasks/no-next-step", {**seen, "override": "created-count"}).status_code == 422
    disarm(site.store, "crm", who="adda", now=time.now())
    assert "crm is read-only" in sten.get(ASKED).text


def test_a_hub_whose_crms_take_no_tasks_says_what_to_do(site: Site, client: MakeClient) -> None:
    count(site.hub, site.store, lambda _step, _more: None)
    sten = client("sten")
    assert "Push as tasks" not in sten.get("/figures/no-next-step").text
    assert "follow-up-task" in sten.get("/tasks/no-next-step").text


def test_whoever_fetches_a_list_as_a_file_is_in_the_audit(site: Site, client: MakeClient, counted: None) -> None:
    vera = client("vera")
    assert vera.get("/figures/no-next-step?format=csv&country=FI").status_code == 200
    assert vera.get("/customers?format=csv").status_code == 200
    with site.read() as connection:
        rows = connection.execute(select(audit).where(audit.c.what == "web: list exported").order_by(audit.c.id)).all()
    assert [(row.who, row.subject, row.detail) for row in rows] == [
        ("vera", "list:no-next-step", {"format": "csv"}),
        ("vera", "list:organisations", {"format": "csv"}),
    ]
    assert all(row.digest for row in rows)


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_tasks_are_pushed_in_the_browser(page: Page, served_hub: Served) -> None:
    hub = with_follow_ups(served_hub.folder)
    with open_store(hub.store_url) as store:
        confirm_first_ten(store, "crm", who="adda", now=time.now())
        count(load_hub(hub.folder), store, lambda _step, _more: None)
    page.goto("/figures/no-next-step")
    page.get_by_role("link", name="Push as tasks").click()
    page.get_by_label("What is to be done").fill("Call them")
    page.get_by_role("button", name="Look what would be made").click()
    expect(page.get_by_role("heading", name="2 tasks would be made in crm")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Push 2 tasks").click()
    went_on(page)
    expect(page.get_by_text("2 tasks were made in crm.")).to_be_visible()
    check_page(page)
