"""Any order and slicing of arrivals gives the same clusters; and undoing gives back what was."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

import pytest

from solmu.match import resolve
from solmu.match.contradiction import Contradiction
from solmu.match.deciding import record, withdraw
from solmu.match.decisions import Verdict
from solmu.model import Entity
from solmu.store import dirty
from solmu.store.tables import mention
from tests.unit.match.cards import Cards

_NAMES = ("Merivirta Telakka", "Merivitra Telakka", "Telakka Merivirta", "Merivirta", "Kuulas Optiikka")
_FORMS = ("", "", " Oy", " Ky", " AB")
_PEOPLE = (("Aino", "Salmela"), ("A.", "Salmela"), ("Anna", "Salmela"), ("Salmela", "Aino"), ("Aino", "Salmella"))


def muddle(cards: Cards, seed: int, size: int = 14) -> list[int]:
    """Cards that contradict and resemble each other in every way at once."""
    rng = Random(seed)

    def some(chance: float, **values: Any) -> dict[str, Any]:
        return {name: value for name, value in values.items() if rng.random() < chance}

    ids = []
    for _ in range(size):
        organisation = {
            "name": rng.choice(_NAMES) + rng.choice(_FORMS),
            **some(0.3, business_id=rng.choice(("FI:01234567", "FI:07654321")), phone=[f"+35828{rng.randint(1, 3)}"]),
            **some(0.4, city=rng.choice(("Rauma", "Oulu")), country=rng.choice(("FI", "FI", "SE"))),
            **some(0.3, domain=rng.choice(("merivirta.fi", "kuulas.fi")), street=f"Satamatie {rng.randint(1, 2)}"),
            **some(0.1, key_account=True),
        }
        given, family = rng.choice(_PEOPLE)
        person = {
            "given_name": given,
            "family_name": family,
            **some(
                0.4,
                email=[f"{rng.choice(('aino', 'anna', 'info'))}@merivirta.fi"],
                phone=[f"+35840{rng.randint(1, 3)}"],
            ),
        }
        ids += cards.add(organisation, person, system=rng.choice(("erp", "partner", "crm", "list")))
    organisations = ids[::2]
    if rng.random() < 0.5:
        cards.relate(*rng.sample(organisations, 2))
    return ids


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_slicing_of_arrivals_gives_the_same_clusters(cards: Cards, seed: int) -> None:
    ids = muddle(cards, seed)
    cards.resolve()
    at_once = cards.partition()
    bands = {key: row.band for key, row in cards.pairs().items()}
    rng = Random(seed)
    for _ in range(2):
        cards.forget()
        order = ids.copy()
        rng.shuffle(order)
        while order:
            size = rng.randint(1, len(order))
            slice, order = order[:size], order[size:]
            cards.mark(slice)
            cards.resolve()
        assert cards.partition() == at_once
        assert {key: row.band for key, row in cards.pairs().items()} == bands


@pytest.mark.parametrize("seed", range(2))
def test_slices_and_pages_of_one_run_give_the_same_clusters(
    cards: Cards, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    muddle(cards, seed)
    cards.resolve()
    at_once = cards.partition()
    bands = {key: row.band for key, row in cards.pairs().items()}
    for size, page, part in ((1, 1, 20), (5, 2, 20), (50, 2, 4)):
        cards.forget()
        cards.mark([row.id for row in cards.rows(mention)])
        monkeypatch.setattr(resolve, "SLICE", size)
        monkeypatch.setattr(dirty, "_PART", part)
        for pages in ("SEEN", "PAGE"):
            monkeypatch.setattr(resolve, pages, page)
        cards.resolve()
        assert cards.partition() == at_once
        assert {key: row.band for key, row in cards.pairs().items()} == bands


@pytest.mark.parametrize("seed", range(2))
def test_what_changes_and_changes_back_leaves_no_trace_in_the_clusters(cards: Cards, seed: int) -> None:
    ids = muddle(cards, seed, size=10)
    cards.resolve()
    before = cards.places()
    rng = Random(seed)
    for id in rng.sample(ids[::2], 4):
        claim = next(row.claim for row in cards.rows(mention) if row.id == id)
        values = {field: entry["value"] for field, entry in claim.items()}
        cards.change(id, name="Aivan Muu Oy")
        cards.resolve()
        cards.change(id, **values)
        cards.resolve()
        assert cards.places() == before


@pytest.mark.parametrize("seed", range(2))
def test_withdrawing_every_decision_restores_the_same_links(cards: Cards, seed: int) -> None:
    muddle(cards, seed, size=10)
    cards.resolve()
    before = cards.places()
    rng = Random(seed)
    decided = []
    for now in range(6):
        groups = sorted((sorted(part) for part in cards.partition() if part <= organisations(cards)), key=len)
        largest = groups[-1]
        if len(largest) == 1 or (rng.random() < 0.5 and len(groups) > 1):
            verdict, (left, right) = Verdict.SAME, rng.sample(groups, 2)
        else:
            at = rng.randint(1, len(largest) - 1)
            verdict, left, right = Verdict.DIFFERENT, largest[:at], largest[at:]
        with cards.store.write() as connection, suppress(Contradiction):
            decided.append(record(connection, Entity.ORGANISATION, verdict, left, right, who="test", now=now))
        cards.resolve()
    assert decided
    assert cards.places() != before
    rng.shuffle(decided)
    for id in decided:
        with cards.store.write() as connection:
            assert withdraw(connection, id, who="test", now=100)
        cards.resolve()
    assert cards.places() == before


def test_the_cost_of_a_change_does_not_grow_with_what_it_does_not_touch(cards: Cards) -> None:
    ids = [cards.organisation(name=f"{'abcdefghij'[n] * 3}{'klmnopqrst'[n] * 3} Oy", city="Rauma") for n in range(10)]
    cards.resolve()
    cards.change(ids[0], name="aaakkk Oy", city="Oulu")
    found = cards.resolve()
    assert found.mentions == 1
    assert sum(found.pairs.values()) == 0


def organisations(cards: Cards) -> set[int]:
    return {row.id for row in cards.rows(mention) if row.entity == "organisation"}
