"""A field for each column of a list: by its heading, by the columns beside it, and by its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from solmu.model import FIELDS, HANGING_FIELDS, Entity, Hanging
from solmu.propose.evidence import Evidence, evidence, top_domains
from solmu.propose.headings import Reading, readings
from solmu.propose.words import Words, folded, squash, words

Kind = Literal["lead", "participant", "contact"]

LEAST = 0.5
"""Below this confidence a column is left alone: a wrong field does more harm than a missing one."""

_ADDRESS = ("street", "postcode", "city", "region", "country")
_EXPECTED = {
    "email": "email", "phone": "phone", "website": "url", "domain": "url", "country": "country", "on": "date",
    "date": "date",
}  # fmt: skip
_BY_VALUES = {
    "email": ("any.email", 0.85),
    "url": ("any.website", 0.7),
    "phone": ("any.phone", 0.7),
    "id": ("organisation.business_id", 0.7),
    "company": ("organisation.name", 0.7),
    "country": ("any.country", 0.65),
}
_MOSTLY = {"company": 0.4, "country": 0.9}
_DOMAIN_COUNTRIES = {
    "fi": "FI", "se": "SE", "it": "IT", "de": "DE", "at": "AT", "ch": "CH", "no": "NO", "dk": "DK", "ee": "EE",
    "fr": "FR", "es": "ES", "nl": "NL", "pl": "PL", "uk": "GB", "be": "BE", "lv": "LV", "lt": "LT",
}  # fmt: skip
_BACKED = 0.05
# What a name, a place or a description does not look like.
_NAMES = {
    "name", "given_name", "family_name", "job_title", "department", "street", "city", "region", "industry", "owner",
    "partner", "interest", "title",
}  # fmt: skip
_NOT_NAMES = ("email", "url", "date", "number", "flag", "attendance")
_DENIED = 0.4


@dataclass(frozen=True, slots=True)
class Column:
    """One column with the field proposed for it.

    ``field`` is ``person.email``, ``lead.interest``, ``activity.on``, ``notes`` (free text, in which people are looked
    for too), ``consent.email``, ``ignore`` for a column that says nothing of a customer, or None where nothing is known
    or another column says it better. ``why`` is for people.
    """

    name: str
    field: str | None
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a list most likely holds.

    ``kind``: what each row is. ``language``: that of most headings. ``country``: where numbers and addresses without a
    country are from, if that can be told. ``order``: how dates are written, None where every date says it itself.
    ``flags``: the columns of yes and no.
    """

    columns: tuple[Column, ...]
    kind: Kind
    language: str | None
    country: str | None
    order: str | None
    flags: frozenset[str] = frozenset()

    def is_flag(self, column: str) -> bool:
        """Whether a column says nothing but yes and no."""
        return column in self.flags

    def columns_of(self, field: str) -> list[str]:
        """The columns that hold a field, best first."""
        found = [each for each in self.columns if each.field == field]
        return [each.name for each in sorted(found, key=lambda each: -each.confidence)]

    def field_of(self, column: str) -> str | None:
        """The field that was proposed for a column."""
        return next((each.field for each in self.columns if each.name == column), None)

    def confidence_of(self, field: str) -> float:
        """How sure the best column of a field is."""
        return max((each.confidence for each in self.columns if each.field == field), default=0.0)


@dataclass(slots=True)
class _Guess:
    """A column while its field is being found."""

    name: str
    readings: list[Reading]
    evidence: Evidence
    concept: str | None = None
    confidence: float = 0.0
    why: str = ""
    second: bool = False

    def take(self, concept: str | None, confidence: float, why: str) -> None:
        self.concept, self.confidence, self.why = concept, confidence, why


def propose(samples: Mapping[str, Sequence[Any]], *, kind: Kind | None = None, title: str = "") -> Proposal:
    """Propose a field for each column.

    ``samples``: column to some of its values, in the sheet's order, or to none. ``kind``: what each row is, where
    somebody has said so; else the headings tell, the values, and ``title``, what the list is called.
    """
    known = words()
    guesses = [_Guess(name, readings(name, known), evidence(values)) for name, values in samples.items()]
    language = _language(guesses)
    kind = kind or _kind(guesses, known, title)
    for guess in guesses:
        _by_heading(guess, language)
        _by_values(guess)
    _settle_names(guesses, language)
    _settle_owners(guesses)
    _settle_kind(guesses, kind)
    columns = _without_rivals(guesses)
    # Swedish is written in Finland too, and German in three countries: the addresses know better than the headings.
    country = _country_of(samples, columns) or known.countries.get(language or "")
    flags = frozenset(guess.name for guess in guesses if guess.evidence.share("flag") >= 0.9)
    return Proposal(tuple(columns), kind, language, country, _date_order(guesses, language), flags)


