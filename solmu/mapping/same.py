"""Whether a target holds a value already, written in its own way: then there is nothing to push."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from solmu.mapping.outputs import is_blank
from solmu.normalise import Invalid, amount, country, date, emails, phones, tidy

_AROUND_ADDRESS = re.compile(r"^[a-z]+://|/+$", re.IGNORECASE)


def same(kind: str, wanted: Any, held: Any) -> bool:
    """Whether both say the same, as far as the kind of canonical field tells: a CRM's "040 123 4567" is +358401234567.

    ``kind`` is one of ``solmu.model``, or ``url``. Blank is the same as blank only.
    """
    if is_blank(wanted) or is_blank(held):
        return is_blank(wanted) and is_blank(held)
    if wanted == held:
        return True
    if isinstance(wanted, bool) or isinstance(held, bool):
        return str(wanted).lower() == str(held).lower()
    compare = _COMPARE.get(kind, _texts)
    try:
        return compare(str(wanted), str(held))
    except Invalid:  # what is held makes no sense, so it is not what is wanted
        return False


def _texts(wanted: str, held: str) -> bool:
    return [tidy(line) for line in wanted.split("\n")] == [tidy(line) for line in held.split("\n")]


def _phones(wanted: str, held: str) -> bool:
    import phonenumbers

    number = phones(wanted.replace(" x", ";ext="))
    # The target may leave the country out, as people in that country do.
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number[0].e164)) if number else None
    return [each.value for each in number] == [each.value for each in phones(held, region)]


def _emails(wanted: str, held: str) -> bool:
    return [each.key for each in emails(wanted)] == [each.key for each in emails(held)]


def _addresses(wanted: str, held: str) -> bool:
    return _AROUND_ADDRESS.sub("", tidy(wanted)).casefold() == _AROUND_ADDRESS.sub("", tidy(held)).casefold()


_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "phone": _phones,
    "email": _emails,
    "country": lambda wanted, held: country(wanted) == country(held),
    "date": lambda wanted, held: date(wanted) == date(held),
    "number": lambda wanted, held: amount(wanted, ".") == amount(held, "."),
    "url": _addresses,
    "domain": _addresses,
}
