"""How old a value is that only another mapping has brought to light: its record's earlier versions tell.

When a mapping changes, a record says something else without having changed. Such a value took its place when the row
did, not when the mapping was edited; otherwise "the newest wins" would be won by whoever last touched a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from solmu.errors import Skippable
from solmu.match.another import replaced
from solmu.store import Store
from solmu.store.payload import unpack
from solmu.store.sql import among, chunks
from solmu.store.tables import source_version
from solmu.sync.fold import evidence, fold
from solmu.sync.mentions import claim_stamp, said
from solmu.sync.stage import Past, Record, Stage

_AT_ONCE = 50
_UNSAID = object()


def look_back(store: Store, stage: Stage, records: Sequence[Record]) -> None:
    """Give records whose claims another recipe made, and which now say something else, their ``past``: what their
    earlier versions say under the mapping of now."""
    wanted = {record.id: record for record in records if _needs_its_past(record, stage)}
    for ids in chunks(wanted, _AT_ONCE):
        with store.read() as connection:
            query = (
                select(
                    source_version.c.record_id,
                    source_version.c.id,
                    source_version.c.changed_at,
                    source_version.c.landed_at,
                    source_version.c.payload,
                )
                .where(
                    among(connection, source_version.c.record_id, ids),
                    source_version.c.payload.is_not(None),
                    source_version.c.outcome != "deleted",
                )
                .order_by(source_version.c.record_id, source_version.c.id)
            )
            versions = connection.execute(query).all()
        for id in ids:
            wanted[id].past = {}
        for version in versions:
            record = wanted[version.record_id]
            if version.id < record.version_id:
                _add(record, version, stage)


def _needs_its_past(record: Record, stage: Stage) -> bool:
    if record.mapped is None:
        return False
    for told in record.mapped.mentions:
        row = record.mentions.get(told.slot)
        if row is None:
            if record.again:
                return True
        elif row.recipe != stage.mapping.recipe:
            claim = row.claim or {}
            if stage.partial or any(
                claim.get(name, {}).get("value", _UNSAID) != value for name, value in said(told, record.mapped).items()
            ):
                return True
    return False


def _add(record: Record, version: Any, stage: Stage) -> None:
    try:
        mapped = stage.mapping.map(unpack(version.payload), connection=stage.stream.connection)
    except (Skippable, ValueError):
        return  # it waited in quarantine, or is damaged: no claim is made of it
    assert record.past is not None
    made = version.landed_at if version.changed_at is None else version.changed_at
    said_before = {slot: evidence(past.claim) for slot, past in record.past.items()}
    others = replaced(said_before, {told.slot: told.fields for told in mapped.mentions})
    for told in mapped.mentions:
        before = None if told.slot in others else record.past.get(told.slot)
        claim = fold(
            before.claim if before else None,
            said(told, mapped),
            echoes=(),
            stamp=claim_stamp(mapped, made),
            previous=before.stamp if before else None,
            partial=stage.partial,
        )
        # As a mention does, which is only written anew where it says something else.
        if before is None or claim != before.claim:
            record.past[told.slot] = Past(claim, made)
