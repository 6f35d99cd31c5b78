"""Whether two people are reached by one phone, or sit at two desks of one switchboard. Pure."""

from __future__ import annotations

import functools

from solmu.match.features import PersonFeatures
from solmu.match.memo import MEMO
from solmu.normalise.invalid import Invalid
from solmu.normalise.phone import phones


def one_phone(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether a number is on both cards, with one extension or without: whoever gives none may be at any desk."""
    return any(not _two_extensions(left, right, number) for number in left.phones & right.phones)


def one_mobile(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether the number of a mobile phone is on both cards, which colleagues have not in common."""
    return any(map(is_mobile, left.phones & right.phones))


def one_desk(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether a number on both cards is one person's: a mobile phone's, or an extension's."""
    return one_mobile(left, right) or any(";" in line for line in left.lines & right.lines)


def two_mobiles(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether each is reached by a mobile phone of their own: somebody's new number, or somebody else."""
    mine, theirs = (set(filter(is_mobile, one.phones)) for one in (left, right))
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def two_desks(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether both have a number in common, and each has extensions of its own there."""
    return any(_two_extensions(left, right, number) for number in left.phones & right.phones)


def _two_extensions(left: PersonFeatures, right: PersonFeatures, number: str) -> bool:
    mine, theirs = _extensions(left, number), _extensions(right, number)
    return "" not in mine | theirs and mine.isdisjoint(theirs)


def _extensions(one: PersonFeatures, number: str) -> set[str]:
    split = (line.partition(";") for line in one.lines)
    return {extension for dialled, _, extension in split if dialled == number}


@functools.lru_cache(maxsize=MEMO)
def is_mobile(number: str) -> bool:
    """Whether a number is known to be a mobile phone's."""
    try:
        return any(one.kind == "mobile" for one in phones(number))
    except Invalid:
        return False
