"""Whether cards of one name seem to be of more than one house. Pure.

A name alone says who is meant only as long as nothing speaks of two who bear it. Cards that are reached
in one way, or like a third card in common, are of one house. Where what is left has two web domains, two phones or two
addresses, there may be two houses, or one that moved: the name alone merges nobody then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from solmu.match.features import OrganisationFeatures
from solmu.match.names import slip
from solmu.match.places import one_address, same_town

_SAID: tuple[Callable[[OrganisationFeatures], object], ...] = (
    lambda one: one.domains,
    lambda one: one.own_phones,
    lambda one: one.street,
    lambda one: one.postcode,
)


def several_houses(cards: Iterable[OrganisationFeatures]) -> bool:
    """Whether some of these cards, all of one name, tell of one house, and some of another."""
    houses: list[list[OrganisationFeatures]] = []
    for card in cards:
        near = [house for house in houses if any(_in_one_house(card, one) for one in house)]
        houses = [house for house in houses if house not in near]
        houses.append([card, *(one for house in near for one in house)])
    return any(_told_apart(one, two) for one, two in combinations(houses, 2))


def _in_one_house(one: OrganisationFeatures, two: OrganisationFeatures) -> bool:
    """Whether a number in a register or at a source, a domain, a phone or an address is the same, or meant to be."""
    if _common(one.domains, two.domains, letters=7) or _common(one.phones, two.phones, letters=9):
        return True
    if one.business_ids & two.business_ids or one.numbers & two.numbers or one_address(one, two):
        return True
    neighbours = one.postcode is not None and one.postcode == two.postcode and same_town(one, two)
    return neighbours and (one.street is None or two.street is None)


def _common(one: Iterable[str], two: Iterable[str], *, letters: int) -> bool:
    """Whether something in the one is in the other, too, but for a slip."""
    return any(mine == theirs or slip(mine, theirs, at_least=letters) for mine in one for theirs in two)


def _told_apart(one: Sequence[OrganisationFeatures], two: Sequence[OrganisationFeatures]) -> bool:
    """Whether both houses say a thing of one kind, which they have not in common."""
    return any(any(map(said, one)) and any(map(said, two)) for said in _SAID)
