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
_PREFIX = {Entity.ORGANISATION: "org", Entity.PERSON: "per"}


def mint(prefix: str) -> str:
    """A new id such as ``org_3k9…``: 80 random bits and a check character."""
    body = b32encode(secrets.token_bytes(_BYTES)).decode().translate(_FROM_BASE32)
    return f"{prefix}_{body}{_check(body)}"


def public_id(entity: Entity | str) -> str:
    """A new public id of a golden record."""
    return mint(_PREFIX[Entity(entity)])


def check_public_id(text: str) -> str | None:
    """The id in its normal form, or None where it is none, or was mistyped."""
    text = text.strip().lower()
    prefix, _, rest = text.partition("_")
    if prefix not in _PREFIX.values() or len(rest) != _LENGTH + 1 or any(c not in _ALPHABET for c in rest):
        return None
    return text if _check(rest[:-1]) == rest[-1] else None


def _check(body: str) -> str:
    # 31 is prime and position weights are distinct, so neighbours that are swapped change the sum.
    total = sum((position + 1) * _VALUE[character] for position, character in enumerate(body))
    return _ALPHABET[total % 31]
