"""What must be recomputed.

A row is written in the transaction that causes the work, and deleted in the one that stores the result, but only if
nobody has marked it again in between: that is what the generation is for. Consumers work from these rows and never from
watermarks, so a transaction that commits late is not lost.

Consumers: ``map`` (ids of source records that came), ``anew`` (of those to which another mapping is applied), ``match``
(of mentions), ``golden`` and ``target:<connection>`` (of golden records), ``pin`` (of pins that have an expiry).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, func, select

from solmu.store.sql import run_with_ids
from solmu.store.tables import dirty

_PART = 20

_MARK = """
INSERT INTO dirty (consumer, id, generation) SELECT ?, work.id, 1 FROM IDS AS work WHERE true
ON CONFLICT (consumer, id) DO UPDATE SET generation = dirty.generation + 1
"""
_TAKE_NEW = "DELETE FROM dirty WHERE consumer = ? AND generation = 1 AND id IN IDS"
_DONE = "DELETE FROM dirty WHERE consumer = ? AND generation = ? AND id IN IDS"
_TAKE = "SELECT id, generation FROM dirty WHERE consumer = ? AND id > ? ORDER BY id LIMIT ?"
_AMONG = "SELECT id, generation FROM dirty WHERE consumer = ? AND id IN IDS ORDER BY id"


def mark(connection: Connection, consumer: str, ids: Iterable[int]) -> None:
    """There is work for ``consumer`` on each of ``ids``. Marking twice is marking once, seen later."""
    wanted = ids if isinstance(ids, range) else sorted(set(ids))
    if wanted:
        run_with_ids(connection, _MARK, (consumer,), wanted)


def take(connection: Connection, consumer: str, limit: int, *, after: int = 0) -> list[tuple[int, int]]:
    """Up to ``limit`` pieces of work as (id, generation), by id, from ``after`` on. Nothing is removed."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    rows = connection.exec_driver_sql(_TAKE.replace("?", mark), (consumer, after, limit)).all()
    return [(id, generation) for id, generation in rows]


def among(connection: Connection, consumer: str, ids: Collection[int]) -> list[tuple[int, int]]:
    """Those of ``ids`` on which there is work, as (id, generation), by id. Nothing is removed."""
    return [(id, generation) for id, generation in run_with_ids(connection, _AMONG, (consumer,), ids).all()]


def done(connection: Connection, consumer: str, work: Sequence[tuple[int, int]]) -> None:
    """The result of this work is stored in this transaction; what was marked again since stays."""
    by_generation: dict[int, list[int]] = defaultdict(list)
    for id, generation in work:
        by_generation[generation].append(id)
    for generation, ids in sorted(by_generation.items()):
        run_with_ids(connection, _DONE, (consumer, generation), ids)


def take_new(connection: Connection, consumer: str, ids: Collection[int]) -> int:
    """Take those of ``ids`` that were marked once and not again since, and give how many; they are done with this
    transaction."""
    return run_with_ids(connection, _TAKE_NEW, (consumer,), ids).rowcount if ids else 0


def waiting(connection: Connection, consumer: str) -> int:
    """How much work waits."""
    return connection.scalar(select(func.count()).select_from(dirty).where(dirty.c.consumer == consumer)) or 0


def at_once(most: int, due: int) -> int:
    """How much work waits for one transaction, but for the page that fills it: ``most``, and of little that is due
    little, one part in 20. A small store's pages stay in memory meanwhile."""
    return min(most, due // _PART)
