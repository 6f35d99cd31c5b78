"""Which cards of a name that is at several places are of one company. Pure.

A name at two places may be that of one company with two sites, or of two companies. Then the name and the domain of the
house say no longer who is meant. What still does is narrower than a house, or comes from a register: somebody who
works there, the number of one of the sites, or one business id at all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

from solmu.match.features import OrganisationFeatures
from solmu.match.places import same_town, two_places
from solmu.match.two_companies import contradict, two_entities, two_houses

Cards = Sequence[OrganisationFeatures]


def one_by_reader(cards: Cards, readers: Collection[str]) -> bool:
    """Whether those of these cards that have one of these personal mailboxes are of one: its reader works there."""
    return _agree([one for one in cards if not one.readers.isdisjoint(readers)])


def one_by_phone(cards: Cards, phones: Collection[str]) -> bool:
    """Whether a phone is that of one of the places: all who have it agree, and each other place has one of its own.

    Sites of a chain may have one switchboard in common, and a number each beside it.
    """
    there = [one for one in cards if not one.phones.isdisjoint(phones)]
    if not _agree(there):
        return False
    beside = [one for one in cards if any(one is two or _in_one_place(one, two) for two in there)]
    if any(one.own_phones and one.own_phones.isdisjoint(phones) for one in beside):
        return False
    others = [one for one in cards if any(contradict(one, two) for two in there)]
    return all(any(two.own_phones and (two is one or _in_one_place(one, two)) for two in others) for one in others)


def one_by_number(cards: Cards, domains: Collection[str]) -> bool:
    """Whether, of those at one of these domains, one number of a register stands at every place that they name."""
    there = [one for one in cards if not one.domains.isdisjoint(domains)]
    placed = [one for one in there if one.city or one.postcode]
    numbers = {number for one in placed for number in one.business_ids if number[2:3] == ":"}
    if not any(_at_every_place(number, placed) for number in numbers):
        return False
    return not any(two_entities(one, two) or two_houses(one, two) for one, two in combinations(there, 2))


def _agree(cards: Cards) -> bool:
    return bool(cards) and not any(contradict(one, two) for one, two in combinations(cards, 2))


def _at_every_place(number: str, placed: Cards) -> bool:
    holders = [one for one in placed if number in one.business_ids]
    return all(any(_in_one_place(one, holder) for holder in holders) for one in placed)


def _in_one_place(one: OrganisationFeatures, two: OrganisationFeatures) -> bool:
    return same_town(one, two) and not two_places(one, two)
