"""Conflicts: fields that the hub and a CRM both changed, and merges made in a CRM that a steward called wrong.

Reading only; ``settling`` decides them. A conflict is named by its number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache, partial
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from solmu.config import Hub
from solmu.errors import SolmuError
from solmu.mapping import load_target_mapping
from solmu.mapping.target import TargetMapping
from solmu.model import Entity
from solmu.store import time
from solmu.store.tables import conflict, golden, link, mention, remote
from solmu.sync.action import Wanted
from solmu.sync.merged_there import FIELD as MERGED

Document = dict[str, Any]
_Load = Callable[[str], TargetMapping]


class Choice(StrEnum):
    """What a steward can say to a conflict."""

    HUB = "hub"  # the hub's value goes to the CRM; of a merge: the two stay two here
    CRM = "crm"  # the CRM's value is right, in the hub too
    VALUE = "value"  # another value is right, on both sides
    LEAVE = "leave"  # each side keeps its own, until one of them changes


def listed(
    connection: Connection,
    hub: Hub,
    *,
    state: str | None = "open",
    target: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[Document]:
    """Conflicts by number, from ``after`` on, in the shape that ``shown`` gives. ``state`` None: all of them."""
    query = _query().where(conflict.c.id > after).order_by(conflict.c.id).limit(limit)
    if state is not None:
        query = query.where(conflict.c.state == state)
    if target is not None:
        query = query.where(conflict.c.target == target)
    load = cache(partial(load_target_mapping, hub))  # most conflicts of a page are of a few streams
    return [_document(hub, row, load) for row in connection.execute(query)]


def shown(connection: Connection, hub: Hub, number: int) -> Document:
    """One conflict: ``{conflict, state, target, object, remote_id, entity, golden_id, name, field, hub_field, hub,
    there, agreed, since, choices, choice, decided_at, decided_by, seen}``.

    ``hub_field`` is the canonical field behind the CRM's, where there is one; ``choices`` what may be said to it;
    ``seen`` the digest by which ``decide`` knows whether it still is as it was shown. Raises SolmuError.
    """
    return _document(hub, row_of(connection, number), partial(load_target_mapping, hub))


def row_of(connection: Connection, number: int) -> Row[Any]:
    """The conflict of that number with its record and golden record. Raises SolmuError where there is none."""
    row = connection.execute(_query().where(conflict.c.id == number)).first()
    if row is None:
        raise SolmuError(
            "there is no such conflict", code="no-conflict", value=number, expected="a number of `solmu conflict list`"
        )
    return row


def choices(field: str, hub_field: str | None, *, many: bool) -> tuple[Choice, ...]:
    """What may be said to a conflict. Pure.

    Where the CRM's field is put together from several of ours, or shows one of many values, its value cannot be taken
    back apart.
    """
    if field == MERGED:
        return (Choice.HUB,)
    if hub_field is None or many:
        return (Choice.HUB, Choice.LEAVE)
    return (Choice.HUB, Choice.CRM, Choice.VALUE, Choice.LEAVE)


def wanted(
    hub: Hub, row: Row[Any], more: Mapping[str, Any] | None = None, *, load: _Load | None = None
) -> Wanted | None:
    """What the planner wants in the target's field of a conflict; ``more`` are values that the golden record would get;
    ``load`` gives a target's mapping by its name.

    None where it cannot be told: what hangs on a record, a merge, a mapping that is broken.
    """
    config = hub.connections.get(row.target)
    stream = config.target_streams.get(row.object) if config else None
    if stream is None or stream.mapping is None or row.document is None:
        return None
    values = {name: entry["value"] for name, entry in row.document.items()} | dict(more or {})
    try:
        return (load or partial(load_target_mapping, hub))(stream.mapping).desired(values).get(row.field)
    except SolmuError:
        return None  # planning says what is wrong with it


def _query() -> Any:
    return (
        select(
            conflict,
            remote.c.object,
            remote.c.remote_id,
            remote.c.mention_id,
            mention.c.entity,
            golden.c.id.label("golden_pk"),
            golden.c.public_id,
            golden.c.name,
            golden.c.document,
        )
        .join(remote, remote.c.id == conflict.c.remote_pk)
        .outerjoin(mention, mention.c.id == remote.c.mention_id)
        .outerjoin(link, (link.c.mention_id == remote.c.mention_id) & link.c.until.is_(None))
        .outerjoin(golden, golden.c.id == link.c.golden_id)
    )


def _document(hub: Hub, row: Row[Any], load: _Load) -> Document:
    want = wanted(hub, row, load=load)
    source = want.source if want else None
    known = hub.fields(Entity(row.entity)) if row.entity else {}
    many = source in known and known[source].many
    taken: Mapping[str, Any] = row.choice if isinstance(row.choice, dict) else {"take": row.choice}
    return {
        "conflict": row.id,
        "state": row.state,
        "target": row.target,
        "object": row.object,
        "remote_id": row.remote_id,
        "entity": row.entity,
        "golden_id": row.public_id,
        "name": row.name,
        "field": row.field,
        "hub_field": source,
        "hub": row.hub_value,
        "there": row.remote_value,
        "agreed": row.agreed_value,
        "since": time.iso(row.since),
        "choices": [each.value for each in choices(row.field, source, many=many)] if row.state == "open" else [],
        "choice": taken.get("said") or taken.get("take"),
        "change": taken.get("change"),
        "decided_at": None if row.decided_at is None else time.iso(row.decided_at),
        "decided_by": row.decided_by,
        "seen": _seen(row),
    }


def _seen(row: Row[Any]) -> str:
    text = orjson.dumps([row.id, row.state, row.hub_value, row.remote_value], default=str)
    return hashlib.blake2b(text, digest_size=8).hexdigest()
