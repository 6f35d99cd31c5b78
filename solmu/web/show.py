"""How values are shown: numbers, times, shares, whatever a field may hold."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from solmu.store.time import from_micros, iso, micros

LOCALE = "en_GB"
_REMEMBERED = 4096
"""How many of each kind are kept as they are shown: lists show the same few over and over, and Babel takes its time."""


@lru_cache(_REMEMBERED, typed=True)
def number(value: float | str | None) -> str:
    """1,234,567; a decimal with two places at most."""
    return "" if value is None else format_decimal(value, locale=LOCALE, format="#,##0.##")


def amount(value: str | float | None) -> str:
    """A number of a customer's, such as an amount; text that is none is left as it is."""
    try:
        return number(value)
    except (ArithmeticError, ValueError):
        return str(value)


@lru_cache(_REMEMBERED)
def share(value: float | None) -> str:
    """0.934 as 93.4%."""
    return "–" if value is None else format_percent(value, locale=LOCALE, format="#,##0.#%")


def moment(at: int | None) -> Markup:
    """A time; the browser shows it in its own zone, and UTC on hovering."""
    if at is None:
        return Markup("")
    shown = from_micros(at)
    text = f"{_date(shown.date())}, {shown:%H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(iso(at), text)


def instant(text: str | None) -> Markup:
    """As ``moment``, for a time as ISO text."""
    return moment(micros(datetime.fromisoformat(text)) if text else None)


def day(value: str | date | None) -> str:
    """A date, given as one or as ISO text; text that is no date is left as it is."""
    if not value:
        return ""
    try:
        found = value if isinstance(value, date) else date.fromisoformat(value[:10])
    except ValueError:
        return str(value)
    return _date(found)


@lru_cache(_REMEMBERED)
def _date(value: date) -> str:
    return str(format_date(value, "d MMM y", locale=LOCALE))


def plain(value: Any) -> str:
    """Whatever a canonical field holds, as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(plain(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {plain(each)}" for name, each in value.items())
    return str(value)


def capital(text: str) -> str:
    """A message as the beginning of a sentence; the rest stays as it is, as does the name of a file or a field."""
    first = text.partition(" ")[0].rstrip(".,:;")
    return text if any(sign in first for sign in "._/") else text[:1].upper() + text[1:]


def lines(value: Any) -> Markup:
    """As ``plain``, each of several values on a line of its own."""
    if isinstance(value, list | tuple):
        return Markup("<br>").join(escape(plain(each)) for each in value)
    return escape(plain(value))


def marked(text: str) -> Markup:
    """A text with `commands` in it, set as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


FILTERS = {
    "number": number,
    "amount": amount,
    "share": share,
    "moment": moment,
    "instant": instant,
    "day": day,
    "plain": plain,
    "capital": capital,
    "lines": lines,
    "marked": marked,
}
