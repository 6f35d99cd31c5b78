"""Looking one record up: the answer that a night would give, without landing it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from solmu.errors import ConfigurationError
from solmu.golden.recompute import recompute
from solmu.golden.rules import Rules
from solmu.golden.usual import usual_country
from solmu.match.deciding import record
from solmu.match.decisions import Verdict
from solmu.match.given import canonical_mapping, read_canonical
from solmu.match.one import Lookup
from solmu.model import FIELDS, Entity
from solmu.store import open_store
from solmu.store.tables import golden, metadata, remote
from tests.unit.match.cards import Cards, Settings
from tests.unit.match.test_incremental import muddle
from tests.ways import ways_of

MAPPING = canonical_mapping(FIELDS)
COMPANY = {"name": "Merivirta Telakka Oy", "street": "Satamakatu 1", "city": "Rauma", "country": "FI"}


def ask(cards: Cards, **record: Mapping[str, Any]) -> dict[str, Any]:
    lookup = Lookup(cards.store, cards.settings, crms=cards.crms, address=lambda *where: "/".join(where))
    return lookup.find(read_canonical(MAPPING, record, FIELDS))


def settle(cards: Cards) -> None:
    cards.resolve()
    recompute(cards.store, Rules(sources=("erp", "crm")), targets=())


def test_of_a_name_alone_those_who_bear_it_are_named(cards: Cards) -> None:
    cities = ("Rauma", "Oulu", "Kemi", "Salo", "Pori")
    for city in cities:
        cards.add(
            {**COMPANY, "city": city, "street": f"{city}nkatu 1", "domain": f"{city.lower()}.example"},
            {"given_name": "Aino", "family_name": "Salmela", "name": "Aino Salmela",
             "email": [f"aino@{city.lower()}.example"]},
        )  # fmt: skip
    settle(cards)
    company, person = COMPANY["name"], {"given_name": "Aino", "family_name": "Salmela"}
    answers = (ask(cards, organisation={"name": company})["organisation"], ask(cards, person=person)["people"][0])
    for told in answers:
        assert (told["verdict"], told["golden_id"]) == ("ask", None)
        assert [each["rule"] for each in told["candidates"]] == ["same-name"] * len(cities)
        assert told["candidates"][0]["sentence"].startswith("Same name, and no more is said")
    elsewhere = ask(cards, organisation={"name": "Merivirta Telakka", "city": "Turku"}, person={"name": "Eero Aho"})
    assert (elsewhere["organisation"]["verdict"], elsewhere["people"][0]["verdict"]) == ("new", "new")


def test_a_contact_of_another_domain_does_not_make_a_company_unknown_whose_name_several_bear(cards: Cards) -> None:
    for number in range(4):
        cards.add({"name": COMPANY["name"], "domain": f"merivirta{number}.example"})
        cards.add({"name": "Merivirta Oy", "domain": f"virta{number}.example"})
    cards.add({**COMPANY, "city": "Oulu", "domain": "merivirta-oulu.example"})
    settle(cards)
    contact = {"name": "Aino Salmela", "email": "aino@salmela.example"}
    told = ask(cards, organisation={"name": COMPANY["name"]}, person=contact)["organisation"]
    assert (told["verdict"], told["golden_id"]) == ("ask", None)
    assert [each["rule"] for each in told["candidates"]] == ["same-name"] * 5
    # Who is in another town, or of another form, is somebody else; and a single word is many a company's.
    here = ask(cards, organisation={"name": COMPANY["name"], "city": "Turku", "country": "FI"}, person=contact)
    assert len(here["organisation"]["candidates"]) == 4
    for name in ("Merivirta Telakka Ky", "Merivirta Oy"):
        assert ask(cards, organisation={"name": name}, person=contact)["organisation"]["verdict"] == "new"


def test_who_is_known_is_found_with_the_reason_and_the_place_in_the_crm(cards: Cards) -> None:
    company, person = cards.add(
        COMPANY, {"given_name": "Aino", "family_name": "Salmela", "email": ["aino@merivirta.example"]}, system="crm"
    )
    settle(cards)
    with cards.store.write() as connection:
        connection.execute(
            remote.insert().values(
                target="crm", object="accounts", remote_id="001", stamped=False, mention_id=company, role="primary",
                state="live", written={}, observed={}, agreed={}, updated_at=1,
            )
        )  # fmt: skip
    answer = ask(cards, organisation={**COMPANY, "name": "MERIVIRTA TELAKKA"}, person={"name": "Salmela Aino"})
    (found,) = answer["organisation"]["candidates"]
    assert (answer["organisation"]["verdict"], found["band"], found["rule"]) == ("same", "same", "name-and-street")
    assert found["sentence"] == "Same name at the same street address."
    assert found["remotes"] == [
        {"target": "crm", "object": "accounts", "remote_id": "001", "role": "primary", "url": "crm/accounts/001"}
    ]
    # The person is known by who employs them.
    (someone,) = answer["people"]
    assert someone["verdict"] == "same"
    with cards.store.read() as connection:
        names = dict(connection.execute(select(golden.c.id, golden.c.public_id)).tuples().all())
    assert (answer["organisation"]["golden_id"], someone["golden_id"]) == (names[company], names[person])


def test_who_is_new_is_new(cards: Cards) -> None:
    cards.organisation(**COMPANY)
    settle(cards)
    answer = ask(cards, organisation={"name": "Kuulas Optiikka Oy"})
    assert (answer["organisation"]["verdict"], answer["organisation"]["candidates"], answer["people"]) == (
        "new",
        [],
        [],
    )


def test_who_is_like_any_record_of_a_key_account_is_asked_about(cards: Cards) -> None:
    key = cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", key_account=True)
    account = cards.organisation(system="crm", **COMPANY)
    with cards.store.write() as connection:
        record(connection, Entity.ORGANISATION, Verdict.SAME, {key}, {account}, who="anna", now=1)
    settle(cards)
    told = ask(cards, organisation=COMPANY)["organisation"]
    assert (told["verdict"], told["golden_id"]) == ("ask", None)
    (found,) = told["candidates"]
    assert (found["rule"], found["protected"]) == ("protected", True)
    assert found["sentence"].startswith("One of them is protected, so a person decides.")


def test_what_else_a_customer_is_known_by_is_held_against_it_as_a_night_does(cards: Cards) -> None:
    place = {"name": "Merivirta Oy", "street": "Satamakatu 1", "city": "Rauma", "country": "FI"}
    known = cards.organisation(**place, business_id="FI:20925406")
    other = cards.organisation(system="list", **place, phone=["+35828221234"])
    settle(cards)
    assert cards.together(known, other)
    new = {**place, "business_id": "1572860-0"}
    told = ask(cards, organisation=new)["organisation"]
    assert (told["verdict"], told["golden_id"]) == ("ask", None)
    (found,) = told["candidates"]
    assert (found["rule"], found["sentence"]) == (
        "name-and-street",
        "Same name at the same street address. Joining them would join two business ids of one country.",
    )
    assert ask(cards, organisation={**new, "business_id": "2092540-6"})["organisation"]["verdict"] == "same"
    landed = cards.organisation(system="form", **place, business_id="FI:15728600")
    cards.resolve()
    assert not cards.together(landed, other)


def test_who_works_for_another_company_of_that_name_is_not_the_one_who_works_here(cards: Cards) -> None:
    juhani = {"given_name": "Juhani", "family_name": "Laine", "email": ["juhani.laine@hanko.example"]}
    place = {"street": "Satamatie 1", "postcode": "26100", "city": "Rauma", "country": "FI"}
    _, known = cards.add({"name": "Hanko Hitsi", **place}, {**juhani, "phone": ["+358401234531"]})
    settle(cards)
    elsewhere = {"name": "Hanko Hitsi Ab", "city": "Oulu", "country": "FI"}
    initial = {"given_name": "J.", "family_name": "Laine", "email": "info@hanko.example", "phone": "+358401234532"}
    told = ask(cards, organisation=elsewhere, person=initial)
    assert (told["organisation"]["verdict"], told["people"][0]["verdict"]) == ("new", "new")
    listed = {**initial, "email": [initial["email"]], "phone": [initial["phone"]]}
    _, landed = cards.add(elsewhere, listed, system="list")
    cards.resolve()
    assert not cards.together(known, landed)


def test_two_that_it_may_be_are_both_told_and_neither_chosen(cards: Cards) -> None:
    cards.organisation(name="Merivirta Oy", business_id="FI:01234567", phone=["+35828221234"], city="Rauma")
    cards.organisation(name="Merivirta Oy", business_id="FI:07654321", phone=["+35828221234"], city="Rauma")
    settle(cards)
    answer = ask(cards, organisation={"name": "Merivirta Oy", "phone": "+358 2 822 1234", "city": "Rauma"})
    assert answer["organisation"]["verdict"] == "ask"
    assert answer["organisation"]["golden_id"] is None
    assert len(answer["organisation"]["candidates"]) == 2


@pytest.mark.parametrize("seed", range(3))
def test_the_answer_is_what_a_night_would_do(cards: Cards, seed: int) -> None:
    ids = muddle(cards, seed)
    settle(cards)
    card = {"name": "Merivirta Telakka Oy", "city": "Rauma", "country": "FI", "domain": "merivirta.fi"}
    answer = ask(cards, organisation=card)["organisation"]
    new = cards.organisation(system="partner", **card)
    before = cards.places()
    cards.resolve()
    joined = {before[id] for id, place in cards.places().items() if place == cards.places()[new] and id in before}
    if answer["verdict"] == "same":
        with cards.store.read() as connection:
            known = connection.scalar(select(golden.c.id).where(golden.c.public_id == answer["golden_id"]))
        assert known in joined
    elif answer["verdict"] == "new":
        assert not joined
    assert ids


def test_looking_up_writes_nothing(cards: Cards) -> None:
    cards.organisation(**COMPANY)
    settle(cards)
    before = {table.name: cards.rows(table) for table in metadata.sorted_tables}
    ask(cards, organisation=COMPANY, person={"email": "aino@merivirta.example"})
    assert {table.name: cards.rows(table) for table in metadata.sorted_tables} == before


@pytest.mark.parametrize(
    ("document", "field", "expected"),
    [
        ({"person": {"emial": "x"}}, "person.emial", "email"),
        ({"persn": {}}, "persn", "person (or organisation)"),
        ({"person": {"email": "nope"}}, "person.email", "one address such as name@example.com"),
        ({"person": {"city": "Rauma"}}, None, "a name, an e-mail address or a phone number"),
        (["Merivirta"], None, '{"organisation": '),
        ({"organisation": "Merivirta"}, "organisation", '{"organisation": '),
    ],
)
def test_what_cannot_be_looked_up_says_which_field_and_what_would_be_right(
    document: Any, field: str | None, expected: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_canonical(MAPPING, document, FIELDS)
    assert refused.value.field == field
    assert refused.value.expected is not None
    assert refused.value.expected.startswith(expected)


def test_numbers_are_read_by_the_hubs_usual_country_where_none_is_given(cards: Cards) -> None:
    cards.add({**COMPANY, "business_id": "FI:15728600"}, {"name": "Aino Salmela", "phone": ["+358401234567"]})
    cards.add({"name": "Kuulas Optiikka Oy", "city": "Oulu", "country": "FI"})
    cards.add({"name": "Nordisk Glas AB", "city": "Malmö", "country": "SE"})
    settle(cards)
    lookup = Lookup(cards.store, cards.settings, crms=cards.crms)

    def asked(document: Mapping[str, Any]) -> dict[str, Any]:
        with cards.store.read() as connection:
            return lookup.find(read_canonical(MAPPING, document, FIELDS, lambda: usual_country(connection)))

    assert asked({"organisation": {"business_id": "1572860-0"}})["organisation"]["verdict"] == "same"
    assert asked({"person": {"name": "Aino Salmela", "phone": ["040 1234567"]}})["people"][0]["verdict"] == "same"
    with pytest.raises(ConfigurationError):
        read_canonical(MAPPING, {"person": {"name": "Aino Salmela", "phone": ["040 1234567"]}}, FIELDS)
    # A country that is given holds.
    swedish = {"person": {"name": "Aino Salmela", "phone": ["040 1234567"], "country": "SE"}}
    assert asked(swedish)["people"][0]["verdict"] != "same"


def test_no_country_is_usual_where_customers_are_everywhere(cards: Cards) -> None:
    for country in ("FI", "SE", "DE"):
        cards.add({"name": f"Merivirta {country}", "country": country})
    settle(cards)
    with cards.store.read() as connection:
        assert usual_country(connection) is None


def test_a_shared_mailbox_names_those_who_use_it(cards: Cards) -> None:
    for name in ("Aino Salmela", "Eero Laine"):
        cards.add(COMPANY, {"name": name, "email": ["info@merivirta.example"]})
    settle(cards)
    (someone,) = ask(cards, person={"email": ["info@merivirta.example"]})["people"]
    assert someone["verdict"] == "ask"
    assert [one["rule"] for one in someone["candidates"]] == ["shared-mailbox"] * 2
    assert "shared mailbox" in someone["candidates"][0]["sentence"]
    (nobody,) = ask(cards, person={"email": ["sales@merivirta.example"]})["people"]
    assert nobody["verdict"] == "new"


def test_who_uses_a_mailbox_is_looked_up_however_many_people_there_are(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        cards = Cards(store)
        ways = ways_of(store, lambda _: ask(cards, person={"email": ["info@merivirta.example"]}))
    assert any("ix_golden_email" in way for way in ways)
    assert not [way for way in ways if way.startswith("SCAN golden") or way.endswith("(entity=?)")]


def test_one_more_row_of_a_company_with_many_is_that_company(cards: Cards) -> None:
    for number in range(6):
        cards.add({"name": "Monimaininta Oy"}, {"name": "Kalle Kuu", "email": [f"k{number}@monimaininta.example"]})
    settle(cards)
    cards.settings = Settings(block_cap=4)
    told = {"name": "Monimaininta Oy", "domain": "monimaininta.example"}
    answer = ask(cards, organisation=told)["organisation"]
    assert (answer["verdict"], answer["crowded"]) == ("same", [])
