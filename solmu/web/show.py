"""How values are shown: numbers, times, shares, whatever a field may hold."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from solmu.store.time import from_micros, iso

LOCALE = "en_GB"


def number(value: float | str | None) -> str:
    """1,234,567; a decimal with two places at most."""
    return "" if value is None else format_decimal(value, locale=LOCALE, format="#,##0.##")


def amount(value: str | float | None) -> str:
    """A number of a customer's, such as an amount; text that is none is left as it is."""
    try:
        return number(value)
    except (ArithmeticError, ValueError):
        return str(value)


def share(value: float | None) -> str:
    """0.934 as 93.4%."""
    return "–" if value is None else format_percent(value, locale=LOCALE, format="#,##0.#%")


def moment(micros: int | None) -> Markup:
    """A time; the browser shows it in its own zone, and UTC on hovering."""
    if micros is None:
        return Markup("")
    shown = from_micros(micros)
    text = f"{format_date(shown.date(), 'd MMM y', locale=LOCALE)}, {shown:%H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(iso(micros), text)


def day(value: str | date | None) -> str:
    """A date, given as one or as ISO text; text that is no date is left as it is."""
    if not value:
        return ""
    try:
        found = value if isinstance(value, date) else date.fromisoformat(value[:10])
    except ValueError:
        return str(value)
    return str(format_date(found, "d MMM y", locale=LOCALE))


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
    "day": day,
    "plain": plain,
    "lines": lines,
    "marked": marked,
}
