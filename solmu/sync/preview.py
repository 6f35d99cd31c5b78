"""What a stream's rows would become, without storing anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from sqlalchemy import select

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.config.connectors import open_connector
from solmu.errors import Skippable
from solmu.exchange import Row, Unreadable
from solmu.mapping import Mapped, SourceMapping
from solmu.store import Store
from solmu.store.sql import chunks
from solmu.store.tables import source_record
from solmu.sync.anew import waiting_anew
from solmu.sync.known import known_rows
from solmu.sync.run import mapping_of
from solmu.sync.stream import Stream

LOOKED_AT = 1_000


def preview(
    hub: Hub,
    store: Store | None,
    config: ConnectionConfig,
    stream: StreamConfig,
    *,
    rows: int = 10,
    looked_at: int = LOOKED_AT,
    mapping: SourceMapping | None = None,
) -> dict[str, Any]:
    """Map the first rows of a stream; ``mapping`` is the one that is tried, where the hub does not have it yet.

    ``rows`` of them are shown as they would land. Over the first ``looked_at`` are counted: rows that would be refused,
    that have landed before, and whose key another one has (``keys_repeated``: with the same content, ``keys_clashing``:
    with other content, of which the second is refused); ``values_dropped`` are those that would be left out of a row
    that lands, each ``{record, place, field, value, message,
    expected}``; of the rest those of whom the hub knows somebody
    (``known``), those that are ``new`` to it, those that name nobody and belong to another record, as orders to a
    customer (``of_other_records``), and those that the mapping leaves alone. ``columns_ignored`` are read by no
    mapping, ``columns_left_alone`` not because it says so; ``columns_missing`` are the fields that no row can fill,
    each with the columns that would. ``mapped_anew`` is how many rows that have landed the next run maps anew, since
    another mapping was applied to them until now.
    """
    used = mapping or mapping_of(hub, config, stream)
    with open_connector(hub, config) as connector:
        batches = connector.read(stream.name, None)
        try:
            read = list(islice(chain.from_iterable(batch.rows for batch in batches), looked_at))
        finally:
            batches.close()
    landing: list[tuple[Row | Unreadable, Mapped]] = []
    refused: list[dict[str, Any]] = []
    for item in read:
        try:
            landing.append((item, used.map(_payload(item), connection=config.name)))
        except Skippable as refusal:
            refused.append({"place": item.place, **refusal.as_dict(), "record": item.key})
    heeded = [mapped for _, mapped in landing if not mapped.ignored]
    speaking = [mapped for mapped in heeded if mapped.mentions]
    known = _known(store, config.name, speaking)
    repeated, clashing = _same_key(read)
    there = list(dict.fromkeys(name for item in read for name in item.payload))
    return {
        "connection": config.name,
        "stream": stream.name,
        "looked_at": len(read),
        "more": len(read) == looked_at,
        "rows": [_shown(item, mapped) for item, mapped in islice(_heeded(landing), rows)],
        "refused": refused,
        "columns_ignored": sorted({name for _, mapped in landing for name in mapped.unmapped}),
        "columns_left_alone": [name for name in there if used.leaves_alone(name)],
        "columns_missing": _missing(used, set(there)),
        "values_dropped": [each for item, mapped in _heeded(landing) for each in _dropped(item, mapped)],
        "keys_repeated": repeated,
        "keys_clashing": clashing,
        "known": known,
        "new": len(speaking) - known,
        "of_other_records": len(heeded) - len(speaking),
        "left_alone": len(landing) - len(heeded),
        "landed_before": _landed(store, config.name, stream.name, [item.key for item in read]),
        "mapped_anew": _anew(store, Stream(config.name, stream.name, full=True), used),
    }


_Landing = tuple[Row | Unreadable, Mapped]


def _heeded(landing: Iterable[_Landing]) -> Iterator[_Landing]:
    return ((item, mapped) for item, mapped in landing if not mapped.ignored)


def _dropped(item: Row | Unreadable, mapped: Mapped) -> Iterator[dict[str, Any]]:
    for each in dict.fromkeys(replace(each, field="") for each in mapped.warnings):  # a column may fill several fields
        what = {"field": each.column, "value": each.value, "message": each.message, "expected": each.expected}
        yield {"record": item.key, "place": item.place, **what}


def _shown(item: Row | Unreadable, mapped: Mapped) -> dict[str, Any]:
    return {
        "key": item.key,
        "place": item.place,
        "mentions": [{"slot": each.slot, "fields": each.fields} for each in mapped.mentions],
        "hanging": [{"kind": each.kind.value, "fields": each.fields} for each in mapped.hanging],
        "consents": [
            {"kind": "consent", "of": each.slot, "fields": {each.purpose: each.allowed}} for each in mapped.consents
        ],
        "ignored": mapped.ignored,
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


def _same_key(read: Sequence[Row | Unreadable]) -> tuple[int, int]:
    """How many rows repeat an earlier one, and how many have its key and say something else."""
    first: dict[str, Any] = {}
    found = Counter[bool]()
    for item in read:
        if item.key in first:
            found[first[item.key] == item.payload] += 1
        else:
            first[item.key] = item.payload
    return found[True], found[False]


def _missing(mapping: SourceMapping, there: set[str]) -> Mapping[str, list[str]]:
    if not there:
        return {}
    stated = {f"{program.slot}.{name}": read for program in mapping.entities for name, read in program.fields.items()}
    return {name: list(columns) for name, columns in stated.items() if columns and not there & set(columns)}


def _known(store: Store | None, connection: str, rows: Sequence[Mapped]) -> int:
    if store is None or not rows:
        return 0
    with store.read() as reading:
        return sum(known_rows(reading, rows, connection))


def _anew(store: Store | None, stream: Stream, mapping: SourceMapping) -> int:
    if store is None:
        return 0
    with store.read() as reading:
        return waiting_anew(reading, stream, mapping)


def _landed(store: Store | None, connection: str, stream: str, keys: list[str]) -> int:
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
