"""The changes that stewards made, as the audit keeps them.

A change is the decisions and pins that it brought into force and those that it ended; its number is its line in the
audit. Whether it is in force follows from theirs, so that nothing has to be kept beside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from solmu.steward.intent import Kind
from solmu.store.sql import chunks
from solmu.store.tables import audit, decision, pin

_WHAT = {f"steward: {kind.value}": kind for kind in Kind}
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``began`` and ``ended`` are ids of decisions, ``pinned`` and ``unpinned`` of pins."""

    id: int
    kind: Kind
    who: str
    at: int
    subject: str | None
    began: tuple[int, ...]
    ended: tuple[int, ...]
    pinned: tuple[int, ...]
    unpinned: tuple[int, ...]
    undoes: tuple[int, ...]

    @property
    def alone(self) -> bool:
        """Whether it took decisions back one by one, not the change that they came with."""
        return self.kind is Kind.UNDO and not self.undoes


def note(
    connection: Connection,
    kind: Kind,
    *,
    who: str,
    now: int,
    goldens: Iterable[int],
    began: Collection[int] = (),
    ended: Collection[int] = (),
    pinned: Collection[int] = (),
    unpinned: Collection[int] = (),
    undoes: Collection[int] = (),
) -> Change:
    """The audit's line of a change: whom it was about and which decisions and pins, never their values."""
    effects = {
        "began": sorted(began),
        "ended": sorted(ended),
        "pinned": sorted(pinned),
        "unpinned": sorted(unpinned),
        "undoes": sorted(undoes),
    }
    subject = next((f"golden:{id}" for id in goldens), None)
    row = {
        "at": now,
        "who": who,
        "what": f"steward: {kind.value}",
        "subject": subject,
        "digest": None,
        "detail": {name: ids for name, ids in effects.items() if ids},
    }
    id: int = connection.execute(insert(audit).values(row).returning(audit.c.id)).scalar_one()
    return Change(id, kind, who, now, subject, **{name: tuple(ids) for name, ids in effects.items()})


def changes(connection: Connection, *, before: int | None = None, after: int = 0) -> Iterator[Change]:
    """The changes that stewards made, the newest first."""
    while True:
        query = select(audit).where(audit.c.what.in_(_WHAT), audit.c.id > after)
        if before is not None:
            query = query.where(audit.c.id < before)
        rows = connection.execute(query.order_by(audit.c.id.desc()).limit(_PAGE)).all()
        if not rows:
            return
        before = rows[-1].id
        yield from map(_read, rows)


def with_fate(connection: Connection, *, after: int = 0) -> Iterator[tuple[Change, bool, frozenset[int]]]:
    """The changes, the newest first, each with its fate since.

    That is whether it was undone (an undo that was itself undone undid nothing), and which decisions were taken back
    one by one (`solmu review undo`), which is a word about these alone and not about the whole change.
    """
    undone: set[int] = set()
    alone: set[int] = set()
    for one in changes(connection, after=after):
        if one.id not in undone:
            undone.update(one.undoes)
            if one.alone:
                alone.update(one.ended)
        yield one, one.id in undone, frozenset(alone)


def change(connection: Connection, id: int) -> Change | None:
    """The change of that number."""
    row = connection.execute(select(audit).where(audit.c.id == id)).first()
    return _read(row) if row is not None and row.what in _WHAT else None


def holds(
    connection: Connection,
    one: Change,
    decisions: Mapping[int, bool] | None = None,
    pins: Mapping[int, bool] | None = None,
    alone: Collection[int] = (),
) -> bool:
    """Whether what a change did is as it left it, but for decisions that were taken back ``alone``, and is anything.

    ``decisions`` and ``pins`` say of some whether they would be in force, instead of whether they are.
    """
    begun = [id for id in one.began if id not in alone]
    if not (begun or one.ended or one.pinned or one.unpinned):
        return False
    sides = ((decision, begun, one.ended, decisions or {}), (pin, one.pinned, one.unpinned, pins or {}))
    for table, started, over, assumed in sides:
        there = standing(connection, table, {*started, *over})
        if not all(assumed.get(id, id in there) for id in started) or any(assumed.get(id, id in there) for id in over):
            return False
    return True


def standing(connection: Connection, table: Any, ids: Collection[int]) -> set[int]:
    """Those decisions, or pins, that are in force."""
    found: set[int] = set()
    for some in chunks(ids):
        found.update(connection.scalars(select(table.c.id).where(table.c.id.in_(some), table.c.withdrawn_at.is_(None))))
    return found


def _read(row: Any) -> Change:
    effects = {name: tuple(row.detail.get(name, ())) for name in ("began", "ended", "pinned", "unpinned", "undoes")}
    return Change(row.id, _WHAT[row.what], row.who, row.at, row.subject, **effects)
