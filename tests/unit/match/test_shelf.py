"""What a pass has read of the store it does not read there again, however little memory it may use."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest

from solmu.match import index, resolve
from solmu.match.features import organisation_features, person_features
from solmu.match.shelf import Shelf, shelved
from solmu.model import Entity
from solmu.store.tables import golden, mention
from tests.spies import mentions_read
from tests.unit.match.cards import Cards
from tests.unit.match.test_incremental import muddle

MERIVIRTA = organisation_features(
    {"name": "Merivirta Telakka Oy (ent. Ahjo Oy)", "street": "Ränintie 4", "city": "Rauma", "phone": ["+358401234567"]}
)
AINO = person_features({"given_name": "Aino", "family_name": "Mäki", "email": ["aino@merivirta.fi"]}, employers=[7])


def kept(shelf: Shelf, id: int) -> tuple[Any, Any] | None:
    """The features that a shelf has of a mention, and what is beside them."""
    found = shelf.get(id)
    return None if found is None else (shelf.open(found[0]), found[1])


@pytest.mark.parametrize(("entity", "features"), [(Entity.ORGANISATION, MERIVIRTA), (Entity.PERSON, AINO)])
def test_features_come_back_from_the_shelf_as_they_went_there(entity: Entity, features: Any) -> None:
    beside = (1, "pending", "P1", False, frozenset({"crm"}), True)
    with Shelf(entity) as shelf:
        shelf.put([(3, shelved(features, ())), (5, shelved(features, beside))])
        shelf.put([(9, shelved(features, beside))])
        assert [kept(shelf, id) for id in (3, 5, 9)] == [(features, ()), (features, beside), (features, beside)]
        assert [kept(shelf, id) for id in (1, 4, 10)] == [None] * 3


def test_what_does_not_come_in_the_order_of_ids_is_left_out() -> None:
    with Shelf(Entity.PERSON) as shelf:
        shelf.put([(5, shelved(AINO, ())), (4, shelved(AINO, ()))])
        shelf.put([(5, shelved(AINO, ("again",))), (6, shelved(AINO, ()))])
        assert [kept(shelf, id) for id in (4, 5, 6)] == [None, (AINO, ()), (AINO, ())]


def test_where_the_disk_is_full_what_came_before_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def blow_up(_: Shelf, __: bytes) -> None:
        raise OSError(28, "No space left on device")

    with Shelf(Entity.PERSON) as shelf:
        shelf.put([(5, shelved(AINO, ()))])
        with monkeypatch.context() as full:
            full.setattr(Shelf, "_write", blow_up)
            shelf.put([(6, shelved(AINO, ()))])
        shelf.put([(7, shelved(AINO, ()))])
        assert [kept(shelf, id) for id in (5, 6, 7)] == [(AINO, ()), None, None]


def test_where_nothing_can_be_written_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def blow_up(**_: Any) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", blow_up)
    with Shelf(Entity.PERSON) as shelf:
        shelf.put([(5, shelved(AINO, ()))])
        assert shelf.get(5) is None


def test_each_mention_is_read_from_the_store_once(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    muddle(cards, 1)
    monkeypatch.setattr(index, "_CACHE", 2)
    monkeypatch.setattr(resolve, "PAGE", 3)
    read = mentions_read(monkeypatch)
    cards.resolve()
    assert sorted(read) == sorted(row.id for row in cards.rows(mention))


def test_with_a_shelf_the_same_comes_together(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    muddle(cards, 1)
    cards.resolve()
    places, pairs = cards.places(), {ends: row.explanation for ends, row in cards.pairs().items()}
    ids = [row.id for row in cards.rows(mention)]
    cards.forget()
    cards.mark(ids)
    monkeypatch.setattr(index, "_CACHE", 2)
    monkeypatch.setattr(resolve, "PAGE", 3)
    cards.resolve()
    assert (cards.places(), {ends: row.explanation for ends, row in cards.pairs().items()}) == (places, pairs)
    assert {row.state for row in cards.rows(golden)} == {"live"}


def test_whoever_is_withdrawn_while_others_are_resolved_stays_so(cards: Cards) -> None:
    ids = [cards.organisation(name="Merivirta Oy"), cards.organisation(name="Aallotar Oy")]
    told: list[int] = []

    def withdraw_once(_: int) -> None:
        if not told:
            cards.turn(ids[0], "withdrawn")
        told.append(1)

    resolve.resolve(cards.store, cards.settings, run_id="run", now=1, remotes=cards.crms, progress=withdraw_once)
    assert [row.state for row in cards.rows(mention)] == ["withdrawn", "linked"]
