"""Quality: measured at the end of a night, shown with definitions, and a fix list to take along."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from solmu.model import Entity
from solmu.report.quality import history, measure, quality, worst_records
from solmu.store import time
from solmu.store.tables import meta
from solmu.web.site import Site
from tests.web.conftest import MakeClient
from tests.web.jobs import went_on
from tests.web.serving import Served, check_page

DAY = timedelta(days=1) // timedelta(microseconds=1)


def test_a_night_has_measured_all_records(site: Site) -> None:
    with site.read() as connection:
        told = quality(connection)
    assert told is not None
    one = told["entities"]["organisation"]
    assert (one["records"], one["looked_at"]) == (2, 2)
    figures = one["figures"]
    # Kotka Kone has business id, city, country; Suomen Sorvi city and country: of nine fields each. Kotka Kone has an
    # owner, once it was written to the CRM and read back, or not: the rest does not depend on it.
    assert figures["completeness"][1] == 18
    assert figures["freshness"] == [2, 2]
    assert figures["uniqueness"] == [2, 2]
    assert figures["validity"][0] == figures["validity"][1] > 0
    # `Kotka Kone Oy` and `Kotka-Kone`: the two sheets do not say the same.
    good, of = one["by"]["field"]["name"]["consistency"]
    assert good < of
    assert {"one", "two"} <= set(one["by"]["source"])
    assert told["rows"]["one"] == [2, 2]


def test_each_figure_stands_with_its_definition(client: MakeClient) -> None:
    vera = client("vera")
    page = vera.get("/quality").text
    assert "All 2 records were looked at." in page
    assert "business id, street, postcode, city" in page
    assert "Measure now" not in page
    for by in ("source", "field", "country", "owner"):
        for of in ("organisation", "person"):
            assert vera.get(f"/quality?of={of}&by={by}").status_code == 200
    assert vera.get("/quality?by=nothing").status_code == 422
    assert vera.post("/quality/measure").status_code == 403
    assert vera.get("/api/quality").json()["measured"]["entities"]["person"]["records"] == 2


def test_before_the_first_night_it_says_what_to_do(site: Site, client: MakeClient) -> None:
    with site.write() as connection:
        connection.execute(delete(meta).where(meta.c.name.like("quality%")))
    assert "Nothing has been measured yet." in client("vera").get("/quality").text
    assert "Nothing to mend here." in client("vera").get("/quality/records").text


def test_the_worst_records_are_a_list_to_take_along(site: Site, client: MakeClient) -> None:
    vera = client("vera")
    assert "Suomen Sorvi Oy" in vera.get("/quality/records").text
    assert "missing: business id" in vera.get("/quality/records?why=completeness").text
    assert "sources differ: name" in vera.get("/quality/records?why=consistency").text
    assert "Nothing to mend here." in vera.get("/quality/records?why=uniqueness").text
    lines = vera.get("/quality/records?format=csv").text.splitlines()
    assert lines[0] == "Id,Name,Country,City,Owner,Owner id,What is wrong"
    assert len(lines) == 3
    assert vera.get("/quality/records?format=xlsx").content.startswith(b"PK")
    with site.read() as connection:
        first, second = worst_records(connection, Entity.ORGANISATION)
    assert len(first["why"]) >= len(second["why"])


def test_the_figures_of_earlier_days_are_kept(site: Site, client: MakeClient) -> None:
    for days in (1, 2, 400):
        measure(site.hub, site.store, now=time.now() + days * DAY)
    with site.read() as connection:
        days = history(connection)
    assert len(days) == 4
    assert days[0]["organisation"]["freshness"] == 1.0
    # Nobody has said anything for more than a year.
    assert days[-1]["organisation"]["freshness"] == 0.0
    assert "From 100% on" in client("vera").get("/quality").text


def test_of_a_large_hub_a_part_is_looked_at_and_said_to_be_one(site: Site, client: MakeClient) -> None:
    told = measure(site.hub, site.store, looked_at=1)
    assert (told["entities"]["organisation"]["records"], told["entities"]["organisation"]["looked_at"]) == (2, 1)
    page = client("vera").get("/quality").text
    assert "1 of 2 records were looked at" in page
    assert "±" in page


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_a_steward_finds_what_to_mend(page: Page, served_hub: Served) -> None:
    with Site(served_hub.folder) as site:
        for days in (1, 2):
            measure(site.hub, site.store, now=time.now() + days * DAY)
    page.goto("/quality")
    check_page(page)
    page.get_by_role("link", name="Field", exact=True).click()
    expect(page.get_by_role("cell", name="Business id")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="Records to mend").first.click()
    expect(page.get_by_role("link", name="Suomen Sorvi Oy")).to_be_visible()
    check_page(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename == "fix-list-organisation.xlsx"
    page.goto("/quality")
    page.get_by_role("button", name="Measure now").click()
    # The job is nice to whoever else works.
    went_on(page)
    expect(page.get_by_text("All 2 records were looked at.")).to_be_visible()
