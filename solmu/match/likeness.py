"""How the names of two organisations relate. Pure."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from enum import Enum, auto

from solmu.match.features import OrganisationFeatures
from solmu.match.memo import MEMO
from solmu.match.names import (
    FEW_WORDS,
    any_telling,
    in_any_order,
    is_number,
    letters_once,
    marks_a_branch,
    name_two_sides,
    short_but_telling,
    slip,
)

_WHOLE, _LONG = 7, 10
"""Letters of a name in which one may be a slip, and in which, beside it, letters may be doubled or not."""


class Likeness(Enum):
    """How two organisations' names relate."""

    EXACT = auto()  # also where one has umlauts written out
    ALIAS = auto()  # one's former or other name
    SLIP = auto()  # but for one letter and doubled ones, or in other characters that sound alike
    SHORT = auto()  # one is the beginning or the end of the other
    NONE = auto()


def likeness(left: OrganisationFeatures, right: OrganisationFeatures) -> Likeness:
    """How the names of two organisations relate. Names of generic words only are alike at one web domain alone."""
    one, two = left.compact, right.compact
    if not one or not two:
        return Likeness.NONE
    if not (any_telling(left.words) and any_telling(right.words)):
        one_house = short_but_telling(left.words) or left.domains & right.domains
        return Likeness.EXACT if one == two and one_house else Likeness.NONE
    heard_alike = _two_in_their_letters(left, right)
    if one == two or (len(left.words) > 1 and sorted(left.words) == sorted(right.words)):
        return Likeness.SLIP if heard_alike else Likeness.EXACT
    if one in right.spellings or two in left.spellings or _written_together(left.words, right.words):
        return Likeness.EXACT
    if one in right.aliases or two in left.aliases or left.aliases & right.aliases:
        return Likeness.ALIAS
    # Site 1 and site 2, Rakennus A and Rakennus B, Fund II and III: what tells them apart is one sign, and no slip.
    if _digits(one) != _digits(two) or _signs(left.words) != _signs(right.words):
        return Likeness.NONE
    if name_two_sides(left.words, right.words):
        return Likeness.NONE
    if not heard_alike and (
        slip(one, two, at_least=_WHOLE)
        or _one_slip(left.spellings, two)
        or _one_slip(right.spellings, one)
        or slip(letters_once(one), letters_once(two), at_least=_LONG)
    ):
        return Likeness.SLIP
    short, long = sorted((left.words, right.words), key=len)
    if len(short) < len(long):
        more = long[len(short) :] if long[: len(short)] == short else long[: -len(short)]
        if sorted((*short, *more)) == sorted(long) and not marks_a_branch(more):
            return Likeness.SHORT
    return Likeness.NONE


def _two_in_their_letters(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether both are written in a script in which they are two names, whatever their Latin spelling is."""
    return bool(left.letters and right.letters) and left.letters != right.letters


def _written_together(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether one name is the words of the other in some order, with no space between: BaumannDruck, Druck Baumann."""
    short, long = sorted((left, right), key=len)
    if len(short) != 1 or not 1 < len(long) <= FEW_WORDS or len(short[0]) != sum(map(len, long)):
        return False
    return short[0] in in_any_order(long)


def _one_slip(spellings: Iterable[str], name: str) -> bool:
    return any(slip(spelling, name, at_least=_WHOLE) for spelling in spellings)


@functools.lru_cache(maxsize=MEMO)
def _signs(words: tuple[str, ...]) -> list[str]:
    return sorted(word for word in words if len(word) == 1 or (word.isalpha() and is_number(word)))


@functools.lru_cache(maxsize=MEMO)
def _digits(text: str) -> str:
    return "" if text.isalpha() else "".join(filter(str.isdigit, text))
