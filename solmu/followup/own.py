"""The hub's own follow-up tasks: what they are, who takes them, and which are done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from solmu.config import ConnectionConfig, Hub
from solmu.errors import SolmuError
from solmu.followup.stand import is_over
from solmu.mapping import load_target_mapping
from solmu.mapping.target import TargetMapping
from solmu.model import Hanging
from solmu.store.sql import among, chunks
from solmu.store.tables import activity, remote

FOLLOW_UP = "Follow-up"
"""The kind of activity that they are; a target's mapping takes them by ``only: {kind: Follow-up}``."""

OWN, STREAM = "solmu", "tasks"
"""The connection and the stream of their source records. No connection of a hub lands there."""

_OPEN_THERE = ("live", "intended")

Statuses = Mapping[tuple[str, str], Collection[str]]
"""By target and stream, the fields that say whether a task is done."""


def task_streams(hub: Hub) -> dict[str, str]:
    """The targets that take such tasks, with the stream of each that does."""
    found: dict[str, str] = {}
    for config in hub.connections.values():
        for name in config.target_streams if config.is_target and config.enabled else ():
            mapping = mapping_of(hub, config, name)
            if mapping is not None and mapping.hanging is Hanging.ACTIVITY and mapping.only.get("kind") == FOLLOW_UP:
                found.setdefault(config.name, name)
    return found


def mapping_of(hub: Hub, config: ConnectionConfig, stream: str) -> TargetMapping | None:
    """The mapping of a target's stream; None for one that is broken: planning says so."""
    name = config.target_streams[stream].mapping
    try:
        return None if name is None else load_target_mapping(hub, name)
    except SolmuError:
        return None


def statuses(hub: Hub) -> Statuses:
    """Those of all targets that take such tasks."""
    found = {}
    for target, stream in task_streams(hub).items():
        mapping = mapping_of(hub, hub.connection(target), stream)
        fields = mapping.fields if mapping is not None else {}
        found[target, stream] = [name for name, each in fields.items() if "status" in each.reads]
    return found


def closed(connection: Connection, fields: Statuses, ids: Iterable[int]) -> set[int]:
    """Those of the activities ``ids`` whose record in a target is done, or gone, as far as the hub has seen."""
    found = set()
    for some in chunks(ids):
        rows = select(
            remote.c.hanging_id, remote.c.target, remote.c.object, remote.c.state, remote.c.observed, remote.c.written
        ).where(remote.c.hanging == activity.name, among(connection, remote.c.hanging_id, some))
        for row in connection.execute(rows):
            if row.state not in _OPEN_THERE or _is_done(row, fields.get((row.target, row.object), ())):
                found.add(row.hanging_id)
    return found


def _is_done(row: Any, fields: Iterable[str]) -> bool:
    return any(is_over(str(row.observed.get(name) or row.written.get(name) or "")) for name in fields)
