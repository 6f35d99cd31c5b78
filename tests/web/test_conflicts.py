"""Conflicts: both values in view, one of them chosen, and nothing decided twice."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import Browser, Page, expect

from connectors.memory.space import space
from solmu.config import load_hub
from solmu.store import open_store, time
from solmu.sync import arm
from solmu.sync.run import run_all
from solmu.web import sessions, users
from solmu.web.app import make_pages
from solmu.web.roles import Role
from solmu.web.site import Site
from tests.hubs import ONE, make_hub, write_sheet
from tests.web.client import Client
from tests.web.conftest import MakeClient
from tests.web.serving import check_page, listen, served, sign_in

HUB, CRM = "Hamina", "Pyhtää"


@pytest.fixture(scope="module")
def torn_hub(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Path:
    """A folder to copy: both sides have changed the city on which they had agreed."""
    folder = tmp_path_factory.mktemp("torn") / "hub"
    make_hub(folder, crm_file="crm.jsonl")
    settings = folder / "hub.yaml"
    settings.write_text(settings.read_text().replace("crm]\n", "crm]\n  organisation: {city: ask}\n"))
    crm = space(file=folder / "crm.jsonl")
    crm.put("accounts", {"Name": "Kotka Kone", "City": "Kotka", "BusinessId": "FI20925406"}, key="001")
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        with store.write() as connection:
            users.add(connection, "sten", Role.STEWARD, password_hash, by="test")
            users.add(connection, "adda", Role.ADMINISTRATOR, password_hash, by="test")
        arm.arm(store, "crm", who="test", now=time.now())
        arm.confirm_first_ten(store, "crm", who="test", now=time.now())
        run_all(hub, store)
        write_sheet(folder, "one", [(*ONE[0][:3], HUB, *ONE[0][4:]), ONE[1]])
        crm.change("accounts", "001", {"City": CRM})
        assert run_all(hub, store)["targets"]["crm"]["conflicting"] == 1
    return folder


@pytest.fixture
def torn(torn_hub: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(torn_hub, tmp_path / "hub")
    with Site(tmp_path / "hub") as site:
        yield site


@contextmanager
def entered(torn: Site, portal: BlockingPortal, name: str) -> Iterator[Client]:
    with torn.write() as connection:
        session = sessions.begin(connection, users.find(connection, name).id)
    client = Client(make_pages(torn), portal)
    client.enter(session)
    yield client
    client.close()


@pytest.fixture
def sten(torn: Site, portal: BlockingPortal) -> Iterator[Client]:
    with entered(torn, portal, "sten") as client:
        yield client


@pytest.fixture
def adda(torn: Site, portal: BlockingPortal) -> Iterator[Client]:
    with entered(torn, portal, "adda") as client:
        yield client


def asked(page: str) -> dict[str, str]:
    number, seen = re.search(r'name="number" value="(\d+)"', page), re.search(r'name="seen" value="(\w+)"', page)
    assert number is not None
    assert seen is not None
    return {"number": number[1], "seen": seen[1]}


def test_a_hub_without_conflicts_says_so(client: MakeClient) -> None:
    assert "No field is in conflict." in client("sten").get("/conflicts").text
    assert client("vera").get("/conflicts").status_code == 403


def test_both_values_are_shown_with_where_they_come_from(sten: Client) -> None:
    page = sten.get("/conflicts").text
    assert f"<mark>{HUB}</mark>" in page
    assert f"<mark>{CRM}</mark>" in page
    assert "one/leads/1" in page
    (one,) = sten.get("/api/conflicts").json()["conflicts"]
    assert (one["hub"], one["there"], one["agreed"]) == (HUB, CRM, "Kotka")


def test_what_is_decided_waits_no_more_and_can_be_asked_again(sten: Client) -> None:
    said = asked(sten.get("/conflicts").text)
    assert sten.post("/conflicts", {**said, "choice": "hub"}).status_code == 303
    assert "No field is in conflict." in sten.get("/conflicts").text
    assert "sten: the hub" in sten.get("/conflicts?state=decided").text
    # Whoever had it open still sees that it was decided.
    answer = sten.post("/conflicts", {**said, "choice": "crm"})
    assert answer.status_code == 409
    assert "not as it was shown any more" in answer.text
    assert sten.post("/conflicts/reopen", {"number": said["number"]}).status_code == 303


def test_another_value_holds_on_both_sides(torn: Site, sten: Client) -> None:
    said = asked(sten.get("/conflicts").text)
    assert sten.post("/conflicts", {**said, "choice": "value", "value": "Kouvola"}).status_code == 303
    hub = load_hub(torn.folder)
    with open_store(hub.store_url) as store:
        run_all(hub, store)
    assert space(file=torn.folder / "crm.jsonl").records("accounts")["001"]["City"] == "Kouvola"


def ruled(page: str, rule: str) -> dict[str, str]:
    """The form that writes a rule."""
    number, seen = re.search(r'name="number" value="(\d+)"', page), re.search(r'name="seen" value="(\w+)"', page)
    assert number is not None
    assert seen is not None
    return {"number": number[1], "rule": rule, "seen": seen[1]}


def test_a_rule_is_seen_before_it_is_written_and_ends_the_asking(torn: Site, adda: Client) -> None:
    settings = torn.folder / "hub.yaml"
    before = settings.read_text()
    number = asked(adda.get("/conflicts").text)["number"]
    shown = adda.get(f"/conflicts/rule?number={number}&rule=crm-unless-blank").text
    assert "<del>-   organisation: {city: ask}</del>" in shown
    assert "<ins>+   organisation: {city: crm-unless-blank}</ins>" in shown
    assert f"<mark>{CRM}</mark>" in shown
    assert settings.read_text() == before
    said = ruled(shown, "crm-unless-blank")
    settings.write_text(f"# ours\n{before}")
    late = adda.post("/conflicts/rule", said)
    assert late.status_code == 409
    assert "changed since you looked" in late.text
    answer = adda.post("/conflicts/rule", said | {"seen": ruled(late.text, "crm")["seen"]})
    assert answer.status_code == 303
    assert "The rule is written: the CRM’s, unless blank there." in adda.get(answer.headers["location"]).text
    assert settings.read_text() == f"# ours\n{before}".replace("city: ask", "city: crm-unless-blank")
    assert 'data-label="What">Set a rule' in adda.get("/people/audit").text
    hub = load_hub(torn.folder)
    with open_store(hub.store_url) as store:
        run_all(hub, store)
    assert "No field is in conflict." in adda.get("/conflicts").text
    assert space(file=torn.folder / "crm.jsonl").records("accounts")["001"]["City"] == CRM


def test_only_an_administrator_sets_a_rule_and_only_one_that_people_win_by(sten: Client, adda: Client) -> None:
    page = sten.get("/conflicts").text
    number = asked(page)["number"]
    assert "/conflicts/rule" not in page
    assert sten.get(f"/conflicts/rule?number={number}").status_code == 403
    assert sten.post("/conflicts/rule", {"number": number, "rule": "hub"}).status_code == 403
    assert "longest" not in adda.get(f"/conflicts/rule?number={number}").text
    assert adda.post("/conflicts/rule", {"number": number, "rule": "longest"}).status_code == 404
    assert adda.get("/conflicts/rule?number=999").status_code == 404


@contextmanager
def conflicts_of(name: str, torn_hub: Path, folder: Path, browser: Browser) -> Iterator[Page]:
    """The page as somebody sees it, of a copy of the hub."""
    shutil.copytree(torn_hub, folder / "hub")
    with served(folder / "hub") as hub:
        context = browser.new_context(base_url=hub.url)
        page = context.new_page()
        listen(page)
        sign_in(page, name)
        page.goto("/conflicts")
        yield page
        context.close()


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_a_steward_takes_the_crms_value(torn_hub: Path, tmp_path: Path, browser: Browser) -> None:
    with conflicts_of("sten", torn_hub, tmp_path, browser) as page:
        check_page(page)
        page.get_by_role("button", name="Take that of crm").click()
        expect(page.get_by_text("No field is in conflict.")).to_be_visible()


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_an_administrator_sets_a_rule(torn_hub: Path, tmp_path: Path, browser: Browser) -> None:
    with conflicts_of("adda", torn_hub, tmp_path, browser) as page:
        page.get_by_role("link", name="Set a rule, so that nobody is asked").click()
        page.get_by_label("hub the other sources").check()
        page.get_by_role("button", name="See what it would change").click()
        expect(page.get_by_role("heading", name="1 record waits with this field")).to_be_visible()
        check_page(page)
        page.get_by_role("button", name="Write it").click()
        expect(page.get_by_text("The rule is written: the hub’s.")).to_be_visible()
    assert "city: hub" in (tmp_path / "hub" / "hub.yaml").read_text()
