"""Connections: how they stand, trying them, and adding and changing them with a form."""

from __future__ import annotations

import re
import sqlite3
from html import unescape
from pathlib import Path
from time import monotonic, sleep

import pytest
from httpx import Response
from playwright.sync_api import Page, expect

from solmu.config import load_hub
from solmu.store import time
from solmu.sync.run import run_all
from solmu.web.site import Site
from tests.unit.connectors.mailbox.tokens import provider
from tests.web.client import Client
from tests.web.conftest import MakeClient
from tests.web.jobs import ended, went_on
from tests.web.serving import Served, check_page


def done(site: Site, answer: Response) -> str:
    """Wait for the job that an answer leads to; gives its id."""
    id = answer.headers["location"].rpartition("/")[2]
    job = site.jobs.find(id)
    assert job is not None
    until = monotonic() + 60
    while not job.is_over and monotonic() < until:
        sleep(0.05)
    assert job.is_over
    return id


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found is not None
    return found[1]


def add_erp(client: Client, more: dict[str, str] | None = None) -> Response:
    client.get("/new-connection?connector=sql")
    said = {"connector": "sql", "name": "erp", "direction": "source", "set:url": "sqlite:///erp.db"}
    return client.post("/new-connection", said | (more or {}))


def test_a_viewer_sees_how_they_stand_and_cannot_change_them(client: MakeClient) -> None:
    vera = client("vera")
    page = vera.get("/connections").text
    assert "2 read: 2 new, 0 changed" in page
    assert "armed" in page
    assert "Add a connection" not in page
    one = vera.get("/connections/one").text
    assert "leads" in one
    assert "Check" not in one
    for path in ("check", "disable", "enable", "settings", "discover"):
        assert vera.post(f"/connections/one/{path}").status_code == 403
    assert vera.get("/new-connection").status_code == 403
    assert vera.get("/connections/nobody").status_code == 404


def test_what_went_wrong_is_said_of_the_connection(site: Site, client: MakeClient) -> None:
    (site.folder / "data" / "two.csv").unlink()
    run_all(load_hub(site.folder), site.store, send=False)
    stand = {each["name"]: each for each in client("vera").get("/api/connections").json()["connections"]}
    assert (stand["one"]["health"], stand["two"]["health"]) == ("good", "bad")
    assert stand["two"]["problem"]["message"][1:] in unescape(client("vera").get("/connections/two").text)
    assert stand["two"]["succeeded"] < stand["one"]["succeeded"]
    # It had something new in the first run only.
    (leads,) = stand["one"]["streams"]
    assert leads["counts"]["unchanged"] == 2
    assert leads["came"] < leads["at"] <= time.now()


def test_a_secret_is_shown_as_its_reference_only(site: Site, client: MakeClient) -> None:
    (site.folder / "connections" / "crm2.yaml").write_text(
        "connector: salesforce\ndirection: source\nenabled: false\n"
        "settings: {client_id: a, client_secret: hunter2, private_key: '${KEY:-hunter3}', username: file://secrets/u}\n"
    )
    adda = client("adda")
    for path in ("/connections/crm2", "/connections/crm2/settings", "/api/connections"):
        assert "hunter" not in adda.get(path).text
    assert "file://secrets/u" in adda.get("/connections/crm2").text


def test_a_connection_is_added_with_comments_and_left_out_of_runs(site: Site, client: MakeClient) -> None:
    adda = client("adda")
    answer = add_erp(adda)
    assert answer.headers["location"] == "/connections/erp"
    text = (site.folder / "connections" / "erp.yaml").read_text()
    assert "# erp: Reads queries of one database." in text
    assert "# the database as SQLAlchemy writes it" in text
    assert not load_hub(site.folder).connections["erp"].enabled
    assert "There is one of that name already" in add_erp(adda).text
    audit = adda.get("/people/audit?format=csv").text
    assert "web: connection added" in audit


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"set:url": ""}, "is missing"),
        ({"set:url": "postgresql://a:hunter2@b/c"}, "this is a secret"),
        ({"name": "no name"}, "beginning with a letter or a digit"),
        ({"direction": "both"}, "does not go that way"),
        ({"connector": "nothing"}, "There is no such connector"),
    ],
)
def test_what_cannot_be_is_said_beside_its_entry(
    more: dict[str, str], said: str, site: Site, client: MakeClient
) -> None:
    answer = add_erp(client("adda"), more)
    assert answer.status_code in (404, 422)
    assert said in answer.text
    assert "hunter2" not in answer.text
    assert not (site.folder / "connections" / "erp.yaml").exists()


def test_settings_are_changed_once_by_whoever_comes_first(site: Site, client: MakeClient) -> None:
    adda = client("adda")
    said = {"set:folder": "elsewhere", "seen": seen_in(adda.get("/connections/one/settings").text)}
    assert adda.post("/connections/one/settings", said | {"set:max_cells": "many"}).status_code == 422
    assert adda.post("/connections/one/settings", said).status_code == 303
    assert load_hub(site.folder).connections["one"].settings == {"folder": "elsewhere"}
    late = adda.post("/connections/one/settings", said | {"set:folder": "mine"})
    assert late.status_code == 409
    assert "was changed since you looked at it" in late.text


def test_a_connection_is_tried_from_its_page(site: Site, client: MakeClient) -> None:
    adda = client("adda")
    id = done(site, adda.post("/connections/one/check"))
    assert "one works." in adda.get(f"/connections/one/tried/{id}").text
    id = done(site, adda.post("/connections/one/preview", {"stream": "leads"}))
    page = adda.get(f"/connections/one/tried/{id}").text
    assert "2 have landed before" in page
    assert "Kotka Kone" in page
    (site.folder / "data" / "two.csv").unlink()
    id = done(site, adda.post("/connections/two/check"))
    assert "two works." not in adda.get(f"/connections/two/tried/{id}").text
    assert client("sten").get(f"/connections/one/tried/{id}").status_code == 403


