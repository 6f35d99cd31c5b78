"""What says that two organisations' cards are of two, whatever else is alike. Pure."""

from __future__ import annotations

import functools

from solmu.match.domain_names import called
from solmu.match.features import OrganisationFeatures
from solmu.match.legal_kinds import countries_of, legal_forms_contradict
from solmu.match.mailboxes import one_domain_mistyped
from solmu.match.names import numbers_exclude, of_a_register
from solmu.match.places import two_places
from solmu.normalise.plain_phone import calling_country


def contradict(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether something on the two cards says that they are two, whatever else is alike."""
    return two_entities(left, right) or two_places(left, right)


def two_entities(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether business ids, countries or legal forms say that these are two companies."""
    if ids_exclude_each_other(left, right):
        return True
    here, there = _countries(left), _countries(right)
    if here and there and here.isdisjoint(there):
        return True
    country = left.country if left.country == right.country else None
    return legal_forms_contradict(left.legal_form, right.legal_form, country)


def _countries(one: OrganisationFeatures) -> frozenset[str]:
    """Where an organisation may be: by its address, else its business ids, else its legal form; empty: anywhere."""
    if one.country:
        return frozenset({one.country})
    if one.business_ids:
        found = frozenset(text[:2] for text in one.business_ids if of_a_register(text))
        if found:
            return found
    return countries_of(one.legal_form)


def ids_exclude_each_other(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether both have numbers of one register, and none in common."""
    return numbers_exclude(left.business_ids, right.business_ids)


def two_houses(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two of one name have other domains, or phones in other countries, and no phone or street in common.

    A domain that is a letter off was mistyped, where the other is the name, and no two phones speak of two.
    """
    apart = left.domains and right.domains and not left.domains & right.domains
    apart = apart and not _one_domain_mistyped(left, right)
    if not apart and not _called_abroad(left, right):
        return False
    return not left.phones & right.phones and (left.street is None or left.street != right.street)


def _one_domain_mistyped(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether one has the domain that they are called, or what their name begins with, and the other that one mistyped.

    mueller-ka.de may be a house of its own beside mueller-kl.de, and zentrika.dk beside zentrika.de is one.
    """
    if left.own_phones and right.own_phones and left.own_phones.isdisjoint(right.own_phones):
        return False
    names = {left.compact, right.compact} | left.spellings | right.spellings
    return any(
        one_domain_mistyped(mine, theirs)
        and any(name.startswith(called(domain)) for domain in (mine, theirs) for name in names)
        for mine in left.domains
        for theirs in right.domains
    )


def _called_abroad(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether two have phones of their own in other countries, and do not both say that they are in one.

    A group's company abroad has its name and its domain.
    """
    if not left.own_phones or not right.own_phones or (left.country and left.country == right.country):
        return False
    here, there = _dialled(left.own_phones), _dialled(right.own_phones)
    return bool(here and there and here.isdisjoint(there))


@functools.lru_cache(maxsize=4096)
def _dialled(phones: frozenset[str]) -> frozenset[str]:
    return frozenset(filter(None, map(calling_country, phones)))
