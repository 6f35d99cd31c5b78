"""The transforms that a source mapping may name: a closed list, each from text to a canonical value.

A transform is built once, from the options that its mapping states, and then called with the text of a cell; one with
an option that may differ from row to row (the region of a phone number) gets that as a second argument. It gives None
for text that says nothing, and raises Invalid for text that makes no sense.
"""

from __future__ import annotations

import re
from datetime import date as Date
from datetime import datetime
from decimal import Decimal
from typing import Any

from solmu.mapping.transform import TRANSFORMS, VOCABULARY, Apply, Number, Option, Options, transform
from solmu.normalise import (
    Invalid,
    addresses,
    amount,
    business_id,
    clean,
    country,
    currency,
    date,
    domain,
    fold,
    is_free_domain,
    language,
    organisation_name_parts,
    person_name,
    person_name_parts,
    phone_numbers,
    plain_person,
    postcode,
    terms,
    tidy,
    timestamp,
)
from solmu.normalise.date import SERIALS
from solmu.normalise.name_parts import generation_of

__all__ = ["FALSE_WORDS", "TRANSFORMS", "TRUE_WORDS", "person_name_of_parts", "plain_number"]

_DATE_ORDER = Option(
    "order",
    "how the source writes dates; without it, only dates that can be read in one way",
    choices=("dmy", "mdy", "ymd"),
)

# --- text ---------------------------------------------------------------------------------------------------------


@transform("text", "text name")
def _text(_: Options) -> Apply:
    """Text in one line, without blanks around it and invisible characters; "n/a", "-" and the like are nothing."""
    return clean


@transform("lines", "text")
def _lines(_: Options) -> Apply:
    """Text that keeps its line ends: notes and descriptions. Each line is cleaned, empty lines at both ends go."""

    def lines(text: str) -> str | None:
        if "\n" not in text and "\r" not in text:
            return clean(text)
        found = text.splitlines()
        if not any(map(clean, found)):
            return None
        return "\n".join(map(tidy, found)).strip("\n")

    return lines


@transform(
    "split", "text", Option("separators", "the characters between values; default: ; , | and line ends"), gives="many"
)
def _split(options: Options) -> Apply:
    """Several values of one cell, each cleaned and once."""
    separator = re.compile(f"[{re.escape(options.get('separators', ';,|'))}\n\r]")

    def split(text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part for part in map(clean, separator.split(text)) if part))

    return split


@transform(
    "choice",
    "text country language currency",
    Option("values", "what the source says -> what it means", kind="map", required=True),
    Option("other", "what becomes of a value that is not listed", choices=("refuse", "keep")),
)
def _choice(options: Options) -> Apply:
    """A value of a closed list, by what the source calls it; upper and lower case don't count."""
    meanings = {_word(said): meant for said, meant in options["values"].items()}
    keep = options.get("other") == "keep"
    listed = ", ".join(options["values"])

    def choice(text: str) -> str | None:
        found = meanings.get(_word(text))
        cleaned = clean(text)
        if found is not None or cleaned is None:
            return found
        if keep:
            return cleaned
        raise Invalid(
            "not-a-choice", cleaned, "this value is not among those that the mapping knows", f"one of {listed}"
        )

    return choice


def _word(text: str) -> str:
    # Signs fold to nothing, and yet a source may say "+" or "✓".
    return fold(text) or tidy(text).casefold()


@transform(
    "terms",
    "text",
    Option(
        VOCABULARY, "the vocabulary of this mapping that has the terms and what people write for them", required=True
    ),
    gives="many",
)
def _terms(options: Options) -> Apply:
    """The terms of a vocabulary that a text mentions."""
    vocabulary = options[VOCABULARY]
    return lambda text: tuple(terms(text, vocabulary))


# --- names --------------------------------------------------------------------------------------------------------


@transform("organisation_name", "name", gives="parts")
def _organisation_name(_: Options) -> Apply:
    """An organisation's name as written, and its legal form beside it."""

    def name(text: str) -> tuple[tuple[str, Any], ...] | None:
        found = organisation_name_parts(text)
        if found is None:
            return None
        whole, _, legal_form = found
        return (("name", whole), ("legal_form", legal_form)) if legal_form else (("name", whole),)

    return name


@transform(
    "person_name",
    "text",
    Option("order", "which name comes first where nothing else tells", choices=("given-first", "family-first")),
    gives="parts",
)
def _person_name(options: Options) -> Apply:
    """A person's whole name in one cell, and its parts; where the source has the parts, map those instead."""
    order: Any = options.get("order", "given-first")

    def name(text: str) -> tuple[tuple[str, Any], ...] | None:
        plain = plain_person(text, order)
        if plain is not None:
            given = f"{plain.given} {plain.middle}" if plain.middle else plain.given
            return (("name", text), ("given_name", given), ("family_name", plain.family))
        found = person_name(text, order)
        if found is None:
            return None
        given = " ".join(part for part in (found.given, found.middle) if part)
        # Without it a son is his father: of what stands behind a name it is the one thing that tells who is meant.
        generation = next(filter(generation_of, (found.suffix or "").split()), "").strip(",")
        name, family = (" ".join(filter(None, (part, generation))) for part in (found.full, found.family))
        return (("name", name), *_present(given_name=given, family_name=family, title=found.title))

    return name


def person_name_of_parts(given: str | None, family: str | None) -> tuple[tuple[str, Any], ...] | None:
    """The same of given and family name as the source has them: never split, never swapped."""
    found = person_name_parts(given, family)
    if found is None:
        return None
    return (("name", found.full), *_present(given_name=found.given, family_name=found.family))


def _present(**fields: str | None) -> tuple[tuple[str, str], ...]:
    return tuple([(name, value) for name, value in fields.items() if value])


