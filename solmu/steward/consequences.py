"""What follows a change: records in targets, what hangs on the mentions that move, and what people entered since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from solmu.config import Hub
from solmu.errors import SolmuError
from solmu.golden.rules import Rules
from solmu.mapping import load_target_mapping
from solmu.model import Entity
from solmu.steward.hypothesis import Part
from solmu.steward.pointing import members
from solmu.store import time
from solmu.store.sql import chunks
from solmu.store.tables import HANGING, affiliation, dirty, link, mention, pin, remote, source_record
from solmu.sync.action import Context, GoldenView, RemoteView
from solmu.sync.plan import plan_record

_HANGING = ("lead", "order", "deal", "activity")


def remotes(connection: Connection, hub: Hub, parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The records in targets that hang on these golden records, each where it would be.

    ``target, object, remote_id, state, golden_before, golden_after`` (internal ids), ``role_before, role_after,
    changes`` (``field, old, new``), ``conflicts`` (names of fields). Of several live records of one golden record the
    first is the primary one, and only that one is written to. Links to parents and owners are left out.
    """
    parts = list(parts)
    was = {id: part.id for part in parts for id in part.was}
    will = {id: part for part in parts for id in part.is_to_be}
    rows: list[Any] = []
    for some in chunks(sorted(was.keys() | will.keys())):
        query = select(remote).where(
            remote.c.mention_id.in_(some), remote.c.hanging.is_(None), remote.c.state.in_(("live", "merged", "deleted"))
        )
        rows += connection.execute(query).all()
    rows.sort(key=lambda row: (row.mention_id, row.id))
    first: dict[tuple[str, str, int], int] = {}
    for row in rows:
        if row.state == "live" and row.mention_id in will:
            first.setdefault((row.target, row.object, will[row.mention_id].id), row.id)
    told = []
    for row in rows:
        part = will.get(row.mention_id)
        primary = part is not None and first.get((row.target, row.object, part.id)) == row.id
        role = None if row.state != "live" else "primary" if primary else "secondary"
        changes, conflicts = _planned(connection, hub, row, part) if primary and part is not None else ([], [])
        told.append(
            {
                "target": row.target,
                "object": row.object,
                "remote_id": row.remote_id,
                "state": row.state,
                "golden_before": was.get(row.mention_id),
                "golden_after": part.id if part else None,
                "role_before": row.role if row.state == "live" else None,
                "role_after": role,
                "changes": changes,
                "conflicts": conflicts,
            }
        )
    return told


def _planned(connection: Connection, hub: Hub, row: Any, part: Part) -> tuple[list[dict[str, Any]], list[str]]:
    """What the planner would do to one record, as far as can be told without asking the target."""
    config = hub.connections.get(row.target)
    stream = config.target_streams.get(row.object) if config else None
    if stream is None or stream.mapping is None:
        return [], []
    entity = Entity(connection.execute(select(mention.c.entity).where(mention.c.id == row.mention_id)).scalar_one())
    values = {name: entry["value"] for name, entry in part.after.items()}
    rules = Rules.of_hub(hub)
    stated = {
        name: entry["rule"] if entry["rule"] in ("pin", "ask") else rules.rule(entity, name).value
        for name, entry in part.after.items()
    }
    try:
        wanted = load_target_mapping(hub, stream.mapping).desired(values)
    except SolmuError:
        return [], []  # a mapping that is broken, or a pin that does not fit it: planning says so
    ours = frozenset(row.written)
    view = RemoteView(row.remote_id, row.external_id, True, row.observed, row.agreed, row.version, ours)
    action = plan_record(GoldenView(part.id, 0, values, stated), wanted, view, Context())
    changes = [{"field": name, "old": each.old, "new": each.new} for name, each in action.fields.items()]
    return changes, sorted(action.conflicts)


def moves_along(connection: Connection, places: Mapping[int, tuple[int | None, int | None]]) -> list[dict[str, Any]]:
    """``{what, count, record}`` of what hangs on a mention that goes to another golden record."""
    moving = [id for id, (was, will) in places.items() if was != will]
    sources = {each.id: each.source for each in members(connection, moving)}
    told = []
    for name in _HANGING:
        table = HANGING[name]
        counts: Counter[int] = Counter()
        for some in chunks(moving):
            query = (
                select(table.c.mention_id, func.count())
                .where(table.c.mention_id.in_(some), table.c.state == "live")
                .group_by(table.c.mention_id)
            )
            counts.update({row[0]: row[1] for row in connection.execute(query)})
        told += [{"what": name, "count": counts[id], "record": sources[id]} for id in sorted(counts)]
    return told


def edited_since(
    connection: Connection, hub: Hub, parts: Iterable[Part], *, without_pins: Collection[int] = ()
) -> list[dict[str, Any]]:
    """``{record, field, value, at, who}``: what people entered in a CRM, or pinned, since the records came together.

    It is said by the record, or pinned to it, where people entered it, and stays with that one. ``without_pins`` are
    those that the change itself ends.
    """
    crms = {each.name for each in hub.connections.values() if each.is_target and each.is_source}
    ids = sorted({id for part in parts for id in part.was if len(part.was) > 1})
    together: dict[int, int] = {}
    for some in chunks(ids):
        query = select(link.c.golden_id, func.max(link.c.since)).where(
            link.c.mention_id.in_(some), link.c.until.is_(None)
        )
        together |= {row[0]: row[1] for row in connection.execute(query.group_by(link.c.golden_id))}
    began = {id: together[part.id] for part in parts for id in part.was if part.id in together}
    sources = {each.id: each.source for each in members(connection, ids)}
    told = []
    for some in chunks(ids):
        claims = (
            select(mention.c.id, mention.c.claim)
            .join(source_record, source_record.c.id == mention.c.record_id)
            .where(mention.c.id.in_(some), source_record.c.connection.in_(crms))
            .order_by(mention.c.id)
        )
        for row in connection.execute(claims):
            for name, entry in (row.claim or {}).items():
                low, high = entry["since"]
                # A value of unknown age may be from long ago; only what surely changed since counts.
                if entry["own"] and low is not None and low >= began[row.id]:
                    told.append(_entered(sources[row.id], name, entry["value"], high, None))
        pins = select(pin).where(pin.c.mention_id.in_(some), pin.c.withdrawn_at.is_(None), pin.c.field != "public_id")
        for row in connection.execute(pins.order_by(pin.c.id)):
            if row.at >= began[row.mention_id] and row.id not in without_pins:
                told.append(_entered(sources[row.mention_id], row.field, row.value, row.at, row.who))
    return told


def _entered(record: str, field: str, value: Any, at: int, who: str | None) -> dict[str, Any]:
    return {"record": record, "field": field, "value": value, "at": time.iso(at), "who": who}


def waiting(connection: Connection, ids: Collection[int]) -> int:
    """How many of these mentions wait to be resolved, so that what is shown may not be all."""
    count = 0
    for some in chunks(sorted(ids)):
        query = select(func.count()).select_from(dirty).where(dirty.c.consumer == "match", dirty.c.id.in_(some))
        count += connection.scalar(query) or 0
    return count


def people_again(connection: Connection, organisations: Collection[int]) -> int:
    """How many mentions of people are compared again because these organisations' mentions move."""
    found: set[int] = set()
    for some in chunks(organisations):
        query = select(affiliation.c.mention_id).where(
            affiliation.c.other_mention_id.in_(some), affiliation.c.mention_id.is_not(None)
        )
        found.update(connection.scalars(query))
    return len(found)
