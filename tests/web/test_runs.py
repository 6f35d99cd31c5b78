"""Runs: the ledger, one run with its counts, and the files that it left."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from solmu.store.tables import audit, run
from solmu.sync import imports
from solmu.web.site import Site
from tests.hubs import write_sheet
from tests.web.conftest import MakeClient
from tests.web.jobs import done
from tests.web.serving import check_page

NEW = ("9", "Salon Saha Oy", "", "Salo", "Eeva Salo", "eeva@salonsaha.example", "0407654321", "Saws")


def the_run(site: Site) -> str:
    with site.read() as connection:
        return str(connection.scalar(select(run.c.id).order_by(run.c.started)))


def test_the_ledger_lists_every_run(site: Site, client: MakeClient) -> None:
    id = the_run(site)
    page = client("vera").get("/runs").text
    assert id in page
    assert "whole night" in page
    assert "yes" in page
    assert id not in client("vera").get("/runs?kind=revert").text
    assert client("vera").get("/runs?format=csv").text.count(id) == 1


def test_a_run_tells_what_came_in_and_went_out(site: Site, client: MakeClient) -> None:
    id = the_run(site)
    page = client("vera").get(f"/runs/{id}").text
    assert "The books balance." in page
    assert "one/leads" in page
    assert "/plans/plan_" in page
    assert f"/plans/revert/{id}" in page
    assert f"/runs/{id}/report.json" not in page
    told = client("vera").get(f"/api/runs/{id}").json()
    assert (told["state"], told["report"]["streams"]["one/leads"]["new"]) == ("done", 2)
    assert client("vera").get("/runs/run_nonsense").status_code == 404
    assert client("vera").get("/api/runs/..").status_code == 404


def test_a_steward_fetches_what_a_run_has_left(site: Site, client: MakeClient) -> None:
    id = the_run(site)
    (site.folder / "reports" / f"{id}.html").write_text("<p>A report</p>")
    sten = client("sten")
    assert f"/runs/{id}/report.json" in sten.get(f"/runs/{id}").text
    assert sten.get(f"/runs/{id}/report.json").json()["run_id"] == id
    assert "attachment" in sten.get(f"/runs/{id}/report.html").headers["content-disposition"]
    assert sten.get("/runs/dedupe").status_code == 200
    assert client("vera").get(f"/runs/{id}/report.json").status_code == 403
    (site.folder / "reports" / f"{id}.json").unlink(missing_ok=True)
    assert sten.get(f"/runs/{id}/report.json").json()["run_id"] == id
    (site.folder / "reports" / "dedupe.html").unlink()
    assert sten.get("/runs/dedupe").status_code == 404
    with site.read() as connection:
        assert connection.scalar(select(audit.c.what).where(audit.c.who == "sten")) == "web: dedupe report fetched"


def test_a_steward_takes_an_import_back(site: Site, client: MakeClient) -> None:
    write_sheet(site.folder, "fair", [NEW])
    ready = imports.prepare(site.hub, site.folder / "data" / "fair.csv")
    id = imports.bring_in(imports.save(ready), site.store, ready)["run_id"]
    sten = client("sten")
    assert f"/runs/{id}/withdraw" in sten.get(f"/runs/{id}").text
    assert "1 row is withdrawn" in sten.get(f"/runs/{id}/withdraw").text
    assert client("vera").post(f"/runs/{id}/withdraw").status_code == 403
    assert done(sten, sten.post(f"/runs/{id}/withdraw")) == f"/runs/{id}/withdraw"
    assert "Nothing of this import is left to take back." in sten.get(f"/runs/{id}/withdraw").text
    assert sten.get(f"/runs/{the_run(site)}/withdraw").status_code == 404
    assert sten.post(f"/runs/{the_run(site)}/withdraw").status_code == 404


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_runs_can_be_looked_at_by_everybody(page: Page) -> None:
    page.goto("/runs")
    check_page(page)
    page.get_by_role("link", name="run_").first.click()
    check_page(page)
