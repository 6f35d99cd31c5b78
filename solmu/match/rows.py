"""Features as the comparisons read them: one row a mention, with a typed column for each thing that is compared."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from solmu.match.features import Features, OrganisationFeatures, PersonFeatures
from solmu.model import Entity
from solmu.normalise.given_names import roots

_PLACE = ("street", "street_name", "house", "postcode", "city", "country", "place")
_TEXT = {
    Entity.ORGANISATION: (
        "name", "compact", "sorted_name", "long_name", "initials", "legal_form", "business_id", "domain", "phone",
        *_PLACE,
    ),
    Entity.PERSON: (
        "given", "long_given", "initial", "family", "long_family", "identifier", "identifier_kind", "born",
        "born_sorted", "born_month", "born_yearday", "born_day", "mailbox", "employer_name", "line", "kin", "calling",
        *_PLACE,
    ),
}  # fmt: skip
_LISTS = {
    Entity.ORGANISATION: ("names", "words", "rare_words", "business_ids", "domains", "emails", "phones"),
    Entity.PERSON: (
        "given_names", "family_names", "emails", "employers", "employer_names", "domains", "phones", "lines",
        "identifiers", "called",
    ),
}  # fmt: skip
_LONG = 4  # letters of a name in which one that differs may be a slip
_LONG_NUMBER = 8


def text_columns(entity: Entity) -> tuple[str, ...]:
    """The columns of a row that hold text."""
    return _TEXT[entity]


def list_columns(entity: Entity) -> tuple[str, ...]:
    """The columns of a row that hold a sorted list of text."""
    return _LISTS[entity]


def row(features: Features) -> dict[str, Any]:
    """The features as the comparisons read them: a value or None for each column of the entity."""
    if isinstance(features, OrganisationFeatures):
        return _organisation_row(features)
    return _person_row(features)


def _organisation_row(one: OrganisationFeatures) -> dict[str, Any]:
    return {
        "name": one.core or None,
        "compact": one.compact if len(one.compact) > 1 else None,
        "sorted_name": " ".join(sorted(one.words)) or None,
        "long_name": one.compact if len(one.compact) >= 7 else None,
        "initials": "".join(word[0] for word in one.words) if len(one.words) > 1 else None,
        "names": _list({one.compact} | one.aliases),
        "words": _list(one.words),
        "rare_words": _list(one.rare_words),
        "legal_form": one.legal_form,
        "business_ids": _list(one.business_ids),
        "business_id": _only(one.business_ids, _LONG_NUMBER),
        "domains": _list(one.domains),
        "domain": _only(one.domains),
        "emails": _list(one.emails),
        "phones": _list(one.phones),
        "phone": _only(one.phones, _LONG_NUMBER),
        **_place(one),
    }


def _person_row(one: PersonFeatures) -> dict[str, Any]:
    given = one.given if len(one.given) > 1 else None
    # Bob and Robert have a name in common; the initials of second names are no names.
    names = _list([*_words(one.given), *roots(one.given.split()[0])]) if given else None
    return {
        "given": given,
        "long_given": given if given and len(given) >= _LONG else None,
        "given_names": names,
        "initial": one.given[:1] or None,
        "family": one.family or None,
        "long_family": one.family if len(one.family) >= _LONG else None,
        "family_names": _list(one.family.split()),
        "kin": one.family or None,
        "calling": given,
        "called": names,
        **_marks(one),
        "emails": _list(one.emails | one.free_emails),
        "mailbox": _only(one.mailboxes),
        "employers": _list([str(employer) for employer in one.employers]),
        "employer_names": _list(one.employer_names),
        "employer_name": _only(one.employer_names),
        "domains": _list(one.domains),
        "phones": _list(one.phones),
        "lines": _list(one.lines),
        "line": _only(one.lines, _LONG_NUMBER),
        **_place(one),
    }


def _marks(one: PersonFeatures) -> dict[str, Any]:
    """Identifiers and the date of birth, whole and in those parts that a slip may leave right."""
    born, kinds = one.born, {identifier.partition(":")[0] for identifier in one.identifiers}
    return {
        "identifiers": _list(one.identifiers),
        "identifier": min(one.identifiers, default=None),
        "identifier_kind": min(kinds) if len(kinds) == 1 else None,
        "born": born,
        "born_sorted": born and born[:4] + "".join(sorted((born[4:6], born[6:]))),
        "born_month": born and born[:6],
        "born_yearday": born and born[:4] + born[6:],
        "born_day": born and born[4:],
    }


def _place(one: Features) -> dict[str, str | None]:
    street, _, house = (one.street or "").partition("|")
    return {
        "street": one.street,
        "street_name": street or None,
        "house": house or None,
        "postcode": one.postcode,
        "city": one.city,
        "country": one.country,
        "place": one.postcode or one.city,
    }


def _words(name: str) -> list[str]:
    return [word for word in name.split() if len(word) > 1]


def _only(items: Collection[str], at_least: int = 1) -> str | None:
    """One that stands for all: the first, where it is long enough."""
    if not items:
        return None
    first = min(items)
    return first if len(first) >= at_least else None


def _list(items: Collection[str]) -> list[str] | None:
    return sorted(set(filter(None, items))) or None if items else None
