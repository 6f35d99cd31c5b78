"""Amounts of money and other decimal numbers written by people."""

import re
from decimal import Decimal
from typing import Literal

from solmu.normalise.invalid import Invalid
from solmu.normalise.text import clean

DecimalMark = Literal[",", "."]

_UNIT = r"(?:[A-Za-z]{3}|[^\W\d_]{0,3}[€$£¥₽₴₺₹₩₪₫]|kr\.?|zł|Kč|Ft|euroa?|euros?|SFr\.?|Fr\.)"
_AMOUNT = re.compile(
    rf"(?:{_UNIT}\s*)?(?P<number>[-+]?\s*[.,]?\d[\d\s.,'’]*)(?:(?:,|\.)?[-–—]+)?(?:\s*{_UNIT})?", re.IGNORECASE
)
_SIGNED_OUTSIDE = re.compile(rf"(?P<sign>[-+])\s*{_UNIT}\s*(?P<rest>\d.*)", re.IGNORECASE)
_GROUPS_OF_THREE = r"\d{1,3}(?:%s\d{2,3})*%s\d{3}"


def amount(text: "str | int | float | Decimal | None", decimal: DecimalMark | None = None) -> Decimal | None:
    """The number in "1 234,50 €", "1.234,50" or "(1,234.50)"; None when blank. Numbers are taken as they are.

    ``decimal`` is the mark that the source puts before decimals. Without it: where both marks occur, the last is the
    decimal mark; one that occurs twice separates thousands; one alone is the decimal mark, unless exactly three
    digits follow and one to three stand before ("1.234"): that is refused, because a guess may be wrong by a thousand.
    "0,125" is not ambiguous. Brackets and a minus at the end mean negative; currency signs are dropped (see
    ``currency``).

    Raises Invalid: ``not-an-amount``, ``ambiguous-amount``.
    """
    if text is None:
        return None
    if isinstance(text, bool):
        raise _invalid(str(text))
    if isinstance(text, int | Decimal | float):
        number = Decimal(repr(text)) if isinstance(text, float) else Decimal(text)
        if not number.is_finite():
            raise _invalid(str(text))
        return number
    cleaned = clean(text)
    if cleaned is None:
        return None
    plain = cleaned.replace("−", "-").replace("–", "-") if cleaned[0] in "−–" else cleaned
    negative = False
    if plain.startswith("(") and plain.endswith(")"):
        plain, negative = plain[1:-1].strip(), True
    elif re.search(r"\d\s*-$", plain):
        plain, negative = plain[:-1].strip(), True
    outside = _SIGNED_OUTSIDE.fullmatch(plain)
    if outside:
        plain = outside["sign"] + outside["rest"]
    matched = _AMOUNT.fullmatch(plain)
    if matched is None:
        raise _invalid(cleaned)
    number = _number(re.sub(r"\s", " ", matched["number"]).strip(), decimal, cleaned)
    return -number if negative else number


def _invalid(value: str) -> Invalid:
    return Invalid("not-an-amount", value, "this is no amount", "a number such as 1234.50 or 1 234,50 €")


def _number(digits: str, decimal: DecimalMark | None, value: str) -> Decimal:
    sign = "-" if digits.startswith("-") else ""
    digits = digits.lstrip("+- ").rstrip(",. ")
    digits = f"0{digits}" if digits[0] in ",." else digits  # ".5", as some databases export it
    mark = decimal or _decimal_mark(digits, value)
    whole, found, fraction = digits.rpartition(mark) if mark and mark in digits else (digits, "", "")
    if found and (not fraction.isdigit() or not fraction.isascii()):
        raise _invalid(value)
    separators = {character for character in whole if not character.isdigit()}
    if len(separators) > 1 or mark in separators:
        raise _invalid(value)
    for separator in separators:
        escaped = re.escape(separator)
        if not re.fullmatch(_GROUPS_OF_THREE % (escaped, escaped), whole):
            raise _invalid(value)
        whole = whole.replace(separator, "")
    return Decimal(f"{sign}{whole}.{fraction or '0'}" if found else f"{sign}{whole}")


def _decimal_mark(digits: str, value: str) -> str:
    """The decimal mark that the number itself shows, or "" for a whole number."""
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0:
        return ""
    mark, other = digits[last], "." if digits[last] == "," else ","
    if digits.count(mark) > 1:
        return "" if other not in digits else other
    before, after = digits[:last], digits[last + 1 :]
    if other in before or not before.isdigit():
        return mark  # something else separates the thousands
    if len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0"):
        raise Invalid(
            "ambiguous-amount",
            value,
            "this may be thousands or decimals",
            'a number such as 1234.50, or "decimal" stated in the mapping',
        )
    return mark
