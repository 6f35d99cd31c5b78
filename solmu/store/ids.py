"""Ids that leave the store: random, unguessable, with a check character that catches a slip of the pen.

The alphabet is Crockford's base 32 in lower case (no i, l, o, u). The check character is the ISO 7064 style weighted
sum modulo 31, which finds every single wrong character and every swap of two neighbours.
"""

from __future__ import annotations

import secrets
from base64 import b32encode

from solmu.model import Entity

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_BYTES, _LENGTH = 10, 16
_FROM_BASE32 = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_SHARED = 6
# Of random bytes, five bits each: as characters, and as their part of the weighted sum at each place.
_AS_CHARACTERS = _ALPHABET.encode() * 8
_AS_PARTS = [bytes((byte & 31) * place % 31 for byte in range(256)) for place in range(1, _LENGTH + 1)]
_PREFIX: dict[Entity | str, str] = {Entity.ORGANISATION: "org", Entity.PERSON: "per"}
_AT_ONCE = 256


def mint(prefix: str) -> str:
    """A new id such as ``org_3k9…``: 80 random bits and a check character."""
    body = b32encode(secrets.token_bytes(_BYTES)).decode().translate(_FROM_BASE32)
    return f"{prefix}_{body}{_check(body)}"


def public_id(entity: Entity | str) -> str:
    """A new public id of a golden record."""
    return mint(_PREFIX[entity])


class Births:
    """Gives public ids to golden records that are born together, and such ids to whatever else is.

    They share their first six characters, drawn anew each time, so that an index grows in one place with a long list
    instead of being rewritten all over; the ten that follow, 50 random bits, are nobody's to guess.
    """

    def __init__(self) -> None:
        self._shared = b32encode(secrets.token_bytes(_BYTES)).decode().translate(_FROM_BASE32)[:_SHARED]
        self._drawn: list[str] = []

    def public_id(self, entity: Entity | str) -> str:
        """The next one."""
        return self.mint(_PREFIX[entity])

    def mint(self, prefix: str) -> str:
        """The next one with another prefix."""
        if not self._drawn:
            self._drawn = self._draw()
        return prefix + self._drawn.pop()

    def _draw(self) -> list[str]:
        own = _LENGTH - _SHARED
        drawn = secrets.token_bytes(_AT_ONCE * own)
        characters = drawn.translate(_AS_CHARACTERS).decode()
        shared = _weighted_sum(self._shared)
        parts = [drawn[place::own].translate(_AS_PARTS[_SHARED + place]) for place in range(own)]
        return [
            f"_{self._shared}{characters[at : at + own]}{_ALPHABET[(shared + others) % 31]}"
            for at, others in zip(range(0, len(drawn), own), map(sum, zip(*parts, strict=True)), strict=True)
        ]


def check_public_id(text: str) -> str | None:
    """The id in its normal form, or None where it is none, or was mistyped."""
    text = text.strip().lower()
    prefix, _, rest = text.partition("_")
    if prefix not in _PREFIX.values() or len(rest) != _LENGTH + 1 or any(c not in _ALPHABET for c in rest):
        return None
    return text if _check(rest[:-1]) == rest[-1] else None


def _check(body: str) -> str:
    # 31 is prime and position weights are distinct, so neighbours that are swapped change the sum.
    return _ALPHABET[_weighted_sum(body) % 31]


def _weighted_sum(body: str) -> int:
    return sum((position + 1) * _VALUE[character] for position, character in enumerate(body))
