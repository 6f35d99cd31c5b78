"""Phone numbers."""

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solmu.normalise.invalid import Invalid
from solmu.normalise.plain_phone import Kind, plain_phone
from solmu.normalise.text import clean, tidy

if TYPE_CHECKING:
    import phonenumbers


@dataclass(frozen=True, slots=True)
class Phone:
    """One number: ``raw`` as it came, ``e164`` such as ``+358401234567``, ``extension`` in digits, kind of line."""

    raw: str
    e164: str
    extension: str | None
    kind: Kind

    @property
    def value(self) -> str:
        """The number as one text, an extension after ``;ext=`` (RFC 3966)."""
        return f"{self.e164};ext={self.extension}" if self.extension else self.e164


_EXTENSION = re.compile(
    r"""
    \s*[,;(]?\s*
    (?:;ext=|\b(?:extension|extn?|alanumero|alanro|alan|anknytning|ankn|interno|int|durchwahl|dw|nebenstelle|nst|poste
       |sisäinen|sisä|sis|lisätunnus)\b\.?|(?<=[\d\s])x(?=\s*\d)|(?<=\d)\s*\#)
    \s*[:.=]?\s*(\d{1,7})\s*\)?(?=\s*(?:$|[;,/|\n]|\b(?:tai|or|oder|eller|ou|oppure|või)\b))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MARK = "\x00"  # stands before an extension while a field is split; cleaned text has none
_SEPARATORS = re.compile(
    r"[;,|\n]|\s(?:tai|or|oder|eller|ou|oppure|o|või|ja|and|und|och|et)\s|\s&\s|\s-\s(?=\+)", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
_LABEL = re.compile(r"^[^\d+(]*")
_TRAILING_NOTE = re.compile(r"[^\d]*\([^\d]*\)\s*$|[^\d)]+$")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_SCIENTIFIC = re.compile(r"^\s*\d(?:[.,]\d+)?e\+?\d{1,2}\s*$", re.IGNORECASE)
_FLOAT = re.compile(r"^(\+?\d{6,})[.,]0+$")

_REGION_ALIASES = {"UK": "GB", "EL": "GR"}


def phones(text: str | None, region: str | None = None) -> list[Phone]:
    """All numbers of a field, each once, in order; blank gives an empty list.

    ``region`` is the country that local numbers are dialled in, ISO 3166 alpha-2. A field is split at ``; , |``, line
    ends and words such as "tai" or "or" first. A slash separates numbers when both sides are numbers, is part of one
    ("089/1234567") otherwise, and "040 1234567/8" means two numbers that differ at the end.

    Raises Invalid: ``phone-without-country`` (neither ``region`` nor a leading + or 00), ``not-a-phone`` (no such
    number exists), ``phone-in-scientific-notation`` (a spreadsheet dropped digits), ``unknown-region``.
    """
    if text is None:
        return []
    written = text.strip()
    plain = _plain(written, region)
    if plain is not None:
        return [Phone(written, plain[0], None, plain[1])]
    cleaned = clean(text)
    if cleaned is None:
        return []
    if _SCIENTIFIC.match(cleaned):
        raise Invalid(
            "phone-in-scientific-notation",
            cleaned,
            "a spreadsheet has rounded this phone number",
            "the digits themselves: format the column as text and export it again",
        )
    country = _region(region, cleaned)
    # Line ends separate numbers, and cleaning the text as a whole would lose them.
    lines = "\n".join(tidy(line) for line in text.splitlines())
    marked = _EXTENSION.sub(lambda found: f"{_MARK}{found.group(1)} ", _FLOAT.sub(r"\1", lines.strip()))
    found: dict[tuple[str, str | None], Phone] = {}
    pieces = [piece.strip() for piece in _SEPARATORS.split(marked)]
    pieces = [piece for piece in pieces if _DIGIT.search(piece)]
    if not pieces:
        raise _not_a_phone(cleaned)
    for piece in pieces:
        for phone in _read(piece, country):
            found.setdefault((phone.e164, phone.extension), phone)
    return list(found.values())


def phone_numbers(text: str, region: str | None = None) -> tuple[str, ...]:
    """``value`` of each of ``phones``, for whoever has no use for the rest. Raises Invalid."""
    plain = _plain(text.strip(), region)
    return tuple([each.value for each in phones(text, region)]) if plain is None else (plain[0],)


def _plain(written: str, region: str | None) -> tuple[str, Kind] | None:
    code = region if region in _regions() else _code(region)
    return plain_phone(written, code) if code is None or code in _regions() else None


def _region(region: str | None, text: str) -> str | None:
    code = _code(region)
    if code is not None and code not in _regions():
        raise Invalid("unknown-region", text, "the country given with this number is unknown", "a code such as FI")
    return code


def _code(region: str | None) -> str | None:
    code = region.strip().upper() if region else ""
    return _REGION_ALIASES.get(code, code) or None


@functools.cache
def _regions() -> frozenset[str]:
    from phonenumbers import SUPPORTED_REGIONS

    return frozenset(SUPPORTED_REGIONS)


def _not_a_phone(piece: str) -> Invalid:
    return Invalid("not-a-phone", piece, "no such phone number exists", "a number such as +358 40 1234567")


def _read(piece: str, region: str | None) -> list[Phone]:
    """The number or numbers of a piece that was not split further."""
    if "/" in piece:
        return _read_slashed(piece, region)
    try:
        return [_phone(piece, region)]
    except Invalid:
        several = _found_in(piece, region)
        if len(several) < 2:
            raise
        return several


def _read_slashed(piece: str, region: str | None) -> list[Phone]:
    parts = [part.strip() for part in piece.split("/") if _DIGIT.search(part)]
    each = [_try(part, region) for part in parts]
    numbers = [phone for phone in each if phone is not None]
    if len(parts) > 1 and len(numbers) == len(parts):
        return numbers
    head, tails = parts[0], parts[1:]
    if each[0] is not None and all(re.fullmatch(r"\d{1,2}", tail) for tail in tails):
        return [each[0], *(_phone(head[: -len(tail)] + tail, region) for tail in tails)]
    return [_phone(piece.replace("/", " "), region)]


def _found_in(piece: str, region: str | None) -> list[Phone]:
    """The numbers in "home 09 123456 work 040 1234567", if they account for every digit."""
    import phonenumbers

    rest, found = piece, []
    for match in phonenumbers.PhoneNumberMatcher(piece, region):
        rest = rest.replace(match.raw_string, " ", 1)
        found.append(_described(match.raw_string, match.number, _kind(match.number) or "other", None))
    return [] if _DIGIT.search(rest) else found


def _try(piece: str, region: str | None) -> Phone | None:
    try:
        return _phone(piece, region)
    except Invalid:
        return None


def _phone(piece: str, region: str | None) -> Phone:
    raw = piece.replace(_MARK, " ext. ")
    digits, _, extension = piece.partition(_MARK)
    number = _TRAILING_NOTE.sub("", _LABEL.sub("", digits)).strip()
    if not _DIGIT.search(number):
        raise _not_a_phone(raw)
    international = number.startswith(("+", "(+", "00"))
    if region is None and not international:
        raise Invalid(
            "phone-without-country",
            raw,
            "this phone number does not say its country",
            "a number that begins with + and the country's code, or a country beside it",
        )
    for candidate in _spellings(number, region):
        plain = plain_phone(candidate, region)
        if plain is not None:
            return Phone(raw, plain[0], extension.strip() or None, plain[1])
        parsed = _parse(candidate, region)
        kind = _kind(parsed) if parsed else None
        if parsed is not None and kind is not None:
            return _described(raw, parsed, kind, extension.strip() or None)
    raise _not_a_phone(raw)


def _spellings(number: str, region: str | None) -> list[str]:
    """The number as written, then read in the ways people abroad write it."""
    spellings = [number]
    if number.startswith("00"):
        # 00 is the prefix for calls abroad nearly everywhere, also on cards of countries where it is another.
        spellings.append("+" + number.lstrip("0"))
    if _TRUNK_ZERO.search(number):
        spellings.append(_TRUNK_ZERO.sub(" ", number))
    return [spelling for spelling in spellings if region is not None or spelling.lstrip("(").startswith("+")]


def _parse(number: str, region: str | None) -> "phonenumbers.PhoneNumber | None":
    import phonenumbers

    try:
        return phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None


def _described(raw: str, parsed: "phonenumbers.PhoneNumber", kind: Kind, extension: str | None) -> Phone:
    from phonenumbers import PhoneNumberFormat, format_number

    return Phone(
        raw=raw,
        e164=format_number(parsed, PhoneNumberFormat.E164),
        extension=extension or parsed.extension,
        kind=kind,
    )


def _kind(parsed: "phonenumbers.PhoneNumber") -> Kind | None:
    """The kind of line, None if there is no such number: a number is valid if it is of some type."""
    from phonenumbers import PhoneNumberType, number_type

    found = number_type(parsed)
    return None if found == PhoneNumberType.UNKNOWN else _kinds().get(found, "other")


@functools.cache
def _kinds() -> dict[int, Kind]:
    import phonenumbers

    return {
        phonenumbers.PhoneNumberType.FIXED_LINE: "fixed",
        phonenumbers.PhoneNumberType.MOBILE: "mobile",
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed-or-mobile",
        phonenumbers.PhoneNumberType.TOLL_FREE: "toll-free",
        phonenumbers.PhoneNumberType.PREMIUM_RATE: "premium",
        phonenumbers.PhoneNumberType.SHARED_COST: "shared-cost",
        phonenumbers.PhoneNumberType.VOIP: "voip",
        phonenumbers.PhoneNumberType.UAN: "company",
    }
