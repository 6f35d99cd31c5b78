"""What a stream's rows would become, without storing anything."""

from __future__ import annotations

from collections import Counter
from itertools import chain, islice
from typing import Any

from sqlalchemy import select

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.config.connectors import open_connector
from solmu.errors import Skippable
from solmu.exchange import Row, Unreadable
from solmu.store import Store
from solmu.store.sql import chunks
from solmu.store.tables import source_record
from solmu.sync.run import stage_of

LOOKED_AT = 1_000


def preview(
    hub: Hub, store: Store | None, config: ConnectionConfig, stream: StreamConfig, *, rows: int = 10
) -> dict[str, Any]:
    """Map the first rows of a stream.

    ``rows`` of them are shown as they would land; columns that no mapping reads, rows that would be refused and rows
    that have landed before are counted over the first ``LOOKED_AT``.
    """
    with open_connector(hub, config) as connector:
        stage = stage_of(hub, config, stream, connector)
        read = list(islice(chain.from_iterable(batch.rows for batch in connector.read(stream.name, None)), LOOKED_AT))
    shown: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    unmapped: Counter[str] = Counter()
    warnings = 0
    for item in read:
        try:
            mapped = stage.mapping.map(_payload(item), connection=config.name)
        except Skippable as refusal:
            refused.append({"place": item.place, **refusal.as_dict(), "record": item.key})
            continue
        unmapped.update(mapped.unmapped)
        warnings += len(mapped.warnings)
        if len(shown) < rows:
            shown.append(
                {
                    "key": item.key,
                    "place": item.place,
                    "mentions": [{"slot": each.slot, "fields": each.fields} for each in mapped.mentions],
                    "hanging": [{"kind": each.kind.value, "fields": each.fields} for each in mapped.hanging],
                    "ignored": mapped.ignored,
                }
            )
    return {
        "connection": config.name,
        "stream": stream.name,
        "looked_at": len(read),
        "more": len(read) == LOOKED_AT,
        "rows": shown,
        "refused": refused,
        "columns_ignored": sorted(unmapped),
        "values_dropped": warnings,
        "landed_before": _known(store, config.name, stream.name, [item.key for item in read]),
    }


def _payload(item: Row | Unreadable) -> dict[str, Any]:
    if isinstance(item, Unreadable):
        raise Skippable(
            item.message,
            stage="read",
            code=item.code,
            field=item.field,
            value=item.value,
            expected=item.expected,
            file=item.file,
            line=item.line,
        )
    return item.payload


def _known(store: Store | None, connection: str, stream: str, keys: list[str]) -> int:
    if store is None:
        return 0
    found = 0
    with store.read() as reading:
        for some in chunks(sorted(set(keys))):
            query = select(source_record.c.id).where(
                source_record.c.connection == connection,
                source_record.c.stream == stream,
                source_record.c.key.in_(some),
            )
            found += len(reading.execute(query).all())
    return found