# --- ways to reach somebody ---------------------------------------------------------------------------------------


@transform("email", "email text", gives="many")
def _email(_: Options) -> Apply:
    """E-mail addresses: one, or several in one cell."""
    return addresses


@transform(
    "phone",
    "phone text",
    Option(
        "region",
        "the country of numbers without a country code: FI; if not stated, the `country` beside it",
        kind="row",
    ),
    gives="many",
)
def _phone(_: Options) -> Apply:
    """Phone numbers in international form: one, or several in one cell."""
    return phone_numbers


@transform("domain", "domain text")
def _domain(_: Options) -> Apply:
    """The registered domain of a web or e-mail address; nothing for free mail and social media, where anybody is."""

    def business_domain(text: str) -> str | None:
        found = domain(text)
        return None if found is None or is_free_domain(found) else found

    return business_domain


# --- places -------------------------------------------------------------------------------------------------------


@transform("country", "country text")
def _country(_: Options) -> Apply:
    """A country by code or name, as its two-letter code."""
    return country


@transform("postcode", "text", Option("country", "the country whose postcodes these are", kind="row"))
def _postcode(_: Options) -> Apply:
    """A postcode as its country writes it."""
    return postcode


# --- identifiers, codes -------------------------------------------------------------------------------------------


@transform("business_id", "id text", Option("country", "the country that gave the number", kind="row"))
def _business_id(_: Options) -> Apply:
    """A business or VAT number, checked, with its country before it."""

    def identifier(text: str, country: str | None = None) -> str | None:
        found = business_id(text, country)
        return None if found is None else found.key

    return identifier


@transform("language", "language text")
def _language(_: Options) -> Apply:
    """A language by code or name, as its two-letter code."""
    return language


@transform("currency", "currency text")
def _currency(_: Options) -> Apply:
    """A currency by code, sign or name, as its three-letter code."""
    return currency


# --- dates, numbers, flags ----------------------------------------------------------------------------------------


def _serial(number: Number) -> float | None:
    is_serial = number in SERIALS if isinstance(number, int) else isinstance(number, float)
    return float(number) if is_serial else None


def _serial_date(number: Number) -> str | None:
    serial = _serial(number)
    return None if serial is None else _iso(date(serial))


@transform("date", "date text", _DATE_ORDER, numbers=_serial_date)
def _date(options: Options) -> Apply:
    """A date. A number with decimals, or from 20000 to 79999, is a spreadsheet's serial number of a day."""
    order: Any = options.get("order")
    return lambda text: _iso(date(text, order))


def _iso(day: Date | None) -> str | None:
    return None if day is None else day.isoformat()


def _serial_timestamp(number: Number) -> datetime | None:
    serial = _serial(number)
    return None if serial is None else timestamp(serial)


@transform(
    "timestamp",
    "timestamp",
    _DATE_ORDER,
    Option("timezone", "the zone of stamps that name none, such as Europe/Helsinki; default: UTC"),
    numbers=_serial_timestamp,
)
def _timestamp(options: Options) -> Apply:
    """A point in time, in UTC; a date alone is its midnight."""
    order: Any = options.get("order")
    zone = options.get("timezone", "UTC")
    timestamp("2000-01-01", order, zone)  # refuses a zone that does not exist, before any row is read
    return lambda text: timestamp(text, order, zone)


def plain_number(number: Number) -> str:
    """A number as claims hold it: digits, a point before decimals, and no zeros that say nothing (1.50)."""
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    whole = exact.to_integral_value()
    return format(whole if exact == whole else exact.normalize(), "f")


@transform(
    "number",
    "number text",
    Option(
        "decimal", "the mark before decimals; without it, 1.234 is refused, as it may be thousands", choices=(",", ".")
    ),
    numbers=plain_number,
)
def _number(options: Options) -> Apply:
    """A number, however thousands and decimals are marked; currency signs around it are passed over."""
    mark: Any = options.get("decimal")

    def number(text: str) -> str | None:
        found = amount(text, mark)
        return None if found is None else plain_number(found)

    return number


# What people put into boxes in English, Finnish, Swedish, Italian, German, French and Estonian; folded.
TRUE_WORDS = frozenset({
    "true", "yes", "y", "1", "x", "on", "kylla", "k", "ja", "j", "sant", "si", "s", "vero", "wahr", "oui", "vrai",
    "jah", "toene",
})  # fmt: skip
FALSE_WORDS = frozenset({
    "false", "no", "n", "0", "off", "ei", "e", "epatosi", "nej", "falskt", "falso", "nein", "falsch", "non", "faux",
    "vale",
})  # fmt: skip


@transform(
    "flag",
    "flag",
    Option("true", "what the source writes for true; anything else is false", kind="list"),
    Option("false", "what it writes for false; with both lists, anything else is refused", kind="list"),
    Option("negate", "whether the meaning is turned round", kind="flag"),
)
def _flag(options: Options) -> Apply:
    """True or false, from the words and signs that people use, or from those that are stated."""
    stated = "true" in options or "false" in options
    yes = frozenset(map(_word, options.get("true", () if stated else TRUE_WORDS)))
    no = frozenset(map(_word, options.get("false", () if stated else FALSE_WORDS)))
    negate = bool(options.get("negate"))
    both = bool(yes and no)

    def flag(text: str) -> bool | None:
        word = _word(text)
        if word not in yes and word not in no and clean(text) is None:
            return None
        if both and word not in yes and word not in no:
            raise Invalid("not-a-flag", text, "this is neither true nor false", "yes or no, true or false, 1 or 0")
        return ((word in yes) if yes else (word not in no)) is not negate

    return flag
