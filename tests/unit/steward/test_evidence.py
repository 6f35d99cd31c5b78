"""Which other merges rest on the same evidence, where that is a field of the hub's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solmu.match.bundles import active
from solmu.match.component import Component
from solmu.match.index import Mentions
from solmu.model import Entity
from solmu.steward.evidence import same_evidence
from solmu.store import open_store
from tests.unit.match.cards import Cards, Settings

OWN = Settings(identifiers=("custom.member",), birth_dates=("custom.born",))


@pytest.fixture
def cards(database_url: str) -> Iterator[Cards]:
    with open_store(database_url) as store:
        yield Cards(store, OWN)


def test_merges_on_the_same_member_number_and_birthday_are_told(cards: Cards) -> None:
    said = {"family_name": "Salmela", "custom.member": "4081552", "custom.born": "1967-03-09"}
    one, two, three = (cards.person(given_name="Aino", **said) for _ in range(3))
    cards.resolve()
    assert cards.together(one, two, three)
    mentions = Mentions(Entity.PERSON, crms=(), protected=(), identity=OWN)
    places: dict[int, tuple[int | None, int | None]] = {one: (one, one), two: (one, one), three: (one, three)}
    with cards.store.read() as connection:
        component = Component.around(connection, [one, two, three], mentions, active(connection)(Entity.PERSON))
        told = same_evidence(connection, component, places)
    kinds = {each["kind"]: each for each in told}
    assert kinds.keys() == {"identifier", "name with a date of birth"}
    assert kinds["identifier"]["records"] == 3
    assert [(each["left"], each["right"]) for each in kinds["identifier"]["merges"]] == [("erp/cards/1", "erp/cards/2")]
