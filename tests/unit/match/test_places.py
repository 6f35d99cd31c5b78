"""Whether cards name one place or several."""

from __future__ import annotations

from itertools import combinations
from random import Random

from solmu.match.features import OrganisationFeatures
from solmu.match.places import any_two_places, two_places


def test_all_cards_at_once_are_told_apart_as_each_two_of_them_are() -> None:
    random = Random(7)
    found = set()
    for _ in range(3_000):
        cards = [
            OrganisationFeatures(
                postcode=random.choice((None, "26100", "26110", "20100")),
                city=random.choice((None, "rauma", "raumaa", "turku")),
                street=random.choice((None, "ranintie|4", "ranintie|5", "ranintje|4")),
                phones=frozenset(random.choices(("1", "2", "3"), k=random.randint(0, 2))),
            )
            for _ in range(random.randint(0, 4))
        ]
        found.add(any_two_places(cards))
        assert any_two_places(cards) == any(two_places(one, two) for one, two in combinations(cards, 2))
    assert found == {True, False}
