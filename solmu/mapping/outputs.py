"""The transforms that a target mapping may name: a closed list, each from canonical values to what a target takes.

None of them is given a blank value, and each gives None where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from solmu.mapping.transform import Option
from solmu.normalise.deal_stage import deal_stage

Apply = Callable[[Any], Any]
Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Output:
    """One output transform. ``kinds`` of canonical field that it takes, any if empty. ``build`` makes it from its
    options, and raises ValueError if one makes no sense."""

    name: str
    purpose: str
    kinds: frozenset[str]
    options: dict[str, Option]
    build: Callable[[Options], Apply]


OUTPUTS: dict[str, Output] = {}


def _output(
    name: str, *options: Option, kinds: str = ""
) -> Callable[[Callable[[Options], Apply]], Callable[[Options], Apply]]:
    def register(build: Callable[[Options], Apply]) -> Callable[[Options], Apply]:
        purpose = " ".join((build.__doc__ or "").split())
        declared = {option.name: option for option in options}
        OUTPUTS[name] = Output(name, purpose, frozenset(kinds.split()), declared, build)
        return build

    return register


def is_blank(value: Any) -> bool:
    """Whether a value says nothing: none, no text, an empty list. False and 0 do say something."""
    return not value if isinstance(value, str) else value is None or value == [] or value == {}


def _texts(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value]) if not is_blank(each)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(_texts(value))


# --- lists --------------------------------------------------------------------------------------------------------


@_output("first")
def _first(_: Options) -> Apply:
    """The first value of several."""
    return lambda value: (
        next((each for each in value if not is_blank(each)), None) if isinstance(value, list) else value
    )


@_output("join", Option("separator", 'what stands between the values; default: ", "'))
def _join(options: Options) -> Apply:
    """Several values in one text. Salesforce's multi-select picklists take ";"."""
    separator = options.get("separator", ", ")
    return lambda value: separator.join(_texts(value)) or None


# --- text ---------------------------------------------------------------------------------------------------------


@_output("upper")
def _upper(_: Options) -> Apply:
    """Capital letters."""
    return lambda value: _text(value).upper()


@_output("lower")
def _lower(_: Options) -> Apply:
    """Small letters."""
    return lambda value: _text(value).lower()


@_output("truncate", Option("length", "the most characters that the field holds", required=True))
def _truncate(options: Options) -> Apply:
    """Text that fits: too long a one is cut at the end of a word where there is one near, and ends in "…"."""
    length = int(options["length"])
    if length < 2:
        raise ValueError("2 or more")

    def truncate(value: Any) -> str:
        text = _text(value)
        if len(text) <= length:
            return text
        cut = text[: length - 1]
        words = cut[: cut.rfind(" ")] if cut.rfind(" ") > length * 3 // 4 else cut
        return f"{words.rstrip()}…"

    return truncate


@_output("url")
def _url(_: Options) -> Apply:
    """A web address with its scheme: https where none is stated."""
    return lambda value: _text(value) if "://" in _text(value) else f"https://{_text(value)}"


# --- codes and their names ----------------------------------------------------------------------------------------


@_output("country_name", Option("language", "the language of the name; default: en"), kinds="country text")
def _country_name(options: Options) -> Apply:
    """A country's name, of its two-letter code."""
    names = _territories(options.get("language", "en"))
    return lambda value: names.get(_text(value), _text(value))


@_output("language_name", Option("language", "the language of the name; default: en"), kinds="language text")
def _language_name(options: Options) -> Apply:
    """A language's name, of its two-letter code."""
    from babel import Locale

    names = dict(Locale.parse(_locale(options.get("language", "en"))).languages)
    return lambda value: names.get(_text(value), _text(value))


def _territories(language: str) -> Mapping[str, str]:
    from babel import Locale

    return dict(Locale.parse(_locale(language)).territories)


def _locale(language: str) -> str:
    from babel.localedata import exists

    if not exists(language):
        raise ValueError("a language such as en or fi")
    return language


