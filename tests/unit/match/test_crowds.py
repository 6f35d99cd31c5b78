"""Many cards of one company are one company, and many companies of one name are many."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Any

import pytest

from solmu.match import crowds, mates, resolve
from solmu.match.features import Features, organisation_features, person_features
from solmu.match.mates import MATES, look, namesakes
from solmu.model import Entity
from solmu.store.tables import mention
from tests.unit.match.cards import Cards, Settings

TOWN = [f"Kyla{one}{two}" for one in "abcdefghijk" for two in "lmnopqrstu"]
TOWNS = ("Rauma", "Oulu", "Vaasa", "Kotka", "Lahti", "Pori", "Espoo", "Turku")


@pytest.fixture
def crowded(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> Cards:
    """A store in which four looks are many, and six holders of a key a crowd."""
    for module in (mates, crowds, resolve):
        monkeypatch.setattr(module, "MATES", 4)
    cards.settings = Settings(block_cap=6)
    return cards


def contact(cards: Cards, number: int, domain: str | None = "monimaininta.example", **company: Any) -> list[int]:
    """A row of a list of people: their company, and who they are."""
    person: dict[str, Any] = {
        "given_name": "Kalle",
        "family_name": f"Kavija{number}",
        "phone": [f"+35840555{number:04}"],
    }
    if domain:
        person["email"] = [f"k{number}@{domain}"]
    return cards.add({"name": "Monimaininta Oy", **company}, person)


def companies(cards: Cards) -> set[frozenset[int]]:
    with_names = {row.id for row in cards.rows(mention) if row.entity == Entity.ORGANISATION.value}
    return {part for part in cards.partition() if part <= with_names}


@pytest.mark.parametrize("rows", [5, 7, 30])
def test_a_company_with_any_number_of_rows_is_one(crowded: Cards, rows: int) -> None:
    for number in range(rows):
        contact(crowded, number)
    found = crowded.resolve()
    assert [len(part) for part in companies(crowded)] == [rows]
    assert not [key for key, _ in found.recall_debt if key.startswith("o|")]


def test_a_company_with_more_rows_than_a_key_may_have_is_one(cards: Cards) -> None:
    for number in range(210):
        contact(cards, number)
    cards.resolve()
    assert [len(part) for part in companies(cards)] == [210]


def test_one_customer_with_an_order_on_every_row_is_one_person(crowded: Cards) -> None:
    order = {"given_name": "Aino", "family_name": "Salmela", "email": ["aino@monimaininta.example"]}
    for _ in range(20):
        crowded.add({"name": "Monimaininta Oy"}, order)
    crowded.resolve()
    assert [len(part) for part in crowded.partition()] == [20, 20]


def test_companies_of_a_name_that_many_bear_stay_apart_however_many_rows_they_have(crowded: Cards) -> None:
    ids = {town: [contact(crowded, n, None, city=town)[0] for n in range(3)] for town in TOWNS}
    crowded.resolve()
    bare = contact(crowded, 99, None)[0]
    crowded.resolve()
    assert not any(crowded.together(one[0], two[0]) for one, two in combinations(ids.values(), 2))
    assert not any(crowded.together(bare, id) for each in ids.values() for id in each)


@pytest.mark.parametrize("seed", range(2))
def test_any_order_and_slicing_gives_the_same_where_names_are_crowded(crowded: Cards, seed: int) -> None:
    rng = Random(seed)
    ids = []
    for number in range(24):
        place = {"city": rng.choice(TOWNS[: 2 + 2 * seed])} if rng.random() < 0.3 else {}
        domain = rng.choice(("monimaininta.example", "monimaininta.example", "toinen.example", None))
        name = {"name": "Monimaininta"} if rng.random() < 0.2 else {}
        ids += contact(crowded, number, domain, **place, **name)
    crowded.resolve()
    at_once = crowded.partition()
    bands = {key: row.band for key, row in crowded.pairs().items()}
    for _ in range(2):
        crowded.forget()
        order = ids.copy()
        rng.shuffle(order)
        while order:
            size = rng.randint(1, len(order))
            some, order = order[:size], order[size:]
            crowded.mark(some)
            crowded.resolve()
        assert crowded.partition() == at_once
        assert {key: row.band for key, row in crowded.pairs().items()} == bands


@pytest.mark.parametrize("state", ["erased", "linked"])
def test_a_crowd_stays_together_when_the_row_that_stood_for_it_goes(crowded: Cards, state: str) -> None:
    ids = [contact(crowded, number)[0] for number in range(12)]
    crowded.resolve()
    crowded.turn(ids[0], state)
    crowded.change(ids[0], name="Aivan Muu Oy")
    crowded.resolve()
    assert crowded.together(*ids[1:])
    assert crowded.together(*ids[:2]) == (state == "erased")  # who has fallen silent stays as judged last


def company(**values: Any) -> Features:
    people = values.pop("people", ())
    return organisation_features({"name": "Monimaininta Oy", **values}, people=people)


def test_cards_look_the_same_but_for_the_phones_of_one_house_and_of_people() -> None:
    one, two = {"phone": ["+3581"]}, {"phone": ["+3582"]}
    assert look(company(people=[one])) == look(company(people=[two]))
    assert look(company(**one)) != look(company(**two))
    assert look(company(domain="m.example", **one)) == look(company(domain="m.example", **two))
    assert look(company(city="Oulu", **one)) != look(company(city="Rauma", **one))
    assert look(person_features({"name": "Aino Salmela", **one})) != look(person_features({"name": "Aino Salmela"}))


def test_whoever_bears_a_name_is_counted_by_looks() -> None:
    many = [company(domain="m.example", phone=[f"+3584{number:05}"]) for number in range(3 * MATES)]
    found = namesakes(many)
    assert found is not None
    assert (len(found.features), found.counts) == (1, [3 * MATES])
    assert len(list(found.each())) > 1
    assert namesakes([company(city=TOWN[number]) for number in range(MATES + 1)]) is None
    assert namesakes([company(city=TOWN[number]) for number in range(MATES)]) is not None


def test_one_more_of_a_look_that_is_known_makes_no_name_common() -> None:
    towns = [company(city=TOWN[number]) for number in range(MATES)]
    few, full = namesakes(towns[:1] * (MATES + 1)), namesakes([*towns, *towns])
    assert few is not None
    assert full is not None
    assert few.and_one(company(city="Elsewhere")) is not None
    assert full.and_one(towns[0]) is not None
    assert full.and_one(company(city="Elsewhere")) is None
