"""How two dates of birth differ, and how often those of strangers differ so. Pure; a date is ``YYYYMMDD``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from solmu.match.names import slip


@dataclass(frozen=True, slots=True)
class Nearly:
    """Two dates of birth that are not the same, and may be meant to be.

    ``slipped``: one digit is another, or two neighbours, or day and month, are the other way round; else one of the
    three parts is another. ``chance`` is the share of pairs of strangers who are born so, 0 to 1, if birthdays spread
    evenly over eighty years.
    """

    slipped: bool
    chance: float


_SLIPPED = {"year": Nearly(True, 0.0006), "month": Nearly(True, 0.0003), "day": Nearly(True, 0.0004)}
_ANOTHER = {"year": Nearly(False, 0.002), "month": Nearly(False, 0.0002), "day": Nearly(False, 0.0007)}
_CROSSED = Nearly(True, 0.0001)
_UNTOLD = Nearly(True, 0.01)
_YEAR = Nearly(False, 0.01)
_YEARS = Nearly(True, 0.02)
_FIRST, _LAST = 1500, 2100
_ALIVE = 1875
_NO_DAYS = ("18991230", "18991231")  # what spreadsheets count from
_NO_YEARS = ("1900", "1901", "1970", "2000")  # whose 1 January systems fill in where nothing is known
_GENERATION, _OLDEST = 15, 80  # years: no father, or mother, is younger, nor older
_MISTYPED = 0.01
"""How many dates, at most, are none that anybody on a list was born on: of the living and the dead, or of the dead."""


def nearly(one: str, two: str) -> Nearly | None:
    """How two dates differ; None where they are equal and say a day, or too far apart to be meant as one.

    Of two of one year of which one is its first of January, that one may say no more than the year.
    """
    if one == two:
        return None if telling(one) else _UNTOLD
    parts = {"year": slice(4), "month": slice(4, 6), "day": slice(6, None)}
    apart = [name for name, part in parts.items() if one[part] != two[part]]
    if years_only(one, two):
        near = _YEARS if born_near(one, two) and not (filled_in(one) or filled_in(two)) else None
    elif born_near(one, two):
        near = _SLIPPED[apart[0]] if len(apart) == 1 else _CROSSED
    elif may_be_meant(one, two):
        near = _YEAR
    elif len(apart) == 1 and not (filled_in(one) or filled_in(two)):
        near = _ANOTHER[apart[0]]
    else:
        near = None
    if near is None:
        return None
    # Of strangers, too, one of the two would have to be mistyped, and so as to come near the other.
    said = possible(one) and possible(two) and (int(one[:4]) < _ALIVE) == (int(two[:4]) < _ALIVE)
    return near if said else Nearly(near.slipped, near.chance * _MISTYPED)


def possible(born: str) -> bool:
    """Whether a date is in the calendar, and in a year of which people are listed: archives list the dead as well."""
    try:
        return _FIRST <= date(int(born[:4]), int(born[4:6]), int(born[6:])).year <= _LAST
    except ValueError:
        return False


def telling(born: str) -> bool:
    """Whether a date says a day: 1 January is what systems and clerks write who know the year, or nothing."""
    return possible(born) and not born.endswith("0101") and born not in _NO_DAYS


def telling_year(born: str) -> bool:
    """Whether a date says a year and no day: 1 January of a year with which no system fills a gap."""
    return possible(born) and born.endswith("0101") and born[:4] not in _NO_YEARS


def filled_in(born: str) -> bool:
    """Whether a date is one that systems write where nothing is known."""
    return born in _NO_DAYS or (born.endswith("0101") and born[:4] in _NO_YEARS)


def years_only(one: str, two: str) -> bool:
    """Whether two dates are both the first of January: of those who know the year alone, many are a digit apart."""
    return one.endswith("0101") and two.endswith("0101")


def may_be_meant(one: str, two: str) -> bool:
    """Whether two dates may be meant as one: they are a slip apart, or one says no more than the other's year.

    A digit of the year is all that a father's and a son's may differ in, where both say no more.
    """
    if years_only(one, two) and not no_parent(one, two):
        return False
    return born_near(one, two) or (one[:4] == two[:4] and (telling_year(one) or telling_year(two)))


def may_be_one_day(one: str, two: str) -> bool:
    """Whether two dates of birth on two cards do not say that these are two people."""
    return filled_in(one) or filled_in(two) or may_be_meant(one, two)


def no_parent(one: str, two: str) -> bool:
    """Whether who is born on one of two dates is no parent of who is born on the other."""
    return not _GENERATION <= abs(int(one[:4]) - int(two[:4])) <= _OLDEST


def one_generation(one: str, two: str) -> bool:
    """Whether two dates have their year, month or day in common, and whoever is born on one is no parent of the other.

    So is a date that was badly typed beside the right one; a namesake's who is reached at the same place is a son's, or
    a father's.
    """
    in_common = one[:4] == two[:4] or one[4:6] == two[4:6] or one[6:] == two[6:]
    return in_common and no_parent(one, two)


def born_near(one: str, two: str) -> bool:
    """Whether two dates of birth are the same but for one digit, for day and month in the other order, or for the
    century, which who writes two digits of a year leaves open."""
    if slip(one, two, at_least=8) or (one[2:] == two[2:] and {one[:2], two[:2]} == {"19", "20"}):
        return True
    return one[:4] == two[:4] and one[4:6] == two[6:] and one[6:] == two[4:6]


def by_chance(births: int, near: Nearly) -> float:
    """How many pairs of so many people are to be expected that differ so, though they are strangers."""
    return births * (births - 1) / 2 * near.chance
