"""Whether two cards name one place, or two. Pure."""

from __future__ import annotations

import functools

from rapidfuzz.distance import JaroWinkler

from solmu.match.features import Features, OrganisationFeatures
from solmu.match.names import slip

_ALIKE = 0.88
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
    if left.country and right.country and left.country != right.country:
        return False
    if left.postcode and left.postcode == right.postcode:
        return not _postcode_is_chance(left, right)
    return bool(left.city and right.city and _one_town(left.city, right.city))


def one_address(left: Features, right: Features) -> bool:
    """Whether both cards name one street and house in one town; the street may be misspelt."""
    if left.street is None or right.street is None or not same_town(left, right):
        return False
    road, _, house = left.street.partition("|")
    other_road, _, other_house = right.street.partition("|")
    return house == other_house and (road == other_road or _alike(road, other_road))


def two_places(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether the two cards name two places, so that these may be two sites."""
    if left.postcode and left.postcode == right.postcode and not _postcode_is_chance(left, right):
        return False
    if left.city and right.city and not _one_town(left.city, right.city):
        return True
    # Another postcode alone may be a slip, or the one of the post box.
    return bool(left.postcode and right.postcode and left.street and right.street and left.street != right.street)


def _postcode_is_chance(left: Features, right: Features) -> bool:
    """Whether neither city nor street is alike: 20100 is in Turku, in Milan and elsewhere, and may be mistyped."""
    if not (left.city and right.city and left.street and right.street):
        return False
    road, _, house = left.street.partition("|")
    other_road, _, other_house = right.street.partition("|")
    return house != other_house and not slip(road, other_road, at_least=1) and not _alike(left.city, right.city)


def _alike(one: str, two: str) -> bool:
    return JaroWinkler.similarity(one, two) >= _ALIKE


def _one_town(one: str, two: str) -> bool:
    return one == two or slip(one, two, at_least=6) or _as_heard(one) == _as_heard(two)


@functools.lru_cache(maxsize=4096)
def _as_heard(town: str) -> str:
    """A town's name without what systems of transliteration differ in: Ниш is Nish and Niš, Казань Kazan and Kazań."""
    for written, heard in _HEARD:
        town = town.replace(written, heard)
    return town
