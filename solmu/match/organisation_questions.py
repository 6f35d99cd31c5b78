"""Which two organisations a steward is asked about whatever their score. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import JaroWinkler

from solmu.match.blocking import name_keys
from solmu.match.domain_names import at_their_own_domain, spelt_by_domain
from solmu.match.features import OrganisationFeatures
from solmu.match.likeness import Likeness, likeness
from solmu.match.mates import Mates
from solmu.match.names import (
    abbreviates,
    any_telling,
    is_number,
    names_a_branch,
    other_lines_of_a_group,
    tells_companies_apart,
)
from solmu.match.places import one_address, same_street, same_town, two_places, two_streets
from solmu.match.sites import may_be_sites, towns
from solmu.match.two_companies import contradict, ids_exclude_each_other, two_entities

FEW = 3
"""Two organisations of one name that no more mentions bear than this are asked about, whatever their score."""
_TWO = 2  # towns in which all who bear a name are, as one company may be
_ALL_WAYS = 3  # in which a company is reached: domain, phone, address
_LONG, _NEARLY = 8, 0.92
"""Letters of a name, and how alike two are of which one may be the other, misspelt."""


def worth_asking(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether two may be one by their number, by their names and how they are reached, or by a name that few bear.

    The name is to be the very same and telling, and nothing is to say that they are two. Another mail domain is no
    proof: people move and keep writing from where they were. Nor can a card with a domain alone say at which of two
    sites it is. Unasked, a second account would be made of one company.
    """
    if _one_number_unconfirmed(left, right) or _likely_one(left, right):
        return True
    if _by_a_common_name(left, right) or _alike_at_home(left, right) or _short_of_the_domain(left, right):
        return True
    if not _of_one_name(left, right):
        return False
    elsewhere = contradict(left, right)
    if elsewhere and not _one_company_in_two_towns(left, right):
        return False
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return False
    count = len(list(bearers.each()))
    if count <= (_TWO if elsewhere else FEW):
        return True
    cards = [one for one in bearers.features if isinstance(one, OrganisationFeatures)]
    if not bearers.answer("in two towns", lambda: towns(cards) <= _TWO):
        return False
    return may_be_sites(cards, left, right) if elsewhere else bool(left.domains & right.domains)


