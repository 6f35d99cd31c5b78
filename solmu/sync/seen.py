"""Which keys a read has met: small in memory however long the list is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from types import TracebackType


class Seen:
    """A set of (key, content hash) that SQLite spills to a temporary file of its own as it grows."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY, content BLOB, times INTEGER) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def meet(self, key: str, content: bytes) -> tuple[bytes | None, int]:
        """Note a key. Gives the content hash it was met with first (None: never), and how often it was met before."""
        digest = _digest(key)
        row = self._db.execute("SELECT content, times FROM seen WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            self._db.execute("INSERT INTO seen VALUES (?, ?, 1)", (digest, content))
            return None, 0
        self._db.execute("UPDATE seen SET times = times + 1 WHERE digest = ?", (digest,))
        return row[0], row[1]

    def missing(self, keys: Iterable[tuple[int, str]]) -> list[int]:
        """Of (id, key), the ids whose key was not met."""
        query = "SELECT 1 FROM seen WHERE digest = ?"
        return [id for id, key in keys if self._db.execute(query, (_digest(key),)).fetchone() is None]

    def __enter__(self) -> Seen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()


def _digest(key: str) -> bytes:
    return blake2b(key.encode(), digest_size=12).digest()