@_output(
    "choice",
    Option("values", "what the hub says -> what the target calls it", kind="map", required=True),
    Option("other", "what becomes of a value that is not listed; default: leave_out", choices=("keep", "leave_out")),
)
def _choice(options: Options) -> Apply:
    """The target's word for a value, by a list; of several values the first that is listed."""
    meanings = {said.casefold(): meant for said, meant in options["values"].items()}
    keep = options.get("other") == "keep"

    def choice(value: Any) -> str | None:
        found = (meanings.get(text.casefold(), text if keep else None) for text in map(_plain, _list(value)))
        return next((each for each in found if each is not None), None)

    return choice


@_output(
    "stage",
    Option(
        "values",
        "what the hub says, or what that means (prospecting, qualification, proposal, negotiation, won, lost) -> what "
        "the target calls it",
        kind="map",
        required=True,
    ),
)
def _stage(options: Options) -> Apply:
    """The target's word for the stage of a deal: by a list, or else by what it means in English, German, Finnish,
    Swedish, French or Spanish."""
    meanings = {said.casefold(): meant for said, meant in options["values"].items()}

    def stage(value: Any) -> str | None:
        text = _text(value)
        listed = meanings.get(text.casefold())
        return meanings.get(deal_stage(text) or "") if listed is None else listed

    return stage


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- numbers, dates, flags ----------------------------------------------------------------------------------------


@_output("number", kinds="number")
def _number(_: Options) -> Apply:
    """A number for targets that don't take text."""

    def number(value: Any) -> int | float:
        exact = Decimal(_text(value))
        return int(exact) if exact == exact.to_integral_value() else float(exact)

    return number


@_output("date", Option("format", "as of strftime, such as %d.%m.%Y; default: 2024-04-03"), kinds="date")
def _date(options: Options) -> Apply:
    """A date as the target writes it."""
    form = options.get("format", "%Y-%m-%d")
    return lambda value: date.fromisoformat(_text(value)[:10]).strftime(form)


@_output("negate", kinds="flag")
def _negate(_: Options) -> Apply:
    """The opposite of a flag."""
    return lambda value: not value


# --- e-mail -------------------------------------------------------------------------------------------------------


@_output("personal", kinds="email")
def _personal(_: Options) -> Apply:
    """The first address that one person reads alone; where all are shared (info@, billing@), the first of them."""
    from solmu.normalise import Invalid, email

    def is_shared(address: str) -> bool:
        try:
            mail = email(address)
        except Invalid:
            return True
        return mail is None or mail.is_role

    return lambda value: next((each for each in _texts(value) if not is_shared(each)), next(iter(_texts(value)), None))


# --- phone numbers ------------------------------------------------------------------------------------------------


@_output("e164", kinds="phone")
def _e164(_: Options) -> Apply:
    """The first phone number without its extension: +358401234567."""
    return lambda value: _digits(_texts(value)[0]) if _texts(value) else None


@_output("mobile", kinds="phone")
def _mobile(_: Options) -> Apply:
    """The first number of a mobile phone."""
    return lambda value: next((_digits(each) for each in _texts(value) if _is_mobile(each)), None)


@_output("landline", kinds="phone")
def _landline(_: Options) -> Apply:
    """The first number that is none of a mobile phone; an extension follows after "x"."""
    return lambda value: next((_dialled(each) for each in _texts(value) if not _is_mobile(each)), None)


@_output("dialled", kinds="phone")
def _dialled_number(_: Options) -> Apply:
    """The first number, with its extension after "x", as CRM phone fields have it: +358401234567 x12."""
    return lambda value: _dialled(_texts(value)[0]) if _texts(value) else None


def _digits(number: str) -> str:
    return number.partition(";")[0]


def _dialled(number: str) -> str:
    return number.replace(";ext=", " x")


def _is_mobile(number: str) -> bool:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(_digits(number))
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE)
