"""What matching knows of a mention: its own claim fields, normalised, and who employs a person. Pure.

Only own fields count: an echo of what we wrote blocks and scores nothing. Normalising is memoised on distinct values,
because a million records hold far fewer cities and company names.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from solmu.match.identity import NO_OWN_FIELDS, Identity, birth_date, contacts, identifiers
from solmu.match.name_parts import name_in_parts
from solmu.match.names import any_telling, telling
from solmu.match.nobody import is_made_up, is_no_company
from solmu.match.spelling import in_other_letters, own_letters, spellings, undivided
from solmu.match.towns import state_of, town_and_region
from solmu.normalise.beside_name import other_name
from solmu.normalise.domain import domain, is_free_domain
from solmu.normalise.email import email
from solmu.normalise.invalid import Invalid
from solmu.normalise.organisation import core_words, organisation_name
from solmu.normalise.person import names_several
from solmu.normalise.street import postcode_in_line, street_key
from solmu.normalise.text import fold

_MEMO = 65_536
_UNSAID = 5  # letters and digits of a mailbox name beyond its owner's name, from which on it is a name of its own
Values = Mapping[str, Any]
"""Own values of a claim by canonical field, as ``sync.fold.evidence`` gives them."""


@dataclass(frozen=True, slots=True)
class OrganisationFeatures:
    """An organisation as one source record shows it.

    ``core`` is the folded name without legal form, ``words`` its words in order, ``compact`` the same without spaces,
    ``aliases`` the compact forms of former and other names. ``domains`` and ``emails`` are never those of providers.
    The card's people lend their mail domains and phones, because a lead row often has one column for both; those that
    it calls the organisation's are ``own_phones``.
    ``spellings`` are what ``compact`` is with umlauts written out, or in another transliteration, ``letters`` those of
    a script of which folding makes one name of two.
    ``region`` is the state or province behind the town, as many write one where others leave it out.
    ``numbers`` are customer numbers, each with the system that gave it. Identifiers in fields of the hub's own stand
    among the ``business_ids``, with the name of the field in place of the country.
    """

    core: str = ""
    words: tuple[str, ...] = ()
    rare_words: frozenset[str] = frozenset()
    compact: str = ""
    spellings: frozenset[str] = frozenset()
    letters: str = ""
    aliases: frozenset[str] = frozenset()
    legal_form: str | None = None
    business_ids: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    own_phones: frozenset[str] = frozenset()
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None

    @property
    def bare(self) -> bool:
        """Whether there is nothing but a name, and perhaps a country, to know it by."""
        return not (
            self.business_ids
            or self.numbers
            or self.domains
            or self.phones
            or self.street
            or self.postcode
            or self.city
        )


@dataclass(frozen=True, slots=True)
class PersonFeatures:
    """A person as one source record shows them.

    ``name`` is all words of the name, folded and sorted, so that their order does not matter; ``given`` and ``family``
    are as the source split them. ``emails`` are personal; addresses at free providers and shared ones (info@) stand
    apart, because they join strangers, and so do ``masked`` ones, which are partly hidden. ``mailboxes`` are the local
    parts of the first two that the name does not account for.
    ``lines`` are phone numbers with their extensions, ``phones`` without; contacts in fields of the hub's own stand
    among both. ``employers`` are golden ids, ``employer_names`` compact names of the same.
    ``identifiers`` are written ``field:VALUE``, ``born`` is ``YYYYMMDD``. ``generation`` is what tells a father and a
    son of one name apart, "jr", "sr", "ii" …; it stood behind the name, and is no part of it. ``couple`` says that the
    given name is that of two: "Anna & Peter". ``spellings`` are what
    ``name`` is with umlauts written out, or in another transliteration (``transliterated``: of an alphabet of its own);
    ``undivided`` is a Chinese or Japanese name as
    it is written, without spaces.
    """

    name: str = ""
    given: str = ""
    family: str = ""
    generation: str = ""
    couple: bool = False
    spellings: frozenset[str] = frozenset()
    transliterated: bool = False
    undivided: str = ""
    emails: frozenset[str] = frozenset()
    free_emails: frozenset[str] = frozenset()
    role_emails: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    employers: frozenset[int] = frozenset()
    employer_names: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    born: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None

    @property
    def full(self) -> bool:
        """Whether there is a family name and a given name of more than an initial."""
        return bool(self.family) and len(self.given.partition(" ")[0]) > 1

    @property
    def whole(self) -> bool:
        """Whether the name is as good as a full one: Chinese and Japanese names are written without a space."""
        return self.full or bool(self.undivided)

    @property
    def initial_only(self) -> bool:
        """Whether there is a family name with no more than an initial."""
        return bool(self.family) and len(self.given) == 1


Features = OrganisationFeatures | PersonFeatures


def organisation_features(
    values: Values, *, system: str | None = None, people: Iterable[Values] = (), identity: Identity = NO_OWN_FIELDS
) -> OrganisationFeatures:
    """Features of an organisation from its own values; ``people`` are the own values of the people on the same card.

    ``system`` is the connection it came from: customer numbers are comparable within it. ``identity`` names the fields
    of the hub's own that tell who is meant.
    """
    name = _organisation_name(values.get("name") or "")
    mails = [_email(address) for address in values.get("email") or ()]
    lent = [_email(address) for person in people for address in person.get("email") or ()]
    number = values.get("customer_number")
    own = [values.get("domain"), values.get("website")]
    phones = _phones(values) | contacts(values, identity)
    return OrganisationFeatures(
        core=name.core,
        words=name.words,
        rare_words=name.rare_words,
        compact=name.compact,
        spellings=name.spellings,
        letters=name.letters,
        aliases=name.aliases,
        legal_form=name.legal_form or _legal_form(values.get("legal_form")),
        business_ids=_set([values.get("business_id")]) | identifiers(values, identity),
        numbers=frozenset({f"{system}:{fold(str(number))}"}) if number and system else frozenset(),
        domains=_set([*(_domain(text) for text in own if text), *(mail.domain for mail in (*mails, *lent))]),
        emails=_set([mail.key for mail in mails if mail.domain]),
        phones=phones | _phones(*people),
        own_phones=phones,
        **_place(values),
    )


def person_features(
    values: Values,
    *,
    employers: Iterable[int] = (),
    employer_names: Iterable[str] = (),
    identity: Identity = NO_OWN_FIELDS,
) -> PersonFeatures:
    """Features of a person from their own values and the golden ids and compact names of who employs them.

    ``identity`` names the fields of the hub's own that tell who is meant.
    """
    name, given, family, generation = name_in_parts(
        values.get("given_name") or "", values.get("family_name") or "", values.get("name") or ""
    )
    written = f"{values.get('family_name') or ''} {values.get('given_name') or ''}".strip() or values.get("name") or ""
    mails = [_email(address) for address in values.get("email") or ()]
    reached = contacts(values, identity)
    return PersonFeatures(
        name=name,
        given=given,
        family=family,
        generation=generation,
        couple=names_several(values.get("given_name") or ""),
        spellings=frozenset(" ".join(sorted(words)) for words in spellings(written, tuple(name.split()))),
        transliterated=in_other_letters(written),
        undivided=undivided(written),
        emails=_set([mail.key for mail in mails if mail.domain and not mail.is_role]),
        free_emails=_set([mail.key for mail in mails if not mail.domain and not mail.is_role]),
        role_emails=_set([mail.key for mail in mails if mail.is_role]),
        masked=_set([mail.masked for mail in mails]),
        mailboxes=_set([telling_mailbox(mail.key, name) for mail in mails if not mail.is_role]),
        domains=_set([mail.domain for mail in mails]),
        phones=_phones(values) | reached,
        lines=_set([str(number) for number in values.get("phone") or ()]) | reached,
        employers=frozenset(employers),
        employer_names=_set(employer_names),
        identifiers=identifiers(values, identity),
        born=birth_date(values, identity),
        **_home(values),
    )


def telling_mailbox(address: str, name: str) -> str | None:
    """The local part of an address, where the words of its owner's folded name leave enough of it unsaid."""
    local = address.partition("@")[0]
    rest = local
    for word in sorted(name.split(), key=len, reverse=True):
        if len(word) >= 3:
            rest = rest.replace(word, "")
    return local if sum(map(str.isalnum, rest)) >= _UNSAID else None


