"""Who bears a name, read from the store: what ``rules`` asks as ``Mates``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from solmu.match.index import Known, Mentions
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

    def __call__(self, keys: Iterable[str]) -> Namesakes | None:
        asked = frozenset(keys)
        if asked not in self._answers:
            self._answers[asked] = self._find(asked)
        return self._answers[asked]

    def _find(self, keys: frozenset[str]) -> Namesakes | None:
        ids: set[int] = set()
        for key in keys:  # which are few, and asked for so often that to put a query together would cost most of all
            held = self._connection.exec_driver_sql(self._held, (key, BEARERS + 1)).scalars().all()
            if len(held) > BEARERS:
                return None
            ids.update(held)
        return namesakes(one.features for one in in_order(self._connection, self._mentions, ids))


def in_order(connection: Connection, mentions: Mentions, ids: Iterable[int]) -> Iterator[Known]:
    """These mentions by id, read as far as somebody goes on."""
    for some in chunks(sorted(ids), MATES + 1):
        yield from (one for _, one in sorted(mentions.load(connection, some).items()))
