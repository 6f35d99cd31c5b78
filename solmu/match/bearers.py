"""Who bears a name, read from the store: what ``rules`` asks as ``Mates``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from solmu.match.index import Mentions
from solmu.match.known import Known
from solmu.match.mates import BEARERS, MATES, Namesakes, namesakes
from solmu.store.sql import chunks

_HELD = "SELECT mention_id FROM block_key WHERE key = ? LIMIT ?"


class Bearers:
    """Answers ``rules.Mates`` from the index: who is found under some keys, remembered for the page at hand."""

    def __init__(self, connection: Connection, mentions: Mentions) -> None:
        self._connection = connection
        self._mentions = mentions
        self._answers: dict[frozenset[str], Namesakes | None] = {}
        self._held = _HELD.replace("?", "%s") if connection.dialect.name == "postgresql" else _HELD
        self._cursor: Any = None

    def __call__(self, keys: Iterable[str]) -> Namesakes | None:
        asked = frozenset(keys)
        if asked not in self._answers:
            self._answers[asked] = self._find(asked)
        return self._answers[asked]

    def _find(self, keys: frozenset[str]) -> Namesakes | None:
        ids: set[int] = set()
        for key in keys:
            held = self._ask(key)
            if len(held) > BEARERS:
                return None
            ids.update(id for (id,) in held)
        return namesakes(one.features for one in in_order(self._connection, self._mentions, ids))

    def _ask(self, key: str) -> list[tuple[int]]:
        """Who holds a key. It is asked so often that all but the driver's own work would cost most of all."""
        if self._cursor is None:
            if not self._connection.in_transaction():
                self._connection.begin()
            self._cursor = self._connection.connection.cursor()
        self._cursor.execute(self._held, (key, BEARERS + 1))
        return list(self._cursor.fetchall())


def in_order(connection: Connection, mentions: Mentions, ids: Iterable[int]) -> Iterator[Known]:
    """These mentions by id, read as far as somebody goes on."""
    for some in chunks(sorted(ids), MATES + 1):
        yield from (one for _, one in sorted(mentions.load(connection, some).items()))
