"""A customer of a CRM stays one when a card changes. Synthetic names."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.match.deciding import record
from solmu.match.decisions import Verdict
from solmu.match.rules import AS_BEFORE, WAS_ONE
from solmu.model import Entity
from solmu.sync.adopt import link_as_ours
from tests.unit.match.cards import Cards, Settings

FIRM: dict[str, Any] = {"name": "Lumikuru Oy", "domain": "lumikuru.example", "city": "Oulu", "country": "FI"}
AHO: dict[str, Any] = {"given_name": "Onni", "family_name": "Aho", "email": ["onni@lumikuru.example"]}


def made(cards: Cards, origin: int, entity: str = "person") -> int:
    """A record that we create in the CRM for this mention's golden record. It says nothing of its own."""
    ours = cards.person("crm") if entity == "person" else cards.organisation("crm")
    with cards.store.write() as connection:
        link_as_ours(connection, [(ours, origin)], now=next(cards.clock))
    return ours


def rule_of(cards: Cards, *ids: int) -> tuple[str, str]:
    row = cards.pairs()[min(ids), max(ids)]
    return row.band, row.rule


@pytest.fixture
def pair(cards: Cards) -> tuple[int, int]:
    ids = cards.organisation("crm", **FIRM), cards.organisation("partner", **FIRM)
    cards.resolve()
    assert cards.together(*ids)
    return ids


@pytest.mark.parametrize("which", [0, 1])
def test_a_town_that_changes_on_either_side_parts_nobody(cards: Cards, pair: tuple[int, int], which: int) -> None:
    cards.change(pair[which], **FIRM | {"city": "Kuopio"})
    cards.resolve()
    assert cards.together(*pair)
    assert rule_of(cards, *pair) == ("same", AS_BEFORE)
    cards.mark(pair)
    cards.resolve()
    assert cards.together(*pair)
    cards.change(pair[which], **FIRM)
    cards.resolve()
    assert rule_of(cards, *pair) == ("same", "name-and-contact")


def test_a_new_name_in_the_crm_parts_nobody(cards: Cards, pair: tuple[int, int]) -> None:
    cards.change(pair[0], **FIRM | {"name": "Pohjantuuli Group Oy"})
    cards.resolve()
    assert cards.together(*pair)


def test_what_proves_that_they_are_two_is_asked(cards: Cards, pair: tuple[int, int]) -> None:
    cards.change(pair[0], **FIRM | {"business_id": "FI:12345671"})
    cards.change(pair[1], **FIRM | {"business_id": "FI:01120389"})
    cards.resolve()
    assert not cards.together(*pair)
    assert rule_of(cards, *pair)[0] == "ask"


def test_a_record_that_is_another_firms_now_is_asked(cards: Cards, pair: tuple[int, int]) -> None:
    other = {"name": "Salon Saha Oy", "domain": "salonsaha.example", "city": "Salo", "country": "FI"}
    cards.change(pair[0], **other)
    cards.resolve()
    assert not cards.together(*pair)
    assert rule_of(cards, *pair) == ("ask", WAS_ONE)


def test_what_is_asked_stays_asked_until_somebody_answers(cards: Cards, pair: tuple[int, int]) -> None:
    cards.change(pair[0], name="Salon Saha Oy", domain="salonsaha.example", city="Salo", country="FI")
    cards.resolve()
    cards.change(pair[1], **FIRM | {"phone": ["+35881234567"]})
    cards.resolve()
    cards.mark(pair)
    cards.resolve()
    assert rule_of(cards, *pair) == ("ask", WAS_ONE)
    with cards.store.write() as connection:
        record(connection, Entity.ORGANISATION, Verdict.DIFFERENT, {pair[0]}, {pair[1]}, who="anna", now=1)
    cards.resolve()
    cards.mark(pair)
    cards.resolve()
    assert rule_of(cards, *pair)[0] == "different"


def test_what_is_asked_is_no_question_once_the_cards_agree_again(cards: Cards, pair: tuple[int, int]) -> None:
    cards.change(pair[0], name="Salon Saha Oy", domain="salonsaha.example", city="Salo", country="FI")
    cards.resolve()
    cards.change(pair[0], **FIRM)
    cards.resolve()
    assert cards.together(*pair)
    assert rule_of(cards, *pair) == ("same", "name-and-contact")


def test_two_sources_part_as_the_rules_say(cards: Cards) -> None:
    one, two = cards.organisation("erp", **FIRM), cards.organisation("partner", **FIRM)
    cards.resolve()
    assert cards.together(one, two)
    cards.change(two, **FIRM | {"city": "Kuopio"})
    cards.resolve()
    assert not cards.together(one, two)


