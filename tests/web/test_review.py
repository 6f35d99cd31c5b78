"""Review: pairs looked at and decided, by key and by button, by two stewards at once, as a sheet, and in bulk."""

from __future__ import annotations

import csv
import io
import re
import shutil
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from connectors.memory.space import space
from solmu.config import load_hub
from solmu.match.decisions import Verdict
from solmu.review.decide import decide
from solmu.review.queue import Filters, Queue, queue
from solmu.store import open_store
from solmu.store.tables import decision
from solmu.sync.run import run_all
from solmu.web import sessions, users
from solmu.web.app import make_pages
from solmu.web.review_work import accept, follow
from solmu.web.site import Site
from tests.web.client import Client
from tests.web.conftest import MakeClient
from tests.web.serving import Served, check_page, listen, make_ready, served, sign_in

_PAIR = re.compile(r'name="pair" value="(p[^"]+)"')
_SEEN = re.compile(r'name="seen" value="([^"]+)"')
_FIRST = ("Kivi", "Ranta", "Koivu", "Honka", "Suvi", "Tuuli")
_LAST = ("kone", "metalli", "sorvi", "terä", "runko", "osa", "vaunu", "nosto", "putki", "levy")
NAMES = tuple(first + last for first, last in product(_FIRST, _LAST))
"""Of synthetic companies."""
HOUR = 3_600_000_000


