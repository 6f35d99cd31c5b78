"""Sessions of people who signed in. The browser has a random token; the store has its hash, and when it was used."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from solmu.store import time
from solmu.store.prepared import Prepared
from solmu.store.tables import web_session, web_user
from solmu.web.roles import Role
from solmu.web.users import User

MINUTE = 60_000_000
TOUCH = MINUTE
"""A session is noted as used once a minute at most: looking at a page should not cost a write."""


_SIGNED_IN = Prepared(
    lambda _: (
        select(web_user, web_session.c.seen_at)
        .join(web_session, web_session.c.user_id == web_user.c.id)
        .where(
            web_session.c.token_hash == bindparam("hash"),
            web_session.c.seen_at > bindparam("seen_after"),
            web_session.c.made_at > bindparam("made_after"),
            web_user.c.state == "active",
        )
    )
)


def begin(connection: Connection, user_id: int, *, now: int | None = None) -> str:
    """A new session; gives its token."""
    token, now = secrets.token_urlsafe(32), time.now() if now is None else now
    connection.execute(insert(web_session).values(token_hash=_hash(token), user_id=user_id, made_at=now, seen_at=now))
    connection.execute(update(web_user).where(web_user.c.id == user_id).values(signed_in_at=now))
    return token


def find(
    connection: Connection, token: str, *, idle_minutes: int, longest_minutes: int, now: int | None = None
) -> tuple[User, bool] | None:
    """Whose it is, and whether it is time to ``touch`` it; None where it has expired or never was."""
    now = time.now() if now is None else now
    row = _SIGNED_IN.first(
        connection,
        hash=_hash(token),
        seen_after=now - idle_minutes * MINUTE,
        made_after=now - longest_minutes * MINUTE,
    )
    if row is None:
        return None
    user = User(row.id, row.name, Role(row.role), row.must_change, row.made_at, row.signed_in_at)
    return user, row.seen_at < now - TOUCH


def touch(connection: Connection, token: str, *, now: int | None = None) -> None:
    """Note that it was used."""
    seen = time.now() if now is None else now
    connection.execute(update(web_session).where(web_session.c.token_hash == _hash(token)).values(seen_at=seen))


def end(connection: Connection, token: str) -> None:
    """Sign out."""
    connection.execute(delete(web_session).where(web_session.c.token_hash == _hash(token)))


def forget_expired(connection: Connection, *, idle_minutes: int, longest_minutes: int, now: int | None = None) -> None:
    """Remove the sessions that are over."""
    now = time.now() if now is None else now
    connection.execute(
        delete(web_session).where(
            or_(
                web_session.c.seen_at <= now - idle_minutes * MINUTE,
                web_session.c.made_at <= now - longest_minutes * MINUTE,
            )
        )
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
