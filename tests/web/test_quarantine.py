"""Quarantine: refused rows mended in place, tried again, dismissed with a reason, and taken home as a workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import pytest
import python_calamine
from playwright.sync_api import Page, expect
from sqlalchemy import select

from solmu.config import load_hub
from solmu.doctor.run import examine
from solmu.exchange import cell_error
from solmu.report.quarantine import count_waiting
from solmu.store import open_store
from solmu.store.tables import audit, golden, quarantine, source_record, source_version
from solmu.sync.mend import corrected
from solmu.sync.run import run_all
from solmu.web.site import Site
from tests.hubs import ONE, write_sheet
from tests.web.conftest import MakeClient
from tests.web.jobs import done, went_on
from tests.web.serving import PASSWORD, Served, check_page

WRONG = (
    ("3", "Lahden Levy Oy", "", "Lahti", "Onni Maki", "onni@@lahdenlevy.example", "", "Cutting"),
    ("4", "Porin Putki Oy", "", "Pori", "Elli Niemi", "elli@@porinputki.example", "", "Tubes"),
)


@pytest.fixture
def refusing(site: Site) -> Site:
    """The hub after a night in which two rows of a sheet had an e-mail address that is none."""
    night(site, (*ONE, *WRONG))
    return site


def night(site: Site, rows: Sequence[Sequence[str]]) -> dict[str, object]:
    write_sheet(site.folder, "one", rows)
    return run_all(site.hub, site.store)


def typed(page: str, **changes: str) -> dict[str, list[str]]:
    """What the form of a row would send, with some columns corrected."""
    columns = re.findall(r'name="column" value="([^"]*)"', page)
    values = re.findall(r'name="value" value="([^"]*)"', page)
    return {"column": columns, "value": [changes.get(name, value) for name, value in zip(columns, values, strict=True)]}


def states(site: Site) -> list[str]:
    with site.read() as connection:
        return list(connection.scalars(select(quarantine.c.state).order_by(quarantine.c.id)))


def healthy(site: Site) -> bool:
    told = examine(site.store, site.hub)
    assert told["ok"], told
    return bool(told["ok"])


def test_an_empty_quarantine_says_so(client: MakeClient) -> None:
    assert "Nothing is in quarantine." in client("sten").get("/quarantine").text
    assert client("vera").get("/quarantine").status_code == 403


def test_rows_stand_by_their_reason_with_an_example(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    (group,) = sten.get("/api/quarantine").json()["groups"]
    assert (group["rows"], group["code"], group["connection"]) == (2, "email-with-two-at", "one")
    page = sten.get("/quarantine").text
    assert "there are two @ in this e-mail address" in page
    assert "elli@@porinputki.example" in page
    assert "onni@@lahdenlevy.example" in sten.get("/quarantine?connection=one&stream=leads").text
    assert "Nothing fits" in sten.get("/quarantine?connection=two").text
    assert "onni@@lahdenlevy.example" in sten.get("/quarantine?format=csv").text


def test_received_is_when_it_came_however_often_it_is_tried_again(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    came = sten.get("/api/quarantine/1").json()["received"]
    listed = re.findall(r"<time[^>]+>", sten.get("/quarantine?connection=one").text)
    done(sten, sten.post("/quarantine/1/replay"))
    told = sten.get("/api/quarantine/1").json()
    assert (told["received"], told["since"] > came) == (came, True)
    assert re.findall(r"<time[^>]+>", sten.get("/quarantine?connection=one").text) == listed


def test_what_was_typed_outlives_the_session(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    form = typed(sten.get("/quarantine/1").text, **{"E-mail": "onni@lahdenlevy.example"})
    here = {"Referer": f"{sten.address}/quarantine/1"}
    sten.cookies.clear()
    page = sten.post("/quarantine/1/mend", form, headers=here)
    assert (page.status_code, "What you typed is not lost" in page.text) == (403, True)
    assert 'href="/sign-in?next=/quarantine/1" target="_blank"' in page.text
    sten.sign_in("sten", PASSWORD)
    sten.token = ""  # that of the page that has waited
    page = sten.post("/quarantine/1/mend", form, headers=here)
    assert (page.status_code, "Send it now" in page.text) == (403, True)
    sent = re.findall(r'<textarea name="(\w+)" hidden>\n([^<]*)</textarea>', page.text)
    assert ("value", "onni@lahdenlevy.example") in sent
    assert sten.token
    kept = {name: [value for key, value in sent if key == name] for name in ("column", "value")}
    done(sten, sten.post("/quarantine/1/mend", kept))
    assert "This row has gone on." in sten.get("/quarantine/1").text


def test_a_row_is_mended_in_place_and_what_was_received_is_kept(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    page = sten.get("/quarantine/1").text
    assert "onni@@lahdenlevy.example" in page
    then = done(sten, sten.post("/quarantine/1/mend", typed(page, **{"E-mail": "onni@lahdenlevy.example"})))
    shown = sten.get(then).text
    assert "This row has gone on." in shown
    assert "mended by sten" in shown
    assert "Lahden Levy Oy" in shown
    with refusing.read() as connection:
        query = select(source_version.c.outcome).join(
            source_record,
            (source_record.c.id == source_version.c.record_id)
            & (source_record.c.key == "3")
            & (source_record.c.connection == "one"),
        )
        assert list(connection.scalars(query.order_by(source_version.c.id))) == ["new", "mended"]
        (line,) = connection.execute(select(audit).where(audit.c.what == "row mended")).all()
        assert (line.who, line.subject, line.detail["columns"]) == ("sten", "quarantine:1", ["E-mail"])
        names = set(connection.scalars(select(golden.c.name)))
    assert {"Lahden Levy Oy", "Onni Maki"} <= names
    assert healthy(refusing)


def test_a_correction_stands_until_the_source_says_something_else(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    page = sten.get("/quarantine/1").text
    done(sten, sten.post("/quarantine/1/mend", typed(page, **{"E-mail": "onni@lahdenlevy.example"})))
    report = night(refusing, (*ONE, *WRONG))
    assert report["streams"]["one/leads"]["refused"] == 1  # type: ignore[index]
    assert states(refusing) == ["released", "waiting"]
    worse = (*WRONG[0][:5], "onni@lahdenlevy@example", "", "Cutting")
    night(refusing, (*ONE, worse, WRONG[1]))
    assert states(refusing) == ["released", "waiting", "waiting"]
    assert healthy(refusing)


def test_a_correction_that_would_be_refused_again_is_not_taken(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    page = sten.get("/quarantine/1").text
    answer = sten.post("/quarantine/1/mend", typed(page, **{"E-mail": "onni.lahdenlevy"}))
    assert answer.status_code == 422
    assert "It would be refused again" in answer.text
    assert 'value="onni.lahdenlevy"' in answer.text
    assert states(refusing) == ["waiting", "waiting"]


def test_rows_alike_are_tried_again_after_the_mapping_was_mended(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    sten.get("/quarantine")
    which = {"connection": "one", "stream": "leads", "code": "email-with-two-at", "upto": "2"}
    then = done(sten, sten.post("/quarantine/replay", which))
    shown = sten.get(then).text
    assert "2 rows were tried again. 2 of them were refused again." in shown
    mapping = refusing.folder / "mappings" / "sources" / "sheet.yaml"
    mapping.write_text(mapping.read_text().replace("{from: E-mail}", "{from: E-mail, on_invalid: drop}"))
    then = done(sten, sten.post("/quarantine/replay", which | {"upto": "9"}))
    assert "None of them was refused again." in sten.get(then).text
    with refusing.read() as connection:
        assert count_waiting(connection) == 0
    assert healthy(refusing)


def test_a_row_is_dismissed_for_a_reason_and_taken_up_again(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    sten.get("/quarantine/1")
    assert sten.post("/quarantine/1/dismiss", {"reason": " "}).status_code == 422
    assert sten.post("/quarantine/1/dismiss", {"reason": "a trial"}).status_code == 303
    assert "sten has dismissed it: a trial" in sten.get("/quarantine/1").text
    assert sten.post("/quarantine/1/dismiss", {"reason": "twice"}).status_code == 409
    assert "onni@@" in sten.get("/quarantine?state=dismissed").text
    assert "onni@@" not in sten.get("/quarantine").text
    night(refusing, (*ONE, *WRONG))
    assert states(refusing) == ["dismissed", "waiting"]
    assert healthy(refusing)
    assert sten.post("/quarantine/1/again").status_code == 303
    assert states(refusing) == ["waiting", "waiting"]


def test_all_alike_are_dismissed_as_far_as_they_were_shown(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    sten.get("/quarantine")
    answer = sten.post("/quarantine/dismiss", {"code": "email-with-two-at", "upto": "1", "reason": "old"})
    assert "1 row was dismissed." in sten.get(answer.headers["location"]).text
    assert states(refusing) == ["dismissed", "waiting"]


def test_the_second_of_two_stewards_sees_that_a_row_was_dealt_with(refusing: Site, client: MakeClient) -> None:
    sten, adda = client("sten"), client("adda")
    page = adda.get("/quarantine/1").text
    sten.get("/quarantine/1")
    sten.post("/quarantine/1/dismiss", {"reason": "a trial"})
    answer = adda.post("/quarantine/1/mend", typed(page, **{"E-mail": "onni@lahdenlevy.example"}))
    assert answer.status_code == 409
    assert "Somebody has dealt with it" in answer.text


def test_refused_rows_come_as_a_workbook(refusing: Site, client: MakeClient) -> None:
    sten = client("sten")
    answer = sten.get("/quarantine/workbook?connection=one&stream=leads")
    rows = python_calamine.load_workbook(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert "Solmu: reason" in rows[0]
    assert len(rows) == 3
    assert sten.get("/quarantine/workbook?connection=two&stream=leads").status_code == 404
    assert sten.get("/quarantine/99").status_code == 404
    assert sten.get("/api/quarantine/99").json()["error"]["code"] == "no-row"


def test_what_is_typed_keeps_the_kind_of_the_value() -> None:
    payload = {"name": "A", "number": 7, "share": 0.5, "gone": None, "list": [1]}
    assert corrected(payload, {"name": "A", "number": "7", "gone": ""}) == payload
    assert corrected(payload, {"number": "8", "share": "0.25"}) == payload | {"number": 8, "share": 0.25}
    assert corrected(payload, {"number": "eight", "new": "x"}) == payload | {"number": "eight", "new": "x"}
    assert corrected({"note": "a\nb"}, {"note": "a\r\nb"}) == {"note": "a\nb"}
    shown = {"city": cell_error("#REF!")}
    assert corrected(shown, {"city": "#REF!"}) == shown
    assert corrected(shown, {"city": "Kotka"}) == {"city": "Kotka"}


@pytest.mark.peer("chromium")
@pytest.mark.peer("axe")
def test_a_steward_mends_a_row_in_the_browser(page: Page, served_hub: Served) -> None:
    write_sheet(served_hub.folder, "one", (*ONE, *WRONG))
    hub = load_hub(served_hub.folder)
    with open_store(hub.store_url) as store:
        run_all(hub, store)
    page.goto("/quarantine")
    check_page(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="there are two @").click()
    check_page(page)
    page.get_by_role("link", name="3", exact=True).click()
    check_page(page)
    page.get_by_label("E-mail").fill("onni@lahdenlevy.example")
    page.get_by_role("button", name="Put it right").click()
    went_on(page)
    expect(page.get_by_text("This row has gone on.")).to_be_visible()
    check_page(page)
