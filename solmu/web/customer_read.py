"""A golden record as its page shows it: where an id leads, its sources side by side, its past, and its targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select

from solmu.config import Hub
from solmu.golden.find import Found
from solmu.steward.consequences import remotes
from solmu.steward.hypothesis import Part
from solmu.steward.undo import history
from solmu.store.ids import check_public_id
from solmu.store.payload import unpack
from solmu.store.prepared import Prepared, among_these
from solmu.store.sql import among
from solmu.store.tables import (
    decision_mention,
    golden,
    golden_alias,
    link,
    mention,
    pin,
    remote,
    source_record,
    source_version,
)

SIDE_BY_SIDE = 6
"""Source records that are shown beside each other; the next ones are a page further."""

PAST = 50


def resolve(connection: Connection, text: str) -> Any:
    """The golden record that a public id of now or of long ago leads to, as its row; None where there is none."""
    public = check_public_id(text)
    if public is None:
        return None
    return _OF_ID.first(connection, public=public) or _OF_ALIAS.first(connection, public=public)


def found_rows(connection: Connection, found: Sequence[Found]) -> list[Any]:
    """What a search found, as rows for a list."""
    return _OF_THESE.rows(connection, ids=[each.golden_id for each in found]) if found else []


_OF_ID = Prepared(lambda _: select(golden).where(golden.c.public_id == bindparam("public"), golden.c.state != "merged"))
_OF_ALIAS = Prepared(
    lambda _: (
        select(golden)
        .join(link, link.c.golden_id == golden.c.id)
        .join(golden_alias, golden_alias.c.mention_id == link.c.mention_id)
        .where(golden_alias.c.public_id == bindparam("public"), link.c.until.is_(None))
    )
)
_OF_THESE = Prepared(
    lambda connection: (
        select(golden)
        .where(among_these(connection, golden.c.id))
        .order_by(golden.c.entity, golden.c.search_name, golden.c.id)
    )
)


def sources(connection: Connection, golden_id: int, *, page: int = 1) -> tuple[list[dict[str, Any]], int]:
    """One page of the source records that speak of it, each with its claim and its row as received; and how many."""
    query = (
        select(
            mention.c.id, mention.c.slot, mention.c.state, mention.c.claim, mention.c.public_id,
            source_record.c.connection, source_record.c.stream, source_record.c.key,
            source_version.c.landed_at, source_version.c.changed_at, source_version.c.payload,
            link.c.why, link.c.since,
        )
        .join(link, link.c.mention_id == mention.c.id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .outerjoin(source_version, source_version.c.id == source_record.c.version_id)
        .where(link.c.golden_id == golden_id, link.c.until.is_(None))
        .order_by(mention.c.id)
    )  # fmt: skip
    count = len(
        connection.execute(select(link.c.id).where(link.c.golden_id == golden_id, link.c.until.is_(None))).all()
    )
    rows = connection.execute(query.limit(SIDE_BY_SIDE).offset((page - 1) * SIDE_BY_SIDE))
    return [
        {
            "record": f"{row.connection}/{row.stream}/{row.key}",
            "label": f"{row.connection}/{row.stream}/{row.key}#{row.slot}",
            "connection": row.connection,
            "stream": row.stream,
            "key": row.key,
            "slot": row.slot,
            "state": row.state,
            "claim": row.claim or {},
            "landed_at": row.landed_at,
            "changed_at": row.changed_at,
            "raw": _raw(row.payload),
            "why": row.why,
            "since": row.since,
        }
        for row in rows
    ], count


def past(connection: Connection, golden_id: int) -> tuple[list[dict[str, Any]], list[Any]]:
    """What stewards did with it, and which source records came to it and left it, the newest first."""
    ever = select(link.c.mention_id).where(link.c.golden_id == golden_id)
    # Looking through all changes there ever were is for those of whom somebody said something.
    said = connection.scalar(
        select(decision_mention.c.decision_id).where(decision_mention.c.mention_id.in_(ever)).limit(1)
    ) or connection.scalar(select(pin.c.id).where(pin.c.mention_id.in_(ever)).limit(1))
    changes = history(connection, golden_id, limit=PAST) if said is not None else []
    query = (
        select(
            link.c.since, link.c.until, link.c.why,
            source_record.c.connection, source_record.c.stream, source_record.c.key,
        )
        .select_from(link)
        .join(mention, mention.c.id == link.c.mention_id)
        .join(source_record, source_record.c.id == mention.c.record_id)
        .where(link.c.golden_id == golden_id)
        .order_by(link.c.since.desc(), link.c.id.desc())
        .limit(PAST)
    )  # fmt: skip
    return changes, list(connection.execute(query).all())


def targets(connection: Connection, hub: Hub, row: Any) -> list[dict[str, Any]]:
    """What each target holds of it, and what the next plan would change there.

    ``target, object, remote_id, role, state, held`` (field, value), ``changes`` (field, old, new), ``conflicts``.
    """
    ids = frozenset(
        connection.scalars(select(link.c.mention_id).where(link.c.golden_id == row.id, link.c.until.is_(None)))
    )
    # What hangs is told apart here: asked for in SQL, it would tempt SQLite to the wrong index.
    there = {
        (each.target, each.object, each.remote_id): each
        for each in connection.execute(select(remote).where(among(connection, remote.c.mention_id, list(ids))))
        if each.hanging is None
    }
    planned = remotes(connection, hub, [Part(row.id, ids, ids, row.document, row.document)])
    found = []
    for one in planned:
        held = there[one["target"], one["object"], one["remote_id"]]
        values: Mapping[str, Any] = held.observed or held.written or {}
        found.append(
            {
                **one,
                "held": sorted((name, value) for name, value in values.items() if value not in (None, "", [])),
                "external_id": held.external_id,
                "at": held.updated_at,
            }
        )
    return found


def _raw(payload: bytes | None) -> str | None:
    if payload is None:
        return None
    return orjson.dumps(unpack(payload), option=orjson.OPT_INDENT_2).decode()
