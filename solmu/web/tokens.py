"""Tokens: what a machine brings with it instead of signing in. The store has their hashes, nobody has them twice.

A token is random (256 bits), so that a plain hash keeps it safe. It is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select, update

from solmu.errors import SolmuError
from solmu.store import time
from solmu.store.tables import web_token
from solmu.web.audit import note
from solmu.web.roles import Role
from solmu.web.users import User

BEGINNING = "solmu_"
"""By which scanners for secrets, and people, know one."""

MOST_A_SECOND = 20.0
"""Questions a second that one token may ask; after silence as many more as two seconds' worth."""

MAY_BE = (Role.VIEWER, Role.STEWARD)
WHO = "token:"
"""Before its name in the audit: no user can have such a name."""

_TOUCH = 60_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_ACTIVE = web_token.c.state == "active"


@dataclass(frozen=True, slots=True)
class Token:
    """One of them, without its secret. Times are microseconds."""

    id: int
    name: str
    role: Role
    made_at: int
    used_at: int | None

    def as_user(self) -> User:
        """Whom pages and the audit take it for. It has no place among the users' own numbers."""
        return User(-self.id, WHO + self.name, self.role, False, self.made_at, self.used_at)


def make(connection: Connection, name: str, role: Role, *, by: str) -> str:
    """A new token; gives its secret. A revoked token's name may be used again.

    Raises SolmuError for a name that is taken or none, and for a role that no machine may have.
    """
    name = _checked(name)
    if role not in MAY_BE:
        raise SolmuError(
            "no token may do so much", code="role", field="role", value=role.value, expected=" or ".join(MAY_BE)
        )
    row = connection.execute(select(web_token).where(web_token.c.name == name)).first()
    if row is not None and row.state == "active":
        raise SolmuError("there is a token of that name", code="token-exists", field="name", value=name)
    secret = BEGINNING + secrets.token_urlsafe(32)
    values = {
        "role": role.value,
        "state": "active",
        "token_hash": _hash(secret),
        "made_at": time.now(),
        "used_at": None,
    }
    if row is None:
        connection.execute(insert(web_token).values(name=name, **values))
    else:
        connection.execute(update(web_token).where(web_token.c.id == row.id).values(**values))
    note(connection, by, "token made", f"token:{name}", role=role.value)
    return secret


def everything(connection: Connection) -> Sequence[Token]:
    """All that may be used, by name."""
    return [_token(row) for row in connection.execute(select(web_token).where(_ACTIVE).order_by(web_token.c.name))]


def revoke(connection: Connection, name: str, *, by: str) -> None:
    """Let nobody in with it any more, at once. Raises SolmuError where there is none of that name."""
    name = name.strip().lower()
    gone = connection.execute(
        update(web_token)
        .where(web_token.c.name == name, _ACTIVE)
        # What it was is forgotten too; the column has to hold something that no token hashes to.
        .values(state="revoked", token_hash=secrets.token_bytes(32))
    )
    if gone.rowcount == 0:
        raise SolmuError("there is no token of that name", code="no-token", field="name", value=name)
    note(connection, by, "token revoked", f"token:{name}")


def find(connection: Connection, secret: str, *, now: int | None = None) -> tuple[Token, bool] | None:
    """Which one it is, and whether it is time to ``touch`` it; None where it was revoked or never was."""
    now = time.now() if now is None else now
    row = connection.execute(select(web_token).where(web_token.c.token_hash == _hash(secret), _ACTIVE)).first()
    return None if row is None else (_token(row), row.used_at is None or row.used_at < now - _TOUCH)


def touch(connection: Connection, id: int) -> None:
    """Note that it was used."""
    connection.execute(update(web_token).where(web_token.c.id == id).values(used_at=time.now()))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _token(row: Row[tuple[object, ...]]) -> Token:
    return Token(row.id, row.name, Role(row.role), row.made_at, row.used_at)


def _checked(name: str) -> str:
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise SolmuError(
            "this is no name of a token",
            code="token-name",
            field="name",
            value=name,
            expected="who asks with it, such as partner-website: up to 100 letters a-z, digits and . _ -",
        )
    return name
