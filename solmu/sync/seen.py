"""Which records a read has met: one bit each, however long the list is."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from types import TracebackType

_PAGE = 1 << 16  # records whose bits are kept together


class Seen:
    """A set of ids. How often those came that came again is kept in a temporary file of SQLite's."""

    def __init__(self) -> None:
        self._pages: defaultdict[int, bytearray] = defaultdict(lambda: bytearray(_PAGE >> 3))
        self._again = sqlite3.connect("", isolation_level=None)
        self._again.execute("PRAGMA journal_mode=OFF")
        self._again.execute("CREATE TABLE again (id INTEGER PRIMARY KEY, times INTEGER)")
        self._again.execute("BEGIN")

    def meet(self, id: int) -> int:
        """Note a record; gives how often it was met before."""
        page, place = self._pages[id // _PAGE], id % _PAGE
        bit = 1 << (place & 7)
        if not page[place >> 3] & bit:
            page[place >> 3] |= bit
            return 0
        count = "INSERT INTO again VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET times = times + 1 RETURNING times"
        times: int = self._again.execute(count, (id,)).fetchone()[0]
        return times

    def missing(self, ids: Iterable[int]) -> list[int]:
        """Those of ``ids`` that were not met."""
        pages, none = self._pages, bytes(_PAGE >> 3)
        return [id for id in ids if not pages.get(id // _PAGE, none)[id % _PAGE >> 3] & 1 << (id & 7)]

    def __enter__(self) -> Seen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._again.close()
