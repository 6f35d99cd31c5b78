"""Invariants 1 and 2: raw first, and the books balance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, func, or_, select

from solmu.config import Hub
from solmu.store import Store
from solmu.store.migrate import hash_key
from solmu.store.payload import canonical, content_hash, unpack
from solmu.store.tables import link, mention, quarantine, run, source_record, source_version
from solmu.sync import ledger

_BATCH = 1_000
# A mention in these states speaks of the golden record that it is linked to, or did so until lately.
_MUST_BE_LINKED = ("linked",)
_MUST_NOT_BE_LINKED = ("pending",)


def raw_first(store: Store, hub: Hub) -> Iterator[str]:
    """Every record that was read has its newest version, readable, with the hash it was landed with."""
    after = 0
    while True:
        with store.read() as connection:
            key = hash_key(connection)
            rows = connection.execute(
                select(
                    source_record.c.id,
                    source_record.c.connection,
                    source_record.c.stream,
                    source_record.c.key,
                    source_record.c.state,
                    source_record.c.content_hash,
                    source_version.c.payload,
                    source_version.c.outcome,
                    source_version.c.content_hash.label("own_hash"),
                    quarantine.c.code,
                )
                .outerjoin(source_version, source_version.c.id == source_record.c.version_id)
                .outerjoin(
                    quarantine,
                    and_(quarantine.c.version_id == source_version.c.id, quarantine.c.stage == "read"),
                )
                .where(source_record.c.id > after, source_record.c.state.not_in(("awaited", "erased")))
                .order_by(source_record.c.id)
                .limit(_BATCH)
            ).all()
        for row in rows:
            wrong = _unlike(row, key)
            if wrong:
                yield f"{row.connection}/{row.stream}/{row.key}: {wrong}"
        if len(rows) < _BATCH:
            return
        after = rows[-1].id


def _unlike(row: Any, key: bytes) -> str | None:
    if row.payload is None:
        return "what was received is gone"
    try:
        text = canonical(unpack(row.payload))
    except ValueError:
        return "what was received cannot be read any more"
    hash = content_hash(key, text, deleted=row.outcome == "deleted", unreadable=row.code)
    # What a person has mended is a version of its own; the record keeps the hash of what was received before it.
    landed = row.own_hash if row.outcome == "mended" else row.content_hash
    return None if hash == landed else "it is not as it was received"


def books(store: Store, hub: Hub) -> Iterator[str]:
    """Every run's books balance, and states agree with what they are about."""
    with store.read() as connection:
        for run_id in connection.scalars(select(run.c.id).order_by(run.c.started)).all():
            yield from (f"run {run_id}: {each}" for each in ledger.run_imbalances(connection, run_id))
        yield from ledger.state_imbalances(connection)
        linked = select(link.c.id).where(link.c.mention_id == mention.c.id, link.c.until.is_(None)).exists()
        astray = select(mention.c.public_id, mention.c.state).where(
            or_(
                and_(mention.c.state.in_(_MUST_BE_LINKED), ~linked),
                and_(mention.c.state.in_(_MUST_NOT_BE_LINKED), linked),
            )
        )
        for row in connection.execute(astray):
            yield f"mention {row.public_id} is {row.state}, but its link says otherwise"
        held = select(quarantine.c.id).where(
            quarantine.c.record_id == source_record.c.id, quarantine.c.state.in_(("waiting", "dismissed"))
        )
        for record in connection.execute(
            select(source_record.c.connection, source_record.c.stream, source_record.c.key).where(
                source_record.c.state == "refused", ~held.exists()
            )
        ):
            yield f"{record.connection}/{record.stream}/{record.key} is refused, and no reason waits with it"
        twice = (
            select(quarantine.c.record_id, func.count().label("times"))
            .where(quarantine.c.state == "waiting")
            .group_by(quarantine.c.record_id)
            .having(func.count() > 1)
        )
        for again in connection.execute(twice):
            yield f"record {again.record_id} waits in quarantine {again.times} times"
