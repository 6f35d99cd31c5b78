"""``intake.db``: deliveries as they came, from the moment they are acknowledged until they have landed.

A SQLite file of its own in the hub's folder, in WAL mode with full synchronisation, whatever the hub's store is: what
``add`` has returned from survives a power cut. One receiver writes it; landing reads it by sequence.

A pushed connector's ``read`` gives what is ``after`` its cursor, and keeps ``{"seq": n}`` as that cursor: by it one
knows what has landed, and may be pruned.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from solmu.exchange import Request
from solmu.intake.headers import kept_headers
from solmu.store import time

FILE = "intake.db"
BUSY_SECONDS = 3.0
"""How long a write waits for another one. Senders give up after as little as four seconds, so we must do so earlier."""

LONGEST_ID = 200
_PRUNED_AT_ONCE = 200
_PAGES_UNFOLDED = 10_000
"""Size of the write-ahead log at which a write has to fold it, since nobody else did: senders wait for that."""


_TABLES = """
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY,
    connection TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    headers TEXT,
    body BLOB,
    UNIQUE (connection, delivery_id)
);
"""
# Rows are emptied and never deleted, so a sequence is never given again; and whoever reads goes on from a sequence, so
# there is no index to keep beside the one that recognises redeliveries: fewer pages to write for each delivery.
_ADD = """
INSERT INTO delivery (connection, delivery_id, received_at, content_type, headers, body) VALUES {rows}
ON CONFLICT (connection, delivery_id) DO NOTHING
"""
_ADDED = "SELECT connection, delivery_id FROM delivery WHERE seq > ? AND seq <= ?"
_ROW = "(?, ?, ?, ?, ?, ?)"
_ROWS_AT_ONCE = 5_000
"""SQLite takes 32,766 parameters in a statement."""

_AFTER = """
SELECT seq, connection, delivery_id, received_at, content_type, headers, body FROM delivery NOT INDEXED
WHERE connection = ? AND seq > ? AND body IS NOT NULL ORDER BY seq LIMIT ?
"""
_WAITING = "SELECT count(*) FROM delivery NOT INDEXED WHERE connection = ? AND seq > ? AND body IS NOT NULL"
_LANDED = """
SELECT seq FROM delivery NOT INDEXED
WHERE connection = ? AND seq > ? AND seq <= ? AND received_at < ? AND body IS NOT NULL ORDER BY seq LIMIT ?
"""
_EMPTY = "UPDATE delivery SET body = NULL, headers = NULL, content_type = '' WHERE seq = ?"


@dataclass(frozen=True, slots=True)
class Stored:
    """One delivery as it came. ``seq`` orders all deliveries of a hub and never comes twice; times are in UTC;
    ``headers`` are those that are kept, names in lower case."""

    seq: int
    connection: str
    delivery_id: str
    received_at: datetime
    content_type: str
    headers: dict[str, str]
    body: bytes


def intake_path(folder: Path) -> Path:
    """The file in a hub's folder."""
    return folder / FILE


class IntakeStore:
    """The deliveries of one hub. Safe to share between threads, and between processes by opening it in each.

    Every method may raise ``sqlite3.Error``: the disk is full, or somebody held the file for too long. Then nothing of
    the call was done.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, and make it where there is none."""
        new = _made(path)
        self._lock = Lock()
        self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(f"PRAGMA wal_autocheckpoint={_PAGES_UNFOLDED}")
            # What is pruned or erased is overwritten, not only unlinked.
            self._db.execute("PRAGMA secure_delete=ON")
            if new or not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'delivery'").fetchone():
                self._db.executescript(_TABLES)
        except BaseException:
            self._db.close()
            raise
        if new:
            _sync_folder(path.parent)

    def add(self, items: Sequence[tuple[str, str, Request]]) -> list[bool]:
        """Store deliveries, each as (connection, delivery id, request), in one durable transaction.

        Gives for each whether it is new; one whose id is known already is left as it was. Takes up to 5,000 at once.
        """
        if not items:
            return []
        if len(items) > _ROWS_AT_ONCE:
            raise ValueError(f"more than {_ROWS_AT_ONCE} deliveries at once")
        values: list[object] = []
        for connection, delivery_id, request in items:
            values += (
                connection,
                kept_id(delivery_id),
                time.micros(request.received_at),
                request.headers.get("content-type", ""),
                json.dumps(kept_headers(request.headers), separators=(",", ":")),
                request.body,
            )
        statement = _ADD.format(rows=", ".join([_ROW] * len(items)))
        with self._lock:
            # One statement is one transaction. Each call into SQLite lets other threads run, and coming back may take
            # milliseconds while they are busy: with a call a row the disk would wait for us.
            done = self._db.execute(statement, values)
            added, last = done.rowcount, done.lastrowid or 0
            if added == len(items):
                return [True] * added
            new = set(self._db.execute(_ADDED, (last - added, last))) if added else set()
        return [_first_of(new, (connection, kept_id(delivery_id))) for connection, delivery_id, _ in items]

    def after(self, connection: str, seq: int, limit: int) -> list[Stored]:
        """The next ``limit`` deliveries of a connection after ``seq`` (0: from the first one that is kept)."""
        with self._lock:
            rows = self._db.execute(_AFTER, (connection, seq, limit)).fetchall()
        return [_stored(row) for row in rows]

    def waiting(self, connection: str, seq: int) -> int:
        """How many deliveries of a connection came after ``seq``."""
        with self._lock:
            found: tuple[int] = self._db.execute(_WAITING, (connection, seq)).fetchone()
        return found[0]

    def prune(self, connection: str, up_to_seq: int, older_than: datetime) -> int:
        """Empty what has landed (``up_to_seq``) and was received before ``older_than``. Gives how many.

        Ids stay, so that a redelivery is recognised however late it comes. Short transactions: the receiver's turn
        comes between them.
        """
        before, seq, total = time.micros(older_than), 0, 0
        while True:
            with self._lock:
                rows = self._db.execute(_LANDED, (connection, seq, up_to_seq, before, _PRUNED_AT_ONCE)).fetchall()
            if not rows:
                return total
            with self._writing() as db:
                db.executemany(_EMPTY, rows)
            seq, total = rows[-1][0], total + len(rows)

    def fold(self) -> None:
        """Move what is in the write-ahead log into the file, without holding up whoever writes."""
        with self._lock:
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def close(self) -> None:
        """Close the file; the last one to do so folds the write-ahead log into it."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself where the disk is full.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def kept_id(delivery_id: str) -> str:
    """An id as it is stored: senders choose them, and one that is endless or no text is kept by its digest."""
    if 0 < len(delivery_id) <= LONGEST_ID and delivery_id.isprintable():
        return delivery_id
    return "sha256:" + hashlib.sha256(delivery_id.encode("utf-8", "surrogatepass")).hexdigest()


def _first_of(new: set[tuple[str, str]], delivery: tuple[str, str]) -> bool:
    """Whether a delivery is new; the second of two equal ones in a group is not."""
    if delivery not in new:
        return False
    new.remove(delivery)
    return True


def _stored(row: tuple[int, str, str, int, str, str, bytes]) -> Stored:
    seq, connection, delivery_id, received_at, content_type, headers, body = row
    return Stored(
        seq, connection, delivery_id, time.from_micros(received_at), content_type, json.loads(headers), bytes(body)
    )


def _made(path: Path) -> bool:
    """Make the file, for its owner alone, where there is none: it holds what people entered, and of some senders the
    secret with it. Gives whether it is new; the files that SQLite puts beside it take after it."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """Make the new file's name durable too, where the system lets one."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
