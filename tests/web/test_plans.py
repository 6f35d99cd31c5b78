"""Plans: what a push would do field by field, lines left out, targets armed, plans sent, runs taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import Page, expect
from sqlalchemy import select

from solmu.config import load_hub
from solmu.store import open_store
from solmu.store.tables import audit, outbox, plan
from solmu.sync.run import run_all
from solmu.web import sessions, users
from solmu.web.app import make_pages
from solmu.web.site import Site
from tests.hubs import ONE, write_sheet
from tests.web.client import Client
from tests.web.conftest import MakeClient
from tests.web.jobs import done, ended, went_on
from tests.web.serving import Served, check_page, make_ready

NEW = ("3", "Lahden Levy Oy", "", "Lahti", "Onni Maki", "onni@lahdenlevy.example", "", "Cutting")


@pytest.fixture
def planned(site: Site) -> str:
    """The id of a plan that waits: a new company, its person, and the task."""
    return plan_new(site)


def plan_new(site: Site) -> str:
    write_sheet(site.folder, "one", (*ONE, NEW))
    run_all(site.hub, site.store, send=False)
    with site.read() as connection:
        found = connection.scalar(select(plan.c.id).where(plan.c.state == "sealed").order_by(plan.c.made_at.desc()))
    assert found is not None
    return str(found)


def states(site: Site, id: str) -> dict[str, str]:
    with site.read() as connection:
        rows = connection.execute(select(outbox.c.object, outbox.c.state).where(outbox.c.plan_id == id))
        return {row.object: row.state for row in rows}


def test_a_plan_shows_each_field_with_old_new_rule_and_source(planned: str, client: MakeClient) -> None:
    vera = client("vera")
    listed = vera.get("/plans").text
    assert planned in listed
    assert "Make a new plan" not in listed
    page = vera.get(f"/plans/{planned}").text
    assert "Lahden Levy Oy" in page
    assert "one/leads/3" in page
    assert "A steward can send it." in page
    told = vera.get(f"/api/plans/{planned}").json()
    assert {(each["object"], each["action"]) for each in told["counts"]} == {
        ("accounts", "create"),
        ("contacts", "create"),
        ("tasks", "create"),
    }
    only = vera.get(f"/plans/{planned}?object=contacts").text
    assert only.count('<article class="line">') == 1
    assert "onni@lahdenlevy.example" in vera.get(f"/plans/{planned}?format=csv").text
    assert vera.post(f"/plans/{planned}/apply").status_code == 403
    assert vera.get("/plans/plan_nonsense").status_code == 404


def test_a_steward_sends_a_plan_without_a_line_that_was_left_out(site: Site, planned: str, client: MakeClient) -> None:
    sten = client("sten")
    page = sten.get(f"/plans/{planned}?object=tasks").text
    line = re.findall(r'name="line" value="(\d+)"', page)
    assert sten.post(f"/plans/{planned}/leave-out", {"line": line, "reason": ""}).status_code == 422
    answer = sten.post(f"/plans/{planned}/leave-out", {"line": line, "reason": "told by phone"})
    assert "1 line was left out." in sten.get(answer.headers["location"]).text
    then = done(sten, sten.post(f"/plans/{planned}/apply"))
    shown = sten.get(then).text
    assert "2 created, 1 rejected or left out" in shown
    assert ("Was written" in shown, "Would have been" in shown, "Would be" in shown) == (True, True, False)
    assert re.search(r"What it did</h2>\s*<p class=\"quiet\">2 lines", shown)
    sent = re.search(r"/plans/revert/(run_\w+)", shown)
    assert sent is not None
    assert f"/runs/{sent[1]}" in shown
    assert states(site, planned) == {"accounts": "created", "contacts": "created", "tasks": "rejected"}
    with site.read() as connection:
        (note,) = connection.execute(select(audit).where(audit.c.what == "actions dismissed")).all()
    assert (note.who, note.detail["reason"]) == ("sten", "told by phone")
    assert sten.post(f"/plans/{planned}/anew", {"line": line[0]}).status_code == 303
    assert states(site, planned)["tasks"] == "superseded"
    made = sten.get(done(sten, sten.post("/plans/make", {"target": "crm"}))).headers["location"]
    assert states(site, made.removeprefix("/plans/"))["tasks"] == "planned"


def test_a_guard_stops_a_plan_and_only_an_administrator_lets_it_pass(site: Site, client: MakeClient) -> None:
    settings = site.folder / "hub.yaml"
    settings.write_text(settings.read_text() + "guards: {created_count: 1}\n")
    planned = plan_new(site)
    sten, adda = client("sten"), client("adda")
    sten.get(f"/plans/{planned}")
    told = ended(sten, sten.post(f"/plans/{planned}/apply"))
    page = sten.get(str(told["then"])).text
    assert "3 records would be created, and the limit is 1" in page
    assert "an administrator can let it pass once, though too many records would be created" in page
    assert sten.post(f"/plans/{planned}/apply", {"override": "created-count"}).status_code == 422
    assert "Let it pass this once, though too many records would be created" in adda.get(f"/plans/{planned}").text
    done(adda, adda.post(f"/plans/{planned}/apply", {"override": "created-count"}))
    assert set(states(site, planned).values()) == {"created"}


def test_a_target_is_armed_by_an_administrator_after_a_look(site: Site, planned: str, client: MakeClient) -> None:
    sten, adda = client("sten"), client("adda")
    assert sten.get("/plans/targets/crm").status_code == 200
    assert sten.post("/plans/targets/crm/arm", {"act": "disarm"}).status_code == 403
    adda.get("/plans/targets/crm")
    assert adda.post("/plans/targets/crm/arm", {"act": "disarm"}).status_code == 303
    assert "The target is read-only." in adda.get(f"/plans/{planned}").text
    page = adda.get("/plans/targets/crm").text
    assert "create, accounts" in page
    assert "Let Solmu write there" in page
    assert adda.post("/plans/targets/crm/arm", {"act": "arm"}).status_code == 303
    assert adda.post("/plans/targets/crm/arm", {"act": "first-ten"}).status_code == 422
    with site.read() as connection:
        noted = list(connection.scalars(select(audit.c.what).where(audit.c.who == "adda")))
    assert noted == ["target disarmed", "target armed"]
    assert adda.get("/plans/targets/one").status_code == 404


@pytest.fixture
def whole(tmp_path: Path, password_hash: str) -> Iterator[Site]:
    """A hub whose CRM holds what this very store knows of it; those of `site` share one between two stores."""
    with Site(make_ready(tmp_path / "hub", password_hash)) as site:
        yield site


def test_a_run_is_taken_back_as_it_was_seen(whole: Site, portal: BlockingPortal) -> None:
    site, sten = whole, Client(make_pages(whole), portal)
    with site.write() as connection:
        session = sessions.begin(connection, users.find(connection, "sten").id)
    sten.enter(session)
    write_sheet(site.folder, "one", (ONE[0], (*ONE[1][:3], "Turku", *ONE[1][4:])))
    of: Any = run_all(site.hub, site.store)["run_id"]
    waiting = plan_new(site)
    before = states(site, waiting)
    assert "Look what would go back" in sten.get(f"/plans/revert/{of}").text
    page = sten.get(done(sten, sten.post(f"/plans/revert/{of}"))).text
    assert "crm: 1 records would get their earlier values back" in page
    looked = re.search(r"/plans/(plan_\w+)", page)
    assert looked is not None
    # Whoever only looks leaves nothing behind that could be sent, and stands in no plan's way.
    assert looked[1] not in sten.get("/plans").text
    draft = sten.get(f"/plans/{looked[1]}").text
    assert "This only shows what taking a run back would do" in draft
    assert "Turku" in draft
    assert f"/plans/{looked[1]}/apply" not in draft
    assert sten.post(f"/plans/{looked[1]}/apply").status_code == 422
    assert (states(site, waiting), "Send this plan" in sten.get(f"/plans/{waiting}").text) == (before, True)
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert seen is not None
    page = sten.get(done(sten, sten.post(f"/plans/revert/{of}", {"seen": seen[1]}))).text
    assert "It was taken back." in page
    assert "A newer plan has taken its place" in sten.get(f"/plans/{waiting}").text
    page = sten.get(done(sten, sten.post(f"/plans/revert/{of}", {"seen": seen[1]}))).text
    assert "It was taken back." not in page
    assert sten.get("/plans/revert/run_nonsense").status_code == 404
    sten.close()


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_a_plan_is_looked_at_and_sent_in_the_browser(page: Page, served_hub: Served) -> None:
    write_sheet(served_hub.folder, "one", (*ONE, NEW))
    hub = load_hub(served_hub.folder)
    with open_store(hub.store_url) as store:
        run_all(hub, store, send=False)
    page.goto("/plans")
    check_page(page)
    page.goto("/plans/targets/crm")
    check_page(page)
    page.get_by_role("link", name="The whole plan").click()
    check_page(page)
    page.get_by_role("button", name="Send this plan").click()
    went_on(page)
    expect(page.get_by_text("It was sent: 3 created")).to_be_visible()
    check_page(page)
