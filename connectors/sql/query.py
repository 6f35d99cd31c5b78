"""The statements that a stream's query becomes. SQLAlchemy is imported when one is needed: it takes half a second."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from connectors.keys import numbered
from connectors.sql.settings import CURSOR, QueryStream

if TYPE_CHECKING:
    from sqlalchemy import (
        BindParameter,
        ColumnElement,
        Connection,
        CursorResult,
        Executable,
        Select,
        TextClause,
    )


def statement_of(settings: QueryStream, since: Any) -> Executable:
    """The query itself; with a cursor from its value on, and in its order."""
    from sqlalchemy import column, literal_column, or_, select

    inner = _text(settings)
    if settings.cursor is None:
        return inner
    stamp: ColumnElement[Any] = column(settings.cursor)
    statement: Select[Any] = select(literal_column("*")).select_from(inner.columns().subquery("q")).order_by(stamp)
    if since is None or CURSOR.search(settings.query):
        return statement
    # A row without a stamp can never be known to be old.
    return statement.where(or_(stamp >= _bind(), stamp.is_(None)))


def nothing_of(settings: QueryStream) -> Executable:
    """The query without any of its rows: the database checks it, and names its columns."""
    from sqlalchemy import false, literal_column, select

    return select(literal_column("*")).select_from(_text(settings).columns().subquery("q")).where(false())


def _text(settings: QueryStream) -> TextClause:
    from sqlalchemy import text

    inner = text(settings.query.strip().rstrip(";"))
    return inner.bindparams(_bind()) if CURSOR.search(settings.query) else inner


def _bind() -> BindParameter[Any]:
    from sqlalchemy import bindparam
    from sqlalchemy.types import NullType

    # Without a type of ours the database takes the value for whatever it is compared with.
    return bindparam("cursor", type_=NullType())


def bound(since: Any) -> dict[str, Any]:
    """The statement's parameters."""
    return {"cursor": since}


def columns_of(result: CursorResult[Any]) -> list[str]:
    """The names of a result's columns, each once."""
    return numbered([str(name) for name in result.keys()])  # noqa: SIM118 - a result is no dict


def a_cursor_value(connection: Connection, settings: QueryStream) -> Any:
    """A value of the cursor column, to see what it is; None where there are no rows."""
    with closing(connection.execute(statement_of(settings, None), bound(None))) as result:
        at = columns_of(result).index(str(settings.cursor))
        values = [row[at] for row in result.fetchmany(20)]
    return next((value for value in values if value is not None), None)
