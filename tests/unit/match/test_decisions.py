"""Stewards' decisions: they bind, they are kept with their evidence, and what contradicts them is refused."""

from __future__ import annotations

import pytest

from solmu.errors import SolmuError
from solmu.match.contradiction import Contradiction
from solmu.match.deciding import record, withdraw
from solmu.match.decisions import Verdict
from solmu.model import Entity
from solmu.store.tables import audit, decision
from tests.unit.match.cards import Cards


@pytest.fixture
def three(cards: Cards) -> list[int]:
    """Three organisations that have nothing to do with each other."""
    ids = [cards.organisation(name=name) for name in ("Merivirta Oy", "Kuulas Oy", "Rannikko Oy")]
    cards.resolve()
    return ids


def decide(cards: Cards, verdict: Verdict, left: int, right: int, **more: str) -> int:
    with cards.store.write() as connection:
        return record(connection, Entity.ORGANISATION, verdict, [left], [right], who="aino", now=1, **more)


def test_same_joins_what_no_rule_would(cards: Cards, three: list[int]) -> None:
    one, two, _ = three
    decide(cards, Verdict.SAME, one, two)
    cards.resolve()
    assert cards.together(one, two)
    assert cards.why(two) == "decision"


def test_different_parts_what_a_rule_joined_and_withdrawing_it_joins_them_again(cards: Cards) -> None:
    one, two = (cards.organisation(name="Merivirta Oy", business_id="FI:01234567") for _ in range(2))
    cards.resolve()
    before = cards.places()
    id = decide(cards, Verdict.DIFFERENT, one, two)
    cards.resolve()
    assert cards.places() == {one: one, two: two}
    assert cards.band(one, two) == "different"
    with cards.store.write() as connection:
        assert withdraw(connection, id, who="eero", now=2)
    cards.resolve()
    assert cards.places() == before
    assert cards.band(one, two) == "same"


def test_what_was_decided_is_not_asked_again_when_a_card_is_added(cards: Cards) -> None:
    values = {"name": "Merivirta Oy", "city": "Rauma", "phone": ["+3581"]}
    one = cards.organisation(system="crm", **values)
    two = cards.organisation(system="crm", **values)
    cards.resolve()
    assert cards.band(one, two) == "ask"
    decide(cards, Verdict.DIFFERENT, one, two)
    cards.resolve()
    more = cards.organisation(**values)
    cards.resolve()
    assert cards.together(one, more) or cards.together(two, more)
    assert {row.band for row in cards.pairs().values()} == {"same", "different"}


def test_related_keeps_the_machine_from_joining_and_unsure_does_not(cards: Cards) -> None:
    values = {"name": "Merivirta Oy", "business_id": "FI:01234567"}
    one, two = cards.organisation(**values), cards.organisation(**values)
    unsure = decide(cards, Verdict.UNSURE, one, two)
    cards.resolve()
    assert cards.together(one, two)
    decide(cards, Verdict.RELATED, one, two)
    cards.resolve()
    assert not cards.together(one, two)
    assert unsure


def test_two_records_of_one_crm_are_joined_when_a_steward_says_so(cards: Cards) -> None:
    one, two = (cards.organisation(system="crm", name="Merivirta Oy") for _ in range(2))
    cards.resolve()
    assert not cards.together(one, two)
    decide(cards, Verdict.SAME, one, two)
    cards.resolve()
    assert cards.together(one, two)


def test_different_is_refused_where_same_decisions_lead_from_one_to_the_other(cards: Cards, three: list[int]) -> None:
    one, two, other = three
    first, second = decide(cards, Verdict.SAME, one, two), decide(cards, Verdict.SAME, two, other)
    with pytest.raises(Contradiction) as refused:
        decide(cards, Verdict.DIFFERENT, one, other)
    assert refused.value.chain == (first, second)


def test_same_is_refused_where_it_would_join_what_is_different(cards: Cards, three: list[int]) -> None:
    one, two, other = three
    first, second = decide(cards, Verdict.SAME, one, two), decide(cards, Verdict.DIFFERENT, one, other)
    with pytest.raises(Contradiction) as refused:
        decide(cards, Verdict.SAME, two, other)
    assert refused.value.chain == (first, second)


def test_what_was_withdrawn_contradicts_nothing(cards: Cards, three: list[int]) -> None:
    one, two, _ = three
    id = decide(cards, Verdict.SAME, one, two)
    with cards.store.write() as connection:
        withdraw(connection, id, who="aino", now=2)
        assert not withdraw(connection, id, who="aino", now=3)
    decide(cards, Verdict.DIFFERENT, one, two)


def test_a_stewards_word_does_not_contradict_a_merge_in_the_crm_it_outranks_it(cards: Cards, three: list[int]) -> None:
    one, two, _ = three
    decide(cards, Verdict.SAME, one, two, rank="crm")
    cards.resolve()
    assert cards.together(one, two)
    decide(cards, Verdict.DIFFERENT, one, two)
    cards.resolve()
    assert not cards.together(one, two)


def test_a_decision_keeps_who_when_why_and_what_was_seen(cards: Cards, three: list[int]) -> None:
    one, two, _ = three
    seen = [{"sentence": "Same name."}]
    with cards.store.write() as connection:
        record(
            connection,
            Entity.ORGANISATION,
            Verdict.SAME,
            [one],
            [two],
            who="aino",
            now=7,
            reason="asked",
            evidence=seen,
        )
    (row,) = cards.rows(decision)
    assert (row.who, row.at, row.reason, row.evidence) == ("aino", 7, "asked", seen)
    (line,) = cards.rows(audit)
    assert (line.who, line.what, line.subject) == ("aino", "decided", f"decision:{row.id}")


@pytest.mark.parametrize("sides", [([], [1]), ([1], [1]), ([1], [999])])
def test_sides_that_make_no_sense_are_refused(
    cards: Cards, three: list[int], sides: tuple[list[int], list[int]]
) -> None:
    with cards.store.write() as connection, pytest.raises(SolmuError) as refused:
        record(connection, Entity.ORGANISATION, Verdict.SAME, *sides, who="aino", now=1)
    assert refused.value.code == "decision-sides"
