"""Dates and points in time."""

import datetime
import email.utils
import functools
import re
import unicodedata
import zoneinfo
from collections.abc import Sequence
from typing import Literal

from solmu.normalise.invalid import Invalid
from solmu.normalise.text import clean

Order = Literal["dmy", "mdy", "ymd"]

_NUMERIC = re.compile(
    r"(?P<first>\d{1,4})\s?(?P<mark>[./-])\s?(?P<second>\d{1,2})\s?(?P=mark)\s?(?P<third>\d{1,4})\.?(?P<rest>(?:[T\s,].*)?)"
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?P<rest>(?:T\d.*)?)")
_TIME = re.compile(
    r"""[T\s,]*(?:klo|kl\.?|at|ore|alle|um|à|kell)?\s*
    (?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?|(?P<bare>\d{4}|\d{2})?)
    \s*(?:uhr|h)?\s*(?P<half>[ap]\.?m\.?)?\s*
    (?P<zone>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?""",
    re.IGNORECASE | re.VERBOSE,
)
# The languages of whose month names a text is tried in, when the mapping states none.
_LANGUAGES = ("en", "fi", "sv", "it", "de", "fr", "et", "es", "nl", "da", "nb", "pl")
_HAS_YEAR = re.compile(r"(?<!\d)(?:1[89]|20|21)\d{2}(?!\d)")
# What databases write for "no date".
_NO_DATE = re.compile(r"0{1,4}[-/.]0{1,2}[-/.]0{1,4}(?:[T ][0:.]*Z?)?")

_EXCEL_DAY_ZERO = datetime.date(1899, 12, 30)

SERIALS = range(20_000, 80_000)
"""Whole numbers that in a column of dates are a spreadsheet's number of a day, from 1954 to 2119: no year is among
them, and no day written as 20240403."""


def _no_date(text: str) -> Invalid:
    return Invalid("not-a-date", text, "this is no date", "a date such as 2024-04-03")


def date(
    value: "str | float | datetime.date | None", order: Order | None = None, languages: Sequence[str] = ()
) -> datetime.date | None:
    """The day in a text, None when blank. A date is passed through; of a datetime its own day is taken.

    ``order`` is how the source writes day, month and year; a text that begins with a four-digit year is always year,
    month, day. Without ``order`` "3.4.2024" is refused as ``ambiguous-date``, and "13.4.2024" is not. Two-digit years
    are only read with ``order``; 30 to 68 are ``ambiguous-date``, for POSIX takes them for 20xx and Excel for 19xx.
    ``languages`` are ISO 639-1 codes for names of months. A *float* is the serial number of a day in a spreadsheet
    (1900 system); no other number is a date.

    Raises Invalid: ``ambiguous-date``, ``no-such-date`` (31.2.), ``not-a-date``. Never looks at the clock: relative
    words and dates without a year are no dates.
    """
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, float):
        return _from_serial(value).date()
    day_and_time = _read(value, order, languages)
    return day_and_time[0] if day_and_time else None


def timestamp(
    value: "str | float | datetime.datetime | datetime.date | None", order: Order | None = None, timezone: str = "UTC"
) -> datetime.datetime | None:
    """The moment in a text, aware and in UTC; None when blank. A day alone is its midnight.

    What states no offset of its own was measured in ``timezone``, an IANA name; of an hour that happens twice when
    clocks go back, the first is taken. ``order`` and floats are as in :func:`date`. Raises Invalid as it does, and
    ``unknown-timezone``.
    """
    zone = _zone(timezone)
    if value is None:
        return None
    moment: datetime.datetime
    if isinstance(value, datetime.datetime):
        moment = value
    elif isinstance(value, datetime.date):
        moment = datetime.datetime.combine(value, datetime.time())
    elif isinstance(value, float):
        moment = _from_serial(value)
    else:
        read = _read(value, order, ())
        if read is None:
            return None
        day, rest = read
        moment = datetime.datetime.combine(day, _time(rest, value))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return aware.astimezone(datetime.UTC)
    except OverflowError as error:
        raise _no_such_date(str(value)) from error


def _zone(name: str) -> datetime.tzinfo:
    if name == "UTC":
        return datetime.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Invalid(
            "unknown-timezone", name, "this time zone is unknown", "a name such as Europe/Helsinki"
        ) from error


def _from_serial(number: float) -> datetime.datetime:
    # Below 1 it is a time of day; from 2,958,466 on, after the year 9999. The negation refuses NaN too.
    if not 1 <= number < 2_958_466:
        raise _no_date(repr(number))
    day, part = divmod(number, 1)
    seconds = round(part * 86_400)
    midnight = datetime.datetime.combine(_EXCEL_DAY_ZERO, datetime.time())
    return midnight + datetime.timedelta(days=int(day), seconds=min(seconds, 86_399))


def _no_such_date(text: str) -> Invalid:
    return Invalid("no-such-date", text, "the calendar has no such date", "a date such as 2024-04-03")


def _read(value: str, order: Order | None, languages: Sequence[str]) -> tuple[datetime.date, str] | None:
    """The day, and what follows it in the text."""
    cleaned = clean(value)
    if cleaned is None:
        return None
    text = unicodedata.normalize("NFKC", cleaned)
    if _NO_DATE.fullmatch(text):
        return None
    text = re.sub(r"^[^\W\d_]{2,12}\.?,?\s+(?=\d{1,4}[./-]\d)", "", text)  # "Wed 3/4/2024"
    for pattern, reader in ((_NUMERIC, _numeric), (_COMPACT, _compact)):
        matched = pattern.fullmatch(text)
        if matched:
            rest = matched["rest"]
            if rest.strip(" ,") and not _TIME.fullmatch(rest):
                raise _no_date(cleaned)
            return reader(matched, order, cleaned), rest
    return _by_month_name(text, cleaned, tuple(languages))


