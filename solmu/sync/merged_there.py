"""Merges that people made in a CRM: the hub follows them.

A record that was merged away there and the one that it went into are the same: a decision of rank ``crm``, above the
machine's and below a steward's. So what hung on the one that is gone goes on with the one that stays. Where a steward
has said that the two are different, that stands, and the merge is a conflict for the steward.

The record that is left may be one that the hub has not read yet, or that was itself merged away before it was ever
read. Then the merge is awaited, and followed as soon as the record at the end of the chain lands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from solmu.match.cluster import Rank
from solmu.match.contradiction import Contradiction, contradiction
from solmu.match.deciding import record
from solmu.match.decisions import Verdict, in_force
from solmu.model import Entity
from solmu.store.sql import chunks
from solmu.store.tables import conflict, mention, remote

FIELD = "merged_into"
"""The field of a conflict that is about a merge; its value there is the id of the record that is left."""


AWAITED = "awaited"
"""The state of a conflict that is none: a merge whose survivor has not landed yet."""


@dataclass(frozen=True, slots=True)
class _Record:
    pk: int
    mention: int
    entity: Entity


def follow_merges(
    connection: Connection,
    target: str,
    merged: Mapping[str, str],
    *,
    now: int,
    unknown: Mapping[str, str] | None = None,
) -> int:
    """Record what people merged in a target, ``{id that is gone: id that is left}``; gives how many were new.

    Call it whenever records have landed, also without merges: those that were awaited are followed too. Merges of
    records that the hub does not know (``unknown``) say nothing to it, but where such a one is what another went into.
    """
    awaited = _awaited(connection, target)
    if not merged and not awaited:
        return 0
    onwards = {**(unknown or {}), **merged}
    goes = {gone: _end(left, onwards) for gone, left in {**{a.gone: a.left for a in awaited}, **merged}.items()}
    known = _records(connection, target, {*goes, *goes.values()})
    waits = {each.gone: each for each in awaited}
    followed = 0
    for gone, left in sorted(goes.items()):
        one, other = known.get(gone), known.get(left)
        if one is None:
            continue
        if other is None:
            _await(connection, target, one, left, waits.get(gone), now)
            continue
        if gone in waits:
            _settle(connection, waits[gone].id, now)
        if one.mention != other.mention and one.entity is other.entity:
            followed += _follow(connection, target, one, other, left, now)
    return followed


def _end(left: str, onwards: Mapping[str, str]) -> str:
    """The record at the end of a chain of merges."""
    seen = {left}
    while (following := onwards.get(left)) is not None and following not in seen:
        left = following
        seen.add(left)
    return left


@dataclass(frozen=True, slots=True)
class _Awaited:
    id: int
    gone: str
    left: str


def _awaited(connection: Connection, target: str) -> list[_Awaited]:
    query = (
        select(conflict.c.id, remote.c.remote_id, conflict.c.remote_value)
        .join(remote, remote.c.id == conflict.c.remote_pk)
        .where(conflict.c.target == target, conflict.c.field == FIELD, conflict.c.state == AWAITED)
    )
    return [_Awaited(row.id, row.remote_id, row.remote_value) for row in connection.execute(query)]


def _await(connection: Connection, target: str, gone: _Record, left: str, there: _Awaited | None, now: int) -> None:
    if there is None:
        connection.execute(insert(conflict).values(_row(target, gone, left, AWAITED, now)))
    elif there.left != left:
        connection.execute(update(conflict).where(conflict.c.id == there.id).values(remote_value=left))


def _settle(connection: Connection, id: int, now: int) -> None:
    connection.execute(update(conflict).where(conflict.c.id == id).values(state="settled", decided_at=now))


def settle_merges(connection: Connection, *, now: int) -> None:
    """Close the conflicts on merges that no steward contradicts any more."""
    query = select(conflict).where(conflict.c.state == "open", conflict.c.field == FIELD)
    for row in connection.execute(query).all():
        gone = connection.execute(select(remote.c.remote_id).where(remote.c.id == row.remote_pk)).scalar_one()
        known = _records(connection, row.target, {gone, row.remote_value})
        if len(known) < 2 or not _refused(connection, known[gone], known[row.remote_value]):
            _settle(connection, row.id, now)


def _follow(connection: Connection, target: str, gone: _Record, left: _Record, left_id: str, now: int) -> int:
    sides = frozenset({gone.mention}), frozenset({left.mention})
    for one in in_force(connection, sides[0]):
        if one.rank is Rank.CRM and one.verdict is Verdict.SAME and (one.left, one.right) == sides:
            return 0
    try:
        record(
            connection,
            gone.entity,
            Verdict.SAME,
            *sides,
            who=target,
            now=now,
            rank="crm",
            reason="somebody merged them there",
        )
    except Contradiction:
        return 0  # nobody says "different" with this rank; a hub that some day does keeps its word
    if _refused(connection, gone, left):
        connection.execute(insert(conflict).values(_row(target, gone, left_id, "open", now)))
    # Whoever merged them has chosen what the record that is left shows: that is their word from now on, not ours.
    connection.execute(update(remote).where(remote.c.id == left.pk).values(written={}))
    return 1


def _row(target: str, gone: _Record, left: str, state: str, now: int) -> dict[str, Any]:
    return {
        "target": target,
        "remote_pk": gone.pk,
        "field": FIELD,
        "hub_value": None,
        "remote_value": left,
        "agreed_value": None,
        "state": state,
        "since": now,
    }


def _refused(connection: Connection, gone: _Record, left: _Record) -> bool:
    """Whether stewards' decisions keep the two apart."""
    sides = frozenset({gone.mention}), frozenset({left.mention})
    return contradiction(connection, Verdict.SAME, *sides, rank=Rank.STEWARD) is not None


def _records(connection: Connection, target: str, ids: Iterable[str]) -> dict[str, _Record]:
    found: dict[str, _Record] = {}
    for some in chunks(sorted(set(ids))):
        query = (
            select(remote.c.id, remote.c.remote_id, remote.c.mention_id, mention.c.entity)
            .join(mention, mention.c.id == remote.c.mention_id)
            .where(remote.c.target == target, remote.c.remote_id.in_(some), remote.c.hanging.is_(None))
        )
        for row in connection.execute(query):
            found[row.remote_id] = _Record(row.id, row.mention_id, Entity(row.entity))
    return found