def test_a_name_that_others_turn_out_to_bear_was_never_theirs_alone(cards: Cards) -> None:
    bare = {"name": "Lumikuru Sorvaamo Oy"}
    one, two = cards.organisation("crm", **bare), cards.organisation("partner", **bare)
    cards.resolve()
    assert cards.together(one, two)
    cards.organisation("erp", **bare, city="Oulu", domain="sorvaamo-oulu.example")
    cards.organisation("erp", **bare, city="Turku", domain="sorvaamo-turku.example")
    cards.resolve()
    assert not cards.together(one, two)


def test_a_contact_with_a_new_address_stays_whose_it_was(cards: Cards) -> None:
    one, two = cards.person("crm", **AHO), cards.person("partner", **AHO)
    cards.resolve()
    assert cards.together(one, two)
    cards.change(one, **AHO | {"email": ["onni.aho@pohjantuuli.example"]})
    cards.resolve()
    assert cards.together(one, two)
    cards.change(one, given_name="Eeva", family_name="Salo", email=["eeva@pohjantuuli.example"])
    cards.resolve()
    assert not cards.together(one, two)
    assert rule_of(cards, one, two)[0] == "ask"


def test_two_lists_of_whom_we_made_one_contact_stay_one(cards: Cards) -> None:
    """One list knows the new employer and address, the other one does not yet."""
    one, two = cards.person("erp", **AHO), cards.person("partner", **AHO)
    cards.resolve()
    ours = made(cards, one)
    cards.change(one, **AHO | {"email": ["onni.aho@pohjantuuli.example"]})
    cards.resolve()
    assert cards.together(one, two, ours)
    assert rule_of(cards, one, two) == ("same", AS_BEFORE)


def test_two_of_whom_we_made_one_contact_are_asked_about(cards: Cards) -> None:
    cards.settings = Settings(birth_dates=("custom.born",))
    one, two = cards.person("erp", **AHO), cards.person("partner", **AHO)
    cards.resolve()
    made(cards, one)
    cards.change(one, **AHO | {"custom.born": "1950-03-01"})
    cards.change(two, **AHO | {"email": [], "custom.born": "1981-11-24"})
    cards.resolve()
    assert not cards.together(one, two)
    assert rule_of(cards, one, two) == ("ask", WAS_ONE)


def test_a_row_that_speaks_of_somebody_else_is_no_question(cards: Cards) -> None:
    one, two = cards.person("erp", **AHO), cards.person("partner", **AHO)
    cards.resolve()
    made(cards, one)
    cards.change(two, given_name="Eeva", family_name="Salo", email=["eeva@pohjantuuli.example"])
    cards.resolve()
    assert not cards.together(one, two)
    assert cards.band(one, two) is None


def test_two_lists_beside_a_record_of_a_crm_stay_one(cards: Cards) -> None:
    """The CRM's own card has nothing in common with the second list's: the first one joins them."""
    crm = cards.person("crm", given_name="Onni", family_name="Aho", phone=["+358401111111"])
    one = cards.person("erp", **AHO, phone=["+358401111111"])
    two = cards.person("partner", **AHO)
    cards.resolve()
    assert cards.together(crm, one, two)
    cards.change(one, **AHO | {"email": ["onni.aho@pohjantuuli.example"], "phone": ["+358401111111"]})
    cards.resolve()
    assert cards.together(crm, one, two)


def test_two_lists_part_as_the_rules_say_once_the_crm_has_nobody(cards: Cards) -> None:
    one, two = cards.person("erp", **AHO), cards.person("partner", **AHO)
    cards.resolve()
    cards.turn(made(cards, one), "withdrawn")
    cards.resolve()
    cards.change(one, **AHO | {"email": ["onni.aho@pohjantuuli.example"]})
    cards.resolve()
    assert not cards.together(one, two)


def test_a_row_that_names_another_company_parts_as_the_rules_say(cards: Cards) -> None:
    """The person on it has a new employer, and writes from the old mailbox still."""
    one, two = cards.organisation("erp", **FIRM), cards.organisation("partner", **FIRM)
    cards.resolve()
    made(cards, one, "organisation")
    cards.change(two, **FIRM | {"name": "Pohjantuuli Group Oy", "city": "Turku"})
    cards.resolve()
    assert not cards.together(one, two)


def test_a_town_that_one_list_mends_parts_nobody_of_whom_we_made_an_account(cards: Cards) -> None:
    one, two = cards.organisation("erp", **FIRM), cards.organisation("partner", **FIRM)
    cards.resolve()
    made(cards, one, "organisation")
    cards.change(two, **FIRM | {"city": "Kuopio"})
    cards.resolve()
    assert cards.together(one, two)
