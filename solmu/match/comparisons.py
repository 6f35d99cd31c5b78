"""What is compared, and the levels of likeness: defined once, for Splink and for the compiled scorer.

A comparison is a list of levels, tried in order; the first whose condition holds gives the pair its level. A condition
can be written as SQL, which Splink trains and scores with, and be tested on two rows in Python, which the scorer does.
Conditions never say "not", so that SQL's null and Python's False mean the same.

A row is what :func:`row` makes of features: text, lists of text, None where there is nothing to compare. All text is
folded ASCII, on which DuckDB's byte-wise distances equal those of rapidfuzz.

The traps that matching.md measured are avoided by what is *not* compared: an e-mail's local part is only ever equal or
not, because it repeats the name; its domain stands beside the organisation's own, and a provider's domain nowhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from solmu.match.features import Features, OrganisationFeatures, PersonFeatures
from solmu.model import Entity

Row = Mapping[str, Any]


class Condition(ABC):
    """Something that holds of two rows or does not."""

    @property
    @abstractmethod
    def sql(self) -> str:
        """In DuckDB's SQL, over columns that end in ``_l`` and ``_r``."""

    @abstractmethod
    def holds(self, left: Row, right: Row) -> bool:
        """The same in Python."""


@dataclass(frozen=True, slots=True)
class Missing(Condition):
    """One side has nothing in the column."""

    column: str

    @property
    def sql(self) -> str:
        return f"({self.column}_l IS NULL OR {self.column}_r IS NULL)"

    def holds(self, left: Row, right: Row) -> bool:
        return left[self.column] is None or right[self.column] is None


@dataclass(frozen=True, slots=True)
class Same(Condition):
    """Equal text."""

    column: str

    @property
    def sql(self) -> str:
        return f"{self.column}_l = {self.column}_r"

    def holds(self, left: Row, right: Row) -> bool:
        value = left[self.column]
        return value is not None and bool(value == right[self.column])


@dataclass(frozen=True, slots=True)
class Differs(Condition):
    """Both have something, and not the same."""

    column: str

    @property
    def sql(self) -> str:
        return f"{self.column}_l <> {self.column}_r"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        return one is not None and two is not None and bool(one != two)


@dataclass(frozen=True, slots=True)
class Slip(Condition):
    """One letter too many, missing, changed or swapped with its neighbour."""

    column: str

    @property
    def sql(self) -> str:
        return f"damerau_levenshtein({self.column}_l, {self.column}_r) <= 1"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        if one is None or two is None or abs(len(one) - len(two)) > 1:
            return False
        return DamerauLevenshtein.distance(one, two, score_cutoff=1) <= 1


@dataclass(frozen=True, slots=True)
class Similar(Condition):
    """Jaro–Winkler similarity of at least ``least``; a number that no pair of short words hits exactly."""

    column: str
    least: float

    @property
    def sql(self) -> str:
        return f"jaro_winkler_similarity({self.column}_l, {self.column}_r) >= {self.least}"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        return one is not None and two is not None and JaroWinkler.similarity(one, two) >= self.least


@dataclass(frozen=True, slots=True)
class Shares(Condition):
    """The lists have an item in common."""

    column: str

    @property
    def sql(self) -> str:
        return f"list_has_any({self.column}_l, {self.column}_r)"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        return one is not None and two is not None and not set(one).isdisjoint(two)


@dataclass(frozen=True, slots=True)
class Contains(Condition):
    """All items of one list are in the other."""

    column: str

    @property
    def sql(self) -> str:
        name = self.column
        return f"(list_has_all({name}_l, {name}_r) OR list_has_all({name}_r, {name}_l))"

    def holds(self, left: Row, right: Row) -> bool:
        one, two = left[self.column], right[self.column]
        return one is not None and two is not None and (set(one) <= set(two) or set(two) <= set(one))


