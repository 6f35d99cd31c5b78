"""Numbers that look right and belong to nobody.

Business identifiers carry valid check digits (python-stdnum confirms each one) in series that the registers have not
reached.

Telephone numbers: Sweden and Germany keep ranges for books and films (PTS: 070-1740605…699 and a hundred numbers in
each of four area codes; Bundesnetzagentur, notice 148/2021: a thousand numbers in each of five area codes, and some
mobile ranges), and only those are used. We know of no such range in Finland, Italy and Estonia; there the subscriber's
part begins with zeros or 1000 (040 000 1234), which libphonenumber takes as valid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from random import Random

from stdnum import luhn
from stdnum.ee import kmkr, registrikood
from stdnum.fi import ytunnus
from stdnum.iso7064 import mod_11_10

from examples.nordic.vocabulary import REGIONS, City

_DIALLING = {"FI": "358", "SE": "46", "IT": "39", "DE": "49", "EE": "372"}
_KEEPS_ZERO = ("IT", "EE")
"""Countries whose numbers have no trunk prefix to drop behind the country's code."""


class Identifiers:
    """Hands out business identifiers and telephone numbers, each once."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._serial = 0
        self._landlines: Counter[str] = Counter()
        self._mobiles = {code: self._mobile_numbers(code) for code in REGIONS}

    def business_ids(self, country: str) -> tuple[str | None, str | None]:
        """The national business id and the VAT number of a new company.

        Germany has no business id here: its register number is unique only together with its court.
        """
        self._serial += self._rng.randint(3, 60)
        serial = f"{self._serial:05d}"
        match country:
            case "FI":
                # One serial in eleven has no valid check digit and is never given out; the next one has.
                bodies = (f"98{number:05d}" for number in count(self._serial))
                digits = next(
                    body + digit for body in bodies for digit in "0123456789" if ytunnus.is_valid(body + digit)
                )
                return f"{digits[:7]}-{digits[7]}", f"FI{digits}"
            case "SE":
                digits = f"5999{serial}"
                digits += luhn.calc_check_digit(digits)
                return f"{digits[:6]}-{digits[6:]}", f"SE{digits}01"
            case "IT":
                digits = f"98{serial}999"
                digits += luhn.calc_check_digit(digits)
                return digits, f"IT{digits}"
            case "DE":
                digits = f"998{serial}"
                return None, f"DE{digits}{mod_11_10.calc_check_digit(digits)}"
            case "EE":
                code = next(
                    f"19{serial}{digit}" for digit in "0123456789" if registrikood.is_valid(f"19{serial}{digit}")
                )
                tax = next(f"199{serial}{digit}" for digit in "0123456789" if kmkr.is_valid(f"199{serial}{digit}"))
                return code, f"EE{tax}"
        raise ValueError(country)

    def landline(self, country: str, city: City) -> str | None:
        """A company's switchboard as E.164 under its city's area code, None once the city's range is used up."""
        prefix = city.area_code
        serial = self._landlines[prefix]
        self._landlines[prefix] += 1
        # The steps only spread the numbers; each is prime to the size of its range, so that none comes twice.
        match country:
            case "SE":
                return _e164(country, f"{prefix}{serial * 7 % 100:02d}") if serial < 100 else None
            case "DE":
                return _e164(country, f"{prefix}{serial * 7 % 1000:03d}")
            case "FI":
                return _e164(country, f"{prefix}100{serial * 13 % 10000:04d}")
            case "IT":
                return _e164(country, f"{prefix}000{serial * 13 % 1000:03d}")
            case _:
                return _e164(country, f"{prefix}{serial * 7 % 10000:04d}")

    def mobile(self, country: str) -> str | None:
        """A person's mobile number as E.164, None once the country's range is used up."""
        return next(self._mobiles[country], None)

    def _mobile_numbers(self, country: str) -> Iterator[str]:
        match country:
            case "SE":
                numbers = [f"07017406{tail:02d}" for tail in range(5, 100)]
            case "DE":
                numbers = [f"{prefix}{tail:02d}" for prefix in ("017139200", "0176040690") for tail in range(100)]
            case "FI":
                prefixes = ("040", "041", "044", "050")
                numbers = [f"{prefix}000{tail:04d}" for prefix in prefixes for tail in range(1000, 9999, 17)]
            case "IT":
                prefixes = ("320", "333", "345", "390")
                numbers = [f"{prefix}000{tail:04d}" for prefix in prefixes for tail in range(1000, 9999, 17)]
            case _:
                numbers = [f"5100{tail:04d}" for tail in range(0, 1000, 7)]
        self._rng.shuffle(numbers)
        return iter([_e164(country, number) for number in numbers])


def national(e164: str) -> str:
    """The number as its own country dials it, without spaces: ``0400001234``."""
    country = country_of(e164)
    rest = e164[1 + len(_DIALLING[country]) :]
    return rest if country in _KEEPS_ZERO else "0" + rest


def dialling_code(e164: str) -> str:
    """The country's code of a number that `Identifiers` handed out, without the plus."""
    return _DIALLING[country_of(e164)]


def country_of(e164: str) -> str:
    """The country of a number that `Identifiers` handed out."""
    return next(code for code, dialling in _DIALLING.items() if e164.startswith("+" + dialling))


def _e164(country: str, number: str) -> str:
    digits = "".join(character for character in number if character.isdigit())
    return f"+{_DIALLING[country]}{digits if country in _KEEPS_ZERO else digits[1:]}"
