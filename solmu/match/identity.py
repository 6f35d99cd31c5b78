"""Which of a hub's own fields tell who is meant: membership and register numbers, dates of birth, contacts. Pure.

``hub.yaml`` names them under ``matching``; no field of a hub's own takes part in matching otherwise, because nobody but
its administrator knows whether a number is one entity's alone, or a date a birthday and not the day of an order.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from solmu.match.memo import MEMO
from solmu.normalise.date import date
from solmu.normalise.invalid import Invalid
from solmu.normalise.text import fold

_LABEL = 3  # letters beside a number's digits, as of "ext"
_LEAST = 6  # signs of a contact, at least
_NONE: frozenset[str] = frozenset()
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DOTTED = re.compile(r"(0?[1-9]|[12]\d|3[01])\.\s?(0?[1-9]|1[0-2])\.\s?(\d{4}|\d{2})")


class Identity(Protocol):
    """What matching needs of the hub's ``matching:`` settings to read a mention."""

    @property
    def identifiers(self) -> Sequence[str]:
        """Own fields whose value belongs to one entity and no other."""

    @property
    def birth_dates(self) -> Sequence[str]:
        """Own fields that hold a person's date of birth."""

    @property
    def contacts(self) -> Sequence[str]:
        """Own fields by which somebody is reached: a number as typed, a handle, a page of one's own."""


@dataclass(frozen=True, slots=True)
class OwnFields:
    """Names of own fields, as ``matching.identifiers``, ``birth_dates`` and ``contacts`` state them."""

    identifiers: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


NO_OWN_FIELDS = OwnFields()


def identifiers(values: Mapping[str, Any], identity: Identity) -> frozenset[str]:
    """The identifiers among a mention's own values, each as ``field:VALUE`` without spaces and signs."""
    found = [(name, value) for name in identity.identifiers for value in _items(values.get(name))]
    if not found:
        return _NONE
    keys = ((name, re.sub(r"[^a-z0-9]+", "", fold(value)).upper()) for name, value in found)
    # All zeros, or all of one digit, is how people fill in what they do not know.
    return frozenset(f"{name}:{key}" for name, key in keys if len(set(key)) > 1)


def birth_date(values: Mapping[str, Any], identity: Identity) -> str | None:
    """The date of birth as ``YYYYMMDD``; None where there is none, or two that differ."""
    dates = {value for name in identity.birth_dates for value in _items(values.get(name))}
    if not dates:
        return None
    found = {_day(text.strip()) for text in dates}
    return found.pop() if len(found) == 1 else None


@functools.lru_cache(maxsize=MEMO)
def _day(text: str) -> str | None:
    """A day as ``YYYYMMDD``; None where the text is no date, or may be read as two.

    What looks like a date is taken as it stands, for a slip makes no other day of it. Where dots part it, the day
    comes first, as in every country that writes dots. A year of two digits is taken as spreadsheets do: whose century
    that gets wrong is a slip away from their other cards (``birthdays.born_near``).
    """
    found = _DATE.fullmatch(text)
    if found is None and (dotted := _DOTTED.fullmatch(text)):
        day, month, year = dotted.groups()
        text = f"{_century(year)}-{month:0>2}-{day:0>2}"
        found = _DATE.fullmatch(text)
    if found is None:
        try:
            read = date(text)
        except Invalid:
            return None
        found = _DATE.fullmatch(read.isoformat()) if read else None
    return "".join(found.groups()) if found else None


def _century(year: str) -> str:
    """Excel's rule: 00 to 29 are 2000 to 2029, and 30 to 99 are 1930 to 1999."""
    return year if len(year) == 4 else f"{20 if year < '30' else 19}{year}"


def contacts(values: Mapping[str, Any], identity: Identity) -> frozenset[str]:
    """The contacts among a mention's own values, each as ``#value``: of what is nearly a number only its digits."""
    found = [fold(value) for name in identity.contacts for value in _items(values.get(name))]
    if not found:
        return _NONE
    keys = {re.sub(r"[^a-z0-9]+", "", text) for text in found}
    bare = {re.sub(r"[a-z]", "", key) if len(re.findall(r"[a-z]", key)) <= _LABEL else key for key in keys}
    return frozenset(f"#{key}" for key in bare if len(key) >= _LEAST and len(set(key)) > 1)


def _items(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list | tuple) else (value,):
        if item:
            yield str(item)
