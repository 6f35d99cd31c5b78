"""Absent never erases: what a row said in a column that its list has lost since, its earlier versions still say.

The row is mapped as if it stood there as it did last, of values that nothing new was said of. Only for columns that the
stream is known to have lost (``lost_columns``), and where the row goes on to speak of whom it spoke of: numbers of rows
that were given to others must not hand on anybody's address.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, select

from solmu.errors import Skippable
from solmu.mapping import SourceMapping
from solmu.mapping.values import Mapped
from solmu.match.another import replaced
from solmu.match.features import Values
from solmu.store import Store
from solmu.store.payload import unpack
from solmu.store.sql import among, chunks
from solmu.store.tables import source_version
from solmu.sync.fold import evidence
from solmu.sync.lost_columns import Reads
from solmu.sync.lost_columns import replaced as read_elsewhere
from solmu.sync.slots import is_aside
from solmu.sync.stage import Record, Stage

_AT_ONCE = 200
_TELLING = ("name", "email", "phone", "business_id", "customer_number", "domain")
"""Fields that say who is meant."""


def carry(store: Store, stage: Stage, records: Sequence[Record], lost: Collection[str]) -> None:
    """Map those of ``records`` again, with what they said last, that lack a column of ``lost``."""
    mapping = stage.mapping
    if not lost or stage.partial or stage.as_remote or not isinstance(mapping, SourceMapping):
        return
    lacking = {
        record.id: record
        for record in records
        if record.mapped is not None
        and record.payload is not None
        and any(column in mapping.columns and column not in record.payload for column in lost)
        and _goes_on(record)
    }
    for ids in chunks(lacking, _AT_ONCE):
        newest = {id: lacking[id].version_id for id in ids}
        with store.read() as connection:
            payloads = with_earlier(connection, newest, {id: lacking[id].payload or {} for id in ids}, lost, mapping)
        for id, payload in payloads.items():
            with suppress(Skippable):  # what it says by itself was good
                lacking[id].mapped = mapping.map(payload, connection=stage.stream.connection)


def with_earlier(
    connection: Connection,
    newest: Mapping[int, int],
    payloads: Mapping[int, Mapping[str, Any]],
    lost: Collection[str],
    mapping: Reads,
) -> dict[int, dict[str, Any]]:
    """The ``payloads`` of records, of their versions ``newest``, with what was last said in columns that they lack;
    only those of which anything was."""
    query = (
        select(source_version.c.record_id, source_version.c.id, source_version.c.payload)
        .where(
            among(connection, source_version.c.record_id, list(newest)),
            source_version.c.payload.is_not(None),
            source_version.c.outcome != "deleted",
        )
        .order_by(source_version.c.record_id, source_version.c.id.desc())
    )
    found: dict[int, dict[str, Any]] = {}
    for id, version, text in connection.execute(query):
        now, filled = payloads[id], found.get(id, {})
        absent = [each for each in lost if each in mapping.columns and each not in now and each not in filled]
        if version >= newest[id] or not absent:
            continue
        with suppress(ValueError):  # `solmu doctor` tells of what is damaged
            before = unpack(text)
            for column in absent:
                if column in before and not read_elsewhere(column, now, [before.keys()], mapping):
                    found.setdefault(id, {})[column] = before[column]
    return {id: {**payloads[id], **filled} for id, filled in found.items()}


def _goes_on(record: Record) -> bool:
    """Whether the row speaks of whom it spoke of, as far as can be told without the columns that it lacks."""
    mapped = record.mapped or Mapped()
    before = {
        slot: evidence(row.claim)
        for slot, row in record.mentions.items()
        if not is_aside(slot) and row.state not in ("erased", "withdrawn")
    }
    now = {each.slot: each.fields for each in mapped.mentions}
    if not before:
        return not now  # an order is known by its number; of anybody else nothing was known
    return not replaced(before, now) and not any(
        _differ(before[slot], now[slot]) for slot in before.keys() & now.keys()
    )


def _differ(before: Values, now: Values) -> bool:
    """Whether all that both say of who is meant differs."""
    both = [name for name in _TELLING if before.get(name) and now.get(name)]
    return bool(both) and not any(before[name] == now[name] for name in both)
