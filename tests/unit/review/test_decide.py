"""Deciding: between what the cards showed, once, refused where others exclude it, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection

from solmu.config import Hub as Configured
from solmu.config.settings import HubSettings
from solmu.config.yaml import Lines
from solmu.errors import SolmuError
from solmu.match.contradiction import Contradiction, undo_one_of
from solmu.match.decisions import Verdict
from solmu.review.decide import Moved, named_pair, shown, standing_decisions
from solmu.review.decided import changed_decisions, decisions
from solmu.review.names import PairId
from solmu.review.sides import evidence_digest
from solmu.steward.changes import carry_out
from solmu.steward.undo import undo_decision
from solmu.store.tables import decision, decision_mention
from tests.unit.match.cards import Settings
from tests.unit.review.conftest import HYDRAULICS, SHEET_METAL, Decide, Hub


def undo(connection: Connection, id: int, *, who: str, now: int) -> None:
    settings = Configured(Path(), HubSettings(), {}, lines=Lines("hub.yaml"))
    carry_out(connection, undo_decision(connection, settings, id), who=who, now=now)


def digest(hub: Hub, pair: PairId) -> str:
    with hub.store.read() as connection:
        return evidence_digest(*shown(connection, pair))


def test_same_joins_all_that_both_cards_showed_and_undo_parts_them_again(hub: Hub, decide: Decide) -> None:
    pair = hub.asked(**SHEET_METAL)
    third = hub.organisation(**SHEET_METAL)
    hub.settle()
    before = hub.places()
    assert hub.together(third, pair.left) or hub.together(third, pair.right)
    done = decide(pair, Verdict.SAME)
    assert {row.mention_id for row in hub.rows(decision_mention)} == {pair.left, pair.right, third}
    hub.settle()
    assert hub.together(pair.left, pair.right, third)
    with hub.store.write() as connection:
        undo(connection, done.id, who="ben", now=2)
    hub.settle()
    assert hub.places() == before


def test_different_on_one_golden_record_is_about_the_two_mentions(hub: Hub, decide: Decide) -> None:
    one, two, three = (hub.organisation(business_id="FI:01234567", **SHEET_METAL) for _ in range(3))
    hub.settle()
    assert hub.together(one, two, three)
    decide(PairId(one, two), Verdict.DIFFERENT)
    assert len(hub.rows(decision_mention)) == 2
    hub.settle()
    assert not hub.together(one, two)


def test_what_contradicts_is_refused_with_the_chain_in_words(hub: Hub, decide: Decide) -> None:
    ids = [hub.organisation(system="crm", **SHEET_METAL) for _ in range(3)]
    hub.settle()
    one, two, across = PairId(ids[0], ids[1]), PairId(ids[1], ids[2]), PairId(ids[0], ids[2])
    decide(one, Verdict.SAME)
    decide(two, Verdict.DIFFERENT, who="ben")
    with pytest.raises(Contradiction) as refused:
        decide(across, Verdict.SAME)
    assert refused.value.chain == (1, 2)
    assert refused.value.__notes__[0].startswith("anna said on 2023-11-14 that Merivirta Oy (crm/")
    assert refused.value.__notes__[1].startswith("ben said on 2023-11-14 that Merivirta Oy (crm/")
    assert refused.value.__notes__[1].endswith("are different (decision 2).")
    assert "Merivirta" not in refused.value.message
    assert len(hub.rows(decision)) == 2


def test_a_decided_pair_is_decided_until_it_is_undone(hub: Hub, decide: Decide) -> None:
    pair = hub.asked(**SHEET_METAL)
    hub.settle()
    for first in (Verdict.SAME, Verdict.DIFFERENT, Verdict.RELATED):
        done = decide(pair, first)
        for then in Verdict:
            with pytest.raises(Moved, match="anna has decided this pair") as refused:
                decide(pair, then, who="ben")
            assert refused.value.code == "decided-already"
            assert refused.value.now.verdict is first
        with hub.store.write() as connection:
            undo(connection, done.id, who="anna", now=2)


def test_unsure_gives_way_to_what_is_said_later(hub: Hub, decide: Decide) -> None:
    pair = hub.asked(**SHEET_METAL)
    hub.settle()
    decide(pair, Verdict.UNSURE)
    decide(pair, Verdict.DIFFERENT, who="ben")
    with hub.store.read() as connection:
        assert [each.verdict for each in standing_decisions(connection, pair)] == [Verdict.DIFFERENT]
        told = decisions(connection, hub.settings)
    assert [(each["verdict"], each["withdrawn"] is None) for each in told["decisions"]] == [
        ("different", True),
        ("unsure", False),
    ]


def test_what_is_not_as_it_was_shown_is_not_decided(hub: Hub, decide: Decide) -> None:
    pair = hub.asked(**SHEET_METAL)
    hub.settle()
    seen = digest(hub, pair)
    hub.organisation(**SHEET_METAL)  # joins one of the two
    hub.settle()
    with pytest.raises(Moved, match="changed since it was shown"):
        decide(pair, Verdict.SAME, seen=seen)
    assert not hub.rows(decision)
    decide(pair, Verdict.SAME, seen=digest(hub, pair))


def test_a_pair_that_is_not_compared_any_more_cannot_be_decided(hub: Hub, decide: Decide) -> None:
    pair = hub.asked(**SHEET_METAL)
    hub.settle()
    hub.change(pair.left, **HYDRAULICS)
    hub.settle()
    with pytest.raises(Moved, match="not compared any more"):
        decide(pair, Verdict.SAME)


def test_undo_names_who_was_first_and_what_there_is_not(hub: Hub, decide: Decide) -> None:
    pair = hub.asked(**SHEET_METAL)
    hub.settle()
    done = decide(pair, Verdict.DIFFERENT)
    with hub.store.write() as connection:
        undo(connection, done.id, who="ben", now=2)
    with hub.store.write() as connection, pytest.raises(Moved, match="ben has withdrawn"):
        undo(connection, done.id, who="anna", now=3)
    with hub.store.write() as connection, pytest.raises(SolmuError, match="no such decision"):
        undo(connection, 99, who="anna", now=3)


def at_once(*calls: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.exception() or future.result() for future in [pool.submit(call) for call in calls]]


def test_of_two_stewards_at_once_one_is_told_of_the_other(hub: Hub, decide: Decide) -> None:
    pair = hub.asked(**SHEET_METAL)
    hub.settle()
    outcomes = at_once(
        lambda: decide(pair, Verdict.SAME, who="anna"), lambda: decide(pair, Verdict.DIFFERENT, who="ben")
    )
    assert sum(isinstance(each, Moved) for each in outcomes) == 1
    assert len(hub.rows(decision)) == 1


def test_two_that_exclude_each_other_are_never_both_recorded(hub: Hub, decide: Decide) -> None:
    ids = [hub.organisation(system="crm", **SHEET_METAL) for _ in range(3)]
    hub.settle()
    decide(PairId(ids[0], ids[1]), Verdict.SAME)
    outcomes = at_once(
        lambda: decide(PairId(ids[1], ids[2]), Verdict.SAME), lambda: decide(PairId(ids[0], ids[2]), Verdict.DIFFERENT)
    )
    assert sum(isinstance(each, Contradiction) for each in outcomes) == 1


def test_changed_evidence_is_shown_again_with_what_changed_and_the_decision_stays(hub: Hub, decide: Decide) -> None:
    pair = hub.asked(**SHEET_METAL)
    hub.settle()
    done = decide(pair, Verdict.DIFFERENT)
    hub.settle()
    with hub.store.read() as connection:
        assert changed_decisions(connection, hub.settings) == []
    hub.change(pair.left, **{**SHEET_METAL, "street": "Tehtaankatu 5"})
    hub.settle()
    with hub.store.read() as connection:
        (found,) = changed_decisions(connection, hub.settings)
    assert found["id"] == done.id
    assert [(each["was"], each["now"]) for each in found["changed"]] == [
        ("same street and house", "another street"),
        ("told by the street", "same city"),  # which says something of its own again
    ]
    assert not hub.together(pair.left, pair.right)
    hub.change(pair.left, **HYDRAULICS)  # so unlike that no comparison is kept
    hub.settle()
    assert hub.band(pair.left, pair.right) is None
    with hub.store.read() as connection:
        (found,) = changed_decisions(connection, hub.settings)
    assert {each["title"]: each["now"] for each in found["changed"]}.keys() == {"Name", "Street", "Town"}
    hub.change(pair.left, **SHEET_METAL)
    hub.settle()
    with hub.store.read() as connection:
        assert changed_decisions(connection, hub.settings) == []


def test_what_the_hubs_own_fields_say_is_compared_too_when_evidence_is_shown_again(hub: Hub, decide: Decide) -> None:
    hub.settings = Settings(identifiers=("custom.member",), birth_dates=("custom.born",))
    said = {"custom.member": "4081552", "custom.born": "1967-03-09"}
    one = hub.person(system="crm", given_name="Aino", family_name="Salmela", **said)
    other = hub.person(system="crm", given_name="Aino", family_name="Salmela", **said)
    hub.settle()
    decide(PairId(one, other), Verdict.DIFFERENT)
    for id in (one, other):  # nothing else is left, and so no comparison is kept
        hub.change(id, given_name=f"X{id}", **{"custom.born": "1967-03-09"})
    hub.settle()
    assert hub.band(one, other) is None
    with hub.store.read() as connection:
        (found,) = changed_decisions(connection, hub.settings)
    assert "same date of birth" not in {each["was"] for each in found["changed"]}
    assert "same number" in {each["was"] for each in found["changed"]}


@pytest.mark.parametrize("text", ["", "p12", "org_3vzt9ec00heetz05d", "p1-13"])
def test_a_mistyped_name_is_told_as_such(text: str) -> None:
    with pytest.raises(SolmuError, match="mistyped"):
        named_pair(text)


def test_what_to_undo_is_said_of_one_decision_and_of_several() -> None:
    assert undo_one_of((4,)) == "`solmu review undo 4` first, if that one is wrong"
    assert undo_one_of((4, 7)) == "`solmu review undo` of one of 4, 7 first, if that one is wrong"
