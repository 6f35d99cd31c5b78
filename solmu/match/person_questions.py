"""Which two people a steward is asked about whatever their score. Pure.

Each of these is how one person comes to have two cards, and nothing here says that they are two. Unasked, they would be
two customers; merged unasked, they would sometimes be the wrong one.
"""

from __future__ import annotations

from solmu.match.blocking import name_keys
from solmu.match.features import PersonFeatures
from solmu.match.mates import Mates
from solmu.match.names import given_names_fit, slip, spelt_alike
from solmu.match.people_alike import (
    another_person,
    called_alike,
    heard_alike,
    may_be_one,
    one_name,
    partly_alike,
    same_person_likely,
)
from solmu.match.person_rules import born_nearly, mails, masked_apart, one_mailbox_mistyped, two_mailboxes

_FEW = 4
"""Cards of one name with one employer: more are a name that many bear there."""
_BEGINNING = 4  # letters of the shorter of two employers' names with which the longer begins


def worth_asking(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether two may be one, badly typed, called by a short name, or with another address than before."""
    if born_nearly(left, right, mates):
        return True
    if not left.name or not right.name or another_person(left, right) or masked_apart(left, right):
        return False
    if mails(left) & mails(right):
        return _one_reader(left, right)
    if not left.whole or not right.whole or two_mailboxes(left, right):
        return False
    heard = heard_alike(left, right)
    if not (heard or one_name(left, right) or same_person_likely(left, right) or _called_otherwise(left, right)):
        return False
    if left.phones & right.phones or one_mailbox_mistyped(left, right):
        return True
    together = _at_one_employer(left, right) or (heard and bool(left.domains & right.domains))
    return together and _few_there(left, right, mates)


def _one_reader(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether the names on one address may be one person's. Relatives write one family name, and write it alike."""
    if left.family == right.family:
        return given_names_fit(left.given, right.given)
    return partly_alike(left, right)


def _called_otherwise(left: PersonFeatures, right: PersonFeatures) -> bool:
    return spelt_alike(left.family, right.family) and called_alike(left, right)


def _at_one_employer(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether they work for one organisation, or for two whose names may be one, misspelt or cut short.

    Where two organisations have one name it is they who are asked about.
    """
    if left.employers & right.employers:
        return True
    return any(_alike(mine, theirs) for mine in left.employer_names for theirs in right.employer_names)


def _alike(one: str, two: str) -> bool:
    short, long = sorted((one, two), key=len)
    return one != two and (slip(one, two, at_least=5) or (len(short) >= _BEGINNING and long.startswith(short)))


def _few_there(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return False
    people = [one for one in bearers.each() if isinstance(one, PersonFeatures)]
    return sum(may_be_one(one, left) or may_be_one(one, right) for one in people) <= _FEW
