"""Home: last night, what waits, and how customers are looked after."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select, update

from solmu.followup.count import count, outdated, summary
from solmu.store.tables import run
from solmu.web.site import Site
from tests.web.client import Client
from tests.web.conftest import MakeClient

DAY = 86_400_000_000


def counted(site: Site) -> dict[str, object]:
    return count(site.hub, site.store, lambda _step, _more: None)


def test_the_picture_tells_what_came_in_and_went_out(client: MakeClient) -> None:
    page = client("vera").get("/").text
    assert "2 organisations" in page
    assert "2 people" in page
    assert "2 new" in page
    assert 'role="img"' in page


def test_figures_are_counted_on_customers_and_lead_to_their_lists(site: Site, client: MakeClient) -> None:
    told = counted(site)
    assert told["customers"] == 2
    assert told["no_next_step"] == 2
    vera = client("vera")
    assert vera.get("/api/figures").json()["customers"] == 2
    for name in ("no-owner", "no-next-step", "unreachable", "long-ago", "completeness"):
        answer = vera.get(f"/figures/{name}")
        assert answer.status_code == 200
    listed = vera.get("/figures/no-next-step?format=csv").text
    assert "Kotka Kone Oy" in listed
    assert "Suomen Sorvi Oy" in listed
    assert "2</span>" in vera.get("/").text
    assert vera.get("/figures/nonsense").status_code == 404


def test_counting_again_writes_nothing_where_nothing_changed(site: Site) -> None:
    counted(site)
    counted(site)
    with site.read() as connection:
        told = summary(connection)
        assert told is not None
        assert not outdated(connection, told)
        assert outdated(connection, {**told, "at": told["at"] - DAY})


def test_a_steward_has_customers_counted_by_a_job(site: Site, client: MakeClient) -> None:
    assert client("vera").post("/figures/count").status_code == 403
    sten = client("sten")
    page = sten.post("/figures/count").headers["location"]
    assert sten.get(page).status_code == 200
    told = until_over(sten, page)
    assert (told["state"], told["then"], told["who"]) == ("done", "/", "sten")
    assert sten.get(page).status_code == 200
    assert sten.get("/api/figures").json()["customers"] == 2


def test_a_job_that_fails_says_why(site: Site, client: MakeClient) -> None:
    sten = client("sten")
    settings = site.folder / "hub.yaml"
    settings.write_text(settings.read_text() + "nonsense: true\n")
    job = site.jobs.start("count", "solmu.web.home_work:count_customers", who="sten", then="/")
    while job.state == "running":
        time.sleep(0.05)
    assert job.state == "failed"
    assert job.error is not None
    assert "nonsense" in job.error["message"]
    settings.write_text(settings.read_text().replace("nonsense: true\n", ""))
    page = sten.get(f"/jobs/{job.id}").text
    assert "It could not be done" in page
    assert "hub.yaml" in page


def test_a_job_can_be_stopped_by_who_started_it(site: Site, client: MakeClient) -> None:
    job = site.jobs.start("sleep", "tests.web.slow_work:wait", who="sten", then="/")
    assert client("vera").post(f"/jobs/{job.id}/stop").status_code == 403
    assert client("sten").post(f"/jobs/{job.id}/stop").status_code == 303
    while job.state == "running":
        time.sleep(0.05)
    assert job.state == "stopped"
    assert "It was stopped" in client("sten").get(f"/jobs/{job.id}").text


@contextmanager
def reported(site: Site, **more: Any) -> Iterator[None]:
    """As if the last night's report said this, too."""
    with site.store.write() as connection:
        newest = connection.execute(select(run).where(run.c.kind == "run").order_by(run.c.started.desc())).first()
        assert newest is not None
        connection.execute(update(run).where(run.c.id == newest.id).values(report={**newest.report, **more}))
    yield
    with site.store.write() as connection:
        connection.execute(update(run).where(run.c.id == newest.id).values(report=newest.report))


def test_a_source_that_the_last_night_found_silent_is_said_first(site: Site, client: MakeClient) -> None:
    silent = {"connection": "one", "last": "2026-09-01", "days": 60, "limit": 7, "newly": True}
    with reported(site, silent=[silent]):
        page = client("vera").get("/").text
    assert "Nothing new has come from one since 2026-09-01, for 60 days; 7 would be usual." in page


@pytest.mark.parametrize(("instead", "asked"), [([], "meant to be gone"), (["Tel"], "New in it: Tel")])
def test_a_list_that_came_without_a_column_is_said_first(
    site: Site, client: MakeClient, instead: list[str], asked: str
) -> None:
    lost = {"connection": "one", "stream": "leads", "column": "Phone", "since": "2026-11-01", "rows": 12}
    with reported(site, lost_columns=[{**lost, "instead": instead, "file": None, "newly": True}]):
        page = client("vera").get("/").text
    assert "one/leads came without its column Phone on 2026-11-01" in page
    assert asked in page


def test_a_threshold_that_new_answers_broke_is_said_first(site: Site, client: MakeClient) -> None:
    broken = {"entity": "person", "since": "2026-11-01T03:30:00Z", "promised": 0.99, "low": 0.97123, "newly": False}
    with reported(site, taken_back=[broken]):
        page = client("vera").get("/").text
    assert "Scores merge no people by themselves any more since 2026-11-01" in page
    assert "at least 97.1% were right, and 99.0% is promised" in page


def until_over(client: Client, page: str) -> dict[str, object]:
    for _ in range(600):
        told: dict[str, object] = client.get(f"/api{page}").json()
        if told["state"] != "running":
            return told
        time.sleep(0.05)
    raise AssertionError("the job did not end")
