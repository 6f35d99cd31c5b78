"""The connector: reads queries in transactions that cannot write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.base import Connector
from connectors.keys import Keys
from connectors.sql.query import a_cursor_value, bound, columns_of, nothing_of, statement_of
from connectors.sql.settings import QueryStream, SqlSettings
from connectors.sql.values import earlier, from_cursor, is_later, json_value, kind_of, to_cursor
from solmu.errors import Fatal, Retriable, SolmuError
from solmu.exchange import Batch, Capabilities, Cursor, FieldInfo, Row, StreamInfo

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_BATCH = 1000


class SqlConnector(Connector):
    """Reads queries of one database."""

    Settings = SqlSettings
    StreamSettings = QueryStream

    rows_are = "contact"

    settings: SqlSettings

    def __init__(self, *, name: str, settings: SqlSettings, streams: Mapping[str, Any], folder: Path) -> None:
        super().__init__(name=name, settings=settings, streams=streams, folder=folder)
        self._opened: Engine | None = None
        self._zone = ZoneInfo(settings.timezone)

    @property
    def capabilities(self) -> Capabilities:
        changes = any(stream.cursor is not None for stream in self.streams.values())
        return replace(super().capabilities, reports_changes_since=changes)

    def check(self) -> Sequence[str]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine().connect():
                pass
        except SQLAlchemyError as error:
            raise self._unreachable(error) from error
        notes: list[str] = []
        for stream in self.streams:
            settings = self.stream_settings(stream, QueryStream)
            with self._transaction(stream) as connection:
                columns = columns_of(connection.execute(nothing_of(settings), {"cursor": None}))
                self._must_have(stream, settings, columns)
                if settings.cursor is None:
                    continue
                stamp = a_cursor_value(connection, settings)
            if stamp is not None:
                self._earlier(stream, settings, stamp)
            if not settings.lag_seconds:
                notes.append(f"{stream}: without lag_seconds, rows that commit late are missed")
        return notes

    def discover(self) -> Sequence[StreamInfo]:
        """The configured streams; where there are none yet, each table as one."""
        if not self.streams:
            return self._tables()
        return [self._describe(stream) for stream in self.streams]

    def starting(self, info: StreamInfo) -> Mapping[str, Any]:
        quoted = self._engine().dialect.identifier_preparer.quote(info.name)
        start: dict[str, Any] = {"query": f"SELECT * FROM {quoted}"}  # noqa: S608 - the dialect quoted it
        if info.key:
            start["key"] = list(info.key)
        if any("time" in each.type or each.type == "date" for each in info.fields):
            start["lag_seconds"] = 600
        return start

    def shape(self, stream: str) -> StreamInfo:
        settings = self.stream_settings(stream, QueryStream)
        return StreamInfo(stream, key=settings.key, full=settings.cursor is None)

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        settings = self.stream_settings(stream, QueryStream)
        keys = Keys(settings.key)
        with self._transaction(stream) as connection:
            known = from_cursor(cursor) if cursor and settings.cursor else None
            since = known if known is None else self._earlier(stream, settings, known)
            streaming = connection.execution_options(yield_per=_BATCH)
            with closing(streaming.execute(statement_of(settings, since), bound(since))) as result:
                columns = columns_of(result)
                self._must_have(stream, settings, columns)
                at = columns.index(settings.cursor) if settings.cursor else None
                number = 0
                waiting: list[Row] | None = None
                for page in result.partitions(_BATCH):
                    if waiting is not None:
                        yield Batch(waiting, to_cursor(known))
                    waiting = []
                    for values in page:
                        number += 1
                        stamp = None if at is None else values[at]
                        known = stamp if stamp is not None and is_later(stamp, known) else known
                        waiting.append(self._row(stream, columns, values, stamp, keys, number))
        if waiting is not None or settings.cursor is None:
            yield Batch(waiting or [], to_cursor(known), complete=settings.cursor is None)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.dispose()
            self._opened = None

    def _row(
        self, stream: str, columns: Sequence[str], values: Sequence[Any], stamp: Any, keys: Keys, number: int
    ) -> Row:
        payload = {column: json_value(value) for column, value in zip(columns, values, strict=True)}
        key = keys.of(payload)
        return Row(key, payload, self._moment(stamp), place=f"query of {stream}, row {number} ({key})")

    def _moment(self, stamp: Any) -> datetime | None:
        """The cursor's value as a time, where it is one."""
        if isinstance(stamp, str):
            try:
                stamp = datetime.fromisoformat(stamp)
            except ValueError:
                return None
        if not isinstance(stamp, datetime):
            return None
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=self._zone)).astimezone(UTC)

    def _describe(self, stream: str) -> StreamInfo:
        settings = self.stream_settings(stream, QueryStream)
        with (
            self._transaction(stream) as connection,
            closing(connection.execute(statement_of(settings, None), bound(None))) as result,
        ):
            columns = columns_of(result)
            sample = result.fetchmany(20)
        kinds = (kind_of([row[index] for row in sample]) for index in range(len(columns)))
        fields = tuple(FieldInfo(column, kind) for column, kind in zip(columns, kinds, strict=True))
        return replace(self.shape(stream), fields=fields)

    def _tables(self) -> list[StreamInfo]:
        from sqlalchemy import inspect

        with self._transaction(None) as connection:
            inspector = inspect(connection)
            return [
                StreamInfo(
                    table,
                    tuple(FieldInfo(each["name"], str(each["type"]).lower()) for each in inspector.get_columns(table)),
                    tuple(inspector.get_pk_constraint(table)["constrained_columns"]),
                )
                for table in sorted((*inspector.get_table_names(), *inspector.get_view_names()))
            ]

    def _must_have(self, stream: str, settings: QueryStream, columns: Sequence[str]) -> None:
        for setting, wanted in (("key", settings.key), ("cursor", (settings.cursor,) if settings.cursor else ())):
            missing = [column for column in wanted if column not in columns]
            if missing:
                raise Fatal(
                    f"the query gives no column {', '.join(missing)}",
                    code="columns-changed",
                    connection=self.name,
                    stream=stream,
                    field=setting,
                    value=missing[0],
                    expected=f"among {', '.join(columns)}",
                )

    def _earlier(self, stream: str, settings: QueryStream, value: Any) -> Any:
        if not settings.lag_seconds:
            return value
        try:
            return earlier(value, settings.lag_seconds)
        except (TypeError, ValueError):
            raise Fatal(
                f"the cursor {settings.cursor} is no time, so nothing lies some seconds before it",
                code="no-time",
                connection=self.name,
                stream=stream,
                field="lag_seconds",
                expected="a cursor column with times, or no lag_seconds",
            ) from None

    def _engine(self) -> Engine:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> Engine:
        from sqlalchemy import create_engine, event, make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
        from sqlalchemy.pool import NullPool

        try:
            url = make_url(self.settings.url.get_secret_value())
            if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
                url = url.set(database=str(self._sqlite_file(str(url.database))))
            engine = create_engine(url, hide_parameters=True, poolclass=NullPool)
        except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
            reason = "its driver is not installed" if isinstance(error, ImportError) else "SQLAlchemy knows none such"
            raise Fatal(
                f"the setting 'url' names no database that can be reached: {reason}",
                code="bad-url",
                connection=self.name,
                field="url",
                expected="sqlite:///file.db, postgresql+psycopg://user:password@host/name, or another of SQLAlchemy's",
            ) from error
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _only_read)
        return engine

    def _sqlite_file(self, database: str) -> Path:
        path = self.folder / database
        if not path.is_file():
            # SQLite would make an empty database there.
            raise Fatal(
                f"there is no database file {database}",
                code="no-database",
                connection=self.name,
                field="url",
                expected="the path of an SQLite database, from the hub's folder",
            )
        return path

    @contextmanager
    def _transaction(self, stream: str | None) -> Iterator[Connection]:
        """One transaction that cannot write, where the database knows such. Its errors are ours."""
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        engine = self._engine()
        try:
            with engine.connect() as connection:
                if engine.dialect.name == "postgresql":
                    connection = connection.execution_options(postgresql_readonly=True)
                elif engine.dialect.name in ("mysql", "mariadb"):
                    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
                yield connection
        except DBAPIError as error:
            raise self._failed(error, stream, passing=_is_passing(error, engine)) from error
        except SQLAlchemyError as error:
            raise self._failed(error, stream, passing=False) from error

    def _failed(self, error: SQLAlchemyError, stream: str | None, *, passing: bool) -> SolmuError:
        if passing:
            return Retriable(
                f"the database did not answer: {self._said(error)}",
                code="database-away",
                connection=self.name,
                stream=stream,
            )
        return Fatal(
            f"the database refuses the query: {self._said(error)}",
            code="bad-query",
            connection=self.name,
            stream=stream,
            field="query",
            expected="a SELECT that the database accepts",
        )

    def _unreachable(self, error: SQLAlchemyError) -> Fatal:
        return Fatal(
            f"the database cannot be opened: {self._said(error)}",
            code="bad-url",
            connection=self.name,
            field="url",
            expected="the address, user, password and name of a database that is running",
        )

    def _said(self, error: SQLAlchemyError) -> str:
        """The first line of what the driver says, without the password."""
        from sqlalchemy import make_url

        said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        password = make_url(self.settings.url.get_secret_value()).password
        return said.replace(password, "•••") if password else said


def _only_read(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA query_only = ON")


def _is_passing(error: DBAPIError, engine: Engine) -> bool:
    """Whether the same query may succeed later."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    if engine.dialect.name == "sqlite":
        # SQLite calls everything operational, a misspelt column too.
        return any(word in str(error.orig) for word in ("locked", "busy", "disk I/O"))
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
