"""Who at a company is one depends on who else is known at that name, mailbox or switchboard; whatever comes, goes or
changes, in any order, gives the same clusters as all at once."""

from __future__ import annotations

from collections.abc import Collection
from random import Random
from typing import Any

import pytest

from tests.unit.match.cards import Cards

_PEOPLE = (
    *[("Aino", "Salmela")] * 3,
    *(("Aino", "Salmela Jr."), ("Aino", "Salmela-Kivi"), ("A", "Salmela"), ("Aina", "Salmela"), ("Eero", "Salmela")),
    *(("由美", "山口"), ("Yumi", "Yamaguchi"), ("Aino", ""), ("", ""), ("Bob", "Kivi"), ("Robert", "Kivi")),
)
_SWITCHBOARD = "+3582123456"
_PHONES = (*(f"{_SWITCHBOARD};ext={at}" for at in (1, 2)), _SWITCHBOARD, "+358401234567", "+358401234568")
_MAILS = ("aino.salmela@gmail.com", "aino.salmela@merivirta.fi", "aina.salmela@merivirta.fi", "info@merivirta.fi")


def said(rng: Random) -> dict[str, Any]:
    """What a card says of a contact: of a name, a phone and an address each may be missing."""
    given, family = rng.choice(_PEOPLE)
    told = {"given_name": given, "family_name": family}
    told |= {"email": [rng.choice(_MAILS)] if rng.random() < 0.6 else []}
    told |= {"phone": [rng.choice(_PHONES)] if rng.random() < 0.6 else []}
    return {field: value for field, value in told.items() if value}


def added(cards: Cards, rng: Random, size: int) -> dict[int, dict[str, Any]]:
    """Cards that are there, with what they say; most name the employer. None is a CRM's: there one stays one."""
    claims = {}
    for _ in range(size):
        claim, system = said(rng), rng.choice(("erp", "partner", "list"))
        firm = {"name": "Merivirta Oy"} if rng.random() < 0.7 else None
        claims[cards.add(firm, claim, system=system)[-1]] = claim
    return claims


def found(cards: Cards, ids: Collection[int]) -> tuple[set[frozenset[int]], dict[tuple[int, int], tuple[str, str]]]:
    """Who of these are one, and what was found out about each two."""
    parts = {part.intersection(ids) for part in cards.partition()}
    pairs = {ends: (row.band, row.rule) for ends, row in cards.pairs().items() if set(ends) <= set(ids)}
    return parts - {frozenset()}, pairs


def everybody(cards: Cards) -> list[int]:
    return sorted(cards.places())


@pytest.mark.parametrize("seed", range(8))
def test_contacts_are_the_same_in_whatever_order_they_come(cards: Cards, seed: int) -> None:
    rng = Random(seed)
    people = list(added(cards, rng, 10))
    cards.resolve()
    at_once, ids = found(cards, people), everybody(cards)
    for _ in range(2):
        cards.forget()
        rng.shuffle(ids)
        for start in range(0, len(ids), 3):
            cards.mark(ids[start : start + 3])
            cards.resolve()
        assert found(cards, people) == at_once


@pytest.mark.parametrize("seed", range(8))
def test_who_goes_or_changes_leaves_the_others_as_if_that_were_all_that_was_ever_known(cards: Cards, seed: int) -> None:
    rng = Random(seed)
    claims = added(cards, rng, 10)
    cards.resolve()
    ids = everybody(cards)
    for id in rng.sample(sorted(claims), 5):
        if rng.random() < 0.3:
            cards.turn(id, "ignored")
            del claims[id]
            ids.remove(id)
        else:
            field = rng.choice(("phone", "email", "family_name"))
            claims[id] = {name: value for name, value in claims[id].items() if name != field}
            claims[id] |= {name: value for name, value in said(rng).items() if name == field}
            cards.change(id, **claims[id])
        cards.resolve()
    one_by_one = found(cards, claims)
    cards.forget()
    cards.mark(ids)
    cards.resolve()
    assert found(cards, claims) == one_by_one
