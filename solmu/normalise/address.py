"""Postal addresses."""

import re
from dataclasses import dataclass

from solmu.normalise.country import country as country_code
from solmu.normalise.invalid import Invalid
from solmu.normalise.text import clean


@dataclass(frozen=True, slots=True)
class Address:
    """Parts of an address, each None where unknown. ``house`` is the number with entrance and flat: "12 A 5".

    ``country`` is ISO 3166 alpha-2, ``region`` a province or state that stood beside the city: "MI" of "Milano (MI)".
    """

    street: str | None
    house: str | None
    postcode: str | None
    city: str | None
    region: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class _Postcodes:
    """``shape`` on the compact code, its groups joined by ``joint``; ``zeros``: how long a code of digits is, where
    the first may be 0 and spreadsheets drop it."""

    shape: re.Pattern[str]
    example: str
    joint: str = ""
    zeros: int = 0


def _codes(shape: str, example: str, joint: str = "", zeros: int = 0) -> _Postcodes:
    return _Postcodes(re.compile(shape), example, joint, zeros)


_FIVE_DIGITS = _codes(r"(\d{5})", "00100", zeros=5)
_FOUR_DIGITS = _codes(r"(\d{4})", "1010")
_THREE_AND_TWO = _codes(r"(\d{3})(\d{2})", "111 22", joint=" ")

# Source: the Universal Postal Union's descriptions of national addressing systems.
_POSTCODES: dict[str, _Postcodes] = {
    **dict.fromkeys(
        ("FI", "AX", "IT", "SM", "VA", "DE", "EE", "FR", "MC", "ES", "HR", "UA", "TR", "RS", "ME"), _FIVE_DIGITS
    ),
    **dict.fromkeys(("NO", "DK"), _codes(r"(\d{4})", "0150", zeros=4)),
    **dict.fromkeys(("AT", "CH", "LI", "BE", "HU", "SI", "BG", "CY", "LU", "AU"), _FOUR_DIGITS),
    **dict.fromkeys(("SE", "CZ", "SK", "GR"), _THREE_AND_TWO),
    "NL": _codes(r"(\d{4})([A-Z]{2})", "1012 AB", joint=" "),
    "GB": _codes(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})", "SW1A 1AA", joint=" "),
    "IE": _codes(r"([A-Z]\d[\dW])([A-Z\d]{4})", "D02 X285", joint=" "),
    "PL": _codes(r"(\d{2})(\d{3})", "00-950", joint="-", zeros=5),
    "PT": _codes(r"(\d{4})(\d{3})", "1000-205", joint="-"),
    "LV": _codes(r"(?:LV)?(\d{4})", "LV-1050"),
    "LT": _codes(r"(?:LT)?(\d{5})", "LT-01100", zeros=5),
    "US": _codes(r"(\d{5})(\d{4})?", "02110", joint="-", zeros=5),
    "CA": _codes(r"([A-Z]\d[A-Z])(\d[A-Z]\d)", "K1A 0B1", joint=" "),
    "RU": _codes(r"(\d{6})", "101000"),
    "RO": _codes(r"(\d{6})", "010011", zeros=6),
    "JP": _codes(r"(\d{3})(\d{4})", "100-0001", joint="-"),
}
_BEFORE_POSTCODE = {"LV": "LV-", "LT": "LT-"}
# "FI-00100", "D-80331", "I 20121": the country before the code, also as the letters once on cars.
_DECIMAL_ZERO = re.compile(r"(?<=\d)\.0$")
_COUNTRY_BEFORE = re.compile(r"^(?:[A-Z]{2}|D|I|F|S|A|B|E|N|SF|FIN|CH)[-\s](?=\d)")


def postcode(text: str | None, country: str | None = None) -> str | None:
    """The postcode as its country writes it: "00100", "111 22", "SW1A 1AA"; None when blank.

    ``country`` is ISO alpha-2; without it, or for a country whose codes are unknown here, the code is only tidied.
    Zeros that a spreadsheet dropped come back ("100" in Finland is "00100"). Raises Invalid (``postcode-format``).
    """
    cleaned = clean(text)
    if cleaned is None:
        return None
    plain = cleaned if cleaned.isdecimal() else _COUNTRY_BEFORE.sub("", _DECIMAL_ZERO.sub("", cleaned.upper()))
    known = _POSTCODES.get((country or "").upper())
    if known is None:
        return plain
    compact = re.sub(r"[\s.\-–]+", "", plain)
    if known.zeros and re.fullmatch(r"[0-9]+", compact) and known.zeros - 2 <= len(compact) < known.zeros:
        compact = compact.zfill(known.zeros)
    matched = known.shape.fullmatch(compact) if compact.isascii() else None
    if matched is None:
        raise Invalid("postcode-format", cleaned, "this is no postcode of that country", f"one such as {known.example}")
    return _BEFORE_POSTCODE.get(country or "", "") + known.joint.join(part for part in matched.groups() if part)


