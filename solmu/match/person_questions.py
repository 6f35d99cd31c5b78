"""Which two people a steward is asked about whatever their score. Pure.

Each of these is how one person comes to have two cards, and nothing here says that they are two. Unasked, they would be
two customers; merged unasked, they would sometimes be the wrong one.
"""

from __future__ import annotations

from itertools import combinations

from solmu.match.birthdays import one_generation
from solmu.match.blocking import name_keys
from solmu.match.desks import one_mobile, one_phone, two_desks, two_mobiles
from solmu.match.features import PersonFeatures
from solmu.match.mailboxes import in_full, mails, masked_apart, one_mailbox_mistyped, two_mailboxes
from solmu.match.mates import Mates
from solmu.match.names import given_names_fit, slip, spelt_alike
from solmu.match.people_alike import (
    called_alike,
    characters_alike,
    family_alike,
    family_shortened,
    given_equal_family_alike,
    given_partly_alike,
    half_a_name,
    heard_alike,
    in_characters_once,
    may_be_one,
    mistyped,
    names_alike,
    names_overlap,
    one_name,
    partly_alike,
    same_person_likely,
    shortened,
)
from solmu.match.person_births import born_nearly, one_birthday, renamed
from solmu.match.person_rules import contradict
from solmu.match.places import same_town
from solmu.match.told_apart import another_number, another_person
from solmu.match.twins import may_be_twins

_FEW = 4
"""Cards of one name with one employer: more are a name that many bear there."""
_BEGINNING = 4  # letters of the shorter of two employers' names with which the longer begins


