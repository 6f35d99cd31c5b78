"""What is compared, and the levels of likeness: defined once, for Splink and for the compiled scorer.

A comparison is a list of levels, tried in order; the first whose condition holds gives the pair its level.

The traps that matching.md measured are avoided by what is *not* compared: an e-mail's local part counts only where the
name does not account for it, because otherwise the name would count twice; its domain stands beside the organisation's
own, and a provider's domain nowhere.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from solmu.match.conditions import (
    Apart,
    Begins,
    Both,
    Condition,
    Contains,
    Crossed,
    Differs,
    Dissimilar,
    Either,
    Missing,
    Otherwise,
    Row,
    Same,
    Shares,
    Similar,
    Slip,
    Swapped,
    first_that_holds,
)
from solmu.model import Entity


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

    @property
    def level(self) -> Callable[[Row, Row], int]:
        """A function that gives the position of the first level that holds of two rows; the last always does."""
        return _compiled(self)


@functools.cache
def _compiled(one: Comparison) -> Callable[[Row, Row], int]:
    return first_that_holds([level.condition for level in one.levels])


def _both(*conditions: Condition) -> Both:
    return Both(conditions)


def _either(*conditions: Condition) -> Either:
    return Either(conditions)


_STREET = Comparison(
    "street",
    "Street",
    (
        Level("unknown", Missing("street"), null=True),
        Level("same street and house", Same("street")),
        Level("similar street, same house", _both(Similar("street_name", 0.8801), Same("house"))),
        Level("same street, another house", Same("street_name")),
        Level("another street", Otherwise()),
    ),
)
# A family has one street and one name, and twins one birthday too: that says nothing of which of them it is. Names
# stand in columns of their own here: a session of training that holds names fixed learns nothing of what reads those.
_RELATIVES = _both(Same("street"), Same("kin"), Apart("called"), Dissimilar("calling", 0.8001))
_HOME = Comparison(
    "street",
    "Street",
    (
        _STREET.levels[0],
        Level("relatives in one house", _RELATIVES, null=True),
        *_STREET.levels[1:],
    ),
)
_TOWN = Comparison(
    "town",
    "Town",
    (
        Level("unknown", _both(Missing("place"), Missing("country")), null=True),
        # Each would count again what the other has said.
        Level("told by the street", _both(Same("street"), _either(Same("postcode"), Same("city"))), null=True),
        Level("same postcode", Same("postcode")),
        Level("same city, postcode one slip of the pen apart", _both(Same("city"), Slip("postcode"))),
        Level("same city", Same("city")),
        Level("similar city", Similar("city", 0.8801)),
        Level("postcode one slip of the pen apart", Slip("postcode")),
        Level("another country", Differs("country")),
        Level("no town to compare", Missing("place")),
        Level("another town", Otherwise()),
    ),
)

_ORGANISATION = (
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
            Level("one name is the other's initials", Crossed("initials", "compact")),
            Level("one begins like the other", Begins("compact")),
            Level("similar spelling", Similar("name", 0.9201)),
            Level("an uncommon word in common", Shares("rare_words")),
            Level("somewhat similar spelling", Similar("name", 0.8001)),
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
            Level("business ids one slip of the pen apart", Slip("business_id")),
            Level("another business id", Otherwise()),
        ),
    ),
    Comparison(
        "domain",
        "Web and mail domain",
        (
            Level("unknown", Missing("domains"), null=True),
            Level("same e-mail address", Shares("emails")),
            Level("same domain", Same("domain"), frequency="domain"),
            Level("a domain in common", Shares("domains")),
            Level("domains one slip of the pen apart", Slip("domain")),
            Level("another domain", Otherwise()),
        ),
    ),
    Comparison(
        "phone",
        "Phone",
        (
            Level("unknown", Missing("phones"), null=True),
            Level("same phone", Shares("phones")),
            Level("one slip of the pen apart", Slip("phone")),
            Level("another phone", Otherwise()),
        ),
    ),
    _STREET,
    _TOWN,
)

_PERSON = (
    Comparison(
        "given_name",
        "Given name",
        (
            Level("unknown", Missing("initial"), null=True),
            Level("same given name", Same("given"), frequency="given"),
            Level("given and family name the other way round", Swapped("given", "family")),
            Level("fitting initial", _both(Same("initial"), Missing("given"))),
            Level("one slip of the pen apart", Slip("long_given")),
            Level("one begins like the other", Begins("given")),
            Level("one of several names in common", Shares("given_names")),
            Level("similar given name", Similar("given", 0.8001)),
            Level("another given name", Otherwise()),
        ),
    ),
    Comparison(
        "family_name",
        "Family name",
        (
            Level(
                "unknown",
                _either(Missing("family"), _both(Differs("family"), Swapped("given", "family"))),
                null=True,
            ),
            Level("same family name", Same("family"), frequency="family"),
            Level("one slip of the pen apart", Slip("long_family")),
            Level("one begins like the other", Begins("family")),
            Level("one of several names in common", Shares("family_names")),
            Level("similar family name", Similar("family", 0.8001)),
            Level("another family name", Otherwise()),
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
            Level("twins", _both(Same("born"), _RELATIVES), null=True),
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
            Level("same mailbox name elsewhere", Same("mailbox")),
            Level("mailbox names one or two slips of the pen apart", Slip("mailbox", 2)),
            Level("another e-mail address", Otherwise()),
        ),
    ),
    Comparison(
        "employer",
        "Employer",
        (
            Level(
                "unknown",
                _both(Missing("employers"), Missing("domains"), Missing("employer_name")),
                null=True,
            ),
            Level("same employer", Shares("employers")),
            Level("employers of the same name", Shares("employer_names")),
            Level("employers' names one slip of the pen apart", Slip("employer_name")),
            Level("employers' names similar", _either(Begins("employer_name"), Similar("employer_name", 0.8501))),
            Level("same mail domain, no name to compare", _both(Shares("domains"), Missing("employer_name"))),
            Level("same mail domain", Shares("domains")),
            Level("another employer", Otherwise()),
        ),
    ),
    Comparison(
        "phone",
        "Phone",
        (
            Level("unknown", Missing("phones"), null=True),
            Level("same phone", Shares("lines")),
            Level("same phone but for the extension", Shares("phones")),
            Level("one or two slips of the pen apart", Slip("line", 2)),
            Level("another phone", Otherwise()),
        ),
    ),
    _HOME,
    _TOWN,
)

COMPARISONS: dict[Entity, tuple[Comparison, ...]] = {Entity.ORGANISATION: _ORGANISATION, Entity.PERSON: _PERSON}
NOTHING_SAID = frozenset(
    level.label for those in COMPARISONS.values() for one in those for level in one.levels if level.null
)
"""The labels of levels that say nothing either way."""


def frequency_columns(entity: Entity) -> tuple[str, ...]:
    """The columns whose term frequencies weigh a level."""
    return tuple({level.frequency: None for comparison in COMPARISONS[entity] for level in comparison.levels
                  if level.frequency})  # fmt: skip
