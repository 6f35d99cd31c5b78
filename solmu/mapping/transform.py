"""What a transform of a source mapping is, and which there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from solmu.model import CanonicalField, Entity

Apply = Callable[..., Any]
Number = int | float | Decimal
Options = Mapping[str, Any]
OptionKind = Literal["text", "flag", "list", "map", "row"]
"""``row``: text, or a field specification that is read from the same row."""

Gives = Literal["one", "many", "parts"]
"""One value; a tuple of values; or a tuple of (canonical field, value), of which the first is the field itself."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a transform. ``choices``: the values that it takes, any if empty."""

    name: str
    purpose: str
    kind: OptionKind = "text"
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Transform:
    """One transform. ``kinds`` are the kinds of canonical field that may hold what it gives.

    ``numbers`` makes a value of what is a number in the payload already: written as text, 1.234 could be read wrongly.
    """

    name: str
    purpose: str
    gives: Gives
    kinds: frozenset[str]
    options: dict[str, Option]
    build: Callable[[Options], Apply]
    numbers: Callable[[Number], Any] | None = None

    @property
    def row_option(self) -> str | None:
        """The one option that may be read from the row, if there is one."""
        return next((option.name for option in self.options.values() if option.kind == "row"), None)


TRANSFORMS: dict[str, Transform] = {}

VOCABULARY = "vocabulary"
"""The option that names one of the mapping's vocabularies; a transform gets the vocabulary itself."""


def transform(
    name: str, kinds: str, *options: Option, gives: Gives = "one", numbers: Callable[[Number], Any] | None = None
) -> Callable[[Callable[[Options], Apply]], Callable[[Options], Apply]]:
    """Enter what builds a transform under its name; its docstring is the purpose that the reference shows."""

    def register(build: Callable[[Options], Apply]) -> Callable[[Options], Apply]:
        purpose = " ".join((build.__doc__ or "").split())
        declared = {option.name: option for option in options}
        TRANSFORMS[name] = Transform(name, purpose, gives, frozenset(kinds.split()), declared, build, numbers)
        return build

    return register


def default_transform(field: CanonicalField, entity: Entity | None = None) -> str:
    """The transform of a field whose mapping names none: by its kind, and by its name where that says more."""
    if entity is Entity.PERSON and field.name == "name":
        return "person_name"
    if field.kind == "text":
        return "split" if field.many else _BY_NAME.get(field.name, "text")
    return _BY_KIND[field.kind]


_BY_NAME = {"description": "lines", "text": "lines", "postcode": "postcode"}
_BY_KIND = {
    "name": "organisation_name",
    "email": "email",
    "phone": "phone",
    "country": "country",
    "language": "language",
    "currency": "currency",
    "id": "business_id",
    "domain": "domain",
    "date": "date",
    "number": "number",
    "flag": "flag",
    "timestamp": "timestamp",
}
