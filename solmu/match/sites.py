"""Which cards of a name that is at several places are of one company. Pure.

A name at two places may be that of one company with two sites, or of two companies. Then the name and the domain of the
house say no longer who is meant. What still does is narrower than a house, or comes from a register: somebody who
works there, the number of one of the sites, or one business id at all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from itertools import combinations

from solmu.match.desks import is_mobile
from solmu.match.features import OrganisationFeatures
from solmu.match.memo import MEMO
from solmu.match.names import numbers_exclude, of_a_register
from solmu.match.places import same_town, two_places
from solmu.match.two_companies import contradict, two_entities, two_houses

_LINE = 9  # characters of a number, "+" included, from which on its last two digits may be a desk's

Cards = Sequence[OrganisationFeatures]


def one_by_reader(cards: Cards, readers: Collection[str]) -> bool:
    """Whether those of these cards that have one of these personal mailboxes are of one: its reader works there."""
    return _agree([one for one in cards if not one.readers.isdisjoint(readers)])


def one_by_phone(cards: Cards, phones: Collection[str]) -> bool:
    """Whether a switchboard is that of one of the places: all whom it reaches agree, and each other place has its own.

    Sites of a chain may have one switchboard in common, and a number each beside it.
    """
    there = [one for one in cards if switchboard(one.phones, phones)]
    if not _agree(there):
        return False
    beside = [one for one in cards if any(one is two or _in_one_place(one, two) for two in there)]
    if any(one.own_phones and not switchboard(one.own_phones, phones) for one in beside):
        return False
    return _each_other_place_has(cards, there, lambda one: one.own_phones)


def one_by_domain(cards: Cards, domains: Collection[str]) -> bool:
    """Whether all of these cards that are at one of these domains agree, and each of the others has one of its own."""
    there = [one for one in cards if not one.domains.isdisjoint(domains)]
    if not _agree(there) or any(two_houses(one, two) for one, two in combinations(there, 2)):
        return False
    return _each_other_place_has(cards, there, lambda one: one.domains)


def one_by_number(cards: Cards, domains: Collection[str]) -> bool:
    """Whether one number of a register stands at every place that is named by those at one of these domains."""
    there = [one for one in cards if not one.domains.isdisjoint(domains)]
    placed = [one for one in there if one.city or one.postcode]
    numbers = {number for one in there for number in one.business_ids if of_a_register(number)}
    if not any(_at_every_place([one for one in cards if number in one.business_ids], placed) for number in numbers):
        return False
    return not any(two_entities(one, two) or two_houses(one, two) for one, two in combinations(there, 2))


def towns(cards: Cards) -> int:
    """How many towns these cards name."""
    found: list[OrganisationFeatures] = []
    for one in cards:
        if (one.city or one.postcode) and not any(same_town(one, other) for other in found):
            found.append(one)
    return len(found)


def may_be_sites(cards: Cards, left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two places seem to be one company's: cards at both have one domain, and no two numbers."""
    here, there = ([one for one in cards if _in_one_place(one, card)] for card in (left, right))
    mine, theirs = ({number for one in cards for number in one.business_ids} for cards in (here, there))
    if numbers_exclude(mine, theirs):
        return False
    mine, theirs = ({domain for one in cards for domain in one.domains} for cards in (here, there))
    return not mine.isdisjoint(theirs)


def _each_other_place_has(cards: Cards, there: Cards, has: Callable[[OrganisationFeatures], Collection[str]]) -> bool:
    """Whether at each place of these cards that is not that of ``there`` some card ``has`` one of its own."""
    others = [one for one in cards if any(contradict(one, two) for two in there)]
    return all(any(has(two) and (two is one or _in_one_place(one, two)) for two in others) for one in others)


def _agree(cards: Cards) -> bool:
    return bool(cards) and not any(contradict(one, two) for one, two in combinations(cards, 2))


def _at_every_place(holders: Cards, placed: Cards) -> bool:
    return all(any(_in_one_place(one, holder) for holder in holders) for one in placed)


def _in_one_place(one: OrganisationFeatures, two: OrganisationFeatures) -> bool:
    return same_town(one, two) and not two_places(one, two)


def switchboard(left: Collection[str], right: Collection[str]) -> frozenset[str]:
    """The numbers of two that are one switchboard's: the same, or desks of one house."""
    pairs = [(mine, theirs) for mine in left for theirs in right if _one_switchboard(mine, theirs)]
    return frozenset(number for pair in pairs for number in pair)


@functools.lru_cache(maxsize=MEMO)
def _one_switchboard(one: str, two: str) -> bool:
    """Whether two numbers differ in their last two digits only, or one is a head number (…-0) and the other a desk."""
    if one == two:
        return True
    head, desk = sorted((one, two), key=len)
    if len(head) == len(desk):
        near = len(head) >= _LINE and head[:-2] == desk[:-2]
    else:
        near = len(head) >= _LINE and head.endswith("0") and desk.startswith(head[:-1]) and len(desk) - len(head) < 3
    return near and not is_mobile(one) and not is_mobile(two)
