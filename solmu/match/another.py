"""Whether a record that keeps its key now speaks of somebody else. Pure.

A key says which row it is, not of whom the row speaks: a lead changes employers, a customer's contact person leaves, a
sheet without numbers of its own is sorted anew. Taking that for a change of name would rename, in every CRM, whoever
the row spoke of before. So a row is believed to speak of somebody else if the name is wholly another and nothing by
which they are reached or registered stayed as it was. Where too little is said to tell, the key counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rapidfuzz.distance import DamerauLevenshtein

from solmu.match.features import (
    Features,
    OrganisationFeatures,
    PersonFeatures,
    Values,
    organisation_features,
    person_features,
)
from solmu.match.likeness import Likeness, likeness
from solmu.match.names import abbreviates, people_may_be_one
from solmu.match.people_alike import garbled, names_alike
from solmu.match.places import same_town
from solmu.match.told_apart import another_person
from solmu.match.two_companies import two_entities
from solmu.model import Entity

_ALIKE = 0.5  # share of the letters of two names from which on the one may be the other, mended
_SYSTEM = "here"  # a record's versions are all of one system


def replaced(before: Mapping[str, Values], now: Mapping[str, Values]) -> list[str]:
    """The slots under which a record speaks of somebody else than ``before``; both give what it says by slot."""
    shared = [slot for slot in now if slot in before]
    alone = len(now.keys() | before.keys()) == 1
    return [slot for slot in shared if before[slot] != now[slot] and _is_another(slot, before, now, alone=alone)]


def is_another(left: Features, right: Features, *, alone: bool) -> bool:
    """Whether nothing but a place in a list, or a link, says that these are one.

    ``alone``: what they stand on is about nobody else, so that it may be the organisation's, or the person's, own.
    """
    if isinstance(left, PersonFeatures) and isinstance(right, PersonFeatures):
        return _another_person(left, right, alone=alone)
    if isinstance(left, OrganisationFeatures) and isinstance(right, OrganisationFeatures):
        return _another_organisation(left, right, alone=alone)
    return True


def _is_another(slot: str, before: Mapping[str, Values], now: Mapping[str, Values], *, alone: bool) -> bool:
    if _entity(slot) is Entity.PERSON:
        return is_another(person_features(before[slot]), person_features(now[slot]), alone=alone)
    left, right = (organisation_features(card[slot], system=_SYSTEM, people=_people(card)) for card in (before, now))
    return is_another(left, right, alone=alone)


def _people(card: Mapping[str, Values]) -> Collection[Values]:
    return [values for slot, values in card.items() if _entity(slot) is Entity.PERSON]


def _entity(slot: str) -> Entity:
    return Entity(slot.partition("#")[0])


def _another_organisation(left: OrganisationFeatures, right: OrganisationFeatures, *, alone: bool) -> bool:
    """``alone``: the record speaks of nobody else, so it is the organisation's own, which may have a new name."""
    if not left.compact or not right.compact or names_related(left, right):
        return False
    if left.business_ids & right.business_ids or left.numbers & right.numbers or left.domains & right.domains:
        return False
    if two_entities(left, right) or (not alone and left.domains and right.domains):
        return True
    if left.phones & right.phones or (left.street and left.street == right.street and same_town(left, right)):
        return False
    apart = bool((left.domains and right.domains) or (left.phones and right.phones) or (left.street and right.street))
    return apart or not alone


def names_related(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether one organisation may bear both names, as another spelling, a short form, or in another script."""
    if likeness(left, right) is not Likeness.NONE or left.rare_words & right.rare_words:
        return True
    if left.aliases & ({right.compact} | right.aliases) or left.compact in right.aliases:
        return True
    if abbreviates(left.words, right.words) or abbreviates(right.words, left.words):
        return True
    return _in_two_scripts(left.compact, right.compact) or _letters_alike(left.compact, right.compact)


def _another_person(left: PersonFeatures, right: PersonFeatures, *, alone: bool) -> bool:
    if not (left.given and left.family and right.given and right.family):
        return False
    if people_may_be_one((left.given, left.family), (right.given, right.family)):
        return False  # who marries changes the family name, and often the address made of it
    if names_alike(left, right) or garbled(left, right) or _in_two_scripts(left.name, right.name):
        return False
    if left.identifiers & right.identifiers or (left.born is not None and left.born == right.born):
        return False
    mine, theirs = left.emails | left.free_emails, right.emails | right.free_emails
    if mine & theirs:
        return False
    if (mine and theirs) or another_person(left, right):
        return True
    if left.lines & right.lines:
        return False
    return bool(left.lines and right.lines) or not alone


def _in_two_scripts(one: str, two: str) -> bool:
    """Whether one name may be the other in another script, which its letters cannot tell."""
    return one.isascii() != two.isascii()


def _letters_alike(one: str, two: str) -> bool:
    return DamerauLevenshtein.normalized_similarity(one, two) >= _ALIKE