def worth_asking(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether two may be one, badly typed, called by a short name, or with another address than before."""
    if born_nearly(left, right, mates) or _half_a_name_and_a_birthday(left, right) or renamed(left, right, mates):
        return True
    if _badly_typed_or_twins(left, right):
        return True
    if not left.name or not right.name or masked_apart(left, right):
        return False
    if another_person(left, right):
        return _one_mailbox_two_birthdays(left, right)
    if mails(left) & mails(right):
        return _one_reader(left, right)
    if two_mailboxes(left, right) and not one_mobile(left, right):
        return False
    if _one_name_in_one_postcode(left, right):
        return True
    if one_mobile(left, right) and _in_other_letters(left, right):
        return True
    if not left.whole or not right.whole:
        return _half_a_name_there(left, right, mates)
    heard = heard_alike(left, right)
    # Of relatives, who write one family name, and write it alike, this would be two.
    unlike = left.family != right.family and not may_be_twins(left, right)
    if one_phone(left, right) and unlike and names_alike(left, right):
        return True
    if one_phone(left, right) and shortened(left, right) and not may_be_twins(left, right):
        return True
    likely = heard or one_name(left, right) or same_person_likely(left, right) or _called_otherwise(left, right)
    if not likely and not family_shortened(left, right):
        return False
    if one_phone(left, right) or one_mailbox_mistyped(left, right):
        return True
    together = _at_one_employer(left, right) or (heard and bool(left.domains & right.domains))
    return together and _few_there(left, right, mates)


def _colleagues(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether two at one employer, who share its phone and address, are two by their names, as far as anybody can tell.

    Two family names are two people's, and so are Daniel and Daniela; half a name is that of the one whom it fits.
    """
    if not left.employers & right.employers or mails(left) & mails(right) or one_mobile(left, right):
        return False
    if not left.family or not right.family or left.undivided or right.undivided:
        return False
    if not family_alike(left, right):
        badly_typed = mistyped(left, right) or heard_alike(left, right)
        return left.transliterated == right.transliterated and not badly_typed
    if left.full and right.full:
        return may_be_twins(left, right)
    if left.full or right.full:
        return not _half_a_name_there(left, right, mates)
    return not _one_whom_it_fits(left, right, mates)


def _one_reader(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether the names on one address may be one person's. Relatives write one family name, and write it alike."""
    if left.undivided or right.undivided:
        return _one_in_characters(left, right)
    if left.family == right.family:
        more = one_phone(left, right) or (left.born and left.born == right.born)
        return given_names_fit(left.given, right.given) or bool(more and given_partly_alike(left, right))
    return partly_alike(left, right)


def two_of_a_kind(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether two are family or colleagues, however much they share: not worth a question."""
    if left.identifiers & right.identifiers or (left.born is not None and left.born == right.born):
        return False
    if not contradict(left, right) and not two_mailboxes(left, right):
        return _colleagues(left, right, mates)
    return not mails(left) & mails(right) or not _may_share_a_name(left, right)


def _may_share_a_name(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether what two who write from one address are called may be one name; of a family it is the given name."""
    if left.undivided or right.undivided:
        return _one_in_characters(left, right)
    if left.family == right.family:
        return given_partly_alike(left, right) and not may_be_twins(left, right)  # Peter and Petra are a couple
    return partly_alike(left, right)


def _one_in_characters(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether names of which one at least is in Chinese or Japanese characters may be those of one reader.

    How they are read nobody sees. At an employer's an address has one reader, and at a provider's who is called so.
    """
    if left.undivided and right.undivided:
        return characters_alike(left, right)
    latin = right if left.undivided else left
    named = any(in_full(address, latin) for address in left.free_emails & right.free_emails)
    return bool(left.emails & right.emails) or named or names_alike(left, right)


def _half_a_name_and_a_birthday(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether two are born on one day, and one card has but one of the other's two names, or it and one town."""
    if not one_birthday(left, right) or another_person(left, right):
        return False
    return half_a_name(left, right) and (bool(left.family and right.family) or same_town(left, right))


def _badly_typed_or_twins(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether two are born on one day whose names are a slip apart, and such as twins have."""
    if not one_birthday(left, right) or another_person(left, right):
        return False
    return may_be_twins(left, right) and names_alike(left, right)


def _one_mailbox_two_birthdays(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether two of one name write from one address, and but for a birthday nothing says that they are two."""
    if not mails(left) & mails(right) or left.generation != right.generation or another_number(left, right):
        return False
    if given_equal_family_alike(left, right) or (half_a_name(left, right) and left.given == right.given):
        return True
    # Sisters may be called Aino and Aina; their birthdays have nothing in common.
    near = left.born and right.born and one_generation(left.born, right.born)
    return bool(near) and (names_alike(left, right) or half_a_name(left, right))


def _one_name_in_one_postcode(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether two have one name and one postcode, and a card does not say when they were born, or in which street."""
    if not left.whole or not right.whole or not left.postcode or left.postcode != right.postcode:
        return False
    if (left.born and right.born) or (left.street and right.street) or left.generation != right.generation:
        return False
    return names_alike(left, right)


def _in_other_letters(left: PersonFeatures, right: PersonFeatures) -> bool:
    """Whether but one name is in characters, which nobody reads there, or in an alphabet of its own and partly alike.

    A phone of an office is everybody's: Иван Петров is not Anna Orlova.
    """
    if in_characters_once(left, right):
        return True
    return left.transliterated != right.transliterated and partly_alike(left, right)


def _half_a_name_there(left: PersonFeatures, right: PersonFeatures, mates: Mates) -> bool:
    """Whether "R Holm" or "Mr Holm" has a phone in common with the one Holm known there whom it fits, or "Mr Holm" the
    employer.

    Where two are known, Rita and her husband Rolf, nobody can tell which is meant.
    """
    short, long = (right, left) if left.full else (left, right)
    if not long.full or short.full or not given_names_fit(short.given, long.given):
        return False
    if two_desks(left, right) or two_mobiles(left, right):
        return False
    if one_mobile(left, right):
        return names_overlap(short, long)
    there = one_phone(left, right) or (not short.given and left.employers & right.employers)
    if short.family != long.family or not there:
        return False
    return _one_whom_it_fits(short, long, mates)


def _one_whom_it_fits(short: PersonFeatures, other: PersonFeatures, mates: Mates) -> bool:
    """Whether all whom half a name fits, of those that are known there in full, may be one."""
    bearers = mates(name_keys(short) | name_keys(other))
    if bearers is None:
        return False
    people = [one for one in bearers.features if isinstance(one, PersonFeatures) and one.full]
    fitting = [one for one in people if one.family == short.family and given_names_fit(short.given, one.given)]
    return all(may_be_one(one, two) for one, two in combinations(fitting, 2))


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
