"""Whom the ids of CRM users stand for: each connection's list as it was read last, kept in ``meta``.

Whoever is no longer listed stays, as somebody who has left: they may still own records, and did own some. People are
shown names; what is stored, compared and sent stays the id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select

from solmu.exchange import User
from solmu.store.prepared import Prepared
from solmu.store.sql import upsert
from solmu.store.tables import meta

MOST = 5_000
"""Users of one connection that are kept; each page that shows an owner reads them."""

_NAME = "owners:"
_TELLING = 12
"""Characters from which on an id is taken for one wherever it stands: no other value is that long and equal to it."""

_KEPT = Prepared(lambda _: select(meta.c.name, meta.c.value).where(meta.c.name.like(f"{_NAME}%")).order_by(meta.c.name))


@dataclass(frozen=True, slots=True)
class Owner:
    """What somebody is called in a CRM, and whether they still work with it."""

    name: str
    active: bool


_Lists = Mapping[str, Mapping[str, Owner]]


class Owners:
    """The lists of all connections, by connection and id. Two are never equal, so that what is made of one can be kept
    as long as it is."""

    def __init__(self, lists: _Lists) -> None:
        self._lists = lists

    def named(self, id: object, connection: str | None = None) -> Owner | None:
        """Whose id it is, in that connection or in any; None where nobody's is known, or two connections differ."""
        if not isinstance(id, str):
            return None
        lists = self._lists.values() if connection is None else [self._lists.get(connection, {})]
        found = {each[id] for each in lists if id in each}
        return found.pop() if len(found) == 1 else None

    def recognised(self, value: object, connection: str | None = None) -> Owner | None:
        """As ``named``, for the value of any field: a short id may as well be a number of something."""
        return self.named(value, connection) if isinstance(value, str) and len(value) >= _TELLING else None

    def told(self, id: object, connection: str | None = None) -> str:
        """Name and id, for a line of text; an id that nobody is known by, as it is."""
        known = self.named(id, connection)
        return str(id) if known is None else f"{known.name} ({id})"

    def ids(self, text: str) -> list[str]:
        """The ids that ``text`` may mean: itself, and those of everybody who is called so."""
        sought = text.strip().casefold()
        called = {id for each in self._lists.values() for id, known in each.items() if known.name.casefold() == sought}
        return sorted({text, *called})

    @cached_property
    def names(self) -> list[str]:
        """Everybody who is active, by name."""
        return sorted({known.name for each in self._lists.values() for known in each.values() if known.active})


def owners(connection: Connection) -> Owners:
    """What is known; the same object as long as nothing has changed."""
    return _owners(tuple((row.name, row.value) for row in _KEPT.rows(connection)))


def listed_at(connection: Connection, name: str) -> int | None:
    """When the list of that connection was read last."""
    kept = _kept(connection, name)
    return None if kept is None else int(kept["at"])


def keep_owners(connection: Connection, name: str, users: Iterable[User], *, now: int) -> None:
    """Keep what a connection's list says now."""
    here = {each.id: [each.name, each.active] for each in islice(users, MOST)}
    before: Mapping[str, Any] = (_kept(connection, name) or {}).get("users", {})
    # Of a list that was cut off nobody knows who is no longer on it.
    left = {id: [called, active and len(here) == MOST] for id, (called, active) in before.items() if id not in here}
    told = {"at": now, "users": dict(islice((here | left).items(), MOST))}
    row = {"name": f"{_NAME}{name}", "value": json.dumps(told, ensure_ascii=False)}
    upsert(connection, meta, [row], conflict=["name"])


def _kept(connection: Connection, name: str) -> dict[str, Any] | None:
    text = connection.scalar(select(meta.c.value).where(meta.c.name == f"{_NAME}{name}"))
    return None if text is None else json.loads(text)


@lru_cache(4)
def _owners(kept: tuple[tuple[str, str], ...]) -> Owners:
    return Owners(
        {
            name.removeprefix(_NAME): {id: Owner(*said) for id, said in json.loads(value)["users"].items()}
            for name, value in kept
        }
    )
