"""When two mentions of organisations are the same without asking, and when they contradict each other. Pure."""

from __future__ import annotations

import functools
from itertools import combinations

from solmu.match.blocking import long_form_keys, name_keys
from solmu.match.features import OrganisationFeatures
from solmu.match.houses import several_houses
from solmu.match.legal_kinds import countries_of, legal_forms_contradict
from solmu.match.likeness import Likeness, likeness
from solmu.match.mailboxes import one_domain_mistyped
from solmu.match.mates import Mates, Namesakes
from solmu.match.names import any_telling, id_scheme
from solmu.match.places import any_two_places, same_street, same_town, two_places, two_streets
from solmu.normalise.plain_phone import calling_country

_MANY = 20  # towns in which a name is borne, from which on it does not tell who is at an address
_ACRONYM = 5  # letters of a word from which on one of them may be a slip


def identity(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> str | None:
    """The name of the rule by which two cards are of one organisation, None where there is none."""
    names = likeness(left, right)
    if left.business_ids & right.business_ids and _confirmed(left, right, names, mates):
        return "business-id"
    if left.numbers & right.numbers and (names is not Likeness.NONE or not left.compact or not right.compact):
        return "customer-number"
    if names is Likeness.NONE or two_entities(left, right) or two_places(left, right):
        return None
    contacts = bool(left.domains & right.domains) + bool(left.phones & right.phones)
    here = same_town(left, right)
    at_home = same_street(left, right)
    if names is Likeness.SHORT:
        if at_home and _town_behind_name(left, right):
            return "name-and-street"
        short, long = sorted((left, right), key=lambda one: len(one.words))
        near = at_home or ((contacts or (here and not _other_contacts(left, right))) and not two_streets(left, right))
        if short.legal_form is None and near and _one_long_form(short, long, mates):
            return "short-name-and-contacts"
        return None
    if at_home:
        return "name-and-street" if contacts or not _borne_by_many(left, right, mates) else None
    # A group's companies and a chain's sites share a domain, each at a street of its own.
    apart = not here and two_streets(left, right)
    one = _one_site if here else _one_of_that_name
    if contacts and not apart and (one(left, right, mates) or _one_line(left, right, mates)):
        return "name-and-contact"
    if apart or (not contacts and _reached_elsewhere(left, right)):
        return None
    # With nothing but the name and perhaps the town to go by, HP may be many, and a slip must be seen to be one.
    if not any_telling(left.words):
        return None
    if names is Likeness.SLIP and not _seen_to_be_a_slip(left, right, mates):
        return None
    if here:
        return "name-and-place" if _one_of_that_name(left, right, mates, here=True) else None
    return "name-alone" if _names_one_company(left, right, mates) and _one_house(left, right, mates) else None


def _reached_elsewhere(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether both are at a street of their own, and reached in a way of their own: two sites, or one that moved."""
    return two_streets(left, right) and _other_contacts(left, right)


def _other_contacts(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether both have phones of their own or domains; that they have none in common is known."""
    return bool((left.own_phones and right.own_phones) or (left.domains and right.domains))


def _town_behind_name(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether what one name has more than the other is the town where they are: "Kauppa Rauma", of a chain."""
    more = set(left.words) ^ set(right.words)
    return bool(more) and more <= {word for one in (left, right) for word in (one.city or "").split()}


def _confirmed(left: OrganisationFeatures, right: OrganisationFeatures, names: Likeness, mates: Mates) -> bool:
    """Whether the number that two have in common says enough, or something else agrees.

    A register gives each number once. What a number in a field of the hub's own stands for nobody knows: groups write
    the parent's on every company. There something must agree, and a name that others bear, or that is misspelt, does
    not count.
    """
    # A register's number begins with its country.
    if any(number[2:3] == ":" for number in left.business_ids & right.business_ids) or _in_touch(left, right):
        return True
    equal = bool(left.compact) and left.compact == right.compact
    if not equal and names not in (Likeness.EXACT, Likeness.ALIAS):
        return False
    return not two_places(left, right) and _one_of_that_name(left, right, mates)


def _in_touch(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether a domain, a phone or an address is the same."""
    if left.domains & right.domains or left.phones & right.phones:
        return True
    return same_street(left, right)


def _borne_by_many(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether so many elsewhere bear the name that two of them may be neighbours by chance."""
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return True

    def many() -> bool:
        return (
            len({(one.postcode, one.city, one.region) for one in bearers.features if one.postcode or one.city}) > _MANY
        )

    return bearers.answer("borne by many", many)


def _names_one_company(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether a name says which company is meant: no acronym, no single word with which longer names begin or end."""
    if len(left.compact) < 5:
        return False
    if len(left.words) > 1 and len(right.words) > 1:
        return True
    longer = mates(long_form_keys(left) | long_form_keys(right))
    return longer is not None and not longer.features


def _seen_to_be_a_slip(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether a name that is one letter off another is no name of its own: it is long, and written only once.

    Nobody mistypes the first letter, and nobody mistypes a name twice in the same way: Valdonico and Galdonico are two.
    So are KLS Odlewnia and KLSD Odlewnia, and names in other characters that sound alike.
    """
    if left.letters and right.letters:
        return False
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None or left.compact[0] != right.compact[0] or min(len(left.compact), len(right.compact)) < 10:
        return False
    if _another_acronym(left, right):
        return False
    written = [one.compact for one in bearers.each() if isinstance(one, OrganisationFeatures)]
    return min(written.count(left.compact), written.count(right.compact)) <= 1


def _another_acronym(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether the letter that is off is in a word so short that each of its letters is meant."""
    apart = [(one, two) for one, two in zip(left.words, right.words, strict=False) if one != two]
    return len(left.words) == len(right.words) and any(min(len(one), len(two)) < _ACRONYM for one, two in apart)


def _one_of_that_name(
    left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates, *, here: bool = False
) -> bool:
    """Whether no two of all that bear one of the names, in the town of these two if ``here``, seem to be two."""
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return False

    def agree() -> bool:
        return not any(
            (contradict(one, two) or _two_houses(one, two)) and not one.business_ids & two.business_ids
            for one, two in combinations(_organisations(bearers, left, right, here=here), 2)
        )

    towns = frozenset((one.country, one.postcode, one.city, one.region) for one in (left, right)) if here else None
    return bearers.answer(("one organisation", towns), agree)


def _one_house(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether all that bear one of the names seem to be of one house."""
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None or not _one_of_that_name(left, right, mates):
        return False
    return not bearers.answer(
        "several houses", lambda: several_houses(_organisations(bearers, left, right, here=False))
    )


def _one_site(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether all of that name in this town who are reached as these two are have one address, as far as told."""
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return True  # a name that many bear is told apart by its contact
    contacts = (left.domains & right.domains) | (left.phones & right.phones)

    def agree() -> bool:
        here = _organisations(bearers, left, right, here=True)
        reached = [one for one in here if not contacts.isdisjoint(one.domains | one.phones)]
        return not any_two_places(reached)

    towns = frozenset((one.country, one.postcode, one.city, one.region) for one in (left, right))
    return bearers.answer(("one site", towns, contacts), agree)


def _one_line(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether one phone rings at both, and all of that name whom it reaches seem to be one, at one address.

    A chain has a number for each of its sites, or one for all of them: only the first tells which one a card is of.
    """
    phones = left.phones & right.phones
    if not phones or (left.own_phones and right.own_phones and left.own_phones.isdisjoint(right.own_phones)):
        return False
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return False

    def agree() -> bool:
        named = _organisations(bearers, left, right, here=False)
        reached = [one for one in named if not phones.isdisjoint(one.phones)]
        placed = [one for one in reached if one.street or one.postcode or one.city]
        # A postcode here and a town there, which nobody can compare, may be two places.
        here = not any_two_places(placed) and all(same_town(*two) for two in combinations(placed, 2))
        return here and not any(two_entities(*two) for two in combinations(reached, 2))

    return bearers.answer(("one line", phones), agree)


def _organisations(
    bearers: Namesakes, left: OrganisationFeatures, right: OrganisationFeatures, *, here: bool
) -> list[OrganisationFeatures]:
    """The organisations among these, in the town of one of the two if ``here``."""
    return [
        one
        for one in bearers.features
        if isinstance(one, OrganisationFeatures) and (not here or same_town(one, left) or same_town(one, right))
    ]


def _one_long_form(short: OrganisationFeatures, long: OrganisationFeatures, mates: Mates) -> bool:
    """Whether all names that begin or end as the short one are spellings of the long one."""
    bearers = mates(long_form_keys(short))
    if bearers is None:
        return False
    names = [one for one in bearers.features if isinstance(one, OrganisationFeatures)]
    return all(likeness(one, long) in (Likeness.EXACT, Likeness.SLIP) for one in names) and _one_of_that_name(
        short, long, mates
    )


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
        # Numbers in fields of the hub's own have the field's name where others have a country.
        found = frozenset(text[:2] for text in one.business_ids if text[2:3] == ":")
        if found:
            return found
    return countries_of(one.legal_form)


def ids_exclude_each_other(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
    """Whether both have numbers of one register, and none in common."""
    registers = set(map(id_scheme, left.business_ids)) & set(map(id_scheme, right.business_ids))
    return bool(registers) and not left.business_ids & right.business_ids


def _two_houses(left: OrganisationFeatures, right: OrganisationFeatures) -> bool:
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
        and any(name.startswith(_called(domain)) for domain in (mine, theirs) for name in names)
        for mine in left.domains
        for theirs in right.domains
    )


def _called(domain: str) -> str:
    return domain.partition(".")[0].replace("-", "")


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
