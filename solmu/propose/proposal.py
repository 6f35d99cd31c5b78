"""A field for each column of a list: by its heading, by the columns beside it, and by its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from solmu.exchange import error_in
from solmu.model import FIELDS, HANGING_FIELDS, Entity, Hanging
from solmu.propose.evidence import Evidence, Order, evidence, top_domains
from solmu.propose.headings import readings
from solmu.propose.kinds import has_heading, kind_of
from solmu.propose.reading import Reading
from solmu.propose.settle import LEAST, Guess, Kind, is_of_customers, settle_kind, settle_names, settle_owners
from solmu.propose.suppliers import settle_suppliers
from solmu.propose.words import words

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
_NAMELESS = re.compile(r"column [A-Z]{1,3}")  # what a column without a heading is called


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
    country are from, if that can be told. ``order``: how dates are written, None where every date says it itself or,
    in the columns ``undecided``, none does. ``flags``: the columns of yes and no.
    """

    columns: tuple[Column, ...]
    kind: Kind
    language: str | None
    country: str | None
    order: Order | None
    flags: frozenset[str] = frozenset()
    undecided: frozenset[str] = frozenset()

    def is_flag(self, column: str) -> bool:
        """Whether a column says nothing but yes and no."""
        return column in self.flags

    @property
    def dates_undecided(self) -> list[str]:
        """The columns that are read as dates, though none of their dates shows which figure is the day."""
        return [each.name for each in self.columns if each.name in self.undecided and _is_day(each.field)]

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


def propose(
    samples: Mapping[str, Sequence[Any]], *, kind: Kind | None = None, title: str = "", order: Order | None = None
) -> Proposal:
    """Propose a field for each column.

    ``samples``: column to some of its values, in the sheet's order, or to none. ``kind``: what each row is, where
    somebody has said so; else the headings tell, the values, and ``title``, what the list is called. ``order``: how
    dates are written, where somebody has said so.
    """
    known = words()
    # What only shows an error says nothing of what its column holds.
    samples = {name: [None if error_in(each) else each for each in values] for name, values in samples.items()}
    guesses = [
        Guess(name, [] if _NAMELESS.fullmatch(name) else readings(name, known), evidence(values))
        for name, values in samples.items()
    ]
    language = _language(guesses)
    kind = kind or kind_of(guesses, known, title)
    for guess in guesses:
        _by_heading(guess, language, kind)
        _by_values(guess)
    settle_suppliers(guesses)
    is_ledger = has_heading(guesses, known, "ledgers")
    settle_names(guesses, is_ledger=is_ledger)
    settle_owners(guesses, is_ledger=is_ledger or is_of_customers(guesses))
    settle_kind(guesses, kind)
    columns = _without_rivals(guesses)
    # Swedish is written in Finland too, and German in three countries: the addresses know better than the headings.
    country = _country_of(samples, columns) or known.countries.get(language or "")
    flags = frozenset(guess.name for guess in guesses if guess.evidence.share("flag") >= 0.9)
    order = order or _date_order(guesses, language)
    undecided = frozenset(guess.name for guess in guesses if guess.evidence.undecided and order is None)
    return Proposal(tuple(columns), kind, language, country, order, flags, undecided)


def corrected(proposal: Proposal, chosen: Mapping[str, str | None]) -> Proposal:
    """The proposal with the fields that somebody chose for some of its columns."""
    columns = tuple(
        replace(each, field=chosen[each.name], confidence=1.0, why="chosen by you") if each.name in chosen else each
        for each in proposal.columns
    )
    return replace(proposal, columns=columns)


def _language(guesses: Sequence[Guess]) -> str | None:
    """The language that most headings are of; one that several languages share counts for each a little."""
    votes: Counter[str] = Counter()
    for guess in guesses:
        languages = {each.language for each in guess.readings if each.language}
        for each in languages:
            votes[each] += 60 // len(languages)
    # Of equals English, which every product speaks.
    return max(sorted(votes), key=lambda each: (votes[each], each == "en"), default=None)


def _by_heading(guess: Guess, language: str | None, kind: Kind) -> None:
    """The reading that is surest; among equals one of what a participant does in a list of these, one in the sheet's
    language, and one that is not to be ignored."""
    if not guess.readings:
        return
    best = max(
        guess.readings,
        key=lambda each: (
            not _is_denied(each, guess.evidence),
            round(each.confidence, 2),
            each.concept.startswith("activity.") and kind == "participant",
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
    share = guess.evidence.fitting(expected)
    if share >= 0.8:
        guess.take(best.concept, min(0.99, best.confidence + _BACKED), "its heading and its values")
    elif share < 0.4:
        guess.take(best.concept, best.confidence * (0.4 + share), "its heading, but its values do not look like it")


def _is_day(field: str | None) -> bool:
    return field is not None and field.endswith(".on")


def _is_denied(reading: Reading, found: Evidence) -> bool:
    expected = _EXPECTED.get(reading.concept.rpartition(".")[2])
    if expected is None or not found.filled:
        return False
    return found.fitting(expected) < 0.4


def _by_values(guess: Guess) -> None:
    """For a heading that says nothing, or something that the values deny."""
    if guess.confidence >= LEAST or guess.evidence.filled < 2:
        return
    for kind, (concept, confidence) in _BY_VALUES.items():
        if guess.evidence.share(kind) >= _MOSTLY.get(kind, 0.8):
            guess.take(concept, confidence, "its values")
            return


def _without_rivals(guesses: Sequence[Guess]) -> list[Column]:
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
            if guess.concept in taken and not _backs_up(guess):
                column = replace(column, field=None, why=f"column {taken[guess.concept]!r} says {guess.concept}")
            taken.setdefault(guess.concept, guess.name)
        found[at] = column
    return [found[at] for at in range(len(guesses))]


def _backs_up(guess: Guess) -> bool:
    """Whether a second column of the kind is read where the first is blank: a company has one number of several kinds,
    and who is no "Dr." is a "Herr"."""
    return guess.concept in ("organisation.business_id", "person.title") and not guess.second


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


def _date_order(guesses: Sequence[Guess], language: str | None) -> Order | None:
    """How dates are written: by those that can be read in one way only, else by the language and the dots."""
    dates = [guess.evidence for guess in guesses if guess.evidence.share("date") >= 0.4]
    for each in dates:
        if each.order:
            return each.order
    if any(each.dotted for each in dates) or language not in ("en", None):
        return "dmy"
    return None


__all__ = ["LEAST", "Column", "Kind", "Proposal", "propose"]
