"""Passwords: argon2id with the parameters of RFC 9106's second recommendation (argon2-cffi's defaults)."""

from __future__ import annotations

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from solmu.errors import SolmuError

SHORTEST, LONGEST = 12, 1024
_HASHER = PasswordHasher()
# Each takes 64 MiB while it runs: many at once would be a way to exhaust the machine.
_AT_ONCE = BoundedSemaphore(2)
_NOBODYS = _HASHER.hash(secrets.token_hex())


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password; takes as long where there is no such user (``kept`` None)."""
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _NOBODYS, password)
        except (Argon2Error, InvalidHashError):
            return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Whether it was hashed with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def check(password: str, *, name: str) -> None:
    """Raises SolmuError for a password that is too easy: length counts, not kinds of characters (NIST SP 800-63B)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise SolmuError(
            "this password is too short" if len(password) < SHORTEST else "this password is too long",
            code="password",
            field="password",
            expected=f"{SHORTEST} to {LONGEST} characters",
        )
    if (name and name in password.lower()) or len(set(password)) < 5:
        raise SolmuError(
            "this password is too easy to guess",
            code="password",
            field="password",
            expected="several words, without the user's name",
        )
