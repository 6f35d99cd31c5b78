"""The system that a memory connection speaks to: records in SQLite, and troubles on demand."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

from solmu.exchange import Outcome, Payload, Result, Verb, Write


class Trouble(StrEnum):
    """What the system can be told to do wrong."""

    REJECT = "reject"  # one record is refused
    LOCK = "lock"  # one record is locked by somebody else just now
    THROTTLE = "throttle"  # the call is refused before anything is done
    EXPIRE = "expire"  # the session has ended
    FAIL = "fail"  # the server breaks down in the middle of the call
    LOSE = "lose"  # the work is done, and the connection breaks before the answer
    TIME_OUT = "time-out"  # the work is done, and the answer does not come in time
    GARBLE = "garble"  # the work is done, and the answer is no answer


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the system has seen."""

    verb: str
    stream: str
    size: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as the system keeps it. ``by`` is who changed it last."""

    id: str
    payload: Payload
    external_id: str | None
    version: int
    changed_at: datetime
    by: str
    deleted: bool
    merged_into: str | None


@dataclass(slots=True)
class Pending:
    trouble: Trouble
    on: str
    after: int
    times: int


class Space:
    """The system that a memory connection speaks to. Tests act in it as somebody else who works there."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._lock = threading.RLock()
        self._pending: list[Pending] = []
        self.calls: list[Call] = []
        with self._transaction():
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS record (stream TEXT, id TEXT, external_id TEXT, payload TEXT,"
                " version INTEGER, changed_at INTEGER, by TEXT, deleted INTEGER, merged_into TEXT,"
                " PRIMARY KEY (stream, id))"
            )
            self._db.execute("CREATE INDEX IF NOT EXISTS record_changed ON record (stream, changed_at, id)")
            self._db.execute(
                "CREATE UNIQUE INDEX IF NOT EXISTS record_external ON record (stream, external_id) WHERE deleted = 0"
            )
            self._db.execute("CREATE TABLE IF NOT EXISTS job (id TEXT PRIMARY KEY, results TEXT)")

    def close(self) -> None:
        """Close its file. For a space that was made by itself, and is not found by name."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # --- as somebody else who works in the system ---------------------------------------------------------------------

    def put(
        self,
        stream: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        at: datetime | None = None,
        by: str = "user",
    ) -> str:
        """Enter a record, and give its id; one with this id is replaced."""
        record_id = key or uuid4().hex
        with self._transaction():
            self._save(stream, record_id, dict(payload), at=at, by=by)
        return record_id

    def change(
        self, stream: str, key: str, changes: Mapping[str, Any], *, at: datetime | None = None, by: str = "user"
    ) -> None:
        """Change some fields of a record."""
        with self._transaction():
            record = self._get(stream, key)
            if record is None:
                raise KeyError(key)
            self._save(stream, key, record.payload | dict(changes), record.external_id, at=at, by=by)

    def remove(
        self, stream: str, key: str, *, merged_into: str | None = None, at: datetime | None = None, by: str = "user"
    ) -> None:
        """Delete a record, or merge it away."""
        with self._transaction():
            record = self._get(stream, key)
            if record is None:
                raise KeyError(key)
            self._save(
                stream, key, record.payload, record.external_id, at=at, by=by, deleted=True, merged_into=merged_into
            )

    def records(self, stream: str) -> dict[str, Payload]:
        """The live records by id, oldest change first."""
        return {record.id: record.payload for record in self.since(stream, 0, None) if not record.deleted}

    def get(self, stream: str, key: str) -> Stored | None:
        """One record, a deleted one too."""
        with self._lock:
            return self._get(stream, key)

    def misbehave(self, trouble: Trouble, *, on: str = "write", after: int = 0, times: int = 1) -> None:
        """Cause ``trouble`` in the next ``times`` calls of the verb ``on``, after so many of its records went well."""
        self._pending.append(Pending(trouble, on, after, times))

    def behave(self) -> None:
        """End all trouble."""
        self._pending.clear()

    # --- as the connector sees it -------------------------------------------------------------------------------------

    def call(self, verb: str, stream: str, size: int) -> Pending | None:
        """Note a call, and give the trouble that it is to run into."""
        with self._lock:
            self.calls.append(Call(verb, stream, size))
            for pending in self._pending:
                if pending.on == verb:
                    pending.times -= 1
                    if pending.times == 0:
                        self._pending.remove(pending)
                    return pending
        return None

    def since(self, stream: str, changed_at: int, limit: int | None, after: tuple[int, str] = (-1, "")) -> list[Stored]:
        """Records changed at ``changed_at`` (microseconds) or later, deleted ones too, by time and id."""
        with self._lock:
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM record WHERE stream = ? AND changed_at >= ? AND (changed_at, id) > (?, ?)"  # noqa: S608
                " ORDER BY changed_at, id LIMIT ?",
                (stream, changed_at, *after, -1 if limit is None else limit),
            ).fetchall()
        return [_stored(row) for row in rows]

    def by_external_id(self, stream: str, external_id: str) -> Stored | None:
        """The live record that carries this id of ours."""
        with self._lock:
            row = self._db.execute(
                f"SELECT {_COLUMNS} FROM record WHERE stream = ? AND external_id = ? AND deleted = 0",  # noqa: S608
                (stream, external_id),
            ).fetchone()
        return _stored(row) if row else None

    def apply(self, stream: str, writes: Sequence[Write], how: Rules, job: str | None = None) -> list[Result]:
        """Do the writes in one transaction; each succeeds or is refused by itself."""
        with self._transaction():
            results = [self._apply(stream, write, how) for write in writes]
            if job is not None:
                self._db.execute(
                    "INSERT INTO job VALUES (?, ?)", (job, json.dumps([_to_json(each) for each in results]))
                )
        return results

    def job_results(self, job: str) -> list[Result]:
        """What became of the writes of a job; nothing where it was never uploaded."""
        with self._lock:
            row = self._db.execute("SELECT results FROM job WHERE id = ?", (job,)).fetchone()
        return [_from_json(each) for each in json.loads(row[0])] if row else []

    def _apply(self, stream: str, write: Write, how: Rules) -> Result:
        if write.verb is Verb.CREATE:
            known = self.by_external_id(stream, write.external_id) if write.external_id else None
            if known is None:
                return self._write(stream, uuid4().hex, {}, write, how, Outcome.CREATED)
            # Sent before, and the answer was lost: the same record, as our unique id demands.
            return self._write(stream, known.id, known.payload, write, how, Outcome.UPDATED)
        record = self._get(stream, write.remote_id or "")
        if record is None or record.deleted:
            return Result(write.id, Outcome.REJECTED, write.remote_id, code="gone", message="the record was deleted")
        if write.version is not None and write.version != str(record.version):
            message = "somebody changed the record in the meantime"
            return Result(write.id, Outcome.RETRIABLE, record.id, str(record.version), code="changed", message=message)
        if write.verb is Verb.DELETE:
            self._save(stream, record.id, record.payload, record.external_id, by=how.user, deleted=True)
            return Result(write.id, Outcome.UPDATED, record.id, str(record.version + 1))
        return self._write(stream, record.id, record.payload, write, how, Outcome.UPDATED)

    def _write(
        self, stream: str, record_id: str, before: Payload, write: Write, how: Rules, outcome: Outcome
    ) -> Result:
        after = before | dict(write.fields)
        missing = next((name for name in how.required if not after.get(name)), None)
        if missing is not None:
            message = f"{missing} must have a value"
            return Result(write.id, Outcome.REJECTED, write.remote_id, code="required", message=message, field=missing)
        known = self._get(stream, record_id)
        external_id = write.external_id or (known.external_id if known else None)
        if known is not None and after == before and external_id == known.external_id:
            return Result(write.id, Outcome.UNCHANGED, record_id, str(known.version), before)
        saved = self._save(stream, record_id, after, external_id, by=how.user)
        return Result(write.id, outcome, record_id, str(saved), after)

    def _get(self, stream: str, key: str) -> Stored | None:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM record WHERE stream = ? AND id = ?",  # noqa: S608
            (stream, key),
        ).fetchone()
        return _stored(row) if row else None

    def _save(
        self,
        stream: str,
        key: str,
        payload: Payload,
        external_id: str | None = None,
        *,
        by: str,
        at: datetime | None = None,
        deleted: bool = False,
        merged_into: str | None = None,
    ) -> int:
        """Store a record with the next version and, without ``at``, a stamp later than its stream's others."""
        known = self._get(stream, key)
        version = known.version + 1 if known else 1
        if at is None:
            query = "SELECT COALESCE(MAX(changed_at), 0) FROM record WHERE stream = ?"
            latest: int = self._db.execute(query, (stream,)).fetchone()[0]
            stamp = max(micros(datetime.now(UTC)), latest + 1)
        else:
            stamp = micros(at)
        self._db.execute(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (stream, key, external_id, json.dumps(payload), version, stamp, by, int(deleted), merged_into),
        )
        return version


_COLUMNS = "id, payload, external_id, version, changed_at, by, deleted, merged_into"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_spaces: dict[str, Space] = {}
_spaces_lock = threading.Lock()


def space(name: str = "default", file: Path | None = None) -> Space:
    """The space of that name in this process, or in that file; made when it is asked for first."""
    known_as = f"file {file.resolve()}" if file else f"name {name}"
    with _spaces_lock:
        if known_as not in _spaces:
            _spaces[known_as] = Space(str(file) if file else ":memory:")
        return _spaces[known_as]


@dataclass(frozen=True, slots=True)
class Rules:
    user: str
    required: tuple[str, ...]


def _to_json(result: Result) -> list[Any]:
    return [result.id, result.outcome, result.remote_id, result.version, result.observed, result.code, result.message,
            result.field]  # fmt: skip


def _from_json(values: list[Any]) -> Result:
    return Result(values[0], Outcome(values[1]), *values[2:])


def _stored(row: tuple[Any, ...]) -> Stored:
    record_id, payload, external_id, version, stamp, by, deleted, merged_into = row
    changed_at = _EPOCH + timedelta(microseconds=stamp)
    return Stored(record_id, json.loads(payload), external_id, version, changed_at, by, bool(deleted), merged_into)


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