_NUMBER = r"\d{1,5}(?:\s?[a-zA-Z]\b)?(?:\s?[-–/]\s?\d{1,5}(?:\s?[a-zA-Z]\b)?)?"
_FLAT = r"(?:\s?(?:[a-zA-Z]{1,2}\b\.?|as\.?|lgh|bis|ter|int\.?|sc\.?)?\s?\d{0,4}\s?[a-zA-Z]?\b)?"
_ORDINAL = r"\d{1,3}(?:st|nd|rd|th)\b"
# Digits of a street's name: an ordinal, a road's number, and a day behind a street word that stands first.
_NAMED_BY_NUMBER = re.compile(
    rf"{_ORDINAL}|\b(?:highway|hwy|route|rte|county road|state road)\s\d{{1,4}}\b"
    r"|^(?:rue|avenue|boulevard|place|quai|cours)\s.*\s\d{1,2}\s[^\W\d_]{3,9}(?:\s\d{4})?$",
    re.IGNORECASE,
)
_HOUSE_LAST = re.compile(
    rf"(?P<street>.*?[^\W\d_][^\d]*?)[\s,]+(?:n\.?°?\s?)?(?P<house>{_NUMBER}(?:[/\s]{_FLAT})?)\s*", re.IGNORECASE
)
_HOUSE_FIRST = re.compile(
    rf"(?P<house>{_NUMBER}(?:\s(?:bis|ter))?),?\s+(?P<street>(?:[^\W\d_]|{_ORDINAL}).*)", re.IGNORECASE
)
_SIDE = re.compile(r"(?P<house>\d.*)\s(?P<side>[nesw])", re.IGNORECASE)
_BOX = re.compile(
    r"(?:p\.?\s?l\.?|pb|p\.?\s?o\.?\s?box|box|postfach|bo[iî]te postale|b\.?p\.?|casella postale|c\.?p\.?|postboks"
    r"|postbus|pk)\s?\d+.*",
    re.IGNORECASE,
)
_LONGEST_STREET = 200
# Countries that write the number before the street.
_NUMBER_FIRST = frozenset({"GB", "IE", "FR", "MC", "LU", "US", "CA", "AU", "NZ"})
_STATES = frozenset({"US", "CA", "AU"})
_CITY_WITH_CODE = re.compile(
    r"(?P<code>(?:[A-Z]{1,3}[-\s])?(?:\d{2}-\d{3}|\d{3}\s\d{2}|\d{4}\s?[A-Z]{2}|\d{4,6}))\s+(?P<city>[^\W\d_].*)",
    re.IGNORECASE,
)
_CITY_WITH_PROVINCE = re.compile(r"(?P<city>.*[^\W\d_])\s*[(\[,/]\s*(?P<region>[A-Za-z]{2,3})\s*[)\]]?")


def split_street(street: str, country: str | None = None) -> tuple[str, str | None]:
    """A street line as street and house number: "Via Roma, 12/B" → ("Via Roma", "12/B"). A post box has no house."""
    # A longer line is a note in the wrong column, and matching it against every pattern would take seconds.
    if len(street) > _LONGEST_STREET or _BOX.fullmatch(street):
        return street, None
    first = _HOUSE_FIRST.fullmatch(street)
    if first and (country in _NUMBER_FIRST or not re.search(r"\d", _NAMED_BY_NUMBER.sub("", first["street"]))):
        # In "3500 W Douglas Ave" the letter is a side of the town.
        side = _SIDE.fullmatch(first["house"])
        return (f"{side['side']} {first['street']}", side["house"]) if side else (first["street"], first["house"])
    last = _HOUSE_LAST.fullmatch(street)
    if last:
        return last["street"].rstrip(" ,"), last["house"].strip(" /")
    return street, None


def address(street: str | None, postcode: str | None, city: str | None, country: str | None) -> Address | None:
    """An address from the fields of a source; None when all are blank.

    ``country`` may be a name. A postcode that stands in the city's field ("00100 Helsinki") is found there. Raises
    Invalid as :func:`postcode` and ``country`` do.
    """
    street_line, town = clean(street), clean(city)
    code = country_code(country)
    zip_code = clean(postcode)
    if town and not zip_code:
        found = _CITY_WITH_CODE.fullmatch(town)
        if found:
            zip_code, town = found["code"], found["city"]
    region = None
    if town and code in ({"IT"} | _STATES):
        found = _CITY_WITH_PROVINCE.fullmatch(town)
        if found:
            town, region = found["city"].rstrip(), found["region"].upper()
    zip_code = _postcode_of(zip_code, code)
    if not any((street_line, zip_code, town, code)):
        return None
    road, house = split_street(street_line, code) if street_line else (None, None)
    return Address(street=road, house=house, postcode=zip_code, city=town, region=region, country=code)


# The parameter of address() is called postcode too.
_postcode_of = postcode
