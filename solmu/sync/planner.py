"""Working out a page of a plan: what some golden records come to in a target. Reads the store, and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import select

from solmu.store import Store
from solmu.store.tables import outbox
from solmu.sync.admission import reasons
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

    ``looked_at`` are all golden records that it depends on, ``touched`` those of which it changes what is known.
    """

    rows: Rows
    late: Collection[int]
    secondary: int
    looked_at: Set[int] = frozenset()
    touched: Set[int] = frozenset()


class Planner:
    """Works out pages of one plan."""

    def __init__(self, store: Store, work: Work, plan_id: str, run_id: str, now: int) -> None:
        self._store, self._work = store, work
        self._plan_id, self._run_id, self._now = plan_id, run_id, now
        # SQLite gives a document back as it was given it; PostgreSQL has a writing of its own for numbers.
        self.draws = store.dialect == "sqlite"
        self._reasons = reasons(stream.rules for stream in work.streams)
        self._hanging = sorted({stream.hanging for stream in work.streams if stream.hanging})
        with store.read() as connection:
            query = select(outbox.c.subject).where(outbox.c.target == work.target, outbox.c.state.in_(IN_FLIGHT))
            self._in_flight = set(connection.scalars(query))

    @property
    def target(self) -> str:
        """The connection that it plans for."""
        return self._work.target

    @property
    def rules_hash(self) -> str:
        """Of the configuration that it plans under."""
        return self._work.rules_hash

    @property
    def task(self) -> tuple[str, str, int]:
        """What another process needs to know, beside the work, to be the same."""
        return self._plan_id, self._run_id, self._now

    def page(self, due: Sequence[tuple[int, int]]) -> Page:
        """The page of these golden records, given as (id, generation)."""
        work = self._work
        with self._store.read() as connection:
            late = postponed(connection, [id for id, _ in due])
            ids = [id for id, _ in due if id not in late]
            views = load(
                connection,
                work.target,
                self._plan_id,
                ids,
                hanging=self._hanging,
                parent_fields=work.parent_fields,
                reasons=self._reasons,
            )
        batch = plan_batch(views, ids, work.streams, work.settings, self._in_flight)
        rows = rows_of(batch, work.target, self._plan_id, self._run_id, self._now, draw=self.draws)
        secondary = sum(role == "secondary" for role in batch.roles.values())
        looked_at = set(views.goldens)
        more = batch.roles or batch.abandoned  # of records that none of its actions may be about
        touched = looked_at if more else {line.golden.id for line in batch.lines}
        return Page(rows, late, secondary, looked_at, touched)
