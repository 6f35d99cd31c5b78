"""Headers as they come: encoded words, bare bytes, bad dates and addresses that follow no standard."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

_FOLD = re.compile(r"\r?\n(?=[ \t])")
_ENDS = re.compile(r"[\r\n]+")


def raw(message: Message, name: str) -> str:
    """A header unfolded, its encoded words as they are; the first of several, and empty where there is none."""
    # Not by subscript: that would give bytes outside ASCII as question marks.
    values = (value for known, value in message.raw_items() if known.lower() == name.lower())
    return _plain(str(next(values, "")))


def text(message: Message, name: str) -> str:
    """A header as a person reads it."""
    return words(raw(message, name))


def words(value: str) -> str:
    """Encoded words (RFC 2047) decoded; one that cannot be stays as it is."""
    if "=?" not in value:
        return value
    try:
        chunks = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(chunk if isinstance(chunk, str) else _decoded(chunk, charset) for chunk, charset in chunks)


def people(message: Message, name: str) -> list[tuple[str, str]]:
    """The names and addresses of an address header; an address without @ is left out."""
    found = getaddresses([raw(message, name)])
    return [(words(who).strip(), address.strip()) for who, address in found if "@" in address]


def date_of(message: Message) -> datetime | None:
    """The mail's own date in UTC; None where it has none that is one."""
    try:
        moment = parsedate_to_datetime(raw(message, "Date"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def to_text(data: bytes, charset: str | None = None) -> str:
    """Bytes as text: by the stated charset if they are that, and never with a lone surrogate or an error.

    UTF-8 comes before charsets of one byte: many programs state ISO-8859-1 and send UTF-8, and hardly any text in
    another charset happens to be UTF-8.
    """
    from solmu.normalise import Invalid, decode

    stated = (charset or "").strip("\"' ").lower()
    if "\x1b" in stated or "\0" in stated:
        stated = ""
    several = stated.startswith(("iso-2022", "utf-16", "utf-32", "hz", "utf-7"))
    for encoding in (stated, "utf-8") if several else ("utf-8", stated):
        try:
            if encoding:
                return data.decode(encoding).removeprefix("\ufeff").encode("utf-8", "replace").decode()
        except (LookupError, ValueError):
            continue
    try:
        return decode(data)[0]
    except Invalid:
        return data.decode("utf-8", "replace")


def _plain(value: str) -> str:
    """A header unfolded and without the surrogates that stand for bytes outside ASCII."""
    unfolded = _ENDS.sub(" ", _FOLD.sub("", value)).strip()
    if unfolded.isascii():
        return unfolded
    return to_text(unfolded.encode("utf-8", "surrogateescape"))


def _decoded(chunk: bytes, charset: str | None) -> str:
    # Between encoded words stands what needed none, as bytes without a charset.
    return to_text(chunk, charset)
