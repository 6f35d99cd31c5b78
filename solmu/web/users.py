"""The people who may sign in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from solmu.errors import SolmuError
from solmu.store import time
from solmu.store.tables import web_session, web_user
from solmu.web.audit import note
from solmu.web.roles import Role

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
_ACTIVE = web_user.c.state == "active"


@dataclass(frozen=True, slots=True)
class User:
    """One of them. Times are microseconds."""

    id: int
    name: str
    role: Role
    must_change: bool
    made_at: int
    signed_in_at: int | None


def add(
    connection: Connection, name: str, role: Role, password_hash: str, *, by: str, must_change: bool = False
) -> User:
    """Let somebody in. A name that was removed comes back. Raises SolmuError for a name that is taken or none."""
    name = _checked(name)
    row = connection.execute(select(web_user).where(web_user.c.name == name)).first()
    if row is not None and row.state == "active":
        raise SolmuError("there is a user of that name", code="user-exists", field="name", value=name)
    values = {
        "role": role.value,
        "state": "active",
        "password_hash": password_hash,
        "must_change": must_change,
        "made_at": time.now(),
        "signed_in_at": None,
    }
    if row is None:
        connection.execute(insert(web_user).values(name=name, **values))
    else:
        connection.execute(update(web_user).where(web_user.c.id == row.id).values(**values))
    made = find(connection, name)
    note(connection, by, "user added", f"user:{made.id}", role=role.value)
    return made


def everyone(connection: Connection) -> Sequence[User]:
    """All who may sign in, by name."""
    return [_user(row) for row in connection.execute(select(web_user).where(_ACTIVE).order_by(web_user.c.name))]


def find(connection: Connection, name: str) -> User:
    """The user of that name. Raises SolmuError."""
    row = connection.execute(select(web_user).where(web_user.c.name == name.strip().lower(), _ACTIVE)).first()
    if row is None:
        raise SolmuError("there is no user of that name", code="no-user", field="name", value=name)
    return _user(row)


def anybody(connection: Connection) -> bool:
    """Whether there is a user at all."""
    return connection.scalar(select(web_user.c.id).where(_ACTIVE).limit(1)) is not None


def remove(connection: Connection, name: str, *, by: str) -> None:
    """Let somebody in no more; at once, wherever they are signed in. Raises SolmuError for the last administrator."""
    gone = find(connection, name)
    _keep_an_administrator(connection, gone)
    connection.execute(update(web_user).where(web_user.c.id == gone.id).values(state="removed", password_hash=""))
    sign_out_everywhere(connection, gone.id)
    note(connection, by, "user removed", f"user:{gone.id}")


def give_role(connection: Connection, name: str, role: Role, *, by: str) -> None:
    """Change what somebody may do. Raises SolmuError where nobody would be administrator any more."""
    who = find(connection, name)
    if role is not Role.ADMINISTRATOR:
        _keep_an_administrator(connection, who)
    connection.execute(update(web_user).where(web_user.c.id == who.id).values(role=role.value))
    note(connection, by, "role given", f"user:{who.id}", was=who.role.value, role=role.value)


def set_password(connection: Connection, name: str, password_hash: str, *, by: str, must_change: bool = False) -> None:
    """Give a new password; whoever is signed in with the old one is not any more."""
    who = find(connection, name)
    connection.execute(
        update(web_user).where(web_user.c.id == who.id).values(password_hash=password_hash, must_change=must_change)
    )
    sign_out_everywhere(connection, who.id)
    note(connection, by, "password set", f"user:{who.id}")


def rehash(connection: Connection, user_id: int, kept: str, stronger: str) -> None:
    """Keep the same password with today's parameters, unless it was changed meanwhile."""
    connection.execute(
        update(web_user)
        .where(web_user.c.id == user_id, web_user.c.password_hash == kept)
        .values(password_hash=stronger)
    )


def sign_out_everywhere(connection: Connection, user_id: int) -> None:
    """End all sessions of a user."""
    connection.execute(delete(web_session).where(web_session.c.user_id == user_id))


def kept_password(connection: Connection, name: str) -> str | None:
    """The hash that is kept for that name, or None where there is no such user."""
    query = select(web_user.c.password_hash).where(web_user.c.name == name.strip().lower(), _ACTIVE)
    return connection.scalar(query)


def _user(row: Row[tuple[object, ...]]) -> User:
    return User(row.id, row.name, Role(row.role), row.must_change, row.made_at, row.signed_in_at)


def _checked(name: str) -> str:
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise SolmuError(
            "this is no user name",
            code="user-name",
            field="name",
            value=name,
            expected="up to 100 letters a-z, digits and . _ @ + -; an e-mail address will do",
        )
    return name


def _keep_an_administrator(connection: Connection, who: User) -> None:
    if who.role is not Role.ADMINISTRATOR:
        return
    query = select(func.count()).where(web_user.c.role == Role.ADMINISTRATOR.value, _ACTIVE)
    if connection.scalar(query) == 1:
        raise SolmuError(
            "nobody would be administrator any more",
            code="last-administrator",
            field="name",
            value=who.name,
            expected="another administrator first",
        )
