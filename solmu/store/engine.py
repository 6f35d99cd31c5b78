"""Opening a store, and the two kinds of transaction on it."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from solmu.errors import ConfigurationError
from solmu.store.sql import from_json

BUSY_SECONDS = 60
REMEMBERED = 65_536  # KiB
LOG_BYTES = 1 << 30
"""How long SQLite's write-ahead log may grow before a writer waits for readers to fold it into the file."""
_LOG_PAGES = 8_000
"""How long it may grow before it is folded into the file as far as readers let it, without waiting for them."""
_PAGE_BYTES = 4_096
_LOG_PATIENCE = 3.0  # seconds
_LOG_TRY = 100  # milliseconds
_WRITE_LOCK = 0x50_4C_4D_55  # any fixed number; such a lock is one database's own


class Store:
    """One hub's store. Safe to share between threads; not between forked processes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self.url = engine.url.render_as_string(hide_password=True)
        self._fences = _Fences()
        self._remembered = REMEMBERED
        self._in_bulk = False
        in_file = self.dialect == "sqlite" and not _is_in_memory(engine.url)
        self._log = _Log(str(engine.url.database)) if in_file else None
        self._reading = {"isolation_level": "REPEATABLE READ"} if self.dialect == "postgresql" else {}

    @property
    def address_for_others(self) -> str | None:
        """The address, with its password, at which another process can open this store; None where it is in memory."""
        url = self.engine.url
        return None if _is_in_memory(url) else url.render_as_string(hide_password=False)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one consistent state and changes nothing."""
        options = {"solmu_remembered": self._remembered, **self._reading}
        with self.engine.connect().execution_options(**options) as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def write(self, *, fenced: bool = True, trusted: bool = False) -> Iterator[Connection]:
        """One short write transaction: commits at the end, rolls back on any error.

        One writes at a time: SQLite's write lock is taken at once (BEGIN IMMEDIATE), on PostgreSQL an advisory lock, so
        that a transaction can wait for its turn but never fail half-way because somebody else wrote in between, nor
        decide on what another is changing. What ``fence`` was given is asked first, unless not ``fenced``.
        ``trusted``: SQLite need not look up the rows that new ones name, since the transaction adds or holds them
        itself; for many rows at a time, of which that would be a good part of the cost.
        """
        options = {
            "solmu_write": True,
            "solmu_trusted": trusted,
            "solmu_remembered": self._remembered,
            "solmu_log_pages": 0 if self._in_bulk else _LOG_PAGES,
        }
        with self.engine.connect().execution_options(**options) as connection:
            with connection.begin():
                for confirm in self._fences.standing if fenced else ():
                    confirm(connection)
                yield connection
            if self._log is not None:
                self._log.keep_short(connection.connection.cursor(), in_bulk=self._in_bulk)

    def remember(self, kib: int = REMEMBERED) -> None:
        """How much of SQLite's file each connection keeps in memory from now on. Of what others write meanwhile, or of
        what is looked for all over a large file, little is of use twice."""
        self._remembered = kib

    @contextmanager
    def in_bulk(self, remembered: int = REMEMBERED) -> Iterator[None]:
        """A block in which about as much is written as the store holds, all over it, while another process reads;
        ``remembered`` is how many KiB of it are kept in memory meanwhile.

        SQLite's log is then folded into the file when it is as long as the file itself. While a reader keeps it from
        beginning anew, SQLite by itself would fold it after each transaction, and write the same pages into the file
        over and over: three times as much as there is to write.
        """
        self._in_bulk = True
        self.remember(remembered)
        try:
            yield
        finally:
            self._in_bulk = False
            self.remember()

    @contextmanager
    def fence(self, confirm: Callable[[Connection], None]) -> Iterator[None]:
        """Begin every write transaction of this thread in the block with ``confirm``, which raises where it must not
        be."""
        before = self._fences.standing
        self._fences.standing = (*before, confirm)
        try:
            yield
        finally:
            self._fences.standing = before

    def close(self) -> None:
        """Close all connections. On SQLite the last one to close folds the write-ahead log into the file."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Log:
    """SQLite's write-ahead log. What is in it is copied into the file all the time, but it begins anew only at a moment
    when nobody reads: where somebody always does, as the process beside a first night, it grows beyond the file."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._left = 0  # bytes that readers kept from being folded

    def keep_short(self, cursor: Any, *, in_bulk: bool) -> None:
        """Let the log begin anew where it has grown long, as soon as those who read now have ended."""
        try:
            size = os.stat(f"{self._file}-wal").st_size
            most = min(LOG_BYTES, max(_LOG_PAGES * _PAGE_BYTES, os.stat(self._file).st_size)) if in_bulk else LOG_BYTES
        except FileNotFoundError:
            return
        # Who reads for so long is not waited for again and again.
        if size < self._left + most:
            return
        waits = True
        until = time.monotonic() + _LOG_PATIENCE
        with suppress(sqlite3.OperationalError):  # what was written is written; what fails here is tried again later
            # Many short tries: within one, SQLite waits for a place that those who read what is newest may have taken
            # over from those it began to wait for, and goes on doing so for as long as any of them follows another.
            cursor.execute(f"PRAGMA busy_timeout={_LOG_TRY}")
            while waits and time.monotonic() < until:
                (waits, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        self._left = size if waits else 0


class _Fences(threading.local):
    standing: tuple[Callable[[Connection], None], ...] = ()


def open_store(url: str, *, migrate: bool = True) -> Store:
    """Open the store at a SQLAlchemy URL, bringing its tables to the newest version.

    ``sqlite:///path`` and ``postgresql+psycopg://…`` are what Solmu is tested on. Raises ConfigurationError for others.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("the store's address cannot be read", expected="sqlite:///file.db") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not _is_in_memory(parsed):
            _make_private(Path(parsed.database or ""))
        # The connection that was used last remembers most of what is in the file; one that another thread has used
        # meanwhile, as a lease's heartbeat does, remembers the file as it was.
        last_first = {} if _is_in_memory(parsed) else {"pool_use_lifo": True}
        timeout = {"timeout": BUSY_SECONDS}
        engine = create_engine(parsed, connect_args=timeout, json_deserializer=from_json, **last_first)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif backend == "postgresql":
        psycopg = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(psycopg, pool_pre_ping=True, json_deserializer=from_json)
        event.listen(engine, "begin", _begin_postgresql)
    else:
        raise ConfigurationError(
            f"a store on {backend} is not supported", value=backend, expected="sqlite:///… or postgresql+psycopg://…"
        )
    store = Store(engine)
    if migrate:
        from solmu.store.migrate import upgrade

        try:
            upgrade(store)
        except BaseException:
            store.close()
            raise
    return store


def _make_private(path: Path) -> None:
    """Make the file of a new store, for its owner alone: customers are in it. SQLite gives the files beside it the same
    rights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return


def _is_in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions of its own accord: the begin event decides which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.execute(f"PRAGMA cache_size=-{REMEMBERED}")
    # A page that many transactions in a row write to goes into the file once, not once for each few of them.
    cursor.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    trusted = options.get("solmu_trusted", False)
    if trusted is not connection.info.get("solmu_trusted", False):  # SQLite heeds this between transactions only
        connection.exec_driver_sql(f"PRAGMA foreign_keys={'OFF' if trusted else 'ON'}")
        connection.info["solmu_trusted"] = trusted
    remembered = options.get("solmu_remembered", REMEMBERED)
    if remembered != connection.info.get("solmu_remembered", REMEMBERED):
        connection.exec_driver_sql(f"PRAGMA cache_size=-{remembered}")
        connection.info["solmu_remembered"] = remembered
    if options.get("solmu_write", False):
        log_pages = options.get("solmu_log_pages", _LOG_PAGES)
        if log_pages != connection.info.get("solmu_log_pages", _LOG_PAGES):
            connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={log_pages}")
            connection.info["solmu_log_pages"] = log_pages
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:  # it waits for nobody, so nothing of SQLAlchemy's is needed; every look at the store begins with it
        connection.connection.cursor().execute("BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("solmu_write", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
