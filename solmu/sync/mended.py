"""Rows that come back from a workbook of refused rows: which were mended, and which are as they were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from solmu.exchange import Batch, Row, Unreadable, error_in
from solmu.report.refused import REASON, ROW
from solmu.store import Store
from solmu.store.payload import canonical, unpack
from solmu.store.sql import chunks
from solmu.store.tables import quarantine, source_record, source_version

OURS = (REASON, ROW)
"""The columns that Solmu added; they are no part of a row."""


def without_ours(batches: Iterable[Batch], store: Store, *, keyed: bool) -> Iterator[Batch]:
    """The batches of a sheet without Solmu's columns.

    A row that is as it was keeps its key, so that landing finds it refused as before. A mended one lands as the row
    that it is now, and the refused one whose place it takes is withdrawn; where the sheet has a key of its own
    (``keyed``) it is a new version of the same row.
    """
    for batch in batches:
        if any(column in item.payload for item in batch.rows for column in OURS):
            origins = {id(item): _origin(item.payload) for item in batch.rows}
            waiting = _waiting(store, [key for key in origins.values() if key])
            rows = [
                row
                for item in batch.rows
                for row in _judged(_plain(item), origins[id(item)], waiting.get(origins[id(item)]), keyed)
            ]
            batch = replace(batch, rows=rows)
        yield batch


def _origin(payload: Mapping[str, Any]) -> tuple[str, str, str] | None:
    parts = str(payload.get(ROW) or "").split("/", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def _plain(item: Row | Unreadable) -> Row | Unreadable:
    return replace(item, payload={name: value for name, value in item.payload.items() if name not in OURS})


def _judged(
    item: Row | Unreadable, origin: tuple[str, str, str] | None, stored: _Stored | None, keyed: bool
) -> Iterator[Row | Unreadable]:
    if isinstance(item, Unreadable):
        yield item
        return
    before = stored.payload if stored else {}
    # What the row never had is blank in a sheet that has room for it.
    payload = (
        {
            name: _as_before(before.get(name), value)
            for name, value in item.payload.items()
            if name in before or not _blank(value)
        }
        if stored
        else item.payload
    )
    item = replace(item, payload=payload)
    if stored is None or origin is None:
        yield item if keyed else replace(item, key=_key(payload))
    elif _filled(payload) == _filled(before):
        same = replace(item, key=origin[2], payload=before)
        yield stored.unreadable(same) if stored.code else same
    elif keyed:
        yield replace(item, key=origin[2])
    else:
        yield replace(item, key=_key(payload))
        yield Row(origin[2], {}, deleted=True, place=item.place, file=item.file, line=item.line)


def _as_before(before: Any, value: Any) -> Any:
    """The error of a cell stands in our workbook as its text; untouched, it is that error still."""
    return before if value is not None and value == error_in(before) else value


class _Stored:
    """A refused row as the store has it. ``code`` is set where it could not even be read."""

    def __init__(self, row: Any) -> None:
        self.payload: dict[str, Any] = unpack(row.payload) if row.payload is not None else {}
        self.code: str | None = row.code if row.stage == "read" else None
        self.message: str = row.message

    def unreadable(self, row: Row) -> Unreadable:
        """The same row, unreadable as before."""
        return Unreadable(
            row.key,
            row.payload,
            code=self.code or "",
            message=self.message,
            place=row.place,
            file=row.file,
            line=row.line,
        )


def _waiting(store: Store, origins: list[tuple[str, str, str]]) -> dict[Any, _Stored]:
    found: dict[Any, _Stored] = {}
    with store.read() as connection:
        for connection_name, stream in {each[:2] for each in origins}:
            keys = [key for name, of, key in origins if (name, of) == (connection_name, stream)]
            for some in chunks(keys):
                query = (
                    select(
                        source_record.c.key,
                        source_version.c.payload,
                        quarantine.c.code,
                        quarantine.c.stage,
                        quarantine.c.message,
                    )
                    .join(quarantine, quarantine.c.record_id == source_record.c.id)
                    .join(source_version, source_version.c.id == quarantine.c.version_id)
                    .where(
                        quarantine.c.state == "waiting",
                        source_record.c.connection == connection_name,
                        source_record.c.stream == stream,
                        source_record.c.key.in_(some),
                    )
                )
                for row in connection.execute(query):
                    found[(connection_name, stream, row.key)] = _Stored(row)
    return found


def _key(payload: Mapping[str, Any]) -> str:
    """The key that a sheet without key columns gives a row: its content. As connectors make it, so that the same row in
    the partner's own sheet is the same row."""
    return hashlib.blake2b(canonical(dict(payload)), digest_size=16).hexdigest()


def _filled(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if not _blank(value)}


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