@dataclass(frozen=True, slots=True)
class Both(Condition):
    """All of the conditions."""

    conditions: tuple[Condition, ...]

    @property
    def sql(self) -> str:
        return "(" + " AND ".join(condition.sql for condition in self.conditions) + ")"

    def holds(self, left: Row, right: Row) -> bool:
        return all(condition.holds(left, right) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Either(Condition):
    """One of the conditions."""

    conditions: tuple[Condition, ...]

    @property
    def sql(self) -> str:
        return "(" + " OR ".join(condition.sql for condition in self.conditions) + ")"

    def holds(self, left: Row, right: Row) -> bool:
        return any(condition.holds(left, right) for condition in self.conditions)


class Otherwise(Condition):
    """What is left."""

    @property
    def sql(self) -> str:
        return "ELSE"

    def holds(self, left: Row, right: Row) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Level:
    """One level of likeness. ``label`` is what a person reads.

    ``null`` marks the level that says nothing either way. ``frequency`` names the column whose value's frequency
    weighs the level: a rare name in common says more than a common one.
    """

    label: str
    condition: Condition
    null: bool = False
    frequency: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One aspect in which two mentions are compared; ``title`` is what a person reads."""

    name: str
    title: str
    levels: tuple[Level, ...]

    def level(self, left: Row, right: Row) -> int:
        """The position of the first level that holds; the last always does."""
        return next(i for i, level in enumerate(self.levels) if level.condition.holds(left, right))


def _both(*conditions: Condition) -> Both:
    return Both(conditions)


def _either(*conditions: Condition) -> Either:
    return Either(conditions)


_PLACE = (
    Level("unknown", _both(Missing("place"), Missing("country")), null=True),
    Level("same street", _both(Same("street"), _either(Same("postcode"), Same("city")))),
    Level("same postcode", Same("postcode")),
    Level("same city", Same("city")),
    Level("another country", Differs("country")),
    Level("no place to compare", Missing("place")),
    Level("another place", Otherwise()),
)

_HOME = (
    *_PLACE[:2],
    Level("similar street there", _both(Similar("street", 0.9001), _either(Same("postcode"), Same("city")))),
    Level("same street, another place", Same("street")),
    *_PLACE[2:],
)
"""Private people's addresses are typed by hand; a company's stands on its letters."""

COMPARISONS: dict[Entity, tuple[Comparison, ...]] = {
    Entity.ORGANISATION: (
        Comparison(
            "name",
            "Name",
            (
                Level("unknown", Missing("name"), null=True),
                Level("same name", Same("name"), frequency="name"),
                Level("same letters or words, arranged otherwise", _either(Same("compact"), Same("sorted_name"))),
                Level("a former or other name in common", Shares("names")),
                Level("one slip of the pen apart", Slip("long_name")),
                Level("one name within the other", _both(Contains("words"), Shares("rare_words"))),
                Level("similar spelling", Similar("name", 0.9201)),
                Level("an uncommon word in common", Shares("rare_words")),
                Level("different name", Otherwise()),
            ),
        ),
        Comparison(
            "legal_form",
            "Legal form",
            (
                Level("unknown", Missing("legal_form"), null=True),
                Level("same legal form", Same("legal_form")),
                Level("another legal form", Otherwise()),
            ),
        ),
        Comparison(
            "business_id",
            "Business id",
            (
                Level("unknown", Missing("business_ids"), null=True),
                Level("same business id", Shares("business_ids")),
                Level("another business id", Otherwise()),
            ),
        ),
        Comparison(
            "domain",
            "Web and mail domain",
            (
                Level("unknown", Missing("domains"), null=True),
                Level("same e-mail address", Shares("emails")),
                Level("same domain", Shares("domains")),
                Level("another domain", Otherwise()),
            ),
        ),
        Comparison(
            "phone",
            "Phone",
            (
                Level("unknown", Missing("phones"), null=True),
                Level("same phone", Shares("phones")),
                Level("another phone", Otherwise()),
            ),
        ),
        Comparison("place", "Place", _PLACE),
    ),
    Entity.PERSON: (
        Comparison(
            "name",
            "Name",
            (
                Level("unknown", Missing("name"), null=True),
                Level("same name", Same("name"), frequency="name"),
                Level(
                    "same family name, fitting initial",
                    _both(Same("family"), Same("initial"), Missing("given")),
                ),
                Level("one slip of the pen apart", Slip("long_name")),
                Level("same family name, similar given name", _both(Same("family"), Similar("given", 0.8501))),
                Level("same given name, similar family name", _both(Same("given"), Similar("family", 0.8501))),
                Level("both names similar", _both(Similar("given", 0.8501), Similar("family", 0.8501))),
                Level("same given name, another family name", Same("given")),
                Level("same family name, another given name", Same("family")),
                Level("one name similar", _either(Similar("given", 0.8801), Similar("family", 0.8801))),
                Level("different name", Otherwise()),
            ),
        ),
        Comparison(
            "identifier",
            "Identifier",
            (
                Level("unknown", _either(Missing("identifiers"), Differs("identifier_kind")), null=True),
                Level("same number", Shares("identifiers")),
                Level("numbers one slip of the pen apart", Slip("identifier")),
                Level("another number", Otherwise()),
            ),
        ),
        Comparison(
            "born",
            "Date of birth",
            (
                Level("unknown", Missing("born"), null=True),
                Level("same date of birth", Same("born")),
                Level("one slip of the pen apart", _either(Slip("born"), Same("born_sorted"))),
                Level(
                    "two of day, month and year in common",
                    _either(Same("born_month"), Same("born_yearday"), Same("born_day")),
                ),
                Level("another date of birth", Otherwise()),
            ),
        ),
        Comparison(
            "email",
            "E-mail",
            (
                Level("unknown", Missing("emails"), null=True),
                Level("same e-mail address", Shares("emails")),
                Level("another e-mail address", Otherwise()),
            ),
        ),
        Comparison(
            "employer",
            "Employer",
            (
                Level("unknown", _both(Missing("employers"), Missing("domains")), null=True),
                Level("same employer", Shares("employers")),
                Level("same mail domain", Shares("domains")),
                Level("employers of the same name", Shares("employer_names")),
                Level("another employer", Otherwise()),
            ),
        ),
        Comparison(
            "phone",
            "Phone",
            (
                Level("unknown", Missing("phones"), null=True),
                Level("same phone", Shares("phones")),
                Level("another phone", Otherwise()),
            ),
        ),
        Comparison("place", "Place", _HOME),
    ),
}

_TEXT = {
    Entity.ORGANISATION: (
        "name", "compact", "sorted_name", "long_name", "legal_form", "street", "postcode", "city", "country", "place",
    ),
    Entity.PERSON: (
        "name", "long_name", "family", "given", "initial", "identifier", "identifier_kind", "born", "born_sorted",
        "born_month", "born_yearday", "born_day", "street", "postcode", "city", "country", "place",
    ),
}  # fmt: skip
_LISTS = {
    Entity.ORGANISATION: ("names", "words", "rare_words", "business_ids", "domains", "emails", "phones"),
    Entity.PERSON: ("emails", "employers", "employer_names", "domains", "phones", "identifiers"),
}


def text_columns(entity: Entity) -> tuple[str, ...]:
    """The columns of a row that hold text."""
    return _TEXT[entity]


def list_columns(entity: Entity) -> tuple[str, ...]:
    """The columns of a row that hold a sorted list of text."""
    return _LISTS[entity]


def frequency_columns(entity: Entity) -> tuple[str, ...]:
    """The columns whose term frequencies weigh a level."""
    return tuple({level.frequency: None for comparison in COMPARISONS[entity] for level in comparison.levels
                  if level.frequency})  # fmt: skip


def row(features: Features) -> dict[str, Any]:
    """The features as the comparisons read them: a value or None for each column of the entity."""
    if isinstance(features, OrganisationFeatures):
        return _organisation_row(features)
    return _person_row(features)


def _organisation_row(one: OrganisationFeatures) -> dict[str, Any]:
    return {
        "name": one.core or None,
        "compact": one.compact or None,
        "sorted_name": " ".join(sorted(one.words)) or None,
        "long_name": one.compact if len(one.compact) >= 7 else None,
        "names": _list({one.compact} | one.aliases),
        "words": _list(one.words),
        "rare_words": _list(one.rare_words),
        "legal_form": one.legal_form,
        "business_ids": _list(one.business_ids),
        "domains": _list(one.domains),
        "emails": _list(one.emails),
        "phones": _list(one.phones),
        **_place(one),
    }


def _person_row(one: PersonFeatures) -> dict[str, Any]:
    compact = one.name.replace(" ", "")
    return {
        "name": one.name or None,
        "long_name": compact if len(compact) >= 8 else None,
        "family": one.family or None,
        "given": one.given if len(one.given) > 1 else None,
        "initial": one.given[:1] or None,
        **_marks(one),
        "emails": _list(one.emails | one.free_emails),
        "employers": _list(str(employer) for employer in one.employers),
        "employer_names": _list(one.employer_names),
        "domains": _list(one.domains),
        "phones": _list(one.phones),
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
    return {
        "street": one.street,
        "postcode": one.postcode,
        "city": one.city,
        "country": one.country,
        "place": one.postcode or one.city,
    }


def _list(items: Iterable[str]) -> list[str] | None:
    return sorted({item for item in items if item}) or None
