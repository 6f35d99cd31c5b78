"""The lines of a plan as they are read: what matters most at a glance, and all fields of a record by where they come
from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from solmu.store.ids import check_public_id

SHOWN = 3
"""Changes of a line that are shown before anybody unfolds it."""

_NOTHING: tuple[Any, ...] = (None, "", [])
_OURS = "stamp"
"""The rule of a field that holds the hub's own id: it is set with every record, and tells nobody anything."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a record. ``points``: its value is the id of another record."""

    name: str
    old: Any
    new: Any
    overrides: bool
    points: bool

    @property
    def fills(self) -> bool:
        """Whether nothing stands there yet."""
        return self.old in _NOTHING

    @property
    def empties(self) -> bool:
        """Whether nothing is to stand there."""
        return self.new in _NOTHING


@dataclass(frozen=True, slots=True)
class Group:
    """Fields whose values one source gives by one rule."""

    rule: str | None
    source: str | None
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Brief:
    """The changes that are shown first, and of how many others there are."""

    changes: list[Change]
    more: int


def brief(fields: Mapping[str, Mapping[str, Any]], called: str | None = None) -> Brief:
    """What a line does, at a glance: values that replace another before those that fill a gap, and ids of other records
    last. What the record is ``called`` stands beside it already."""
    made = (_change(name, each) for name, each in fields.items() if each["rule"] != _OURS)
    telling = (each for each in made if not each.fills or each.new != called)
    found = sorted(telling, key=lambda each: (each.points, each.fills))
    return Brief(found[:SHOWN], max(0, len(found) - SHOWN))


def groups(fields: Mapping[str, Mapping[str, Any]]) -> list[Group]:
    """All fields of a line, those of one rule and source together; the largest group first, the hub's own id last."""
    found: dict[tuple[str | None, str | None], Group] = {}
    for name, each in fields.items():
        key = (each["rule"], each.get("source"))
        found.setdefault(key, Group(*key)).changes.append(_change(name, each))
    return sorted(found.values(), key=lambda group: (group.rule == _OURS, -len(group.changes)))


def _change(name: str, said: Mapping[str, Any]) -> Change:
    # Of a field that points at a parent, the source is the parent's golden record and not a record of a source.
    points = check_public_id(said.get("source") or "") is not None
    return Change(name, said.get("old"), said.get("new"), bool(said.get("overrides")), points)
