"""Who is one by a birthday and a town depends on who else is born there; whatever comes, goes or changes, in any order,
gives the same clusters as all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import permutations
from random import Random
from typing import Any

import pytest

from solmu.match import bearers, crowds, mates, resolve
from tests.unit.match.cards import Cards, Settings

_PEOPLE = (
    *(("Aino", "Salmela"), ("Aino Helena", "Salmela"), ("Helena", "Salmela"), ("Aino", "Samlea"), ("A", "Salmela")),
    *(("Aino", ""), ("Aino", "Kivelä"), ("Anna", "Salmela"), ("Tuulikki", "Rinne"), ("Väinö", "Rinne")),
)
_DAY = "1967-03-09"
_BORN = (*[_DAY] * 8, "1967-03-08", "1967-09-03", "1967-01-01", "1970-01-01", None)
_TOWNS = (
    *[("Rauma", None)] * 4,
    ("Rauma", "26100"),
    ("Rauma", "26200"),
    (None, "26100"),
    ("Oulu", "90100"),
    ("Oulu", None),
)
_STREETS = (None, None, None, "Rantakatu 4")


def said(rng: Random) -> dict[str, Any]:
    """What a card says of somebody who has a name, a birthday and a town alike those of others."""
    (given, family), (city, postcode) = rng.choice(_PEOPLE), rng.choice(_TOWNS)
    born, street = rng.choice(_BORN), rng.choice(_STREETS)
    told = {"given_name": given, "family_name": family, "custom.born": born, "city": city, "postcode": postcode}
    return {field: value for field, value in (told | {"street": street}).items() if value}


@pytest.fixture
def born(cards: Cards) -> Cards:
    cards.settings = Settings(birth_dates=("custom.born",))
    return cards


def added(cards: Cards, rng: Random, size: int) -> dict[int, dict[str, Any]]:
    """Cards that are there, with what they say. None is a CRM's: there two stay one that have been one."""
    claims = [said(rng) for _ in range(size)]
    return {cards.person(system=rng.choice(("erp", "partner", "list")), **claim): claim for claim in claims}


def found(cards: Cards, ids: Collection[int]) -> tuple[set[frozenset[int]], dict[tuple[int, int], tuple[str, str]]]:
    """Who of these are one, and what was found out about each two."""
    parts = {part.intersection(ids) for part in cards.partition()}
    pairs = {ends: (row.band, row.rule) for ends, row in cards.pairs().items() if set(ends) <= set(ids)}
    return parts - {frozenset()}, pairs


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("most", [100, 4])
def test_people_by_birthday_and_town_are_the_same_in_whatever_order_they_come(
    born: Cards, monkeypatch: pytest.MonkeyPatch, seed: int, most: int
) -> None:
    for module in (mates, bearers, crowds, resolve):
        monkeypatch.setattr(module, "MATES", most)
    rng = Random(seed)
    ids = list(added(born, rng, 9))
    born.resolve()
    at_once = found(born, ids)
    for _ in range(2):
        born.forget()
        rng.shuffle(ids)
        for some in slices(rng, ids):
            born.mark(some)
            born.resolve()
        assert found(born, ids) == at_once


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_card_at_a_mailbox_of_father_and_son_is_neither_ones_in_whatever_order_the_three_come(
    born: Cards, order: tuple[int, ...]
) -> None:
    days = ({"custom.born": "1956-05-10"}, {"custom.born": "1997-02-02"}, {})
    for one in order:
        born.person(given_name="Jürgen", family_name="Müller", email=["familie114@gmx.de"], **days[one])
        born.resolve()
    assert len(born.partition()) == 3


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("most", [100, 4])
def test_who_goes_or_is_born_elsewhere_leaves_the_others_as_if_that_were_all_that_was_ever_known(
    born: Cards, monkeypatch: pytest.MonkeyPatch, seed: int, most: int
) -> None:
    for module in (mates, bearers, crowds, resolve):
        monkeypatch.setattr(module, "MATES", most)
    rng = Random(seed)
    claims = added(born, rng, 9)
    born.resolve()
    for id in rng.sample(sorted(claims), 5):
        turn = rng.random()
        if turn < 0.2:
            born.turn(id, "withdrawn")  # stays linked, and is evidence as it was
        elif turn < 0.4:
            born.turn(id, "ignored")
            del claims[id]
        else:
            field = rng.choice(("custom.born", "city", "family_name"))
            claims[id] = {name: value for name, value in claims[id].items() if name != field}
            claims[id] |= {name: value for name, value in said(rng).items() if name == field}
            born.change(id, **claims[id])
        born.resolve()
    one_by_one = found(born, claims)
    born.forget()
    born.mark(sorted(claims))
    born.resolve()
    assert found(born, claims) == one_by_one


def slices(rng: Random, ids: list[int]) -> Iterator[list[int]]:
    start = 0
    while start < len(ids):
        size = rng.randint(1, 5)
        yield ids[start : start + size]
        start += size
