"""Planning a part: the records that a small run is about, beside the plan of a whole night.

A night's plan may wait for somebody to look at it. A small run leaves it alone, but for lines about the very records
that it plans itself: of those there is one open action each.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, update

from solmu.store import Store, dirty
from solmu.store.sql import chunks
from solmu.store.tables import outbox
from solmu.sync.outbox import RETURNING, UNSENT


@dataclass(frozen=True, slots=True)
class Part:
    """A plan of some golden records only, beside the plans that others made of the rest.

    ``which`` gives the golden records. Of earlier plans only what runs of ``kind`` made is planned anew: a night's plan
    that waits for somebody is left as it was seen, but for lines about the very same records.
    """

    kind: str
    which: Callable[[Connection], Collection[int]]


def due_records(store: Store, consumer: str, part: Part | None, size: int) -> Iterator[list[tuple[int, int]]]:
    """What is to be planned, as (id, generation), a batch at a time."""
    if part is not None:
        with store.read() as connection:
            wanted = sorted(part.which(connection))
        for some in chunks(wanted, size):
            with store.read() as connection:
                due = dirty.among(connection, consumer, some)
            if due:
                yield due
        return
    after = 0
    while True:
        with store.read() as connection:
            due = dirty.take(connection, consumer, size, after=after)
        if not due:
            return
        yield due
        after = due[-1][0]


def take_over(
    connection: Connection, subjects: Collection[str], target: str, plan_id: str, run_id: str, now: int
) -> None:
    """One open action a record: where another plan has one that is not on its way, this one goes on with it."""
    for some in chunks(subjects):
        connection.execute(
            update(outbox)
            .where(
                outbox.c.target == target,
                outbox.c.subject.in_(some),
                outbox.c.state.in_((*UNSENT, *RETURNING)),
                outbox.c.plan_id != plan_id,
            )
            .values(state="superseded", run_id=run_id, updated_at=now)
        )
