"""Where the sandbox keeps its records: one SQLite file, one table an object, one column a field.

One writer at a time behind a lock, in short transactions; every thread reads through a connection of its own, which
WAL lets run beside the writer.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sandbox.salesforce.ids import make_id
from sandbox.salesforce.objects import NUMBER_KINDS, Field, SObject

ORG_PREFIX, USER_PREFIX, JOB_PREFIX = "00D", "005", "750"

_TABLES = """
CREATE TABLE IF NOT EXISTS sequence (prefix TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, uploads INTEGER NOT NULL DEFAULT 0,
    document TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS job_upload (job TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS job_row (
    job TEXT NOT NULL, line INTEGER NOT NULL, id TEXT, created INTEGER, error TEXT, PRIMARY KEY (job, line)
) WITHOUT ROWID;
"""


class Store:
    def __init__(self, path: Path, objects: Mapping[str, SObject]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.RLock()
        self._local = threading.local()
        # The thread that is inside `write`, and how deep.
        self._writing: int | None = None
        self._depth = 0
        self._writer = self._connect()
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.executescript(_TABLES)
        for sobject in objects.values():
            self._make_table(sobject)
        self._next: dict[str, int] = dict(self._writer.execute("SELECT prefix, next FROM sequence"))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, cached_statements=256)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.create_function("fold", 1, _fold, deterministic=True)
        return connection

    def _make_table(self, sobject: SObject) -> None:
        """Also adds the columns that an older file lacks; a field that is gone keeps its column, unseen."""
        columns = ", ".join(column(field) for field in sobject.fields.values())
        self._writer.execute(f'CREATE TABLE IF NOT EXISTS "{sobject.name}" ({columns})')
        present = {row[1] for row in self._writer.execute(f'PRAGMA table_info("{sobject.name}")')}
        for field in sobject.fields.values():
            if field.name not in present:
                self._writer.execute(f'ALTER TABLE "{sobject.name}" ADD COLUMN {column(field)}')
            if field.external_id or field.cascade or field.name in ("SystemModstamp", "Email"):
                index = f'"{sobject.name}_{field.name}"'
                self._writer.execute(f'CREATE INDEX IF NOT EXISTS {index} ON "{sobject.name}" ("{field.name}")')

    @property
    def reader(self) -> sqlite3.Connection:
        """This thread's own connection, for reading; inside `write` the one that sees what is being written."""
        if self._writing == threading.get_ident():
            return self._writer
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, rolled back when the block raises. Within another one it is a part of that."""
        with self._lock:
            outermost, mark = self._depth == 0, f"part{self._depth}"
            self._writer.execute("BEGIN IMMEDIATE" if outermost else f"SAVEPOINT {mark}")
            self._writing, self._depth = threading.get_ident(), self._depth + 1
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK" if outermost else f"ROLLBACK TO {mark}")
                self._next = dict(self._writer.execute("SELECT prefix, next FROM sequence"))
                raise
            else:
                self._writer.execute("COMMIT" if outermost else f"RELEASE {mark}")
            finally:
                self._depth -= 1
                if outermost:
                    self._writing = None

    def new_ids(self, db: sqlite3.Connection, prefix: str, count: int) -> list[str]:
        """Fresh ids, remembered in the caller's transaction."""
        first = self._next.get(prefix, 1)
        self._next[prefix] = first + count
        db.execute("INSERT OR REPLACE INTO sequence VALUES (?, ?)", (prefix, first + count))
        return [make_id(prefix, number) for number in range(first, first + count)]

    def close(self) -> None:
        with self._lock:
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.close()


def column(field: Field) -> str:
    """A field's column as SQL declares it. Text is compared without regard to case, ids with."""
    if field.kind == "id":
        return f'"{field.name}" TEXT PRIMARY KEY NOT NULL'
    if field.kind == "reference" or field.kind == "date":
        return f'"{field.name}" TEXT'
    if field.kind in ("boolean", "datetime", "int"):
        return f'"{field.name}" INTEGER'
    if field.kind in NUMBER_KINDS:
        return f'"{field.name}" REAL'
    return f'"{field.name}" TEXT COLLATE NOCASE'


def _fold(text: str | float | None) -> str | float | None:
    """SQLite folds the case of ASCII only; this is for the rest of Europe."""
    return text.casefold() if isinstance(text, str) else text


def placeholders(count: int) -> str:
    return ", ".join("?" * count)