@pytest.fixture(scope="session")
def asking_hub(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Path:
    """A folder to copy: a hub whose CRM has each company twice, which nobody joins unasked."""
    folder = make_ready(tmp_path_factory.mktemp("asking") / "hub", password_hash, sheets={"one": [], "two": []})
    crm = space(file=folder / "crm.jsonl")
    for at, name in enumerate(NAMES):
        for half in (0, 1):
            crm.put("accounts", {"Name": f"{name} Oy", "City": "Oulu"}, key=f"{at:03}{half}")
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        run_all(hub, store)
    return folder


@pytest.fixture
def asking(asking_hub: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(asking_hub, tmp_path / "hub")
    with Site(tmp_path / "hub") as site:
        yield site


@pytest.fixture
def stewards(asking: Site, portal: BlockingPortal) -> Iterator[tuple[Client, Client]]:
    """Two who look at the same queue at once."""
    app = make_pages(asking)
    both = Client(app, portal), Client(app, portal)
    with asking.write() as connection:
        begun = [sessions.begin(connection, users.find(connection, name).id) for name in ("sten", "adda")]
    for one, session in zip(both, begun, strict=True):
        one.enter(session)
    yield both
    for one in both:
        one.close()


def waiting(site: Site) -> Queue:
    with site.read() as connection:
        return queue(connection, Filters())


def shown(page: str) -> dict[str, str]:
    """What the form of a page would send."""
    pair, seen = _PAIR.search(page), _SEEN.search(page)
    assert pair is not None
    assert seen is not None
    return {"pair": pair[1], "seen": seen[1]}


def decided(site: Site) -> list[str]:
    with site.read() as connection:
        query = select(decision.c.verdict).where(decision.c.withdrawn_at.is_(None)).order_by(decision.c.id)
        return list(connection.scalars(query))


def test_a_hub_without_a_doubt_says_so(client: MakeClient) -> None:
    answer = client("sten").get("/review")
    assert answer.status_code == 200
    assert "No pair waits." in answer.text


@pytest.mark.parametrize("path", ["/review", "/review/decisions", "/review/bulk", "/review/sheet", "/api/review"])
def test_whoever_may_only_look_does_not_review(path: str, client: MakeClient) -> None:
    assert client("vera").get(path).status_code == 403


def test_a_decision_leads_to_the_next_pair_and_undoing_leads_back(
    asking: Site, stewards: tuple[Client, Client]
) -> None:
    sten, _ = stewards
    first = shown(sten.get("/review").text)
    answer = sten.post("/review", {**first, "verdict": "different", "reason": "two towns"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/review")
    page = sten.get("/review").text
    assert shown(page)["pair"] != first["pair"]
    assert decided(asking) == ["different"]
    id = re.search(r'name="decision" value="(\d+)"', page)
    assert id is not None
    answer = sten.post("/review/undo", {"decision": id[1], "pair": first["pair"]})
    assert answer.headers["location"] == f"/review?pair={first['pair']}"
    assert decided(asking) == []
    assert shown(sten.get(answer.headers["location"]).text) == first


def test_the_second_of_two_stewards_sees_what_the_first_decided(asking: Site, stewards: tuple[Client, Client]) -> None:
    sten, adda = stewards
    asked = shown(sten.get("/review").text)
    assert shown(adda.get("/review").text) == asked
    sten.post("/review", {**asked, "verdict": "same"})
    answer = adda.post("/review", {**asked, "verdict": "different"})
    assert answer.status_code == 409
    assert "Sten has decided this pair" in answer.text
    assert ("solmu review" in answer.text, 'href="/review/decisions"' in answer.text) == (False, True)
    assert "beside decision" in answer.text
    assert decided(asking) == ["same"]


def test_what_changed_since_it_was_shown_is_not_decided(asking: Site, stewards: tuple[Client, Client]) -> None:
    sten, _ = stewards
    asked = shown(sten.get("/review").text)
    answer = sten.post("/review", {**asked, "seen": "0" * 16, "verdict": "same"})
    assert answer.status_code == 409
    assert shown(answer.text) == asked
    assert decided(asking) == []


def test_filters_stand_in_the_address_and_stay_when_a_pair_is_decided(stewards: tuple[Client, Client]) -> None:
    sten, _ = stewards
    assert "No pair waits." in sten.get("/review?source=one").text
    page = sten.get("/review?entity=organisation&source=crm&older=0&skip=2").text
    assert 'action="/review?entity=organisation&amp;source=crm&amp;skip=2"' in page
    answer = sten.post("/review?entity=organisation&source=crm", {**shown(page), "verdict": "unsure"})
    assert answer.headers["location"] == "/review?entity=organisation&source=crm"


def test_a_country_is_taken_by_its_name_and_one_that_is_none_is_told(stewards: tuple[Client, Client]) -> None:
    one, _ = stewards
    assert one.get("/review?country=Suomi").status_code == 200
    answer = one.get("/review?country=Finnland-ish&older=7")
    assert answer.status_code == 422
    assert "There is no such country. What would be right: its name, or its code" in answer.text
    assert re.search(r'value="Finnland-ish"', answer.text)
    assert '<option value="7" selected>' in answer.text
    told = one.get(f"/review?owner={'x' * 300}")
    assert (told.status_code, "at most 200 letters" in told.text, ".." in told.text) == (422, True, False)
    assert one.get("/tasks/none").status_code == 404


def test_a_name_that_is_no_pair_is_told_in_plain_words(stewards: tuple[Client, Client]) -> None:
    sten, _ = stewards
    answer = sten.get("/review?pair=p1-22")
    assert answer.status_code == 404
    assert "no name of a pair" in answer.text
    assert sten.get("/api/review/p1-22").json()["error"]["code"] == "no-pair"


def test_the_sheet_takes_decisions_there_and_back(asking: Site, stewards: tuple[Client, Client]) -> None:
    sten, _ = stewards
    sten.get("/review/sheet")
    answer = sten.post("/review/sheet/export", {"form": "csv"})
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    place = rows[0].index("Decision")
    for row in rows[1:4]:
        row[place] = "same"
    filled = io.StringIO()
    csv.writer(filled).writerows(rows)
    sent = sten.ask(
        "POST",
        "/api/review-sheet",
        files={"file": ("filled.csv", filled.getvalue().encode(), "text/csv")},
        headers={"Origin": sten.address, "X-CSRF-Token": sten.token},
    )
    job = sent.json()["job"]
    wait_for(asking, job)
    assert "3 decisions were taken." in sten.get(f"/review/sheet/{job}").text
    assert decided(asking) == ["same"] * 3
    assert waiting(asking).total == len(NAMES) - 3


def test_a_file_that_is_no_sheet_is_refused(stewards: tuple[Client, Client]) -> None:
    sten, _ = stewards
    sent = sten.ask(
        "POST",
        "/api/review-sheet",
        files={"file": ("evil.exe", b"MZ", "application/octet-stream")},
        headers={"Origin": sten.address, "X-CSRF-Token": sten.token},
    )
    assert sent.status_code == 422
    assert sent.json()["error"]["code"] == "sheet-format"


def test_bulk_says_how_often_such_pairs_were_right(asking: Site, stewards: tuple[Client, Client]) -> None:
    sten, _ = stewards
    for verdict in ("same", "same", "different"):
        sten.post("/review", {**shown(sten.get("/review").text), "verdict": verdict})
    assert "66.7% of 3 answers" in sten.get("/review/bulk").text


def test_what_is_held_apart_by_rule_is_not_accepted_in_bulk(asking: Site) -> None:
    told = accept(asking.folder, lambda *_: None, entity="organisation", least=0.0, most=1.01, limit=5, steward="sten")
    assert told["decided"] == 0
    assert waiting(asking).total == len(NAMES)


def test_decisions_are_followed_without_anybody_waiting_for_it(asking: Site) -> None:
    pair = waiting(asking).pairs[0].pair
    with asking.write() as connection:
        decide(connection, pair, Verdict.SAME, who="sten", now=HOUR)
    assert follow(asking.folder, lambda *_: None) == {"followed": True, "why": None}
    with open_store(asking.hub.store_url) as store, store.read() as connection:
        assert queue(connection, Filters()).total == len(NAMES) - 1


def wait_for(site: Site, id: str) -> None:
    for _ in range(600):
        job = site.jobs.find(id)
        assert job is not None
        if job.is_over:
            assert job.state == "done", job.error
            return
        time.sleep(0.05)
    raise AssertionError("the job did not end")


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def tab(asking_hub: Path, tmp_path: Path, browser: Browser) -> Iterator[tuple[Page, Served]]:
    shutil.copytree(asking_hub, tmp_path / "hub")
    with served(tmp_path / "hub") as hub:
        context = browser.new_context(base_url=hub.url, viewport={"width": 1440, "height": 900})
        page = context.new_page()
        listen(page)
        sign_in(page, "sten")
        yield page, hub
        context.close()


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_every_page_of_review_can_be_used_by_everybody(tab: tuple[Page, Served]) -> None:
    page, _ = tab
    for path in ("/review", "/review/bulk", "/review/sheet", "/review/decisions"):
        page.goto(path)
        check_page(page)


@pytest.mark.peer("chromium")
@pytest.mark.parametrize(("pairs", "undone"), [(8, 2), pytest.param(50, 10, marks=pytest.mark.slow)])
def test_pairs_are_decided_and_undone_by_the_keyboard_alone(pairs: int, undone: int, tab: tuple[Page, Served]) -> None:
    page, hub = tab
    page.goto("/review")
    for number in range(pairs):
        before = page.locator("[name=pair]").first.input_value()
        page.wait_for_load_state()
        page.keyboard.press("sdur"[number % 4])
        expect(page.locator(f".verdicts [name=pair]:not([value='{before}'])")).to_have_count(1)
    expect(page.get_by_text(f"{len(NAMES) - pairs} pairs wait")).to_be_visible()
    for _ in range(undone):
        page.wait_for_load_state()
        last = page.locator(".last [name=decision]").input_value()
        page.keyboard.press("z")
        expect(page.locator(f".last [name=decision]:not([value='{last}'])")).to_have_count(1)
    with open_store(f"sqlite:///{hub.folder / 'solmu.db'}") as store, store.read() as connection:
        total = connection.scalar(select(func.count()).select_from(decision))
        in_force = connection.scalar(select(func.count()).where(decision.c.withdrawn_at.is_(None)))
    assert (total, in_force) == (pairs, pairs - undone)