def organisation_key(name: str) -> str:
    """The compact form of an organisation's name, as ``OrganisationFeatures.compact`` has it; empty for none."""
    return _organisation_name(name).compact


@dataclass(frozen=True, slots=True)
class _Name:
    core: str = ""
    words: tuple[str, ...] = ()
    legal_form: str | None = None
    aliases: frozenset[str] = frozenset()
    rare_words: frozenset[str] = frozenset()
    compact: str = ""
    spellings: frozenset[str] = frozenset()
    letters: str = ""


@dataclass(frozen=True, slots=True)
class _Mail:
    """``domain`` is the registered one, None at a free provider."""

    key: str
    domain: str | None
    is_role: bool
    masked: str = ""


@functools.lru_cache(maxsize=_MEMO)
def _organisation_name(text: str) -> _Name:
    name, written_beside = other_name(text)
    parsed, other = _parsed(name), _parsed(written_beside)
    if parsed is None or other is None or other.compact == parsed.compact or not any_telling(other.words):
        return parsed or _Name()
    return replace(parsed, aliases=frozenset({other.compact}))


def _parsed(text: str) -> _Name | None:
    try:
        name = organisation_name(text)
    except Invalid:
        return None
    if name is None or is_no_company(fold(name.core)):
        return None
    words = core_words(name.core)
    rare = frozenset(word for word in words if len(word) >= 4 and telling(word))
    others = frozenset("".join(other) for other in spellings(name.core, tuple(words)))
    return _Name(
        " ".join(words),
        tuple(words),
        name.legal_form,
        rare_words=rare,
        compact="".join(words),
        spellings=others,
        letters=own_letters(name.core),
    )


