"""Merging, taking apart, splitting and pinning from a customer's page: what is asked for becomes an intent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from solmu.config import Hub
from solmu.steward import acts, pins
from solmu.steward.changes import carry_out, moved
from solmu.steward.follow import followed
from solmu.steward.intent import Intent
from solmu.steward.pointing import mentions_named, point
from solmu.steward.preview import preview
from solmu.steward.undo import undo
from solmu.store import Store, time

ACTS = ("merge", "unmerge", "split", "pin", "unpin")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a steward asked for. ``other``: another golden record; ``of``: source records; ``value`` may be blank."""

    act: str
    other: str = ""
    of: Sequence[str] = field(default=())
    name: str = ""
    value: str | None = None
    until: str = ""

    @property
    def complete(self) -> bool:
        """Whether enough is said to show what it would do."""
        if self.act == "merge":
            return bool(self.other.strip())
        if self.act == "split":
            return bool(self.of)
        if self.act == "unmerge":
            return bool(self.of)
        return bool(self.name) and (self.act == "unpin" or self.value is not None)


def intent(connection: Connection, hub: Hub, public_id: str, asked: Asked) -> Intent:
    """What it comes to. Raises SolmuError where it cannot be."""
    which = point(connection, public_id)
    if asked.act == "merge":
        return acts.merge(connection, which, point(connection, asked.other))
    if asked.act == "unmerge":
        return acts.unmerge(connection, which, mentions_named(connection, which, asked.of))
    if asked.act == "split":
        return acts.split(connection, hub, which, mentions_named(connection, which, asked.of))
    if asked.act == "pin":
        until = asked.until.strip() or None
        return pins.pin(connection, hub, which, asked.name, asked.value or "", now=time.now(), until=until)
    return pins.unpin(connection, which, asked.name)


def shown(connection: Connection, hub: Hub, public_id: str, asked: Asked) -> dict[str, Any]:
    """What it would do."""
    return preview(connection, hub, intent(connection, hub, public_id, asked))


def done(
    hub: Hub, store: Store, public_id: str, asked: Asked, *, seen: str, who: str, reason: str | None
) -> dict[str, Any]:
    """Do it, if everything is as it was shown. Raises Moved where it is not. ``change, followed, why_not, golden``."""
    with store.read() as connection:
        made = intent(connection, hub, public_id, asked)
    return _carried_out(hub, store, made, seen=seen, who=who, reason=reason)


def shown_undo(connection: Connection, hub: Hub, change: int) -> dict[str, Any]:
    """What undoing a change would do."""
    return preview(connection, hub, undo(connection, hub, change))


def undone(hub: Hub, store: Store, change: int, *, seen: str, who: str, reason: str | None) -> dict[str, Any]:
    """Undo a change."""
    with store.read() as connection:
        made = undo(connection, hub, change)
    return _carried_out(hub, store, made, seen=seen, who=who, reason=reason)


def _carried_out(hub: Hub, store: Store, made: Intent, *, seen: str, who: str, reason: str | None) -> dict[str, Any]:
    if seen != made.seen:
        raise moved(made.seen)
    with store.write() as connection:
        change = carry_out(connection, made, who=who, now=time.now(), reason=reason)
    return {"change": change.id, **followed(hub, store, made)}
