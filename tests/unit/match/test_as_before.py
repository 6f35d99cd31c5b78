"""A record of a CRM keeps its customer when a card changes. Synthetic names."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.match.rules import AS_BEFORE
from tests.unit.match.cards import Cards

FIRM: dict[str, Any] = {"name": "Lumikuru Oy", "domain": "lumikuru.example", "city": "Oulu", "country": "FI"}
AHO: dict[str, Any] = {"given_name": "Onni", "family_name": "Aho", "email": ["onni@lumikuru.example"]}


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
    assert rule_of(cards, *pair)[0] == "ask"


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
