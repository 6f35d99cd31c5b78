"""The ledger: what the folder's files are made from. It counts as the remote system.

One SQLite file with a rollback journal, because the folder may be on a network share, where a write-ahead log does not
work. Each change of a record takes the next number of one *sequence*; a delta is what lies between two numbers.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from solmu.exchange import Outcome, Result, Verb, Write
from solmu.sync.equal import blank

NAME = ".solmu-file-target.db"
VERSION = 1
_PATIENCE = 30.0
"""Seconds that one process waits for another one to have written."""

_SCHEMA = """
CREATE TABLE record (
    stream TEXT, remote_id TEXT, external_id TEXT, cells TEXT NOT NULL, version INTEGER NOT NULL,
    created INTEGER NOT NULL, changed INTEGER NOT NULL, touched TEXT NOT NULL, by TEXT NOT NULL,
    deleted INTEGER NOT NULL, PRIMARY KEY (stream, remote_id)) WITHOUT ROWID;
CREATE UNIQUE INDEX record_external ON record (stream, external_id) WHERE deleted = 0;
CREATE INDEX record_created ON record (stream, created);
CREATE INDEX record_changed ON record (stream, changed);
CREATE TABLE learned (stream TEXT, name TEXT, position INTEGER, PRIMARY KEY (stream, name));
CREATE TABLE stream (name TEXT PRIMARY KEY, delivered INTEGER NOT NULL, number INTEGER NOT NULL);
CREATE TABLE delta (stream TEXT, number INTEGER, state TEXT NOT NULL, parts TEXT NOT NULL,
    PRIMARY KEY (stream, number));
CREATE TABLE file (stream TEXT, form TEXT, sequence INTEGER NOT NULL, shape TEXT NOT NULL, parts TEXT NOT NULL,
    PRIMARY KEY (stream, form));
