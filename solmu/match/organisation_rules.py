"""When two mentions of organisations are the same without asking. Pure."""

from __future__ import annotations

from itertools import combinations

from solmu.match.blocking import long_form_keys, name_keys
from solmu.match.features import OrganisationFeatures
from solmu.match.houses import several_houses
from solmu.match.likeness import Likeness, likeness
from solmu.match.mates import Mates, Namesakes
from solmu.match.names import any_telling, of_a_register
from solmu.match.places import any_two_places, same_street, same_town, two_places, two_streets
from solmu.match.sites import one_by_domain, one_by_number, one_by_phone, one_by_reader, switchboard
from solmu.match.two_companies import contradict, two_entities, two_houses

_MANY = 20  # towns in which a name is borne, from which on it does not tell who is at an address
_ACRONYM = 5  # letters of a word from which on one of them may be a slip


def identity(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> str | None:
    """The name of the rule by which two cards are of one organisation, None where there is none."""
    names = likeness(left, right)
    if left.business_ids & right.business_ids and _confirmed(left, right, names, mates):
        return "business-id"
    if left.numbers & right.numbers and (names is not Likeness.NONE or not left.compact or not right.compact):
        return "customer-number"
    contacts = bool(_contacts(left) & _contacts(right))
    if (names is Likeness.NONE and not contacts) or two_entities(left, right) or two_places(left, right):
        return None
    short, long = sorted((left, right), key=lambda one: len(one.words))
    # A card of a chain that names no town is as likely its head office's.
    if contacts and short.city and _town_behind_name(left, right) and not two_streets(left, right):
        return "name-and-contact"
    if names is Likeness.NONE:
        return None
    # Desks of one switchboard: of two that bear one name it is one house's.
    contacts = contacts or (names is Likeness.EXACT and bool(switchboard(left.phones, right.phones)))
    here = same_town(left, right)
    at_home = same_street(left, right)
    if names is Likeness.SHORT:
        if at_home and _town_behind_name(left, right):
            return "name-and-street"
        near = at_home or ((contacts or (here and not _other_contacts(left, right))) and not two_streets(left, right))
        if short.legal_form is None and near and _one_long_form(short, long, mates):
            return "short-name-and-contacts"
        return None
    if at_home:
        return "name-and-street" if contacts or not _borne_by_many(left, right, mates) else None
    # A group's companies and a chain's sites share a domain, each at a street of its own.
    apart = not here and two_streets(left, right)
    one = _one_site if here else _one_of_that_name
    if contacts and not apart and (one(left, right, mates) or _of_one_site(left, right, mates)):
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
    if not more or not left.words or not right.words:
        return False
    return more <= {word for one in (left, right) for word in (one.city or "").split()}


def _confirmed(left: OrganisationFeatures, right: OrganisationFeatures, names: Likeness, mates: Mates) -> bool:
    """Whether the number that two have in common says enough, or something else agrees.

    A register gives each number once. What a number in a field of the hub's own stands for nobody knows: groups write
    the parent's on every company. There something must agree, and a name that others bear, or that is misspelt, does
    not count.
    """
    if any(of_a_register(number) for number in left.business_ids & right.business_ids) or _in_touch(left, right):
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
            (contradict(one, two) or two_houses(one, two)) and not one.business_ids & two.business_ids
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


def _of_one_site(left: OrganisationFeatures, right: OrganisationFeatures, mates: Mates) -> bool:
    """Whether two of a name that is at several places are of one of them, or all of these are one company's."""
    bearers = mates(name_keys(left) | name_keys(right))
    if bearers is None:
        return False
    cards = _organisations(bearers, left, right, here=False)
    readers, domains = left.readers & right.readers, left.domains & right.domains
    phones = switchboard(left.phones, right.phones)
    return (
        (bool(readers) and bearers.answer(("reader", readers), lambda: one_by_reader(cards, readers)))
        or (bool(phones) and bearers.answer(("phone", phones), lambda: one_by_phone(cards, phones)))
        or (bool(domains) and bearers.answer(("number", domains), lambda: one_by_number(cards, domains)))
        or (bool(domains) and bearers.answer(("domain", domains), lambda: one_by_domain(cards, domains)))
    )


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
    """Whether all names that begin or end as the short one are spellings of the long one.

    Where the two have a contact in common, whoever is at another domain or in another place is somebody else.
    """
    bearers = mates(long_form_keys(short))
    if bearers is None:
        return False
    names = [one for one in bearers.features if isinstance(one, OrganisationFeatures)]
    contacts = _contacts(short) & _contacts(long)
    if contacts:
        names = [one for one in names if not _others(one, short, long, contacts)]
    return all(likeness(one, long) in (Likeness.EXACT, Likeness.SLIP) for one in names) and (
        _one_of_that_name(short, long, mates) or (bool(contacts) and _of_one_site(short, long, mates))
    )


def _others(
    one: OrganisationFeatures, short: OrganisationFeatures, long: OrganisationFeatures, contacts: frozenset[str]
) -> bool:
    if not contacts.isdisjoint(_contacts(one)):
        return False
    return bool(one.domains) or two_places(one, short) or two_places(one, long)


def _contacts(one: OrganisationFeatures) -> frozenset[str]:
    return one.domains | one.phones | one.readers
