"""When two mentions of people are the same by when they were born, and by what else is alike. Pure."""

from __future__ import annotations

import math

from solmu.match.birthdays import (
    Nearly,
    by_chance,
    filled_in,
    may_be_meant,
    nearly,
    telling,
    telling_year,
    years_only,
)
from solmu.match.blocking import birthplace_keys, namesake_keys
from solmu.match.features import PersonFeatures
from solmu.match.mates import Mates
from solmu.match.names import given_names_fit
from solmu.match.people_alike import (
    given_equal_family_alike,
    half_a_name,
    mistyped,
    names_alike,
    names_resemble,
    one_name,
    shortened,
)
from solmu.match.places import same_town
from solmu.match.told_apart import another_number, another_person, identifiers_near
from solmu.normalise.country import known_country

_MERGED, _ASKED, _DOUBTFUL = 0.0015, 0.03, 0.003
"""How many pairs of strangers of that name may be expected to be born so: where two are merged, where they are asked
about, and where something else is doubtful too."""

_NEIGHBOURS = 0.1
"""The part of those of one name, at most, who live in one postcode."""


def one_birthday_and_place(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether two are born on one day, of one name, at one street and house or in one postcode.

    Nobody has a namesake and neighbour of the same day: a number that differs is a second one of the same person.
    """
    if not one_birthday(left, right) or not given_equal_family_alike(left, right):
        return False
    return at_one_address(left, right) or _in_one_postcode(left, right)


def born_alike(left: PersonFeatures, right: PersonFeatures, mates: Mates, *, same: bool) -> str | None:
    """The rule by which two are one whose dates of birth are equal, a slip apart, or may be meant as one."""
    if left.born is None or right.born is None:
        return None
    if left.born == right.born:
        return _born_as_one(left, right, mates, same=same)
    near = nearly(left.born, right.born)
    if near is None:
        return None
    narrowed = at_one_address(left, right) or identifiers_near(left, right)
    if may_be_meant(left.born, right.born) and not near.slipped:
        # One card says no more than the year.
        one = same and (narrowed or _one_year_in_one_postcode(left, right, near, mates))
        return "name-and-nearly-birth-date" if one else None
    if years_only(left.born, right.born):
        narrowed = narrowed or (same and _one_year_in_one_postcode(left, right, near, mates))
    else:
        narrowed = narrowed or _in_one_postcode(left, right)
    if not same:
        # A slip in the name and one in the birthday: neighbours are not alike in both.
        return "name-and-nearly-birth-date" if narrowed and names_alike(left, right) else None
    few = _strangers_born_so(left, right, near, mates) <= _MERGED
    return "name-and-nearly-birth-date" if narrowed or few else None


def _born_as_one(left: PersonFeatures, right: PersonFeatures, mates: Mates, *, same: bool) -> str | None:
    """The rule by which two are one whose dates of birth are equal."""
    day = one_birthday(left, right)
    if day and (same or names_alike(left, right)):
        return "birth-date-and-name"
    if not given_names_fit(left.given, right.given):
        return None
    at_home = at_one_address(left, right)
    if identifiers_near(left, right) and (at_home or not set(left.name.split()).isdisjoint(right.name.split())):
        return "birth-date-and-nearly-identifier"
    if left.full and right.full and at_home:
        return "birth-date-and-address"
    if day and _in_one_town(left, right):
        if shortened(left, right):
            return "birth-date-and-town"
        if (mistyped(left, right) or _part_of_a_name(left, right)) and _nobody_else_born_there(left, right, mates):
            return "nobody-else-born-there"
    return "birth-date-and-place" if _one_year_and_place(left, right, mates, same=same) else None


def born_nearly(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether two of one name, or nearly, are born so that a slip is likelier than chance, of so many who bear it.

    What is another part of the date, and no slip, and what is another name, nearly, is rarer among cards of one person.
    """
    if not left.whole or not right.whole or not left.born or not right.born or another_number(left, right):
        return False
    near = nearly(left.born, right.born)
    same = one_name(left, right)
    if near is None or not (same or (near.slipped and names_alike(left, right))):
        return False
    slipped = near.slipped or may_be_meant(left.born, right.born)
    return _strangers_born_so(left, right, near, mates) <= (_ASKED if same and slipped else _DOUBTFUL)


def renamed(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether two of one birthday may be one who is called otherwise now, or elsewhere; people marry.

    A name that is part of the other, or a first and second name, are enough; one given name is if both are of one town
    where nobody else is known to be born on that day.
    """
    if not one_birthday(left, right) or another_person(left, right) or not left.full or not right.full:
        return False
    if shortened(left, right):
        return True
    if left.given.split()[0] != right.given.split()[0]:
        return False
    if left.given == right.given and " " in left.given:
        return True
    return same_town(left, right) and _nobody_else_born_there(left, right, mates, by_name=False)


def both_born(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether both say when they were born."""
    return left.born is not None and right.born is not None and telling(left.born) and telling(right.born)


def one_birthday(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether both say the same day."""
    return left.born is not None and left.born == right.born and telling(left.born)


def at_one_address(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether both cards name one street and house, and one town."""
    return left.street is not None and left.street == right.street and same_town(left, right)


def _in_one_postcode(left: PersonFeatures, right: PersonFeatures) -> bool:
    return left.postcode is not None and left.postcode == right.postcode


def _in_one_town(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether both are of one town, which is one: some write their country there."""
    if not same_town(left, right):
        return False
    return _in_one_postcode(left, right) or not any(one.city and known_country(one.city) for one in (left, right))


def _part_of_a_name(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether one card has the initial and the family name of the other, or in its postcode but the given name.

    A family name alone may be that of a twin, and in a large town two are called Maria of those of any day.
    """
    short = right if left.full else left
    if not short.given or not half_a_name(left, right):
        return False
    return bool(short.family) or _in_one_postcode(left, right)


def _strangers_born_so(left: PersonFeatures, right: PersonFeatures, near: Nearly, mates: Mates) -> float:
    """How many pairs of strangers who bear these names may be expected to be born as these two are.

    These would be two of them. Whose birthday may be meant as that of either is no further one: what is typed wrongly
    once is so again.
    """
    bearers = mates(namesake_keys(left) | namesake_keys(right))
    if bearers is None or left.born is None or right.born is None:
        return math.inf
    births = {one.born for one in bearers.features if isinstance(one, PersonFeatures) and one.born}
    others = [
        born
        for born in births - {left.born, right.born}
        if not (filled_in(born) or may_be_meant(born, left.born) or may_be_meant(born, right.born))
    ]
    return by_chance(len({left.born, right.born}) + len(others), near)


def _one_year_and_place(left: PersonFeatures, right: PersonFeatures, mates: Mates, *, same: bool) -> bool:
    """Whether two who are known to be born in one year are of one name, nearly, and one postcode.

    A town has many of one year, and those of the name whose birthday nobody knows are not counted.
    """
    near = None if left.born is None else nearly(left.born, left.born)
    alike = same or names_alike(left, right)
    return near is not None and alike and _one_year_in_one_postcode(left, right, near, mates)


def _one_year_in_one_postcode(left: PersonFeatures, right: PersonFeatures, near: Nearly, mates: Mates) -> bool:
    """Whether two of one name, which few bear, are of one postcode and one year: father and son are not."""
    if not _in_one_postcode(left, right) or not any(born and telling_year(born) for born in (left.born, right.born)):
        return False
    return _NEIGHBOURS * _strangers_born_so(left, right, near, mates) <= _ASKED


def _nobody_else_born_there(left: PersonFeatures, right: PersonFeatures, mates: Mates, *, by_name: bool = True) -> bool:
    """Whether all who are known to be born on that day in that town may be these two, by name or by given name.

    Of so few, hardly any two strangers have even a given name in common, however large the town is.
    """
    bearers = mates(birthplace_keys(left) | birthplace_keys(right))
    if bearers is None:
        return False
    people = [one for one in bearers.features if isinstance(one, PersonFeatures)]
    if not by_name:
        return all(given_names_fit(one.given, left.given) for one in people)
    return all(names_resemble(one, other) for one in people for other in (left, right))
