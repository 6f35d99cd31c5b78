"""Invariant 10: work follows change."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from solmu.config import Hub
from solmu.store import Store
from solmu.store.lease import held
from solmu.store.tables import dirty, golden, mention, pin, run, source_record

_ABOUT = {
    "map": source_record.c.id,
    "anew": source_record.c.id,
    "match": mention.c.id,
    "golden": golden.c.id,
    "pin": pin.c.id,
}


def left_over(store: Store, hub: Hub) -> Iterator[str]:
    """Marks are for consumers that exist and about things that exist; a run that ended well left none behind."""
    targets = {f"target:{each.name}" for each in hub.connections.values() if each.is_target}
    with store.read() as connection:
        marks = connection.execute(select(dirty.c.consumer, func.count()).group_by(dirty.c.consumer))
        waiting: dict[str, int] = {row[0]: row[1] for row in marks}
        for consumer, number in sorted(waiting.items()):
            if consumer not in _ABOUT and consumer not in targets:
                yield f"{number} pieces of work wait for {consumer!r}, whom nobody knows"
                continue
            id = _ABOUT.get(consumer, golden.c.id)
            about_nothing = (
                select(func.count())
                .select_from(dirty)
                .outerjoin(id.table, id == dirty.c.id)
                .where(dirty.c.consumer == consumer, id.is_(None))
            )
            if lost := connection.scalar(about_nothing):
                yield f"{lost} pieces of work for {consumer!r} are about nothing"
        stuck = connection.scalar(select(func.count()).select_from(run).where(run.c.state == "running"))
        if stuck and not held(connection):
            yield f"{stuck} runs were killed: they never ended, and nobody holds a lease; the next run goes on"