def test_disabling_is_at_once_and_enabling_asks_first(site: Site, client: MakeClient) -> None:
    adda = client("adda")
    assert adda.post("/connections/one/disable").status_code == 303
    assert not load_hub(site.folder).connections["one"].enabled
    assert "left out of runs" in adda.get("/connections").text
    done(site, adda.post("/connections/one/enable"))
    assert load_hub(site.folder).connections["one"].enabled


def test_a_stream_is_discovered_tried_and_added(site: Site, client: MakeClient) -> None:
    make_erp(site.folder)
    adda = client("adda")
    add_erp(adda)
    id = done(site, adda.post("/connections/erp/discover"))
    assert "customer" in adda.get(f"/connections/erp/tried/{id}").text
    form = adda.get(f"/connections/erp/stream?offered=customer&job={id}").text
    assert "SELECT" in form
    said = {"new": "yes", "called": "customers", "offered": "customer", "kind": "contact", "set:key": "id"}
    query = "SELECT * FROM customer"
    id = done(site, adda.post("/connections/erp/stream", said | {"set:query": query}))
    page = adda.get(f"/connections/erp/tried/{id}").text
    assert "proposed by the columns" in page
    assert "Lohja Lasi Oy" in page
    assert "customers" not in load_hub(site.folder).connections["erp"].streams
    assert adda.post("/connections/erp/stream/add", {"job": id}).status_code == 303
    stream = load_hub(site.folder).connections["erp"].streams["customers"]
    assert stream.options["query"] == query
    assert (site.folder / "mappings" / "sources" / f"{stream.mapping}.yaml").is_file()
    # Its settings can be changed afterwards, and what another form holds is not lost.
    page = adda.get("/connections/erp/stream?stream=customers").text
    said = {
        "called": "customers",
        "mapping": str(stream.mapping),
        "seen": seen_in(page),
        "set:query": f"{query} WHERE 1",
    }
    assert adda.post("/connections/erp/stream", said).status_code == 303
    changed = load_hub(site.folder).connections["erp"].streams["customers"]
    assert changed.options["query"].endswith("WHERE 1")
    assert changed.key == ["id"]


def make_erp(folder: Path) -> None:
    with sqlite3.connect(folder / "erp.db") as erp:
        erp.execute("CREATE TABLE customer (id INTEGER PRIMARY KEY, company TEXT, email TEXT, city TEXT)")
        rows = [(1, "Lohja Lasi Oy", "info@lohjalasi.example", "Lohja"), (2, "Porin Puu Oy", "", "Pori")]
        erp.executemany("INSERT INTO customer VALUES (?, ?, ?, ?)", rows)
    erp.close()


def test_somebody_logs_in_for_a_mailbox_with_a_code_that_the_page_shows(site: Site, client: MakeClient) -> None:
    adda, file = client("adda"), site.folder / "connections" / "office.yaml"
    with provider() as login:
        login.pending = 10**9
        file.write_text(
            "connector: mailbox\ndirection: source\nenabled: false\nsettings:\n  host: mail.example\n"
            "  username: anna@ourfirm.example\n  oauth: {grant: device_code, client_id: solmu, token_url: "
            f"'{login.url}/token', device_url: '{login.url}/device', token_file: office.token}}\n"
        )
        assert "Log in for it" in adda.get("/connections/office").text
        assert "Log in for it" not in client("vera").get("/connections/office").text
        job = adda.post("/connections/office/login").headers["location"]
        until = monotonic() + 60
        while not adda.get(f"/api{job}").json()["said"]:
            assert monotonic() < until
            sleep(0.05)
        page = adda.get(job).text
        assert "Logging in for office" in page
        assert '<a href="https://login.example/device" rel="noopener noreferrer" target="_blank">' in page
        assert "enter the code ABC-123" in page
        login.pending = 0
        told = ended(adda, job)
    assert told["state"] == "done", told
    assert (site.folder / "office.token").read_text() == "r1"
    assert "Somebody has logged in for office." in adda.get(str(told["then"])).text


def test_nobody_logs_in_where_no_system_wants_it(client: MakeClient) -> None:
    adda = client("adda")
    assert "Log in for it" not in adda.get("/connections/one").text
    assert adda.post("/connections/one/login").status_code == 404
    assert client("sten").post("/connections/one/login").status_code == 403


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_an_administrator_adds_a_connection(page: Page, served_hub: Served) -> None:
    make_erp(served_hub.folder)
    page.goto("/connections")
    check_page(page)
    page.get_by_role("link", name="Add a connection").click()
    check_page(page)
    page.get_by_role("link", name="sql", exact=True).click()
    page.get_by_label("Name needed").fill("erp")
    page.get_by_label("URL url").fill("sqlite:///erp.db")
    check_page(page)
    page.get_by_role("button", name="Write the connection").click()
    page.wait_for_url("**/connections/erp")
    check_page(page)
    page.get_by_role("button", name="Discover streams").click()
    went_on(page)
    page.get_by_role("link", name="Add customer").click()
    check_page(page)
    page.get_by_role("button", name="Look at its rows").click()
    went_on(page)
    expect(page.get_by_text("Lohja Lasi Oy").first).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Add this stream").click()
    page.wait_for_url("**/connections/erp")
    page.get_by_role("button", name="Check and enable").click()
    went_on(page)
    expect(page.get_by_text("It takes part in runs from now on.")).to_be_visible()
    assert load_hub(served_hub.folder).connections["erp"].enabled
