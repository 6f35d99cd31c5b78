"""Whether two values of a field are the same to the target that keeps them. Pure.

A CRM trims, cuts, reformats and rounds. What it made of a value is no difference, or each night would write it again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from solmu.exchange import FieldInfo

NUMBERS = frozenset({"number", "double", "currency", "percent", "int", "integer", "decimal", "float", "long"})
FLAGS = frozenset({"flag", "boolean", "bool", "checkbox"})
LISTS = frozenset({"multipicklist", "multiselect", "set", "list"})
# Cutting one of these makes another value of it; the target shall refuse it, where somebody sees it.
UNCUTTABLE = frozenset({"email", "phone", "url", "id", "reference", "picklist"}) | NUMBERS | FLAGS | LISTS

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_EXTENSION = re.compile(r"\s*(?:;ext=|ext\.?|x)\s*(\d+)\s*$", re.IGNORECASE)
_NATIONAL_DIGITS = 6  # shorter than any number that is unique in its country


def blank(value: Any) -> bool:
    """Whether a value says nothing: null, empty, only white space, or a list of such."""
    if isinstance(value, str):
        return not value or value.isspace()
    if isinstance(value, list | tuple):
        return all(blank(item) for item in value)
    return value is None


def fit(value: Any, info: FieldInfo | None) -> Any:
    """The value as it can be sent: trimmed, and text cut to the field's length."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if info is None or info.length is None or info.type in UNCUTTABLE or len(text) <= info.length:
        return text
    return text[: info.length].rstrip()


def same(left: Any, right: Any, info: FieldInfo | None = None) -> bool:
    """Whether the target would keep both as one value. ``info`` describes the field, where that is known."""
    one, other = _plain(left, info), _plain(right, info)
    if one == other:
        return True
    if isinstance(one, Decimal) is not isinstance(other, Decimal):
        number, text = (one, other) if isinstance(one, Decimal) else (other, one)
        return isinstance(text, str) and _number(text) == number
    if info is not None and info.type == "phone" and isinstance(one, str) and isinstance(other, str):
        return same_phone(one, other)
    return False


def same_phone(left: str, right: str) -> bool:
    """Whether two writings are one phone number: ``+358 40 123 4567``, ``00358401234567`` and ``040-1234567``."""
    (one, one_abroad, one_extension), (other, other_abroad, other_extension) = _digits(left), _digits(right)
    if one_extension != other_extension:
        return False
    if one == other or one_abroad == other_abroad:
        return one == other
    longer, shorter = (one, other) if one_abroad else (other, one)
    # Written with the country on one side only: what stands without it must be the end of the other.
    return len(shorter) >= _NATIONAL_DIGITS and longer.endswith(shorter)


def _plain(value: Any, info: FieldInfo | None) -> Any:
    kind = info.type if info else "text"
    if kind in FLAGS:
        return _flag(value)
    if blank(value):
        return None
    if kind in LISTS and isinstance(value, str):
        value = value.split(";")
    if isinstance(value, list | tuple):
        return tuple(sorted((_plain(item, None) for item in value if not blank(item)), key=str))
    if isinstance(value, bool | Mapping):
        return value
    if isinstance(value, int | float | Decimal):
        return Decimal(str(value)).normalize()
    return _text(str(value), info, kind)


def _text(value: str, info: FieldInfo | None, kind: str) -> Any:
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if kind in NUMBERS:
        number = _number(text)
        return text if number is None else number
    if kind == "email":
        return text.lower()
    if kind == "url":
        return re.sub(r"^https?://", "", text, flags=re.IGNORECASE).rstrip("/").lower()
    if _MOMENT.match(text):
        return _moment(text)
    return fit(text, info)


def _flag(value: Any) -> Any:
    """A box that is not ticked is a box that says no."""
    if blank(value):
        return False
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    return value


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number.normalize() if number.is_finite() else None


def _moment(text: str) -> str:
    """One writing for one moment; midnight in UTC is the date, since a system may keep dates so."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat().removesuffix("T00:00:00+00:00")


def _digits(text: str) -> tuple[str, bool, str | None]:
    """The digits without a leading prefix, whether a country is among them, and the extension."""
    extension = _EXTENSION.search(text)
    number = text[: extension.start()] if extension else text
    digits = re.sub(r"\D", "", number)
    abroad = number.lstrip(" (").startswith("+") or digits.startswith("00")
    return digits.lstrip("0"), abroad, extension[1] if extension else None
