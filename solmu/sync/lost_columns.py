"""Columns that a mapping reads and a list brings no more: next month's file has another heading, or none.

Nothing says so by itself: the rows land, and say less than those before. So what columns a stream's rows have is kept
in ``meta``, and held against what each read brings: a file by what is new or changed in it, whatever comes without
files (a query, an address) by all that is read with something new. What is lost is told, and stays noted: by that it is
known of which values a row's earlier versions still speak (``carried``).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Protocol

from sqlalchemy import Connection, select

from solmu.config import ConnectionConfig, Hub, StreamConfig
from solmu.errors import ConfigurationError
from solmu.exchange import Row
from solmu.mapping import load_source_mapping
from solmu.normalise import fold
from solmu.store import time
from solmu.store.payload import unpack
from solmu.store.sql import among, upsert
from solmu.store.tables import meta, source_record, source_version
from solmu.sync.arrivals import Arrival
from solmu.sync.stream import Stream

DAYS = 30
"""For so long a loss is told of, unless the column comes back or the mapping reads another in its place."""
ENOUGH = 20
"""Rows without files that say together which columns there are; few of them may each leave out something else."""
LOOKED_AT = 200
"""Rows of a stream of which nothing was kept yet that are looked at for what it had."""

_LAYOUTS, _BESIDE, _INSTEAD = 20, 300, 5
_NAME = "columns:"


class Reads(Protocol):
    """What must be known of a source mapping."""

    @property
    def columns(self) -> Collection[str]:
        """All that it reads."""

    @property
    def readings(self) -> Iterable[Collection[str]]:
        """For each field, the columns that its value may stand in."""

    def leaves_alone(self, column: str) -> bool:
        """Whether it says that it does not read a column."""


@dataclass(slots=True)
class Memory:
    """What is kept of a stream: the sets of columns that its lists had, and ``lost``, by column: ``since`` (in
    microseconds), the ``run`` that told, the ``file``, how many ``rows`` landed without, which columns were new there
    (``instead``), and whether it is ``back``."""

    layouts: list[list[str]] = field(default_factory=list)
    lost: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def known(self) -> set[str]:
        """Every column that it had."""
        return {column for layout in self.layouts for column in layout}


def replaced(column: str, there: Collection[str], layouts: Iterable[Collection[str]], mapping: Reads) -> bool:
    """Whether a field that was read from ``column`` is now read from another one, which never stood beside it."""
    others = {each for reading in mapping.readings if column in reading for each in reading if each in there}
    return any(not any(column in layout and other in layout for layout in layouts) for other in others)


class Columns:
    """Follows one read of a stream. Bounded: it keeps sets of columns, and no row."""

    def __init__(self, stream: Stream, mapping: Reads, run_id: str) -> None:
        self._stream, self._mapping, self._run_id = stream, mapping, run_id
        self._memory: Memory | None = None

    def take(self, connection: Connection, judged: Sequence[Arrival], moved: Sequence[Arrival], *, whole: bool) -> None:
        """Look at a batch before it is stored. ``moved`` are those of ``judged`` that are new or have changed;
        ``whole``: with this batch the list has been read whole."""
        groups: dict[str | None, list[Row]] = {}
        for row in _rows(moved):
            groups.setdefault(row.file, []).append(row)
        if None in groups:
            groups[None] = [row for row in _rows(judged) if row.file is None]
            if len(groups[None]) < ENOUGH and not whole:
                del groups[None]
        if not groups:
            return
        if self._memory is None:
            self._memory = _kept(connection, self._stream) or _looked_up(connection, self._stream)
        changed = [_take(self._memory, file, some, self._mapping, self._run_id) for file, some in groups.items()]
        if any(changed):
            _keep(connection, self._stream, self._memory)


def ever_lost(connection: Connection, stream: Stream) -> frozenset[str]:
    """The columns that rows of this stream have ever come without though they had them before."""
    memory = _kept(connection, stream)
    return frozenset() if memory is None else frozenset(memory.lost)


def lost_columns(connection: Connection, hub: Hub, *, run_id: str | None = None) -> list[dict[str, Any]]:
    """What there is to tell: ``{connection, stream, column, since, file, rows, instead, newly}``; ``since`` is a day,
    and ``newly`` whether the run ``run_id`` was the first to see it."""
    streams = {
        f"{_NAME}{config.name}/{stream.name}": (config, stream)
        for config in hub.connections.values()
        for stream in (config.source_streams.values() if config.is_source else ())
    }
    query = select(meta.c.name, meta.c.value).where(among(connection, meta.c.name, sorted(streams)))
    found: list[dict[str, Any]] = []
    for name, value in connection.execute(query.order_by(meta.c.name)):
        memory = _read(value)
        if memory.lost:
            found += _told(hub, *streams[name], memory, run_id)
    return found


def in_words(one: Mapping[str, Any]) -> str:
    """One of them for people, without the name of a file."""
    rows = "1 row" if one["rows"] == 1 else f"{one['rows']:,} rows"
    new = f"; new there: {', '.join(one['instead'])}" if one["instead"] else ""
    return (
        f"{one['connection']}/{one['stream']} lost its column {one['column']}, which the mapping reads: {rows} landed"
        f" without it on {one['since']}, and what was known stays{new}"
    )


# --- one batch --------------------------------------------------------------------------------------------------------


def _rows(arrivals: Iterable[Arrival]) -> list[Row]:
    return [each.item for each in arrivals if isinstance(each.item, Row) and not each.item.deleted]


def _take(memory: Memory, file: str | None, rows: Sequence[Row], mapping: Reads, run_id: str) -> bool:
    """Add what these rows have; gives whether anything is to be kept."""
    there, always = _columns_of(row.payload for row in rows)
    before = memory.known
    missing = [each for each in sorted(before - there) if each in mapping.columns]
    missing = [each for each in missing if not replaced(each, there, memory.layouts, mapping)]
    # Of several files in one read, one without it is enough.
    back = [each for each, one in memory.lost.items() if not one["back"] and each in there and one["run"] != run_id]
    for column in back:
        memory.lost[column]["back"] = True
    layout = _bounded(rows[0].payload, always, mapping)
    is_new = not any(set(layout) == set(each) for each in memory.layouts)
    told = False
    for column in missing:
        one = memory.lost.get(column)
        if one is not None and one["run"] == run_id and one["file"] == file:
            one["rows"] += len(rows)
            told = True
        elif is_new:
            unread = (each for each in layout if each not in before | set(mapping.columns))
            instead = [each for each in unread if not mapping.leaves_alone(each)]
            memory.lost[column] = {
                "since": time.now(),
                "run": run_id,
                "file": file,
                "rows": len(rows),
                "instead": sorted(instead, key=lambda each: -_alike(each, column))[:_INSTEAD],
                "back": False,
            }
            told = True
    if is_new:
        memory.layouts = [*memory.layouts, layout][-_LAYOUTS:]
    return is_new or told or bool(back)


def _columns_of(payloads: Iterable[Any]) -> tuple[set[str], set[str]]:
    """The columns that any of them has, and those that all have."""
    layouts = {tuple(payload): None for payload in payloads}
    sets = [frozenset(layout) for layout in layouts]
    return set().union(*sets), set(sets[0]).intersection(*sets[1:])


def _bounded(payload: Iterable[str], always: Set[str], mapping: Reads) -> list[str]:
    names = [name for name in payload if name in always]
    beside = [name for name in names if name not in mapping.columns]
    return [name for name in names if name in mapping.columns] + beside[:_BESIDE]


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, fold(one), fold(other)).ratio()


# --- what is kept -----------------------------------------------------------------------------------------------------


def _kept(connection: Connection, stream: Stream) -> Memory | None:
    value = connection.scalar(select(meta.c.value).where(meta.c.name == f"{_NAME}{stream.path}"))
    return None if value is None else _read(value)


def _read(value: str) -> Memory:
    return Memory(**json.loads(value))


def _keep(connection: Connection, stream: Stream, memory: Memory) -> None:
    value = json.dumps({"layouts": memory.layouts, "lost": memory.lost}, ensure_ascii=False)
    upsert(connection, meta, [{"name": f"{_NAME}{stream.path}", "value": value}], conflict=("name",))


def _looked_up(connection: Connection, stream: Stream) -> Memory:
    """Of a stream that landed before anything was kept: what some of its rows have."""
    query = (
        select(source_version.c.file, source_version.c.payload)
        .join(source_record, source_record.c.version_id == source_version.c.id)
        .where(
            source_record.c.connection == stream.connection,
            source_record.c.stream == stream.name,
            source_record.c.state.in_(("landed", "mapped")),
            source_version.c.payload.is_not(None),
        )
        .order_by(source_record.c.key)
        .limit(LOOKED_AT)
    )
    files: dict[str | None, list[Any]] = {}
    for file, text in connection.execute(query):
        with suppress(ValueError):  # `solmu doctor` tells of what is damaged
            files.setdefault(file, []).append(unpack(text))
    memory = Memory()
    for file, payloads in files.items():
        if file is not None or stream.full or len(payloads) >= ENOUGH:
            _, always = _columns_of(payloads)
            layout = [name for name in payloads[0] if name in always]
            if layout not in memory.layouts:
                memory.layouts = [*memory.layouts, layout][-_LAYOUTS:]
    return memory


def _told(
    hub: Hub, config: ConnectionConfig, stream: StreamConfig, memory: Memory, run_id: str | None
) -> list[dict[str, Any]]:
    try:
        mapping: Reads = load_source_mapping(hub, stream.mapping or "")
    except ConfigurationError:
        return []  # of which whoever reads the stream hears
    oldest = time.now() - DAYS * 86_400_000_000
    return [
        {
            "connection": config.name,
            "stream": stream.name,
            "column": column,
            "since": time.from_micros(one["since"]).date().isoformat(),
            **{name: one[name] for name in ("file", "rows", "instead")},
            "newly": one["run"] == run_id,
        }
        for column, one in sorted(memory.lost.items())
        if not one["back"] and one["since"] > oldest and _is_read(column, memory, mapping)
    ]


def _is_read(column: str, memory: Memory, mapping: Reads) -> bool:
    """Whether the mapping of now still reads it, and nothing in its place."""
    if column not in mapping.columns:
        return False
    newest = next((layout for layout in reversed(memory.layouts) if column not in layout), ())
    return not replaced(column, newest, memory.layouts, mapping)
