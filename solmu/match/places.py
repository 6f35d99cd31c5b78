"""Whether two cards name one place, or two. Pure."""

from __future__ import annotations

from solmu.match.features import Features, OrganisationFeatures
from solmu.match.names import slip


def same_town(left: Features, right: Features) -> bool:
    if left.country and right.country and left.country != right.country:
        return False
    if left.postcode and left.postcode == right.postcode:
        return True
    return bool(left.city and right.city and _one_town(left.city, right.city))


def two_places(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether the two cards name two places, so that these may be two sites."""
    if left.postcode and left.postcode == right.postcode:
        return False
    if left.city and right.city and not _one_town(left.city, right.city):
        return True
    # Another postcode alone may be a slip, or the one of the post box.
    return bool(left.postcode and right.postcode and left.street and right.street and left.street != right.street)


def _one_town(one: str, two: str) -> bool:
    return one == two or slip(one, two, at_least=6)
