"""Phone numbers as most are written: digits in groups, with + and the country's code or as they are dialled at home.

phonenumbers reads anything that people write, in 30 µs a number. What it makes of plain digits follows from its
metadata: a country's code, the prefix for calls at home, and which digits are a number of which kind. Here these are
compiled, and whatever they don't settle at once is left to the library.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata, PhoneNumberDesc

Kind = Literal["mobile", "fixed", "fixed-or-mobile", "toll-free", "premium", "shared-cost", "voip", "company", "other"]

_PLAIN = re.compile(r"\+?[0-9](?:[ -]?[0-9]){4,14}")
_TO_DIGITS = str.maketrans("", "", "+ -")
_NEVER = "(?!)"
# A number's type is the first of these that it matches, in phonenumbers' order; each by its name in the metadata.
_KINDS: tuple[tuple[Kind, str], ...] = (
    ("premium", "premium_rate"),
    ("toll-free", "toll_free"),
    ("shared-cost", "shared_cost"),
    ("voip", "voip"),
    ("other", "personal_number"),
    ("other", "pager"),
    ("company", "uan"),
    ("other", "voicemail"),
)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of one region. ``leading``: what those begin with where several regions share a calling code;
    ``kinds``: the kind of each group of ``valid``."""

    leading: re.Pattern[str] | None
    valid: re.Pattern[str]
    kinds: tuple[Kind, ...]

    def kind(self, number: str) -> Kind | None:
        found = self.valid.fullmatch(number)
        return None if found is None or found.lastindex is None else self.kinds[found.lastindex - 1]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a country dials. ``trunk`` is the prefix for calls at home; ``possible``: what a number of it may look like;
    ``numbers``: those of the regions that share its code."""

    code: str
    abroad: re.Pattern[str]
    trunk: re.Pattern[str]
    possible: re.Pattern[str]
    numbers: tuple[_Numbers, ...]

    def at_home(self, dialled: str) -> str | None:
        """The national number of what is dialled in the country, None where that is not settled."""
        if self.abroad.match(dialled) or (dialled.startswith(self.code) and not self.possible.fullmatch(dialled)):
            return None
        prefix = self.trunk.match(dialled)
        number = dialled[prefix.end() :] if prefix else dialled
        return number if prefix is None or self.possible.fullmatch(number) else None

    def from_abroad(self, number: str) -> str | None:
        """The same of what follows the country's code."""
        return None if self.trunk.match(number) else number

    def kind(self, number: str) -> Kind | None:
        """The kind of line, None if no such number exists."""
        for region in self.numbers:
            if region.leading is None:
                found = region.kind(number)
                if found is not None:
                    return found
            elif region.leading.match(number):
                return region.kind(number)
        return None


def plain_phone(written: str, region: str | None) -> tuple[str, Kind] | None:
    """A plain and valid number in E.164, and the kind of its line; None for any other text.

    ``region`` is the country that local numbers are dialled in, one of ``phonenumbers.SUPPORTED_REGIONS``.
    """
    if not _PLAIN.fullmatch(written):
        return None
    digits = written.translate(_TO_DIGITS)
    if written[0] == "+":
        country = _country_of(digits[:3])
        plan = _plan(country) if country else None
        number = plan.from_abroad(digits[len(plan.code) :]) if plan else None
    else:
        plan = _plan(region) if region else None
        number = plan.at_home(digits) if plan else None
    if plan is None or number is None or number.startswith("00"):
        return None
    kind = plan.kind(number)
    return None if kind is None else (f"+{plan.code}{number}", kind)


def calling_country(number: str) -> str | None:
    """The main country of the calling code of an E.164 number; None where it is no country's, or no such number."""
    return _country_of(number[1:4]) if number.startswith("+") and number[1:4].isdigit() else None


@functools.cache
def _country_of(start: str) -> str | None:
    """The main country of the calling code that three digits begin with: no code is the beginning of another."""
    from phonenumbers import region_code_for_country_code

    regions = (region_code_for_country_code(int(start[:size])) for size in (1, 2, 3) if start[0] != "0")
    return next((region for region in regions if region not in ("ZZ", "001")), None)


@functools.cache
def _plan(region: str) -> _Plan | None:
    """None where the prefix for calls at home is more than that: a carrier's, or one in whose place digits come."""
    from phonenumbers import PhoneMetadata, region_codes_for_country_code

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.country_code is None or metadata.national_prefix_transform_rule:
        return None
    trunk = re.compile(metadata.national_prefix_for_parsing or _NEVER)
    if trunk.groups:
        return None
    sharing = (PhoneMetadata.metadata_for_region(each) for each in region_codes_for_country_code(metadata.country_code))
    return _Plan(
        code=str(metadata.country_code),
        abroad=re.compile(metadata.international_prefix or _NEVER),
        trunk=trunk,
        possible=re.compile(_pattern(metadata.general_desc)),
        numbers=tuple(_numbers(each) for each in sharing if each is not None),
    )


def _numbers(metadata: "PhoneMetadata") -> _Numbers:
    fixed, mobile = _pattern(metadata.fixed_line), _pattern(metadata.mobile)
    groups: list[tuple[Kind, str]] = [(kind, _pattern(getattr(metadata, name))) for kind, name in _KINDS]
    if metadata.same_mobile_and_fixed_line_pattern:
        groups.append(("fixed-or-mobile", fixed))
    else:
        groups += [("fixed-or-mobile", f"(?={mobile}$){fixed}"), ("fixed", fixed), ("mobile", mobile)]
    valid = f"(?={_pattern(metadata.general_desc)}$)(?:{'|'.join(f'({pattern})' for _, pattern in groups)})"
    leading = re.compile(metadata.leading_digits) if metadata.leading_digits else None
    return _Numbers(leading, re.compile(valid), tuple(kind for kind, _ in groups))


def _pattern(description: "PhoneNumberDesc | None") -> str:
    if description is None or not description.national_number_pattern:
        return _NEVER
    lengths: Iterable[int] = description.possible_length
    sizes = "|".join(f".{{{length}}}" if length > 0 else _NEVER for length in lengths)
    return f"(?:(?={f'(?:{sizes})$' if sizes else ''})(?:{description.national_number_pattern}))"
