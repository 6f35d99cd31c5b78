"""What a person calls a pair: short, stable, with a check character that catches a slip of the pen. Pure.

``pcw-yhk`` is the two mentions' ids in base 31 and the check character. Mentions keep their ids for ever, so the name
of a pair never changes and nothing has to remember it.
"""

from __future__ import annotations

from dataclasses import dataclass

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxy"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_BASE = len(_ALPHABET)
_LONGEST = 13  # digits of a 64-bit id


@dataclass(frozen=True, slots=True, order=True)
class PairId:
    """Two mentions that were compared; ``left`` < ``right``."""

    left: int
    right: int

    def __str__(self) -> str:
        body = f"{_digits(self.left)}-{_digits(self.right)}"
        return f"p{body}{_check(body)}"


def read_pair_id(text: str) -> PairId | None:
    """The pair of that name, or None where it is none, or was mistyped."""
    left, dash, rest = text.strip().lower().removeprefix("p").partition("-")
    right, check = rest[:-1], rest[-1:]
    if not dash or not 0 < len(left) <= _LONGEST or not 0 < len(right) <= _LONGEST:
        return None
    if any(character not in _VALUE for character in left + right + check) or _check(f"{left}-{right}") != check:
        return None
    found = PairId(_number(left), _number(right))
    return found if 0 < found.left < found.right < 2**63 else None


def _digits(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, _BASE)
        digits = _ALPHABET[digit] + digits
    return digits or _ALPHABET[0]


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * _BASE + _VALUE[digit]
    return number


def _check(body: str) -> str:
    # The base is prime and neighbours weigh differently, so every wrong character and every swap changes the sum.
    return _ALPHABET[sum((place + 1) * _VALUE.get(each, _BASE - 1) for place, each in enumerate(body)) % _BASE]
