"""The quarantine as people look into it: what was refused, by reason, and one row with what was received."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from solmu.errors import SolmuError
from solmu.store.payload import unpack
from solmu.store.tables import audit, golden, link, mention, quarantine, source_record, source_version

WAITING, DISMISSED = "waiting", "dismissed"
NONE = "-"
"""Stands for a reason that names no column."""

COUNTED = 20_000
"""How many waiting rows are grouped at most: whoever has more mends a mapping, not rows."""
_BADGE = 1_000

Document = dict[str, Any]
FIELD: ColumnElement[Any] = func.coalesce(quarantine.c.field, NONE)


@dataclass(frozen=True, slots=True)
class Which:
    """Some of the rows; what is left blank does not matter. ``upto`` leaves out what was refused after that number."""

    connection: str = ""
    stream: str = ""
    code: str = ""
    field: str = ""
    upto: int | None = None

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """The query, over ``quarantine`` joined with ``source_record``, for these only."""
        wanted = {
            source_record.c.connection: self.connection,
            source_record.c.stream: self.stream,
            quarantine.c.code: self.code,
            FIELD: self.field,
        }
        query = query.where(*(column == value for column, value in wanted.items() if value))
        return query if self.upto is None else query.where(quarantine.c.id <= self.upto)

    def as_dict(self) -> dict[str, str]:
        """What is not blank."""
        every = {"connection": self.connection, "stream": self.stream, "code": self.code, "field": self.field}
        return {name: value for name, value in every.items() if value}


def count_waiting(connection: Connection) -> int:
    """How many rows wait, counted to a thousand."""
    some = select(quarantine.c.id).where(quarantine.c.state == WAITING).limit(_BADGE).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def groups(connection: Connection) -> list[Document]:
    """The reasons for which rows wait, most frequent first: ``{connection, stream, code, field, rows, message, value,
    expected, replays}``; message, value and expected are of the newest row. ``replays`` is false for rows that could
    not be read at all: only their source can send them anew, or somebody mend them by hand."""
    some = (
        select(
            source_record.c.connection,
            source_record.c.stream,
            quarantine.c.code,
            FIELD.label("field"),
            quarantine.c.stage,
            quarantine.c.id,
        )
        .join(source_record, source_record.c.id == quarantine.c.record_id)
        .where(quarantine.c.state == WAITING)
        .limit(COUNTED)
        .subquery()
    )
    by = (some.c.connection, some.c.stream, some.c.code, some.c.field, some.c.stage)
    query = (
        select(*by, func.count().label("rows"), func.max(some.c.id).label("newest"))
        .group_by(*by)
        .order_by(func.count().desc(), *by)
    )
    found = connection.execute(query).all()
    newest = {row.newest for row in found[:200]}
    examples = {
        row.id: row for row in connection.execute(select(quarantine).where(quarantine.c.id.in_(newest))) if newest
    }
    return [
        {
            "connection": row.connection,
            "stream": row.stream,
            "code": row.code,
            "field": row.field,
            "rows": row.rows,
            "replays": row.stage != "read",
            "message": in_words(dict(examples[row.newest]._mapping)),
            "value": examples[row.newest].value,
            "expected": examples[row.newest].expected,
        }
        for row in found[:200]
    ]


def waiting_records(connection: Connection, which: Which) -> dict[tuple[str, str], list[int]]:
    """The records that wait and can be mapped again, by connection and stream."""
    query = (
        select(source_record.c.connection, source_record.c.stream, source_record.c.id)
        .join(quarantine, quarantine.c.record_id == source_record.c.id)
        .where(quarantine.c.state == WAITING, quarantine.c.stage != "read")
        .order_by(quarantine.c.id)
    )
    found: dict[tuple[str, str], list[int]] = {}
    for row in connection.execute(which.narrow(query)):
        found.setdefault((row.connection, row.stream), []).append(row.id)
    return found


def waiting_keys(connection: Connection, which: Which, limit: int) -> list[str]:
    """The keys of rows that wait, oldest first."""
    query = (
        select(source_record.c.key)
        .join(quarantine, quarantine.c.record_id == source_record.c.id)
        .where(quarantine.c.state == WAITING)
        .order_by(quarantine.c.id)
        .limit(limit)
    )
    return list(connection.scalars(which.narrow(query)))


def refused_row(connection: Connection, number: int) -> Document:
    """One row that was refused: ``{number, record, version, state, connection, stream, key, stage, code, message,
    words, field, value, expected, since, until, recipe, received, file, line, place, newest, mended, payload}``.

    ``since`` is when it was refused last, ``received`` when it came. ``payload`` is what was received (None once
    erased); ``newest`` says whether nothing came after it; ``mended`` is the version that a person has put in its
    place, as ``{columns, by, at}``. Raises SolmuError where there is none.
    """
    query = (
        select(
            quarantine,
            source_record.c.connection,
            source_record.c.stream,
            source_record.c.key,
            source_record.c.version_id.label("newest_id"),
            source_version.c.payload,
            source_version.c.file,
            source_version.c.line,
            source_version.c.place,
            source_version.c.landed_at,
        )
        .join(source_record, source_record.c.id == quarantine.c.record_id)
        .join(source_version, source_version.c.id == quarantine.c.version_id)
        .where(quarantine.c.id == number)
    )
    row = connection.execute(query).first()
    if row is None:
        raise SolmuError("no such row was refused", code="no-row", value=number, expected="a row of the quarantine")
    payload: dict[str, Any] | None = None if row.payload is None else unpack(row.payload)
    told = ("state", "stage", "code", "message", "field", "value", "expected", "since", "until", "recipe")
    return {
        "number": row.id,
        "record": row.record_id,
        "version": row.version_id,
        **{name: getattr(row, name) for name in (*told, "connection", "stream", "key", "file", "line", "place")},
        "words": in_words(dict(row._mapping)),
        "received": row.landed_at,
        "newest": row.newest_id == row.version_id,
        "payload": payload,
        "mended": _mended(connection, row, payload or {}),
    }


def columns_at_fault(row: Mapping[str, Any]) -> list[str]:
    """The columns that the reason is about. Of several that are read as one, a wrong value stands in the last."""
    field = row["field"] or ""
    names = [part.strip().strip('"') for part in field.split(" && ")] if field else []
    return names[-1:] if row["value"] else names


def in_words(row: Mapping[str, Any]) -> str:
    """What is wrong, with the column as its sheet names it."""
    message: str = row["message"]
    prefix = f"{row['field']}: "
    if not row["field"] or not message.startswith(prefix):
        return message
    return f"{', '.join(columns_at_fault(row))}: {message.removeprefix(prefix)}"


def speaks_of(connection: Connection, record: int) -> list[Document]:
    """The golden records that a source record says something of: ``{golden_id, entity, name}``."""
    query = (
        select(golden.c.public_id, golden.c.entity, golden.c.name)
        .join(link, (link.c.golden_id == golden.c.id) & link.c.until.is_(None))
        .join(mention, mention.c.id == link.c.mention_id)
        .where(mention.c.record_id == record)
        .order_by(mention.c.slot)
    )
    return [{"golden_id": row.public_id, "entity": row.entity, "name": row.name} for row in connection.execute(query)]


def what_was_done(connection: Connection, number: int) -> Document | None:
    """The newest line of the audit about a row: ``{who, at, what, reason}``."""
    query = select(audit).where(audit.c.subject == f"quarantine:{number}").order_by(audit.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else {"who": row.who, "at": row.at, "what": row.what, "reason": row.detail.get("reason")}


def next_alike(connection: Connection, row: Mapping[str, Any]) -> tuple[int | None, int]:
    """The next row that waits for the same reason, going round, and how many do beside this one (to a thousand)."""
    which = Which(row["connection"], row["stream"], row["code"], row["field"] or NONE)
    query = which.narrow(
        select(quarantine.c.id)
        .join(source_record, source_record.c.id == quarantine.c.record_id)
        .where(quarantine.c.state == WAITING, quarantine.c.id != row["number"])
    )
    others = list(connection.scalars(query.order_by(quarantine.c.id).limit(_BADGE)))
    later = next((id for id in others if id > row["number"]), None)
    return (later if later is not None else others[0] if others else None), len(others)


def _mended(connection: Connection, row: Any, received: Mapping[str, Any]) -> Document | None:
    query = (
        select(source_version)
        .where(
            source_version.c.record_id == row.record_id,
            source_version.c.id > row.version_id,
            source_version.c.outcome == "mended",
        )
        .order_by(source_version.c.id.desc())
        .limit(1)
    )
    version = connection.execute(query).first()
    if version is None:
        return None
    payload = {} if version.payload is None else unpack(version.payload)
    columns = [name for name in {**received, **payload} if received.get(name) != payload.get(name)]
    return {"columns": {name: payload.get(name) for name in columns}, "place": version.place, "at": version.landed_at}
