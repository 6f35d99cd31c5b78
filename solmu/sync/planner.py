"""Working out a page of a plan: what some golden records come to in a target. Reads the store, and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from solmu.store import Store
from solmu.store.tables import outbox
from solmu.sync.batch import plan_batch
from solmu.sync.loading import load, postponed
from solmu.sync.outbox import IN_FLIGHT
from solmu.sync.rows import Rows, rows_of
from solmu.sync.whole_plan import Work


@dataclass(slots=True)
class Page:
    """What some golden records come to.

    ``late`` of them wait for what is not resolved yet. ``secondary`` counts records of the target that stand beside
    another one of the same customer from now on.
    """

    rows: Rows
    late: Collection[int]
    secondary: int


class Planner:
    """Works out pages of one plan."""

    def __init__(self, store: Store, work: Work, plan_id: str, run_id: str, now: int) -> None:
        self._store, self._work = store, work
        self._plan_id, self._run_id, self._now = plan_id, run_id, now
        self._hanging = sorted({stream.hanging for stream in work.streams if stream.hanging})
        with store.read() as connection:
            query = select(outbox.c.subject).where(outbox.c.target == work.target, outbox.c.state.in_(IN_FLIGHT))
            self._in_flight = set(connection.scalars(query))

    def page(self, due: Sequence[tuple[int, int]]) -> Page:
        """The page of these golden records, given as (id, generation)."""
        work = self._work
        with self._store.read() as connection:
            late = postponed(connection, [id for id, _ in due])
            ids = [id for id, _ in due if id not in late]
            views = load(
                connection, work.target, self._plan_id, ids, hanging=self._hanging, parent_fields=work.parent_fields
            )
        batch = plan_batch(views, ids, work.streams, work.settings, self._in_flight)
        rows = rows_of(batch, work.target, self._plan_id, self._run_id, self._now)
        secondary = sum(role == "secondary" for role in batch.roles.values())
        return Page(rows, late, secondary)