@functools.lru_cache(maxsize=_MEMO)
def _legal_form(text: str | None) -> str | None:
    parsed = _parsed(f"Name {text}") if text else None
    return parsed.legal_form if parsed else None


@functools.lru_cache(maxsize=_MEMO)
def _email(text: str) -> _Mail:
    try:
        mail = email(text)
    except Invalid:
        mail = None
    # Exports mask what a reader may not see: "bwa***@example.com" is many people's.
    if mail is None or "*" in mail.key:
        return _Mail("", None, False, mail.key if mail else "")
    if is_made_up(mail.key.partition("@")[0], mail.domain, free=mail.is_free):
        return _Mail("", None, False)
    return _Mail(mail.key, None if mail.is_free else _domain(mail.domain), mail.is_role)


@functools.lru_cache(maxsize=_MEMO)
def _domain(text: str) -> str | None:
    """The registered domain, None for one at which anybody may have an address or page."""
    try:
        found = domain(text)
    except Invalid:
        return None
    return None if found is None or is_free_domain(found) else found


@functools.lru_cache(maxsize=_MEMO)
def _town(text: str) -> tuple[str, str]:
    return town_and_region(text)


@functools.lru_cache(maxsize=_MEMO)
def _street(text: str) -> str | None:
    key = street_key(text)
    # Without a house number a street says no more than its quarter.
    return key if key.partition("|")[2] else None


@functools.lru_cache(maxsize=_MEMO)
def _postcode_in_line(text: str) -> str | None:
    return postcode_in_line(text)


def _place(values: Values) -> dict[str, str | None]:
    street, postcode, city = (values.get(name) or "" for name in ("street", "postcode", "city"))
    if street and not postcode and not city:
        postcode = _postcode_in_line(street) or ""
    town, region = _town(city)
    return {
        "street": _street(street) if street else None,
        "postcode": _postcode(postcode) if postcode else None,
        "city": town or None,
        "region": region or (town and state_of(values.get("region") or "", values.get("country"))) or None,
        "country": values.get("country"),
    }


def _home(values: Values) -> dict[str, str | None]:
    """Where a person is; a post-office box is as much one reader's as a house is, while a company has both."""
    place = _place(values)
    if place["street"] is None and (found := _BOX.fullmatch(values.get("street") or "")):
        place["street"] = f"box|{re.sub(r'[^0-9]', '', found[1])}"
    return place


_BOX = re.compile(
    r"\s*(?:p\.?\s?o\.?\s?box|post\s?box|box|postfach|postboks|pl|bp|casella postale|apartado)\s([\d\s]+)",
    re.IGNORECASE,
)
_COUNTRY_BEFORE = re.compile(r"^[a-z]{1,2}(?=\d{4})")
_ZIP_PLUS_FOUR = re.compile(r"(\d{5})[\s-]?\d{4}")  # what is behind the five digits says which side of the street


@functools.lru_cache(maxsize=_MEMO)
def _postcode(text: str) -> str | None:
    if found := _ZIP_PLUS_FOUR.fullmatch(text.strip()):
        return found[1]
    code = _COUNTRY_BEFORE.sub("", fold(text).replace(" ", ""))
    return code if code.strip("0-") else None  # zeros are how forms are filled in


def _phones(*cards: Values) -> frozenset[str]:
    """Numbers without their extensions: whoever answers, it is the same house."""
    return _set([str(number).partition(";")[0] for card in cards for number in card.get("phone") or ()])


def _set(items: Iterable[str | None]) -> frozenset[str]:
    return frozenset(filter(None, items))
