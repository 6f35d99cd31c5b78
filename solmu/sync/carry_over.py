"""An action that says tonight what it said before keeps its row, and goes over into the newer plan.

What an earlier plan did not send is planned anew each night: the child of a record that the target refuses, all of a
plan that waits for somebody. If each night left its own rows, the store would grow with the nights and not with what
changes. Only what was never sent goes over: what was sent belongs to the plan under whose seal it went.

A plan that gives up lines is sealed anew over those that are left, if it still was as it was sealed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select, text, update

from solmu.store import Store
from solmu.store.sql import among, chunks, from_json, run_many
from solmu.store.tables import OPEN, outbox, plan, run
from solmu.sync.outbox import RETURNING, UNSENT, mark_due, supersede
from solmu.sync.part import take_over
from solmu.sync.seal import DOCUMENTS, FATE, PLANNED, without

_AT_ONCE = 1000
_WAITING = (*UNSENT, *RETURNING)
# What a plan is sealed over, and the rows that it is about.
_SAYS = (*(name for name in PLANNED if name not in DOCUMENTS), "golden_id", "remote_pk", "external_id")

_TAKE = """
UPDATE outbox SET plan_id = ?, run_id = ?, updated_at = ?, state = ?, code = ?, message = ?, field = ? WHERE id = ?
"""

Values = Mapping[str, Any]
"""A row of ``outbox`` that is about to be added, by column; documents as JSON text."""


@dataclass(slots=True)
class CarryOver:
    """What goes over into the plan ``plan_id``, with what is to be said of it there, by the number of its row.

    ``kind``: only from plans that runs of that kind made. ``waiting``: whether there is anything to go over.
    """

    target: str
    plan_id: str
    run_id: str
    now: int
    kind: str | None = None
    waiting: bool = False
    rows: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def needed(self) -> bool:
        """Whether lines of this plan may be about what other plans have: there is a cost in looking."""
        return self.waiting or self.kind is not None

    def make_room(self, store: Store) -> None:
        """Stop the plans before this one: the golden records of what they have not sent are due again.

        What was sent and failed for a reason that may pass is closed; what was never sent stays as it is until
        ``finish``, in case that this plan comes to no end.
        """
        never_sent = outbox.c.attempts == 0
        while True:
            with store.write() as connection:
                sent = [(row.id, row.golden_id) for row in connection.execute(self._of_others().where(~never_sent))]
                if not sent:
                    break
                supersede(connection, self.target, sent, run_id=self.run_id, now=self.now)
        after = 0
        while True:
            with store.write() as connection:
                rows = connection.execute(self._of_others().where(never_sent, outbox.c.id > after)).all()
                if not rows:
                    break
                mark_due(connection, self.target, (row.golden_id for row in rows))
            self.waiting, after = True, rows[-1].id
        these = [plan.c.target == self.target, plan.c.id != self.plan_id, plan.c.state.in_(("open", "sealed"))]
        if self.kind is not None:
            these.append(plan.c.run_id.in_(select(run.c.id).where(run.c.kind == self.kind)))
        with store.write() as connection:
            connection.execute(update(plan).where(*these).values(state="stopped"))

    def fresh(self, connection: Connection, rows: Sequence[Values]) -> list[int]:
        """The places of those of ``rows`` that say something new and are to be added; the others go over.

        An action of another plan that waits about the same record, and says something else, is closed.
        """
        new = list(range(len(rows)))
        if self.waiting:
            new, closed = [], list[int]()
            before = self._before(connection, {row["golden_id"] for row in rows})
            for place, row in enumerate(rows):
                there = before.get(row["subject"], ())
                same = next((each for each in there if _says(each, row)), None)
                for each in there:  # what has changed since an earlier batch looked at it does not go over after all
                    self.rows.pop(each.id, None)
                closed += [each.id for each in there if each is not same and each.state in _WAITING]
                if same is None:
                    new.append(place)
                else:
                    self.rows[same.id] = tuple(row[name] for name in FATE)
            self._close(connection, closed)
        subjects = [rows[place]["subject"] for place in new]
        if self.kind is not None:
            take_over(connection, subjects, self.target, self.plan_id, self.run_id, self.now)
        elif self.waiting:
            self._close(connection, self._about(connection, subjects))
        return new

    def finish(self, store: Store) -> None:
        """Take over what goes over, and close what else earlier plans had left: tonight nobody wants it any more."""
        while self.waiting:
            with store.read() as connection:
                standing = self._standing(connection)
                seals = _seals(connection, standing)
            with store.write() as connection:
                if self._standing(connection) != standing:
                    continue  # a person has put one aside meanwhile
                self._take(connection, standing)
                for plan_id, hash in seals.items():
                    connection.execute(update(plan).where(plan.c.id == plan_id).values(hash=hash))
            break
        while self.waiting:
            with store.write() as connection:
                left = [row.id for row in connection.execute(self._of_others())]
                self._close(connection, left)
            if len(left) < _AT_ONCE:
                return

    def _of_others(self) -> Select[Any]:
        """A page of what waits of other plans."""
        query = (
            select(outbox.c.id, outbox.c.golden_id)
            .where(outbox.c.target == self.target, outbox.c.state.in_(_WAITING), outbox.c.plan_id != self.plan_id)
            .order_by(outbox.c.id)
            .limit(_AT_ONCE)
        )
        return query if self.kind is None else query.where(outbox.c.plan_id.in_(_made_by(self.kind)))

    def _before(self, connection: Connection, golden_ids: Collection[int]) -> dict[str, list[Row[Any]]]:
        """What other plans hold of these golden records and never sent, by subject, the newest first."""
        nothing_to_do = (outbox.c.action == "skip") & (outbox.c.state == "unchanged")
        clashes = (outbox.c.action == "conflict") & (outbox.c.state == "conflicting")
        query = (
            select(*(outbox.c[name] for name in ("id", "plan_id", "target", "state", *_SAYS, *DOCUMENTS)))
            .where(
                among(connection, outbox.c.golden_id, golden_ids),
                or_(outbox.c.state.in_(_WAITING), nothing_to_do, clashes),
                outbox.c.attempts == 0,
            )
            .order_by(outbox.c.id.desc())
        )
        if self.kind is not None:
            query = query.where(outbox.c.plan_id.in_(_made_by(self.kind)))
        found: dict[str, list[Row[Any]]] = {}
        for row in connection.execute(query):
            # Told apart here: asked for them, SQLite would go through all that there is about the target.
            if row.target == self.target and row.plan_id != self.plan_id:
                found.setdefault(row.subject, []).append(row)
        return found

    def _about(self, connection: Connection, subjects: Iterable[str]) -> list[int]:
        """What other plans would still send to these records, which were another golden record's by then."""
        found: list[int] = []
        for some in chunks(subjects):
            query = select(outbox.c.id).where(
                outbox.c.target == self.target,
                among(connection, outbox.c.subject, some),
                text(OPEN),  # in these words, or SQLite would not use the index that is about them
                outbox.c.state.in_(UNSENT),
                outbox.c.plan_id != self.plan_id,
            )
            found += connection.scalars(query)
        return found

    def _standing(self, connection: Connection) -> dict[str, list[int]]:
        """What goes over and still is as it was, by the plan that has it."""
        found: dict[str, list[int]] = {}
        for some in chunks(sorted(self.rows)):
            query = select(outbox.c.id, outbox.c.plan_id).where(
                among(connection, outbox.c.id, some), outbox.c.state.in_((*_WAITING, "unchanged", "conflicting"))
            )
            for row in connection.execute(query):
                found.setdefault(row.plan_id, []).append(row.id)
        return found

    def _take(self, connection: Connection, standing: Mapping[str, Iterable[int]]) -> None:
        here = (self.plan_id, self.run_id, self.now)
        run_many(connection, _TAKE, [(*here, *self.rows[id], id) for ids in standing.values() for id in ids])

    def _close(self, connection: Connection, ids: Iterable[int]) -> None:
        closed = {"state": "superseded", "run_id": self.run_id, "updated_at": self.now}
        for some in chunks(ids):
            connection.execute(update(outbox).where(among(connection, outbox.c.id, some)).values(**closed))


def _made_by(kind: str) -> Select[Any]:
    return select(plan.c.id).join(run, run.c.id == plan.c.run_id).where(run.c.kind == kind)


def _says(there: Row[Any], row: Values) -> bool:
    """Whether a row holds the very line: all that a plan is sealed over."""
    return all(getattr(there, name) == row[name] for name in _SAYS) and all(
        getattr(there, name) == from_json(row[name]) for name in DOCUMENTS
    )


def _seals(connection: Connection, leaving: Mapping[str, Collection[int]]) -> dict[str, str]:
    """The hashes of the plans that give up lines, over those that are left.

    A plan that is not as it was sealed keeps its hash, by which `solmu doctor` sees it.
    """
    found = {}
    query = select(plan.c.id, plan.c.hash).where(plan.c.id.in_(list(leaving)), plan.c.hash.is_not(None))
    for row in connection.execute(query).all():
        whole, rest = without(connection, row.id, frozenset(leaving[row.id]))
        if whole == row.hash:
            found[row.id] = rest
    return found
