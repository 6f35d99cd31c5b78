"""Whose something is: a slot of the same record, or a record of another stream that is named by its key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from solmu.config.yaml import KeyPath
from solmu.mapping.columns import Column, Unusable, as_text, column
from solmu.mapping.draft import Draft
from solmu.mapping.row import Row
from solmu.mapping.values import Reference, Slot
from solmu.model import Entity

KEYS = ("stream", "key", "connection", "slot")


@dataclass(frozen=True, slots=True)
class Foreign:
    """A record of another stream. ``connection``: None is the record's own."""

    connection: str | None
    stream: str
    keys: tuple[Column, ...]
    slot: Slot

    def read(self, row: Row) -> Reference | None:
        """The reference that the row makes, None if its key is blank."""
        for each in self.keys:
            try:
                raw = each.get(row.payload)
                key = as_text(raw)
            except Unusable:
                continue
            # Some systems answer false for a field without a value.
            if key and key.strip() and raw is not False:
                return Reference(self.connection or row.connection, self.stream, key.strip(), self.slot)
        return None


@dataclass(frozen=True, slots=True)
class Target:
    """Candidates in order: slots of the record, and records elsewhere."""

    candidates: tuple[Slot | Foreign, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        foreign = (each for each in self.candidates if isinstance(each, Foreign))
        return tuple(name for each in foreign for key in each.keys for name in key.names)

    def read(self, row: Row, slots: Collection[Slot]) -> Slot | Reference | None:
        """The first candidate that is there; ``slots`` are those of the record that hold a mention."""
        for each in self.candidates:
            found = (each if each in slots else None) if isinstance(each, str) else each.read(row)
            if found is not None:
                return found
        return None


def target_of(draft: Draft, path: KeyPath, value: Any, entity: Entity) -> Target:
    """Compile a slot's name, ``{stream, key}``, or a list of such; ``entity``: the slot of a record that names none."""
    items = value if isinstance(value, list) else [value]
    paths = [(*path, number) if isinstance(value, list) else path for number in range(len(items))]
    return Target(tuple(_candidate(draft, at, item, entity) for at, item in zip(paths, items, strict=True)))


def _candidate(draft: Draft, path: KeyPath, value: Any, entity: Entity) -> Slot | Foreign:
    if isinstance(value, str):
        if value not in draft.slots:
            draft.problem(path, f"there is no slot `{value}` in this mapping", ", ".join(draft.slots) or None, value)
        return value
    block: Mapping[str, Any] = draft.block(path, value)
    draft.only(path, block, KEYS)
    for name in ("stream", "key"):
        if block and name not in block:
            draft.problem(
                path, f"`{name}` is missing", "{stream: a stream's name, key: {from: the column with its key}}"
            )
    connection = draft.text((*path, "connection"), block["connection"]) if "connection" in block else None
    stream = draft.text((*path, "stream"), block.get("stream", ""))
    slot = draft.text((*path, "slot"), block.get("slot", entity.value))
    return Foreign(connection, stream, _keys(draft, (*path, "key"), block.get("key", [])), slot)


def _keys(draft: Draft, path: KeyPath, value: Any) -> tuple[Column, ...]:
    """A column, several of which the first that is not blank counts, or either in a block ``{from}``."""
    if isinstance(value, Mapping):
        draft.only(path, value, ("from",))
        value = value.get("from", [])
    return tuple(column(text) for text in draft.texts(path, value) if text)
