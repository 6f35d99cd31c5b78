"""Customers: finding one, and everything about it."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import insert, select, update

from solmu.steward.acts import merge
from solmu.steward.changes import carry_out
from solmu.steward.pointing import point
from solmu.store import time
from solmu.store.tables import affiliation, audit, deal, golden, link, mention, remote
from solmu.web.site import Site
from tests.web.client import Client
from tests.web.conftest import MakeClient

HOSTILE = '<script>alert("x")</script>'


def id_of(site: Site, name: str) -> str:
    with site.read() as connection:
        found = connection.scalar(select(golden.c.public_id).where(golden.c.name == name, golden.c.state == "live"))
    assert found is not None
    return found


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found, page
    return found[1]


@pytest.mark.parametrize(
    "words", ["kotka kone", "Kotka Kone Oy", "Kotka", "FI:20925406", "2092540-6", "one/leads/1"], ids=str
)
def test_a_customer_is_found_by_what_somebody_has_at_hand(words: str, site: Site, client: MakeClient) -> None:
    answer = client("vera").get("/customers", params={"q": words})
    if answer.status_code == 303:
        assert answer.headers["location"] == f"/customers/{id_of(site, 'Kotka Kone Oy')}"
    else:  # a source record speaks of a person, too
        assert "Kotka Kone Oy" in answer.text or words == "2092540-6"


@pytest.mark.parametrize("words", ["aino.laine@kotkakone.example", "Aino.Laine@KotkaKone.example", "040 123 4567"])
def test_a_person_is_found_by_an_address_or_a_number(words: str, client: MakeClient) -> None:
    found = client("vera").get("/api/customers", params={"q": words}).json()
    assert "Aino Laine" in {each["name"] for each in found["found"]}


def test_who_is_not_found_leads_to_what_to_try(client: MakeClient) -> None:
    page = client().get("/customers", params={"q": HOSTILE}).text
    assert "Nothing is known by that" in page
    assert HOSTILE not in page


def test_all_customers_are_listed_filtered_and_exported(client: MakeClient) -> None:
    one = client("vera")
    assert "Suomen Sorvi Oy" in one.get("/customers?search=suomen").text
    assert "Suomen Sorvi Oy" not in one.get("/customers?search=kotka").text
    rows = list(csv.DictReader(io.StringIO(one.get("/customers?entity=person&format=csv").text)))
    assert {row["Name"] for row in rows} == {"Aino Laine", "Eero Salo"}
    assert one.get("/customers?format=xlsx").content.startswith(b"PK")


def test_a_deal_shows_its_next_step_and_its_owner(site: Site, client: MakeClient) -> None:
    document = {"name": "Laser", "stage": "Negotiation", "next_step": "Send the offer", "owner": "Maija Myyjä"}
    with site.write() as connection:
        id = connection.scalar(select(golden.c.id).where(golden.c.name == "Kotka Kone Oy"))
        record = connection.scalar(select(mention.c.record_id).where(mention.c.id == id))
        values = {"record_id": record, "slot": "deal", "mention_id": id, "state": "live", "document_hash": b"1"}
        connection.execute(insert(deal).values(document=document, **values))
    page = client("vera").get(f"/customers/{id_of(site, 'Kotka Kone Oy')}").text
    assert "Next step: Send the offer" in page
    assert "Owner: Maija Myyjä" in page


def test_the_page_shows_each_value_with_its_source_and_rule(site: Site, client: MakeClient) -> None:
    page = client("vera").get(f"/customers/{id_of(site, 'Kotka Kone Oy')}").text
    assert "FI:20925406" in page
    assert "one/leads/1" in page
    assert "Aino Laine" in page  # around it
    assert "Laser" in page  # what happened


def test_the_page_of_a_person_shows_where_they_work_and_worked_by_whose_word(site: Site, client: MakeClient) -> None:
    address = f"/customers/{id_of(site, 'Eero Salo')}"
    page = client("vera").get(address).text
    assert "Where they work<" in page
    assert "one/leads/2" in page[page.index("Where they work<") :]
    with site.write() as connection:
        connection.execute(update(affiliation).values(state="withdrawn"))
    page = client("vera").get(address).text
    assert "Where they work<" not in page
    before = page[page.index("Where they worked before") :]
    assert "Suomen Sorvi Oy" in before
    assert "first named on" in before


def test_the_page_shows_which_record_is_written_to_and_what_was_emptied_there(site: Site, client: MakeClient) -> None:
    id = id_of(site, "Kotka Kone Oy")
    with site.write() as connection:
        at = connection.scalar(select(golden.c.id).where(golden.c.public_id == id))
        linked = select(link.c.mention_id).where(link.c.golden_id == at, link.c.until.is_(None))
        row = connection.execute(select(remote).where(remote.c.mention_id.in_(linked), remote.c.state == "live")).one()
        emptied = next(name for name in row.agreed if row.observed.get(name))
        connection.execute(update(remote).where(remote.c.id == row.id).values(observed={**row.observed, emptied: None}))
    page = client("vera").get(f"/customers/{id}").text
    assert row.remote_id in page
    assert "primary" in page
    assert f"Emptied there, and not filled again with the same value: {emptied}" in page
    told = client("vera").get(f"/api/customers/{id}").json()
    assert [(each["role"], each["cleared"]) for each in told["remotes"]] == [("primary", [emptied])]


def test_customers_are_listed_by_country(site: Site, client: MakeClient) -> None:
    with site.read() as connection:
        country = connection.scalar(select(golden.c.country).where(golden.c.name == "Kotka Kone Oy"))
    assert country
    one = client("vera")
    assert "Kotka Kone Oy" in one.get(f"/customers?country={country}").text
    for address in ("/customers?country=XX", f"/customers?entity=person&country={country}XX"):
        assert "Kotka Kone Oy" not in one.get(address).text


@pytest.mark.parametrize("view", ["overview", "sources", "history", "targets"])
def test_every_view_is_shown_for_organisations_and_people(view: str, site: Site, client: MakeClient) -> None:
    one = client("vera")
    for name in ("Kotka Kone Oy", "Aino Laine"):
        answer = one.get(f"/customers/{id_of(site, name)}?view={view}")
        assert answer.status_code == 200, answer.text
        assert name in answer.text


@pytest.mark.parametrize("id", ["org_0000000000000000", "org_3ajr11kwm0krppa7w", "nonsense", "%3Cscript%3E"])
def test_an_id_that_leads_nowhere_says_so(id: str, client: MakeClient) -> None:
    one = client()
    assert one.get(f"/customers/{id}").status_code == 404
    assert one.get(f"/api/customers/{id}").status_code == 404
    assert one.get(f"/customers/{id}/merge").status_code == 404


def test_a_viewer_changes_nothing(site: Site, client: MakeClient) -> None:
    vera, id = client("vera"), id_of(site, "Kotka Kone Oy")
    assert vera.get(f"/customers/{id}/merge").status_code == 403
    assert vera.post(f"/customers/{id}/merge", {"other": "x"}).status_code == 403
    assert "Merge with another" not in vera.get(f"/customers/{id}").text


def test_a_kept_id_is_told_in_words(site: Site, client: MakeClient) -> None:
    with site.write() as connection:
        one, other = point(connection, "Kotka Kone Oy"), point(connection, "Suomen Sorvi Oy")
        merged = merge(connection, one, other, keep=other)
        carry_out(connection, merged, who="anna", now=time.now())
    page = client("vera").get(f"/customers/{id_of(site, 'Kotka Kone Oy')}?view=history").text
    assert f"keeping the id {other.public_id}" in page
    assert "public_id" not in page


def test_a_merge_is_shown_done_and_taken_back(site: Site, client: MakeClient) -> None:
    sten, kept, other = client("sten"), id_of(site, "Kotka Kone Oy"), id_of(site, "Suomen Sorvi Oy")
    preview = sten.get(f"/customers/{kept}/merge?other={other}").text
    assert "What it would do" in preview
    form = {"other": other, "seen": seen_in(preview), "reason": "one company since May"}
    done = sten.post(f"/customers/{kept}/merge", form)
    assert done.status_code == 303
    assert sten.get(f"/customers/{other}").headers["location"].startswith(f"/customers/{kept}")
    change = re.search(r"done=(\d+)", done.headers["location"])
    assert change
    assert "one company since May" in sten.get(f"/customers/{kept}?view=history").text
    undo = sten.get(f"/changes/{change[1]}/undo").text
    assert sten.post(f"/changes/{change[1]}/undo", {"seen": seen_in(undo)}).status_code == 303
    assert sten.get(f"/customers/{other}").status_code == 200
    assert sten.post(f"/changes/{change[1]}/undo", {"seen": seen_in(undo)}).status_code == 422


def test_of_two_stewards_the_second_sees_how_it_is_now(site: Site, client: MakeClient) -> None:
    sten, adda = client("sten"), client("adda")
    one, other = id_of(site, "Kotka Kone Oy"), id_of(site, "Suomen Sorvi Oy")
    seen = seen_in(sten.get(f"/customers/{one}/merge?other={other}").text)
    pinned = adda.get(f"/customers/{one}/pin?field=city&value=Hamina").text
    assert (
        adda.post(f"/customers/{one}/pin", {"field": "city", "value": "Hamina", "seen": seen_in(pinned)}).status_code
        == 303
    )
    late = sten.post(f"/customers/{one}/merge", {"other": other, "seen": seen})
    assert late.status_code == 422
    assert "changed since it was shown" in late.text
    assert seen_in(late.text) != seen


def test_a_pin_beats_the_sources_until_it_is_taken_away(site: Site, client: MakeClient) -> None:
    sten, id = client("sten"), id_of(site, "Kotka Kone Oy")
    for act, value in (("pin", "Hamina"), ("unpin", "Kotka")):
        form = {"field": "city", "value": "Hamina"} if act == "pin" else {"field": "city"}
        seen = seen_in(sten.get(f"/customers/{id}/{act}", params=form).text)
        assert sten.post(f"/customers/{id}/{act}", {**form, "seen": seen}).status_code == 303
        assert sten.get(f"/api/customers/{id}").json()["fields"]["city"]["value"] == value


def test_records_are_taken_out_and_split_off(site: Site, client: MakeClient) -> None:
    sten, id = client("sten"), id_of(site, "Kotka Kone Oy")
    form = {"of": "two/leads/A#organisation"}
    assert "two/leads/A" in sten.get(f"/customers/{id}/split").text
    seen = seen_in(sten.get(f"/customers/{id}/split", params=form).text)
    assert sten.post(f"/customers/{id}/split", {**form, "seen": seen}).status_code == 303
    assert [each["connection"] for each in sten.get(f"/api/customers/{id}").json()["mentions"]].count("two") == 0


@pytest.mark.parametrize(
    ("act", "query", "said"),
    [
        ("merge", {"other": "nobody at all"}, "Nothing is known by"),
        ("pin", {"field": "nonsense", "value": "x"}, "has no field"),
        ("pin", {"field": "email", "value": "no address"}, "cannot hold this"),
        ("pin", {"field": "city", "value": "x", "until": "soon"}, "no day"),
        ("split", {"of": "one/leads/9"}, "has no such record"),
    ],
)
def test_what_cannot_be_done_is_said_beside_the_form(
    act: str, query: dict[str, str], said: str, site: Site, client: MakeClient
) -> None:
    answer = client("sten").get(f"/customers/{id_of(site, 'Kotka Kone Oy')}/{act}", params=query)
    assert answer.status_code == 422
    assert said in answer.text


def test_who_looked_at_whom_is_in_the_audit_if_the_hub_says_so(site: Site, client: MakeClient) -> None:
    vera, id = client("vera"), id_of(site, "Aino Laine")
    looked = select(audit.c.who, audit.c.subject).where(audit.c.what == "web: customer looked at")
    vera.get(f"/customers/{id}")
    with site.read() as connection:
        assert connection.execute(looked).all() == []
    with (site.folder / "hub.yaml").open("a") as file:
        file.write("web: {audit_views: true}\n")
    vera.get(f"/customers/{id}")
    with site.read() as connection:
        (line,) = connection.execute(looked).all()
    assert line.who == "vera"
    assert line.subject.startswith("golden:")


def test_hostile_data_is_shown_as_text_and_exported_as_text(site: Site, client: MakeClient) -> None:
    with site.write() as connection:
        values = dict(connection.execute(select(golden).where(golden.c.name == "Kotka Kone Oy")).one()._mapping)
        for id, name in ((900_001, HOSTILE), (900_002, '=HYPERLINK("http://evil.example")')):
            more = {"id": id, "public_id": f"org_{id}", "name": name, "search_name": f"aa {id}"}
            connection.execute(insert(golden).values(values | more))
    one: Client = client("vera")
    page = one.get("/customers").text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    exported = one.get("/customers?format=csv").text
    assert "'=HYPERLINK" in exported