def not_told_apart(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two have one telling name, and nothing says that they are two: a question, if few bear that name."""
    return _of_one_name(left, right) and not contradict(left, right)


def _of_one_name(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    # 髙橋 is 高橋 as an older form writes it; other characters that sound alike may be another company's.
    if likeness(left, right) is not Likeness.EXACT and not (left.letters and left.compact == right.compact):
        return False
    return len(left.words) > 1 or _found_together(left, right)  # a single word is many a company's


def _one_number_unconfirmed(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two have one number and no two names: where that does not merge them, it is asked about."""
    if not left.business_ids & right.business_ids:
        return False
    return left.compact == right.compact or not left.compact or not right.compact


def two_by_name(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether their names say that these are two companies of a group, whatever they share: not worth a question.

    A line of business says so unless domain, phone and address are all the same: then it may be a department's.
    """
    if not left.words or not right.words or left.business_ids & right.business_ids:
        return False
    if left.words != right.words and tells_companies_apart(left.words, right.words):
        return True
    return other_lines_of_a_group(left.words, right.words) and _ways(left, right) < _ALL_WAYS


def _likely_one(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two are worth a question whose names are not alike: reached in one way, and one name made of the other.

    An abbreviation, or a name with a department behind it; a name with more words at one person's mailbox, at one
    domain in one town, or at a domain that is all of it; a name in the column of towns; a name without the words in its
    middle, where the phone is the same; a name in another script in one town; or one telling word, where phone and
    domain are both the same.
    """
    reached = left.domains & right.domains or left.phones & right.phones or left.readers & right.readers
    if not reached or two_by_name(left, right):
        return False
    if _in_the_wrong_column(left, right):
        return not ids_exclude_each_other(left, right)
    names = likeness(left, right)
    if contradict(left, right) or names not in (Likeness.NONE, Likeness.SHORT):
        return False
    if (
        left.words
        and right.words
        and _within(left, right)
        and (_of_one_reader_or_house(left, right) or at_their_own_domain(left, right))
    ):
        return True
    if names is Likeness.SHORT:
        return one_address(left, right)
    if _in_two_scripts(left, right):
        return not two_streets(left, right) and (_ways(left, right) > 1 or same_town(left, right))
    if left.phones & right.phones and _middle_left_out(left.words, right.words) and not _elsewhere(left, right):
        return True
    if _ways(left, right) < 2:
        return False
    if left.phones & right.phones and left.rare_words & right.rare_words:
        return True
    return _within(left, right) or abbreviates(left.words, right.words) or abbreviates(right.words, left.words)


def _within(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether one name has all the words of the other."""
    return set(left.words) <= set(right.words) or set(right.words) <= set(left.words)


def _of_one_reader_or_house(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether somebody's mailbox is on both cards, or one domain and town: sisters of a group have their own."""
    one = bool(left.readers & right.readers or (left.domains & right.domains and same_town(left, right)))
    return one and not two_streets(left, right)


def _short_of_the_domain(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether, in one town, one name is short for the other, and its card's domain is the other in full."""
    if likeness(left, right) is not Likeness.SHORT or not same_town(left, right) or two_by_name(left, right):
        return False
    if left.domains and right.domains:
        return False
    return not contradict(left, right) and not two_streets(left, right) and spelt_by_domain(left, right)


def _in_two_scripts(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether one name is in Latin letters and one in a script that they do not spell: a person may know both."""
    return bool(left.compact and right.compact) and bool(left.letters) != bool(right.letters)


def _middle_left_out(one: Sequence[str], two: Sequence[str]) -> bool:
    """Whether one name is the other without words in its middle that say no more than what the company does."""
    short, long = sorted((one, two), key=len)
    if not 1 < len(short) < len(long) or (short[0], short[-1]) != (long[0], long[-1]) or not any_telling(tuple(short)):
        return False
    words = iter(long)
    if not all(word in words for word in short):
        return False
    return not any(is_number(word) or names_a_branch(word) for word in set(long) - set(short))


def _elsewhere(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether both have a street or a domain, and not the same."""
    return two_streets(left, right) or bool(left.domains and right.domains and not left.domains & right.domains)


def _alike_at_home(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two at one address, or at one phone, have names that are nearly the same: two slips, or spelt as heard.

    Characters that sound alike are no slips: 绿谷茶叶 and 绿谷置业 are a tea house and a landlord.
    """
    if left.letters and right.letters and left.compact != right.compact:
        return False
    if min(len(left.compact), len(right.compact)) < _LONG:
        return False
    nearly = bool(left.phones & right.phones) and likeness(left, right) is Likeness.NONE
    if not (one_address(left, right) or (nearly and not _elsewhere(left, right))):
        return False
    if two_by_name(left, right) or contradict(left, right):
        return False
    return JaroWinkler.similarity(left.compact, right.compact) >= _NEARLY


def _ways(left: OrganisationFeatures, right: OrganisationFeatures) -> int:
    """In how many ways both are reached: by domain, by phone, at an address."""
    at_home = left.street and right.street and not two_streets(left, right)
    ways = (left.domains & right.domains, left.phones & right.phones, at_home)
    return sum(map(bool, ways))


def _in_the_wrong_column(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether one card has the other's name where its town should stand, and its town as a name."""

    def crossed(one: OrganisationFeatures, two: OrganisationFeatures) -> bool:
        return bool(one.compact) and one.compact == (two.city or "").replace(" ", "")

    return crossed(left, right) and crossed(right, left)


def _found_together(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether a domain, a phone or the town is the same."""
    return bool(left.domains & right.domains or left.phones & right.phones) or same_town(left, right)


def _one_company_in_two_towns(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two of one name are of one form and country, and only the town is another.

    Registers keep whole names apart in their country: it has two sites, or has moved, where nobody else bears the name.
    """
    if left.legal_form is None or left.legal_form != right.legal_form or len(left.words) < 2:
        return False
    one_country = left.country is not None and left.country == right.country
    return one_country and two_places(left, right) and not two_entities(left, right)


def _by_a_common_name(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two of one name, or of its longer form, are at one address: what does not merge them is asked about."""
    names = likeness(left, right)
    at_home = same_street(left, right) if names is Likeness.EXACT else one_address(left, right)
    return at_home and names in (Likeness.EXACT, Likeness.SHORT) and not contradict(left, right)
