"""Whether two cards name one place, or two. Pure."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from itertools import combinations

from rapidfuzz.distance import JaroWinkler

from solmu.match.features import Features, OrganisationFeatures
from solmu.match.names import slip
from solmu.match.towns import in_its_country

_ALIKE = 0.88
_SIDES = frozenset({"n", "s", "e", "w", "ne", "nw", "se", "sw"})
_HEARD = (
    ("sh", "s"),
    ("ch", "c"),
    ("zh", "z"),
    ("kh", "h"),
    ("ts", "c"),
    ("dz", "z"),
    ("j", "i"),
    ("y", "i"),
    ("ph", "f"),
)


def same_town(left: Features, right: Features) -> bool:
    """Whether both cards name one town, by its name or its postcode, or one door; not where countries differ."""
    if left.country and right.country and left.country != right.country:
        return False
    if left.postcode and left.postcode == right.postcode:
        return not _postcode_is_chance(left, right)
    if _one_town(left, right):
        return True
    return _one_door(left, right)


def town_untold(left: Features, right: Features) -> bool:
    """Whether nothing can be said of the towns of two: one card, or both, have none to compare."""
    if left.country and right.country and left.country != right.country:
        return False
    return not (left.postcode and right.postcode) and not (left.city and right.city)


def same_street(left: Features, right: Features) -> bool:
    """Whether both cards name one street and house, and no two towns."""
    if left.street is None or left.street != right.street:
        return False
    return same_town(left, right) or town_untold(left, right)


def two_streets(left: Features, right: Features) -> bool:
    """Whether both cards name a street and house, in two towns or not the same; a slip makes no other street."""
    if left.street is None or right.street is None:
        return False
    return not (_one_line(left.street, right.street) and (same_town(left, right) or town_untold(left, right)))


def one_address(left: Features, right: Features) -> bool:
    """Whether both cards name one street and house in one town; the street may be misspelt."""
    if left.street is None or right.street is None or not same_town(left, right):
        return False
    return _one_line(left.street, right.street)


def _one_door(left: Features, right: Features) -> bool:
    """Whether one phone rings at one street and house: a suburb goes by its own name and by the city's."""
    if left.street is None or right.street is None or left.phones.isdisjoint(right.phones):
        return False
    if not _one_line(left.street, right.street):
        return False
    return not (left.postcode and right.postcode) or slip(left.postcode, right.postcode, at_least=4)


def _one_line(street: str, other: str) -> bool:
    road, _, house = street.partition("|")
    other_road, _, other_house = other.partition("|")
    return house == other_house and (road == other_road or _one_road(road, other_road))


def _one_road(one: str, two: str) -> bool:
    """Whether one of two streets may be the other, misspelt: 78th and 79th Street are two, as are N and S Main St."""
    return _alike(one, two) and _numbers(one) == _numbers(two) and not _opposite(one.split(), two.split())


def _numbers(road: str) -> list[str]:
    return [word for word in road.split() if any(map(str.isdigit, word))]


def _opposite(one: list[str], two: list[str]) -> bool:
    """Whether each names a side of the town, and not the same; many leave it out."""
    mine, theirs = _SIDES.intersection(one), _SIDES.intersection(two)
    return bool(mine and theirs) and mine != theirs


def two_places(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether the two cards name two places, so that these may be two sites."""
    if left.postcode and left.postcode == right.postcode and not _postcode_is_chance(left, right):
        return False
    if _one_door(left, right):
        return False
    if left.city and right.city and not _one_town(left, right):
        return True
    # Another postcode alone may be a slip, or the one of the post box.
    return bool(left.postcode and right.postcode and left.street and right.street and left.street != right.street)


def any_two_places(cards: Iterable[OrganisationFeatures]) -> bool:
    """Whether any two of these cards name two places.

    Cards that name one address name one place, whatever else is on them; so of each address one is asked, but where a
    phone may tell that two addresses are one door, the street of one of them misspelt.
    """
    at: dict[tuple[str | None, ...], list[OrganisationFeatures]] = {}
    for card in cards:
        at.setdefault((card.postcode, card.city, card.region, card.street), []).append(card)
    for here, there in combinations(at.values(), 2):
        one, two = here[0].street, there[0].street
        if one is None or two is None or not _one_line(one, two):
            if two_places(here[0], there[0]):
                return True
        elif any(two_places(mine, theirs) for mine in here for theirs in there):
            return True
    return False


def _postcode_is_chance(left: Features, right: Features) -> bool:
    """Whether neither city nor street is alike: 20100 is in Turku, in Milan and elsewhere, and may be mistyped."""
    if not (left.city and right.city and left.street and right.street):
        return False
    road, _, house = left.street.partition("|")
    other_road, _, other_house = right.street.partition("|")
    return house != other_house and not slip(road, other_road, at_least=1) and not _alike(left.city, right.city)


def _alike(one: str, two: str) -> bool:
    return JaroWinkler.similarity(one, two) >= _ALIKE


def _one_town(left: Features, right: Features) -> bool:
    """Whether both name a town, one and the same as far as told: Springfield, IL is not Springfield, MA."""
    here, there = left.city, right.city
    if not here or not there or (left.region and right.region and left.region != right.region):
        return False
    if here == there or slip(here, there, at_least=6) or _as_heard(here) == _as_heard(there):
        return True
    return in_its_country(here, left.country) == in_its_country(there, right.country)


@functools.lru_cache(maxsize=4096)
def _as_heard(town: str) -> str:
    """A town's name without what systems of transliteration differ in: Ниш is Nish and Niš, Казань Kazan and Kazań."""
    for written, heard in _HEARD:
        town = town.replace(written, heard)
    return town
