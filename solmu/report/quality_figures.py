"""What is good and what is not about one golden record, and the sums of many. Pure.

Five measures, each a share of what was looked at:

============ =====================================================================================================
completeness of the fields that should be known, those that are
validity     of the values that have rules (addresses, numbers, identifiers, codes), those that keep to them
freshness    of the records, those of which somebody said something within ``FRESH_DAYS`` days
uniqueness   of the records, those that are in no pair which waits for a steward
consistency  of the single-valued fields that two or more sources state, those that they state alike
============ =====================================================================================================
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from solmu.model import CanonicalField, Entity
from solmu.normalise import Invalid, fold
from solmu.normalise.business_id import business_id
from solmu.normalise.country import known_country
from solmu.normalise.domain import domain
from solmu.normalise.email import email
from solmu.normalise.language import language
from solmu.normalise.phone import phones

MEASURES = ("completeness", "validity", "freshness", "uniqueness", "consistency")
DIMENSIONS = ("source", "field", "country", "owner")
FRESH_DAYS = 365
PERSON_COMPLETE = ("given_name", "family_name", "email", "phone", "job_title")
"""What should be known of a person; of an organisation ``web.complete`` in hub.yaml says it."""

_DAY = 86_400_000_000
_GRAVITY = {"completeness": 1, "freshness": 1, "consistency": 2, "validity": 3, "uniqueness": 3}


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source says of a record of its own, and when it said so last."""

    source: str
    values: Mapping[str, Any]
    said: int


@dataclass(frozen=True, slots=True)
class Looked:
    """A golden record with who speaks of it. ``doubtful``: it is in a pair that waits for a steward."""

    id: int
    country: str | None
    document: Mapping[str, Mapping[str, Any]]
    claims: tuple[Claim, ...]
    doubtful: bool


class Finding(NamedTuple):  # some fifty of a record
    """One thing that was looked at, and whether it is good. ``sources``: whom it is about."""

    measure: str
    good: bool
    field: str | None = None
    sources: tuple[str, ...] = ()
    counts: bool = True  # towards the figure, and not only towards its field or source


Counts = dict[str, list[int]]
"""{measure: [good, of]}"""


@dataclass
class Tally:
    """Sums: ``figures``, and the same ``by`` each dimension and what there is in it."""

    figures: Counts = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    by: dict[str, dict[str, Counts]] = field(
        default_factory=lambda: {each: defaultdict(lambda: defaultdict(lambda: [0, 0])) for each in DIMENSIONS}
    )

    def add(self, record: Looked, findings: Iterable[Finding]) -> None:
        """Count what was found of one record."""
        owner = str(_value(record.document, "owner") or "")
        whole = (self.figures, self.by["country"][record.country or ""], self.by["owner"][owner])
        fields, sources = self.by["field"], self.by["source"]
        for each in findings:
            if each.counts:
                for counts in whole:
                    _count(counts, each)
            if each.field is not None:
                _count(fields[each.field], each)
            for source in each.sources:
                _count(sources[source], each)


def findings(
    record: Looked, fields: Mapping[str, CanonicalField], complete: Collection[str], now: int
) -> Iterator[Finding]:
    """Everything that can be said of one record. ``fields`` are those of its entity; ``now`` in microseconds."""
    own = tuple(sorted({claim.source for claim in record.claims}))
    for name in fields:
        known = _known(_value(record.document, name))
        yield Finding("completeness", known, name, counts=name in complete)
    for claim in record.claims:
        for name in complete:
            yield Finding("completeness", _known(claim.values.get(name)), None, (claim.source,), counts=False)
        yield Finding("freshness", _is_fresh(claim.said, now), None, (claim.source,), counts=False)
        for name, value in claim.values.items():
            verdict = valid(fields.get(name), value)
            if verdict is not None:
                yield Finding("validity", verdict, None, (claim.source,), counts=False)
    for name, entry in record.document.items():
        verdict = valid(fields.get(name), entry["value"])
        if verdict is not None:
            yield Finding("validity", verdict, name)
        yield Finding("freshness", _is_fresh(entry.get("since") or 0, now), name, counts=False)
    newest = max((claim.said for claim in record.claims), default=0)
    yield Finding("freshness", _is_fresh(newest, now))
    yield Finding("uniqueness", not record.doubtful, None, own)
    yield from _consistency(record, fields)


def reasons(found: Iterable[Finding]) -> tuple[int, list[str]]:
    """What is wrong with a record, as ``measure`` or ``measure:field``, and how much that weighs."""
    wrong = list(
        dict.fromkeys(
            each.measure if each.field is None else f"{each.measure}:{each.field}"
            for each in found
            if each.counts and not each.good
        )
    )
    return sum(_GRAVITY[each.partition(":")[0]] for each in wrong), wrong


def valid(about: CanonicalField | None, value: Any) -> bool | None:
    """Whether a value keeps to the rules of its kind; None where its kind has none."""
    if about is None or about.kind not in _CHECKS or not _known(value):
        return None
    return all(_keeps(about.kind, str(each)) for each in (value if isinstance(value, list) else [value]))


def _consistency(record: Looked, fields: Mapping[str, CanonicalField]) -> Iterator[Finding]:
    if len({claim.source for claim in record.claims}) < 2:
        return
    for name, about in fields.items():
        if about.many:
            continue
        said = [(claim.source, _same(claim.values[name])) for claim in record.claims if _known(claim.values.get(name))]
        if len({source for source, _ in said}) < 2:
            continue
        yield Finding("consistency", len({value for _, value in said}) == 1, name)
        survived = _same(_value(record.document, name))
        for source, value in said:
            yield Finding("consistency", value == survived, None, (source,), counts=False)


def _identifier(text: str) -> bool:
    country, _, number = text.partition(":")
    return business_id(number, country.partition("-")[0]) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    "email": lambda text: email(text) is not None,
    "phone": lambda text: bool(phones(text.partition(";")[0])),
    "id": _identifier,
    "country": lambda text: known_country(text) == text,
    "domain": lambda text: domain(text) is not None,
    "language": lambda text: language(text) is not None,
}


@lru_cache(maxsize=4096)
def _keeps(kind: str, text: str) -> bool:
    """Whether one value keeps to the rules. Each comes with its claims and once more with what survived of them."""
    try:
        return _CHECKS[kind](text)
    except Invalid:
        return False


def _count(counts: Counts, found: Finding) -> None:
    one = counts[found.measure]
    one[0] += found.good
    one[1] += 1


def _is_fresh(said: int, now: int) -> bool:
    return said > now - FRESH_DAYS * _DAY


def _value(document: Mapping[str, Mapping[str, Any]], name: str) -> Any:
    entry = document.get(name)
    return entry["value"] if entry else None


def _known(value: Any) -> bool:
    """Blank lists and texts are not known; a flag that is false is."""
    return value not in (None, "", [])


def _same(value: Any) -> str:
    return fold(str(value))


def complete_of(entity: Entity, organisation: Collection[str]) -> Collection[str]:
    """The fields that should be known of an entity."""
    return organisation if entity is Entity.ORGANISATION else PERSON_COMPLETE