CREATE TABLE counter (sequence INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
"""
_COLUMNS = "remote_id, external_id, cells, version, created, changed, touched, by, deleted"


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``created`` and ``changed`` are numbers of the sequence, ``touched`` the cells that changed since it
    was last in a delta, ``by`` the connection that changed it last."""

    remote_id: str
    external_id: str | None
    cells: dict[str, Any]
    version: int
    created: int
    changed: int
    touched: tuple[str, ...]
    by: str
    deleted: bool


class Ledger:
    """Opened, and made where it is not there unless ``create`` says no.

    Raises sqlite3.Error; the connector says what each means.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        address = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
        self._db = sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA secure_delete = ON")  # of an erased person nothing stays in free pages
        if self._one("PRAGMA user_version") == 0:
            with self.transaction():
                if self._one("PRAGMA user_version") == 0:  # nobody else was faster
                    for statement in _SCHEMA.split(";"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {VERSION}")
        if self._one("PRAGMA user_version") != VERSION:
            raise sqlite3.NotSupportedError("the ledger was made by another version of Solmu")

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction that nobody else writes beside."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- records ------------------------------------------------------------------------------------------------------

    def apply(self, stream: str, writes: Sequence[Write], *, by: str, required: Sequence[str] = ()) -> list[Result]:
        """Do the writes in one transaction; each succeeds or is refused by itself."""
        with self.transaction():
            work = _Work(
                stream, by, tuple(required), self._one("SELECT sequence FROM counter"), self.delivered(stream)[0]
            )
            results = [self._apply(work, write) for write in writes]
            self._db.execute("UPDATE counter SET sequence = ?", (work.sequence,))
            self._learn(stream, writes)
        return results

    def get(self, stream: str, remote_id: str) -> Record | None:
        """One record, a deleted one too."""
        query = f"SELECT {_COLUMNS} FROM record WHERE stream = ? AND remote_id = ?"  # noqa: S608
        row = self._db.execute(query, (stream, remote_id)).fetchone()
        return _record(row) if row else None

    def by_external_id(self, stream: str, external_id: str) -> Record | None:
        """The live record that carries this id of ours."""
        query = f"SELECT {_COLUMNS} FROM record WHERE stream = ? AND external_id = ? AND deleted = 0"  # noqa: S608
        row = self._db.execute(query, (stream, external_id)).fetchone()
        return _record(row) if row else None

    def records(self, stream: str) -> Iterator[Record]:
        """The live records, oldest first, so that a list only grows at its end."""
        query = f"SELECT {_COLUMNS} FROM record WHERE stream = ? AND deleted = 0 ORDER BY created"  # noqa: S608
        return map(_record, self._db.execute(query, (stream,)))

    def changed_after(self, stream: str, sequence: int) -> Iterator[Record]:
        """The records that changed after that number, deleted ones too, in the order of their changes."""
        query = f"SELECT {_COLUMNS} FROM record WHERE stream = ? AND changed > ? ORDER BY changed"  # noqa: S608
        return map(_record, self._db.execute(query, (stream, sequence)))

    def newest(self, stream: str) -> int:
        """The number of the stream's last change; 0 where there is none."""
        return int(self._one("SELECT COALESCE(MAX(changed), 0) FROM record WHERE stream = ?", stream))

    def count(self, stream: str) -> int:
        """How many live records there are."""
        return int(self._one("SELECT COUNT(*) FROM record WHERE stream = ? AND deleted = 0", stream))

    def learned(self, stream: str) -> tuple[str, ...]:
        """The names of all cells that were ever written, in the order in which they were first seen."""
        query = "SELECT name FROM learned WHERE stream = ? ORDER BY position"
        return tuple(name for (name,) in self._db.execute(query, (stream,)))

    def _learn(self, stream: str, writes: Sequence[Write]) -> None:
        known = dict.fromkeys(self.learned(stream))
        new = dict.fromkeys(name for write in writes for name in write.fields if name not in known)
        rows = [(stream, name, len(known) + place) for place, name in enumerate(new)]
        self._db.executemany("INSERT INTO learned VALUES (?, ?, ?)", rows)

    def _apply(self, work: _Work, write: Write) -> Result:
        if write.verb is Verb.CREATE:
            known = self.by_external_id(work.stream, write.external_id) if write.external_id else None
            if known is not None:
                # Sent before, and the answer was lost.
                return self._write(work, known, write, Outcome.UPDATED)
            remote_id = write.external_id or uuid4().hex
            before = self.get(work.stream, remote_id)
            version = before.version if before else 0
            new = Record(remote_id, None, {}, version, 0, 0, (), work.by, deleted=False)
            return self._write(work, new, write, Outcome.CREATED)
        record = self.get(work.stream, write.remote_id or "")
        if record is None or record.deleted:
            return Result(write.id, Outcome.REJECTED, write.remote_id, code="gone", message="the record was deleted")
        if write.version is not None and write.version != str(record.version):
            message = "the record changed in the meantime"
            return Result(
                write.id, Outcome.RETRIABLE, record.remote_id, str(record.version), code="changed", message=message
            )
        if write.verb is Verb.DELETE:
            saved = self._save(work, replace(record, cells={}, deleted=True), ())
            return Result(write.id, Outcome.UPDATED, record.remote_id, str(saved.version))
        return self._write(work, record, write, Outcome.UPDATED)

    def _write(self, work: _Work, record: Record, write: Write, outcome: Outcome) -> Result:
        cells = record.cells | dict(write.fields)
        missing = next((name for name in work.required if blank(cells.get(name))), None)
        if missing is not None:
            message = f"{missing} must have a value"
            return Result(write.id, Outcome.REJECTED, write.remote_id, code="required", message=message, field=missing)
        external_id = write.external_id or record.external_id
        if outcome is not Outcome.CREATED and cells == record.cells and external_id == record.external_id:
            return Result(write.id, Outcome.UNCHANGED, record.remote_id, str(record.version), cells)
        touched = tuple(name for name, value in write.fields.items() if record.cells.get(name) != value)
        saved = self._save(work, replace(record, cells=cells, external_id=external_id), touched)
        return Result(write.id, outcome, record.remote_id, str(saved.version), cells)

    def _save(self, work: _Work, record: Record, touched: tuple[str, ...]) -> Record:
        work.sequence += 1
        waiting = record.touched if record.changed > work.delivered else ()
        saved = replace(
            record,
            version=record.version + 1,
            created=record.created or work.sequence,
            changed=work.sequence,
            touched=tuple(dict.fromkeys((*waiting, *touched))),
            by=work.by,
        )
        self._db.execute(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                work.stream, saved.remote_id, saved.external_id, _json(saved.cells), saved.version, saved.created,
                saved.changed, _json(saved.touched), saved.by, int(saved.deleted),
            ),
        )  # fmt: skip
        return saved

    # --- what was made of them ----------------------------------------------------------------------------------------

    def delivered(self, stream: str) -> tuple[int, int]:
        """Up to which number of the sequence deltas were made, and the last delta's own number."""
        row = self._db.execute("SELECT delivered, number FROM stream WHERE name = ?", (stream,)).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def deliver(self, stream: str, upto: int, number: int) -> None:
        """Note that deltas reach up to ``upto``."""
        self._db.execute("INSERT OR REPLACE INTO stream VALUES (?, ?, ?)", (stream, upto, number))

    def deltas(self, stream: str, state: str) -> list[tuple[int, list[str]]]:
        """The deltas in that state, oldest first: number, and the names of their files."""
        query = "SELECT number, parts FROM delta WHERE stream = ? AND state = ? ORDER BY number"
        return [(number, json.loads(parts)) for number, parts in self._db.execute(query, (stream, state))]

    def put_delta(self, stream: str, number: int, state: str, parts: Sequence[str]) -> None:
        """Note a delta's state: ``ready`` to be renamed, ``done``, or ``dropped``."""
        row = (stream, number, state, _json(parts))
        self._db.execute("INSERT OR REPLACE INTO delta VALUES (?, ?, ?, ?)", row)

    def file(self, stream: str, form: str) -> tuple[int, str, list[list[Any]]]:
        """The full list as it was last written: how far it reaches, its shape, and name, size and time of its parts."""
        query = "SELECT sequence, shape, parts FROM file WHERE stream = ? AND form = ?"
        row = self._db.execute(query, (stream, form)).fetchone()
        return (row[0], row[1], json.loads(row[2])) if row else (0, "", [])

    def put_file(self, stream: str, form: str, sequence: int, shape: str, parts: Sequence[Sequence[Any]]) -> None:
        """Note a full list that was written."""
        row = (stream, form, sequence, shape, _json(parts))
        self._db.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)", row)

    def _one(self, query: str, *values: Any) -> Any:
        return self._db.execute(query, values).fetchone()[0]


@dataclass(slots=True)
class _Work:
    """One call of ``apply``."""

    stream: str
    by: str
    required: tuple[str, ...]
    sequence: int
    delivered: int


def _json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _record(row: tuple[Any, ...]) -> Record:
    remote_id, external_id, cells, version, created, changed, touched, by, deleted = row
    return Record(
        remote_id,
        external_id,
        json.loads(cells),
        version,
        created,
        changed,
        tuple(json.loads(touched)),
        by,
        bool(deleted),
    )