def _compact(matched: "re.Match[str]", order: Order | None, text: str) -> datetime.date:
    return _day(int(matched["year"]), int(matched["month"]), int(matched["day"]), text)


def _numeric(matched: "re.Match[str]", order: Order | None, text: str) -> datetime.date:
    first, second, third = matched["first"], matched["second"], matched["third"]
    if len(first) == 4 and len(third) <= 2:
        return _day(int(first), int(second), int(third), text)
    if len(first) > 2 or len(third) not in (2, 4):
        raise _no_date(text)
    if order is None:
        order = _order_shown(first, second, third, text)
    year, month, day = {
        "dmy": (third, second, first),
        "mdy": (third, first, second),
        "ymd": (first, second, third),
    }[order]
    if len(day) > 2:  # 03.04.2024 from a source that says it writes the year first
        raise _no_date(text)
    return _day(_year(year, text), int(month), int(day), text)


def _order_shown(first: str, second: str, third: str, text: str) -> Order:
    """The order that the figures themselves allow, where there is only one."""
    one, two = int(first), int(second)
    if len(third) == 4:
        if one > 12:
            return "dmy"
        if two > 12:
            return "mdy"
        if one == two:
            return "dmy"
    raise Invalid(
        "ambiguous-date",
        text,
        "day and month of this date may be swapped",
        'a date such as 2024-04-03, or "order" stated in the mapping',
    )


def _year(year: str, text: str) -> int:
    if len(year) == 4:
        return int(year)
    # POSIX: 69–99 are 19xx, 00–68 are 20xx. Excel: 30–99 are 19xx, 00–29 are 20xx.
    if 30 <= int(year) <= 68:
        raise Invalid(
            "ambiguous-date", text, "the century of this date may be either", "a year of four digits, as in 2024-04-03"
        )
    return int(year) + (1900 if int(year) >= 69 else 2000)


def _day(year: int, month: int, day: int, text: str) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError as error:
        raise _no_such_date(text) from error


def _by_month_name(text: str, cleaned: str, languages: tuple[str, ...]) -> tuple[datetime.date, str]:
    if not _HAS_YEAR.search(text) or not any(character.isalpha() for character in text) or len(text) > 80:
        raise _no_date(cleaned)
    mailed = _as_mail_writes(text)
    if mailed is not None:
        return mailed.date(), mailed.strftime(" %H:%M:%S%z")
    clock = re.search(r"[\s,](?:klo|kl\.?|at|ore|alle|um|à|kell)?\s*(\d{1,2}[:.]\d{2}.*)$", text)
    day_text = text[: clock.start()] if clock else text
    found = _parsed(day_text.strip(" ,"), languages or _LANGUAGES)
    if found is None or (clock and not _TIME.fullmatch(clock[1])):
        raise _no_date(cleaned)
    return found, clock[1] if clock else ""


def _as_mail_writes(text: str) -> datetime.datetime | None:
    """RFC 5322: "Wed, 3 Apr 2024 10:00:00 +0300"."""
    if not re.search(r"\d:\d\d(?::\d\d)?\s[+-]\d{4}|\d:\d\d:\d\d GMT", text):
        return None
    try:
        return email.utils.parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None


@functools.lru_cache(maxsize=4096)
def _parsed(text: str, languages: tuple[str, ...]) -> datetime.date | None:
    import dateparser

    # Absolute dates only, with all three parts, so that no default of today fills a gap.
    try:
        found = dateparser.parse(
            text,
            languages=list(languages),
            settings={
                "STRICT_PARSING": True,
                "REQUIRE_PARTS": ["day", "month", "year"],
                "PARSERS": ["absolute-time"],
                "DATE_ORDER": "DMY",
            },
        )
    except (ValueError, OverflowError, TypeError, IndexError, KeyError):
        return None
    return found.date() if found else None


def _time(rest: str, value: str) -> datetime.time:
    if not rest.strip(" ,"):
        return datetime.time()
    matched = _TIME.fullmatch(rest)
    if matched is None:
        raise _no_date(value)
    hour, minute, second = int(matched["hour"]), int(matched["minute"] or 0), int(matched["second"] or 0)
    bare = matched["bare"] or ""  # ISO 8601 basic: T1030, T103015
    if bare:
        minute, second = int(bare[:2]), int(bare[2:] or 0)
    if matched["half"]:
        if not 1 <= hour <= 12:
            raise _no_date(value)
        hour = hour % 12 + (12 if matched["half"].lower().startswith("p") else 0)
    micro = int((matched["fraction"] or "0").ljust(6, "0")[:6])
    try:
        return datetime.time(hour, minute, second, micro, tzinfo=_offset(matched["zone"]))
    except ValueError as error:
        raise _no_date(value) from error


def _offset(zone: str | None) -> datetime.tzinfo | None:
    if not zone:
        return None
    if zone.upper() in ("Z", "UTC", "GMT"):
        return datetime.UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = datetime.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return datetime.timezone(-offset if zone[0] == "-" else offset)
