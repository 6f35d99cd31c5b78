"""Every call that this process answered: what `GET /_calls` shows. Paths, sizes and times; no bodies, no tokens."""

import itertools
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.salesforce import times
from sandbox.salesforce.exchange import Kind

# A soak test of many nights stays below this; beyond it the oldest are forgotten, and the numbering shows it.
KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    n: int
    # When the answer was ready, UTC.
    time: str
    method: str
    path: str
    query: str
    status: int
    kind: Kind
    bytes_in: int
    bytes_out: int
    # Records that the call carried, in or out.
    records: int
    seconds: float
    # The `_misbehave` kind that befell it.
    fault: str | None


class CallLog:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(
        self, *, method: str, path: str, query: str, status: int, kind: Kind, bytes_in: int, bytes_out: int,
        records: int, seconds: float, fault: str | None,
    ) -> None:  # fmt: skip
        when = times.write(times.now())
        with self._lock:
            number = next(self._numbers)
            self._entries.append(
                Entry(
                    number,
                    when,
                    method,
                    path,
                    query,
                    status,
                    kind,
                    bytes_in,
                    bytes_out,
                    records,
                    round(seconds, 6),
                    fault,
                )
            )

    def clear(self) -> None:
        """Forgets the entries; the numbering goes on."""
        with self._lock:
            self._entries.clear()

    def last(self, count: int) -> list[Entry]:
        with self._lock:
            return list(self._entries)[-count:]

    def select(self, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
        """Entries after number `after`, of one `kind` or `method`, whose path contains `match`; in order."""
        return [asdict(entry) for entry in self._selected(parameters)]

    def _selected(self, parameters: Mapping[str, str]) -> Iterator[Entry]:
        after = int(parameters["after"]) if parameters.get("after", "").isdecimal() else 0
        kind, method, match = parameters.get("kind"), parameters.get("method"), parameters.get("match", "")
        with self._lock:
            entries = list(self._entries)
        for entry in entries:
            if entry.n <= after or (kind and entry.kind != kind) or (method and entry.method != method):
                continue
            if match in entry.path:
                yield entry
