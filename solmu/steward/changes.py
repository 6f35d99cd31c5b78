"""Carrying a change out, as one. Undoing puts back exactly what it did, and is a change itself.

Whoever carries one out holds no lock: if anything that it was made from is not as it was, nothing is written, and how
things stand now is shown.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, insert, select, update

from solmu.golden.expire import mark_holders, watch
from solmu.match.contradiction import Contradiction
from solmu.match.deciding import record, restore, withdraw
from solmu.model import Entity
from solmu.review.decide import Moved
from solmu.review.seen import evidence_between
from solmu.steward.intent import Intent, state_digest, told
from solmu.steward.ledger import Change, note
from solmu.store import dirty
from solmu.store.sql import chunks
from solmu.store.tables import mention, pin


def carry_out(connection: Connection, intent: Intent, *, who: str, now: int, reason: str | None = None) -> Change:
    """Record what an intent says; what follows from it is the next resolving's work.

    Raises Moved where what it was made from changed meanwhile, and Contradiction. Nothing is written then.
    """
    digest = state_digest(connection, intent.mentions)
    if digest != intent.seen:
        raise moved(digest)
    try:
        began, ended = _decide(connection, intent, who, now, reason)
    except Contradiction as refused:
        raise told(connection, refused) from None
    pinned, unpinned = _pin(connection, intent, who, now, reason)
    return note(
        connection,
        intent.kind,
        who=who,
        now=now,
        goldens=intent.goldens,
        began=began,
        ended=ended,
        pinned=pinned,
        unpinned=unpinned,
        undoes=intent.undoes,
    )


def moved(now: Any) -> Moved:
    """What to raise where things are not as they were shown."""
    return Moved(
        "who is together, what they say, or what was decided of them changed since it was shown",
        code="changed-meanwhile",
        now=now,
        expected="a look at it as it is now: the same command without --yes",
    )


def _decide(
    connection: Connection, intent: Intent, who: str, now: int, reason: str | None
) -> tuple[list[int], list[int]]:
    for id in intent.takes_back:
        if not withdraw(connection, id, who=who, now=now):
            raise moved(None)
    for id in intent.puts_back:
        if not restore(connection, id, who=who, now=now):
            raise moved(None)
    began = [
        record(
            connection,
            _entity(connection, one.left),  # an undoing of several changes is about both kinds
            one.verdict,
            one.left,
            one.right,
            who=who,
            now=now,
            reason=reason,
            evidence=evidence_between(connection, one.left, one.right),
        )
        for one in intent.says
    ]
    return [*began, *intent.puts_back], list(intent.takes_back)


def _entity(connection: Connection, ids: Collection[int]) -> Entity:
    return Entity(connection.execute(select(mention.c.entity).where(mention.c.id == min(ids))).scalar_one())


def _pin(connection: Connection, intent: Intent, who: str, now: int, reason: str | None) -> tuple[list[int], list[int]]:
    for ids, ending in ((intent.unpins, True), (intent.repins, False)):
        for id in ids:
            stands = pin.c.withdrawn_at.is_(None) if ending else pin.c.withdrawn_at.is_not(None)
            done = connection.execute(
                update(pin).where(pin.c.id == id, stands).values(withdrawn_at=now if ending else None)
            )
            if done.rowcount == 0:
                raise moved(None)
    pinned = [
        int(
            connection.execute(
                insert(pin)
                .values(
                    mention_id=each.mention,
                    field=each.field,
                    value=each.value,
                    who=who,
                    reason=reason,
                    at=now,
                    expires_at=each.expires_at,
                )
                .returning(pin.c.id)
            ).scalar_one()
        )
        for each in intent.pins
    ]
    _mark(connection, [*pinned, *intent.repins, *intent.unpins])
    return [*pinned, *intent.repins], list(intent.unpins)


def _mark(connection: Connection, pins: Collection[int]) -> None:
    for some in chunks(pins):
        rows = connection.execute(select(pin).where(pin.c.id.in_(some))).all()
        mark_holders(connection, [row.mention_id for row in rows])
        watch(connection, [row.id for row in rows if row.expires_at is not None and row.withdrawn_at is None])
        # A pinned id is the partition's, not a value: its cluster is matched again.
        dirty.mark(connection, "match", [row.mention_id for row in rows if row.field == "public_id"])
