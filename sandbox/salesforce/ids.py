"""Salesforce record ids: 15 case-sensitive characters, and the 18-character form with a check suffix.

The suffix encodes which of the 15 characters are capital letters, five at a time, so that the id survives software
that ignores case ("Record IDs" in the Object Reference: the last three characters are derived from the first fifteen).
"""

import re

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_WELL_FORMED = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
# Real ids carry the instance that made them behind the key prefix; this one belongs to no instance.
_INSTANCE = "Sm0"


def check_suffix(fifteen: str) -> str:
    """The three characters that turn a 15-character id into an 18-character one."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place in range(5) if "A" <= fifteen[start + place] <= "Z")
        suffix += _SUFFIX[bits]
    return suffix


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the `number`-th record under a three-character key prefix."""
    tail = ""
    while number:
        number, rest = divmod(number, 62)
        tail = DIGITS[rest] + tail
    fifteen = prefix + _INSTANCE + tail.rjust(9, "0")
    return fifteen + check_suffix(fifteen)


def full_id(text: object) -> str | None:
    """The 18-character form of a 15- or 18-character id; None if it is no id at all.

    Of 18 characters the first fifteen may have lost their case; the suffix restores it.
    """
    if not isinstance(text, str) or not _WELL_FORMED.fullmatch(text):
        return None
    fifteen = text[:15]
    if len(text) == 15:
        return fifteen + check_suffix(fifteen)
    suffix = text[15:].upper()
    if suffix == check_suffix(fifteen):
        return fifteen + suffix
    return _restore_case(fifteen, suffix)


def _restore_case(fifteen: str, suffix: str) -> str | None:
    restored = ""
    for index, letter in enumerate(fifteen):
        mark = suffix[index // 5]
        if mark not in _SUFFIX:
            return None
        capital = _SUFFIX.index(mark) >> (index % 5) & 1
        restored += letter.upper() if capital else letter.lower()
    return restored + suffix if check_suffix(restored) == suffix else None
