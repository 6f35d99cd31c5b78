"""Asking whether a record exists already, as a script does for a lead that a form was given."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from solmu.store.tables import audit, golden, metadata
from solmu.web.site import Site
from tests.web.conftest import MakeClient

ONE = "/api/match/one"


def known(site: Site) -> Any:
    """An organisation that is in the hub."""
    query = select(golden).where(golden.c.entity == "organisation", golden.c.state == "live").order_by(golden.c.id)
    with site.read() as connection:
        return connection.execute(query.limit(1)).one()


def test_who_is_known_is_found_with_where_it_is_in_the_crm_and_nothing_is_written(
    site: Site, client: MakeClient
) -> None:
    there = known(site)
    told = {name: entry["value"] for name, entry in there.document.items() if not name.startswith("custom")}
    told = {name: value for name, value in told.items() if name in ("name", "street", "postcode", "city", "country",
                                                                  "business_id", "email", "phone")}  # fmt: skip
    with site.read() as connection:
        before = {table.name: connection.scalar(select(func.count()).select_from(table))
                  for table in metadata.sorted_tables}  # fmt: skip
    answer = client("vera").post_json(ONE, {"organisation": told})
    assert answer.status_code == 200, answer.text
    found = answer.json()["organisation"]
    assert (found["verdict"], found["golden_id"]) == ("same", there.public_id)
    (best, *_) = found["candidates"]
    assert best["sentence"]
    assert all(each["url"].startswith("memory://") for each in best["remotes"])
    assert best["remotes"]
    with site.read() as connection:
        after = {table.name: connection.scalar(select(func.count()).select_from(table))
                 for table in metadata.sorted_tables}  # fmt: skip
    # Signing in makes a session.
    assert {name for name in before if before[name] != after[name]} <= {"web_session", "session"}


def test_who_is_new_is_new(client: MakeClient) -> None:
    answer = client("vera").post_json(ONE, {"person": {"name": "Urho Xylander", "email": "urho@xylander.example"}})
    (person,) = answer.json()["people"]
    assert (person["verdict"], person["golden_id"], person["candidates"]) == ("new", None, [])
    assert answer.json()["organisation"] is None


REFUSED: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"shop": {"name": "x"}}, "shop"),
    ({"organisation": {"nmae": "x"}}, "organisation.nmae"),
    ({"person": {"email": "no address"}}, "person.email"),
    ({"person": {f"f{n}": "x" for n in range(300)}}, None),
]
ODD: list[dict[str, Any]] = [
    {"organisation": {"name": ["a", {"b": 1}]}},
    {"organisation": {"name": {"a": 1}, "country": 7}},
    {"person": {"email": [None, 1.5], "phone": [[["+358401234567"]]]}},
    {"person": {"name": "\x00", "email": "\x00@x.example"}},
    {"organisation": {"name": "x" * 100_000, "phone": True}},
    {"organisation": None, "person": []},
]


def test_what_cannot_be_asked_names_the_field(client: MakeClient) -> None:
    vera = client("vera")
    for record, field in REFUSED:
        answer = vera.post_json(ONE, record)
        assert answer.status_code == 422
        assert answer.json()["error"]["field"] == field
        assert answer.json()["error"]["expected"]


def test_a_row_is_read_by_a_mapping_of_this_hub_and_by_no_file(site: Site, client: MakeClient) -> None:
    used = next(stream.mapping for each in site.hub.connections.values() for stream in each.source_streams.values())
    one = client("vera")
    answer = one.post_json(f"{ONE}?mapping={used}", {"Nonsense": "x"})
    assert answer.json()["error"]["code"] != "no-mapping"
    answer = one.post_json(f"{ONE}?mapping=../../etc/passwd", {"Company": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "no-mapping")


def test_no_record_however_odd_fails(client: MakeClient) -> None:
    vera = client("vera")
    assert {vera.post_json(ONE, record).status_code for record in ODD} <= {200, 422}


def test_with_audit_views_it_is_noted_who_looked_up_whom(site: Site, client: MakeClient) -> None:
    settings = site.folder / "hub.yaml"
    settings.write_text(settings.read_text() + "\nweb: {audit_views: true}\n")
    there = known(site)
    client("vera").post_json(ONE, {"organisation": {"name": there.name, "country": there.country or "FI"}})
    with site.read() as connection:
        query = select(audit.c.who, audit.c.detail).where(audit.c.what == "web: record looked up")
        ((who, detail),) = connection.execute(query).tuples().all()
    assert who == "vera"
    assert "name" not in detail


def test_a_question_needs_a_session_and_a_page_of_ours(client: MakeClient) -> None:
    nobody = client(None)
    nobody.get("/sign-in")
    assert nobody.post_json(ONE, {"organisation": {"name": "x"}}).status_code == 401
    vera = client("vera")
    foreign = {"Origin": "https://evil.example"}
    assert vera.post_json(ONE, {"organisation": {"name": "x"}}, headers=foreign).status_code == 403