def _language(guesses: Sequence[_Guess]) -> str | None:
    """The language that most headings are of; one that several languages share counts for each a little."""
    votes: Counter[str] = Counter()
    for guess in guesses:
        languages = {each.language for each in guess.readings if each.language}
        for each in languages:
            votes[each] += 60 // len(languages)
    # Of equals English, which every product speaks.
    return max(sorted(votes), key=lambda each: (votes[each], each == "en"), default=None)


def _kind(guesses: Sequence[_Guess], known: Words, title: str) -> Kind:
    """What each row is. One heading that only attendee lists have is enough; of those that others may have too, two."""
    headings = {squash(guess.name) for guess in guesses}
    if headings & known.kinds.get("participants", frozenset()):
        return "participant"
    signs = len(headings & known.kinds.get("perhaps participants", frozenset()))
    signs += 2 * bool(set(folded(title).split()) & known.kinds.get("participants by file", frozenset()))
    signs += 2 * any(guess.evidence.share("attendance") >= 0.8 for guess in guesses)
    if signs >= 2:
        return "participant"
    return "contact" if headings & known.kinds.get("contacts", frozenset()) else "lead"


def _by_heading(guess: _Guess, language: str | None) -> None:
    """The reading that is surest; among equals one in the sheet's language, and one that is not to be ignored."""
    if not guess.readings:
        return
    best = max(
        guess.readings,
        key=lambda each: (
            not _is_denied(each, guess.evidence),
            round(each.confidence, 2),
            each.language == language,
            each.language is None,
            each.concept != "ignore",
        ),
    )
    guess.second = best.second
    guess.take(best.concept, best.confidence, "its heading")
    field = best.concept.rpartition(".")[2]
    if field in _NAMES and any(guess.evidence.share(kind) >= 0.6 for kind in _NOT_NAMES):
        guess.take(best.concept, best.confidence * _DENIED, "its heading, but its values are something else")
    expected = _EXPECTED.get(field)
    if expected is None or not guess.evidence.filled:
        return
    share = guess.evidence.share(expected)
    if expected == "phone":
        share = max(share, guess.evidence.share("number"))
    if share >= 0.8:
        guess.take(best.concept, min(0.99, best.confidence + _BACKED), "its heading and its values")
    elif share < 0.4:
        guess.take(best.concept, best.confidence * (0.4 + share), "its heading, but its values do not look like it")


def _is_denied(reading: Reading, found: Evidence) -> bool:
    expected = _EXPECTED.get(reading.concept.rpartition(".")[2])
    if expected is None or not found.filled:
        return False
    return max(found.share(expected), found.share("number") if expected == "phone" else 0) < 0.4


def _by_values(guess: _Guess) -> None:
    """For a heading that says nothing, or something that the values deny."""
    if guess.confidence >= LEAST or guess.evidence.filled < 2:
        return
    for kind, (concept, confidence) in _BY_VALUES.items():
        if guess.evidence.share(kind) >= _MOSTLY.get(kind, 0.8):
            guess.take(concept, confidence, "its values")
            return


def _settle_names(guesses: list[_Guess], language: str | None) -> None:
    """Whose name "Name" is, and whether "Title" is a job or a form of address: the other columns tell."""
    there = {guess.concept for guess in guesses if guess.confidence >= LEAST}
    for guess in guesses:
        if guess.concept == "any.title":
            is_address = "person.job_title" in there or guess.evidence.share("honorific") >= 0.5
            guess.concept = "person.title" if is_address else "person.job_title"
        if guess.concept != "any.name":
            continue
        company = guess.evidence.share("company") >= 0.2
        if company and "organisation.name" not in there:
            guess.concept = "organisation.name"
        elif "person.given_name" in there and "person.family_name" not in there:
            guess.concept = "person.family_name"
        elif "person.family_name" in there and "person.given_name" not in there:
            guess.concept = "person.given_name"
        elif "organisation.name" in there:
            guess.concept = "person.name"
        elif {"person.name", "person.given_name", "organisation.business_id", "organisation.employees"} & there:
            guess.concept = "organisation.name"
        else:
            guess.take("person.name", guess.confidence * 0.85, "its heading; it may be a company's name")


