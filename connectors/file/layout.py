"""The columns of a stream's file: those of its mapping, and beside each reference what tells whom it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.file.ledger import Record
from connectors.file.settings import FileSettings, FileStream
from solmu.config.mappings import find_mapping
from solmu.config.yaml import load
from solmu.errors import Fatal

CHANGE, CHANGED = "Change", "Changed columns"
"""The first columns of a delta."""

Get = Callable[[str, str], Record | None]
"""Gives the record of a stream that has an id."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of another stream, shown beside the reference ``by`` to it."""

    by: str
    stream: str
    name: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One stream's file. ``columns`` are a cell's name, or what is shown of another stream's record."""

    stream: str
    file: str
    id_column: str
    columns: tuple[str | Shown, ...]
    identified_by: frozenset[str]

    @property
    def header(self) -> tuple[str, ...]:
        return (self.id_column, *(each if isinstance(each, str) else each.name for each in self.columns))

    @property
    def delta_header(self) -> tuple[str, ...]:
        return (CHANGE, CHANGED, *self.header)

    @property
    def own(self) -> tuple[str, ...]:
        """The columns that are written to."""
        return tuple(each for each in self.columns if isinstance(each, str))

    @property
    def shown_streams(self) -> frozenset[str]:
        """The streams of which something is shown here."""
        return frozenset(each.stream for each in self.columns if isinstance(each, Shown))

    def row(self, record: Record, get: Get) -> list[Any]:
        """The record as a line of the full list."""
        return [record.remote_id, *(_cell(each, record, get) for each in self.columns)]

    def delta_row(self, record: Record, get: Get, delivered: int, *, all_cells: bool) -> list[Any]:
        """The record as a line of a delta, of one that follows on what was ``delivered``."""
        if record.deleted:
            return ["deleted", None, record.remote_id, *(None for _ in self.columns)]
        if record.created > delivered:
            return ["created", None, *self.row(record, get)]
        touched = [name for name in self.own if name in record.touched]
        cells = [
            _cell(each, record, get) if all_cells or self._is_told(each, touched) else None for each in self.columns
        ]
        return ["updated", ", ".join(touched), record.remote_id, *cells]

    def _is_told(self, column: str | Shown, touched: Sequence[str]) -> bool:
        if isinstance(column, Shown):
            return column.by in touched
        return column in touched or column in self.identified_by


def layouts_of(
    folder: Path, settings: FileSettings, streams: Mapping[str, FileStream], learned: Callable[[str], Sequence[str]]
) -> dict[str, Layout]:
    """The layout of each stream. ``folder`` is the hub's; ``learned`` gives the cells that were written to a stream,
    for one whose mapping is not known. Raises Fatal where two columns would have one name."""
    fields = {name: _fields(folder, stream) for name, stream in streams.items()}
    own = {name: tuple(fields[name] or dict.fromkeys(learned(name))) for name in streams}
    return {name: _layout(name, settings, streams, fields[name], own) for name in streams}


def _layout(
    name: str,
    settings: FileSettings,
    streams: Mapping[str, FileStream],
    parents: Mapping[str, str | None],
    own: Mapping[str, Sequence[str]],
) -> Layout:
    taken = set(own[name])
    clashes = taken & {settings.id_column, CHANGE, CHANGED}
    if clashes:
        raise Fatal(
            f"the mapping has a column {min(clashes)!r}, which the file has of its own",
            code="column-twice",
            stream=name,
            field="id_column" if settings.id_column in clashes else "mapping",
            value=min(clashes),
            expected="a name that no column of the mapping has",
        )
    taken |= {settings.id_column, CHANGE, CHANGED}
    columns: list[str | Shown] = []
    for column in own[name]:
        columns.append(column)
        parent = parents.get(column)
        if parent is None or parent not in streams or parent == name:
            continue
        for each in streams[parent].identified_by:
            if each in own[parent] and each not in taken:
                taken.add(each)
                columns.append(Shown(column, parent, each))
    stream = streams[name]
    return Layout(name, stream.file or name, settings.id_column, tuple(columns), frozenset(stream.identified_by))


def _fields(folder: Path, stream: FileStream) -> dict[str, str | None]:
    """The fields of a stream's mapping in their order, each with the stream that it points at, if it does."""
    path = find_mapping(folder, "targets", stream.mapping) if stream.mapping else None
    if path is None:
        return {}  # a mapping that is not there is told of by whoever plans
    data, _ = load(path)
    fields = data.get("fields", {}) if isinstance(data, Mapping) else {}
    return {
        str(name): field.get("parent") if isinstance(field, Mapping) else None for name, field in dict(fields).items()
    }


def _cell(column: str | Shown, record: Record, get: Get) -> Any:
    if isinstance(column, str):
        return record.cells.get(column)
    remote_id = record.cells.get(column.by)
    other = get(column.stream, remote_id) if remote_id else None
    return other.cells.get(column.name) if other else None
