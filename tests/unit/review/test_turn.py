"""Whose turn it is: the queue's next, and every fifth time one that was drawn."""

from __future__ import annotations

from solmu.match.decisions import Verdict
from solmu.model import Entity
from solmu.review.graph import graph
from solmu.review.likeness import by_likeness
from solmu.review.names import PairId
from solmu.review.queue import Filters
from solmu.review.turn import next_pair
from tests.unit.review.conftest import HYDRAULICS, SHEET_METAL, Decide, Hub


def at(hub: Hub, skip: int = 0, **filters: object) -> PairId | None:
    with hub.store.read() as connection:
        return next_pair(connection, Filters(**filters), who="anna", skip=skip).pair  # type: ignore[arg-type]


def test_one_goes_down_the_queue_and_no_further_than_its_end(hub: Hub) -> None:
    one, other = hub.asked(**SHEET_METAL), hub.asked(**HYDRAULICS)
    hub.settle()
    assert [at(hub, skip) for skip in (0, 1, 2, 99)] == [one, other, other, other]


def test_nothing_waits_in_an_empty_queue(hub: Hub) -> None:
    assert at(hub) is None


def test_what_is_held_by_rule_is_nothing_for_bulk(hub: Hub) -> None:
    hub.asked(**SHEET_METAL)
    hub.settle()
    with hub.store.read() as connection:
        assert by_likeness(connection, Entity.ORGANISATION) == []


def test_the_graph_shows_both_sides_and_what_is_asked(hub: Hub, decide: Decide) -> None:
    pair = hub.asked(**SHEET_METAL)
    hub.settle()
    with hub.store.read() as connection:
        found = graph(connection, pair)
    assert [[each.id for each in side] for side in (found.left, found.right)] == [[pair.left], [pair.right]]
    assert [edge.kind for edge in found.edges] == ["asked"]
    decide(pair, Verdict.SAME)
    hub.settle()
    with hub.store.read() as connection:
        together = graph(connection, pair)
    assert {each.id for each in together.left} == {pair.left, pair.right}
    assert together.right == ()