def _settle_owners(guesses: list[_Guess]) -> None:
    """Whose e-mail, whose address: a person's and an organisation's, if the sheet has them."""
    there = {guess.concept for guess in guesses if guess.concept and guess.confidence >= LEAST}
    has_organisation = bool({"organisation.name", "organisation.business_id"} & there)
    has_person = bool({"person.name", "person.given_name", "person.family_name"} & there) or not has_organisation
    apart = _said_of_persons_apart(guesses) if has_organisation else {}
    for at, guess in enumerate(guesses):
        owner, _, field = (guess.concept or "").partition(".")
        if owner == "any":
            organisation = has_organisation and (
                field in (*_ADDRESS, "website") or not has_person or at < apart.get(field, 0)
            )
            guess.concept = f"{'organisation' if organisation else 'person'}.{field}"
        elif (
            owner == "organisation"
            and not has_organisation
            and field in (*_ADDRESS, "email", "phone", "language", "tags")
        ):
            guess.concept = f"person.{field}"
    if not has_organisation:
        for guess in guesses:
            if guess.concept and guess.concept.startswith("organisation."):
                guess.take(None, guess.confidence, "nothing in this list names an organisation")
            elif guess.concept == "person.website":
                guess.take("ignore", guess.confidence, "a person has no field for it")


def _said_of_persons_apart(guesses: Sequence[_Guess]) -> dict[str, int]:
    """The fields that such a list has for the person expressly, and where the person's columns begin: before that, an
    e-mail address or a phone is the organisation's, as in the customer lists of bookkeeping systems."""
    sure = [(at, guess.concept) for at, guess in enumerate(guesses) if guess.concept and guess.confidence >= LEAST]
    first = next((at for at, concept in sure if concept.startswith("person.")), 0)
    return {field: first for field in ("email", "phone") if any(concept == f"person.{field}" for _, concept in sure)}


def _settle_kind(guesses: list[_Guess], kind: Kind) -> None:
    """What a date, a status and a note are of."""
    block = {"lead": "lead", "participant": "activity", "contact": None}[kind]
    for guess in guesses:
        concept = guess.concept or ""
        owner, _, field = concept.partition(".")
        if concept in ("date", "status"):
            field = "on" if concept == "date" else concept
            guess.concept = f"{block}.{field}" if block else None
        elif concept == "consent":
            guess.concept = "consent.email"
        elif owner in ("lead", "activity") and owner != block:
            moved = {"interest": "text"}.get(field, field)
            fits = block is not None and moved in HANGING_FIELDS[Hanging(block)] and field != "number"
            if field == "subject":
                # Where somebody was met is no product that interests them.
                guess.take(None, guess.confidence, f"a {kind} has no field for it")
            else:
                guess.concept = f"{block}.{moved}" if fits else "ignore"
        if guess.concept is None and guess.confidence and not guess.why.startswith(("nothing", "a ")):
            guess.why = f"a {kind} has no field for it"


def _without_rivals(guesses: Sequence[_Guess]) -> list[Column]:
    """One column a field, unless the field holds many: the surest one, and of equals the first."""
    taken: dict[str, str] = {}
    found: dict[int, Column] = {}
    order = sorted(range(len(guesses)), key=lambda at: (-guesses[at].confidence + 0.15 * guesses[at].second, at))
    for at in order:
        guess = guesses[at]
        column = Column(guess.name, guess.concept, round(guess.confidence, 2), guess.why or "nothing known")
        if guess.concept is None or (guess.confidence < LEAST and guess.concept != "ignore"):
            column = replace(column, field=None)
        elif guess.concept not in ("ignore", "notes") and not _holds_many(guess.concept):
            if guess.concept in taken:
                column = replace(column, field=None, why=f"column {taken[guess.concept]!r} says {guess.concept}")
            taken.setdefault(guess.concept, guess.name)
        found[at] = column
    return [found[at] for at in range(len(guesses))]


def _holds_many(field: str) -> bool:
    owner, _, name = field.partition(".")
    known = FIELDS.get(Entity(owner)) if owner in set(Entity) else None
    if known is None:
        known = HANGING_FIELDS.get(Hanging(owner)) if owner in set(Hanging) else None
    return bool(known and name in known and known[name].many)


def _country_of(samples: Mapping[str, Sequence[Any]], columns: Sequence[Column]) -> str | None:
    """The country under whose domain most e-mail addresses are."""
    addresses = [column.name for column in columns if (column.field or "").endswith(".email")]
    found = Counter(label for name in addresses for label in top_domains(samples[name]))
    if not found:
        return None
    [(label, count)] = found.most_common(1)
    return _DOMAIN_COUNTRIES.get(label) if count * 2 > found.total() else None


def _date_order(guesses: Sequence[_Guess], language: str | None) -> str | None:
    """How dates are written: by those that can be read in one way only, else by the language and the dots."""
    dates = [guess.evidence for guess in guesses if guess.evidence.share("date") >= 0.4]
    for each in dates:
        if each.order:
            return each.order
    if any(each.dotted for each in dates) or language not in ("en", None):
        return "dmy"
    return None


__all__ = ["LEAST", "Column", "Kind", "Proposal", "propose"]
