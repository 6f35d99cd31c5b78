"""What must be recomputed.

A row is written in the transaction that causes the work, and deleted in the one that stores the result, but only if
nobody has marked it again in between: that is what the generation is for. Consumers work from these rows and never from
watermarks, so a transaction that commits late is not lost.

Consumers: ``map`` (ids of source records), ``match`` (of mentions), ``golden`` and ``target:<connection>`` (of golden
records).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, delete, func, select

from solmu.store.sql import upsert
from solmu.store.tables import dirty


def mark(connection: Connection, consumer: str, ids: Iterable[int]) -> None:
    """There is work for ``consumer`` on each of ``ids``. Marking twice is marking once, seen later."""
    # Sorted, so that two transactions that mark the same rows take their locks in the same order.
    rows = [{"consumer": consumer, "id": id, "generation": 1} for id in sorted(set(ids))]
    upsert(connection, dirty, rows, conflict=("consumer", "id"), update=(), add=("generation",))


def take(connection: Connection, consumer: str, limit: int, *, after: int = 0) -> list[tuple[int, int]]:
    """Up to ``limit`` pieces of work as (id, generation), by id, from ``after`` on. Nothing is removed."""
    query = (
        select(dirty.c.id, dirty.c.generation)
        .where(dirty.c.consumer == consumer, dirty.c.id > after)
        .order_by(dirty.c.id)
        .limit(limit)
    )
    return [(row.id, row.generation) for row in connection.execute(query)]


def done(connection: Connection, consumer: str, work: Sequence[tuple[int, int]]) -> None:
    """The result of this work is stored in this transaction; what was marked again since stays."""
    if not work:
        return
    statement = delete(dirty).where(
        dirty.c.consumer == consumer, dirty.c.id == bindparam("b_id"), dirty.c.generation == bindparam("b_generation")
    )
    connection.execute(statement, [{"b_id": id, "b_generation": generation} for id, generation in work])


def waiting(connection: Connection, consumer: str) -> int:
    """How much work waits."""
    return connection.scalar(select(func.count()).select_from(dirty).where(dirty.c.consumer == consumer)) or 0
