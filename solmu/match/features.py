"""What matching knows of a mention: its own claim fields, normalised, and who employs a person. Pure.

Only own fields count: an echo of what we wrote blocks and scores nothing. Normalising is memoised on distinct values
(``company_name``, ``name_parts``, ``mail``, ``address``), because a million records hold far fewer cities and names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from solmu.match.address import home, place
from solmu.match.company_name import company_name, legal_form_of
from solmu.match.identity import NO_OWN_FIELDS, Identity, birth_date, contacts, identifiers
from solmu.match.mail import domain_of, mail_of, telling_mailbox
from solmu.match.name_parts import name_in_parts
from solmu.match.spelling import in_other_letters, spellings, undivided
from solmu.normalise.person import names_several
from solmu.normalise.text import fold

Values = Mapping[str, Any]
"""Own values of a claim by canonical field, as ``sync.fold.evidence`` gives them."""


@dataclass(frozen=True, slots=True)
class OrganisationFeatures:
    """An organisation as one source record shows it.

    ``core`` is the folded name without legal form, ``words`` its words in order, ``compact`` the same without spaces,
    ``aliases`` the compact forms of former and other names. ``domains`` and ``emails`` are never those of providers.
    The card's people lend their mail domains and phones, because a lead row often has one column for both; those that
    it calls the organisation's are ``own_phones``. ``readers`` are the addresses of one person, theirs or lent.
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
    readers: frozenset[str] = frozenset()
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
    name = company_name(values.get("name") or "")
    mails = [mail_of(address) for address in values.get("email") or ()]
    lent = [mail_of(address) for person in people for address in person.get("email") or ()]
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
        legal_form=name.legal_form or legal_form_of(values.get("legal_form")),
        business_ids=_set([values.get("business_id")]) | identifiers(values, identity),
        numbers=frozenset({f"{system}:{fold(str(number))}"}) if number and system else frozenset(),
        domains=_set([*(domain_of(text) for text in own if text), *(mail.domain for mail in (*mails, *lent))]),
        emails=_set([mail.key for mail in mails if mail.domain]),
        readers=_set([mail.key for mail in (*mails, *lent) if not mail.is_role]),
        phones=phones | _phones(*people),
        own_phones=phones,
        **place(values),
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
    mails = [mail_of(address) for address in values.get("email") or ()]
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
        **home(values),
    )


def organisation_key(name: str) -> str:
    """The compact form of an organisation's name, as ``OrganisationFeatures.compact`` has it; empty for none."""
    return company_name(name).compact


def _phones(*cards: Values) -> frozenset[str]:
    """Numbers without their extensions: whoever answers, it is the same house."""
    return _set([str(number).partition(";")[0] for card in cards for number in card.get("phone") or ()])


def _set(items: Iterable[str | None]) -> frozenset[str]:
    return frozenset(filter(None, items))
