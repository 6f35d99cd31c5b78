"""Rows that only changed places: what hangs on a row goes on with it, under its new key.

A sheet that is sorted anew, or has a row more on top, shows the same leads under other numbers. What was made of them
in a target is known by the row that hangs, so the row moves: what the new place got instead takes the old place. That
is believed only where the two changed in one and the same run, and say the same of the same people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, select, update

from solmu.model import Entity
from solmu.store import Store, dirty
from solmu.store.payload import canonical
from solmu.store.sql import chunks
from solmu.store.tables import lead, mention, source_record
from solmu.sync.fold import evidence
from solmu.sync.hanging import touch
from solmu.sync.hung_aside import TABLES, known
from solmu.sync.slots import aside, in_its_place, is_aside, person_then
from solmu.sync.stage import Record, Stage

_NAMES = ("name", "given_name", "family_name")
_REACHED = ("email", "phone")


@dataclass(slots=True)
class Left:
    """Work that is mapped and not done: records where something was left that is known in a target, as (id,
    generation). Their marks go when it has been looked whether it is found elsewhere, so that a crash forgets none."""

    work: list[tuple[int, int]] = field(default_factory=list)

    def keep(self, connection: Connection, stage: Stage, records: Sequence[Record]) -> list[Record]:
        """Those of ``records`` whose work is done; the others are kept here."""
        # By another mapping nothing changes places. What is mapped already was kept when a crash came.
        told = [
            each.id for each in records if not each.again and (each.mapped or each.state in ("withdrawn", "mapped"))
        ]
        kept: set[int] = set()
        for table in () if stage.as_remote else TABLES:
            for ids in chunks(told):
                query = select(table.c.record_id).where(table.c.record_id.in_(ids), _known_and_gone(table))
                kept.update(connection.scalars(query))
        self.work += [(record.id, record.generation) for record in records if record.id in kept]
        return [record for record in records if record.id not in kept]


def hand_on(store: Store, stage: Stage, left: Left, consumer: str) -> None:
    """Move what was left in these records to where it is found now; ``consumer`` has done them with that."""
    if not left.work:
        return
    with store.write() as connection:
        old = [id for id, _ in left.work]
        new = _changed_with(connection, stage, old)
        for table in TABLES:
            _hand_on(connection, table, old, new, stage.targets)
        dirty.done(connection, consumer, left.work)


def _known_and_gone(table: Table) -> ColumnElement[bool]:
    return (table.c.state == "withdrawn") & known(table, ("abandoned", "intended"))


def _changed_with(connection: Connection, stage: Stage, records: Collection[int]) -> list[int]:
    """The records of the stream that the same runs have changed or brought."""
    runs: set[str] = set()
    for ids in chunks(records):
        runs.update(connection.scalars(select(source_record.c.run_id).where(source_record.c.id.in_(ids)).distinct()))
    query = select(source_record.c.id).where(
        source_record.c.connection == stage.stream.connection,
        source_record.c.stream == stage.stream.name,
        source_record.c.run_id.in_(runs),
        source_record.c.state == "mapped",
    )
    return list(connection.scalars(query))


def _hand_on(
    connection: Connection, table: Table, old: Collection[int], new: Collection[int], targets: Sequence[str]
) -> None:
    gone = _rows(connection, table, old, _known_and_gone(table))
    if not gone:
        return
    words = {_words(table, row) for row in gone}
    here = _rows(connection, table, new, (table.c.state == "live") & ~known(table, ("abandoned",)), words)
    cards = _Cards(connection, [*gone, *here])
    waiting: dict[Any, list[Any]] = defaultdict(list)
    for row in gone:
        waiting[cards.whose(row), _words(table, row)].append(row)
    pairs = []
    for row in here:
        whose = cards.whose(row)
        those = waiting[whose, _words(table, row)] if whose else []
        fits = [each for each in those if cards.same(each, row)]
        if fits:
            those.remove(fits[0])
            pairs.append((fits[0], row))
    pairs += _of_one_company(gone, here, {row.id for pair in pairs for row in pair})
    _exchange(connection, table, pairs)
    touch(connection, (row.mention_id for pair in pairs for row in pair), targets=targets)


def _of_one_company(gone: Sequence[Any], here: Sequence[Any], done: Collection[int]) -> Iterator[tuple[Any, Any]]:
    """What is found with nobody else, and stands in its own row word for word: the company's contact has changed."""
    stood: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in gone:
        if row.id not in done:
            stood[row.record_id, row.mention_id].append(row)
    for row in here:
        those = [each for each in stood[row.record_id, row.mention_id] if each.document == row.document]
        if row.id not in done and len(those) == 1:
            stood[row.record_id, row.mention_id].remove(those[0])
            yield those[0], row


def _rows(
    connection: Connection,
    table: Table,
    records: Collection[int],
    which: ColumnElement[bool],
    words: Collection[bytes] | None = None,
) -> list[Any]:
    """Rows that hang in these records, by their ids; ``words``: those only that say one of these."""
    found: list[Any] = []
    for ids in chunks(records):
        query = select(table).where(table.c.record_id.in_(ids), table.c.mention_id.is_not(None), which)
        found += [row for row in connection.execute(query) if words is None or _words(table, row) in words]
    return sorted(found, key=lambda row: int(row.id))


def _words(table: Table, row: Any) -> bytes:
    """What a row says; the number of a lead may be that of its row."""
    return canonical({name: value for name, value in row.document.items() if table is not lead or name != "number"})


class _Cards:
    """What the records of some rows say of whom."""

    def __init__(self, connection: Connection, rows: Sequence[Any]) -> None:
        self._said: dict[int, Mapping[str, Any]] = {}
        self._person: dict[int, int] = {}
        self._stands: set[int] = set()
        columns = (mention.c[name] for name in ("id", "record_id", "slot", "state", "claim"))
        query = select(*columns).where(mention.c.state != "erased")
        for ids in chunks({row.record_id for row in rows}):
            for each in connection.execute(query.where(mention.c.record_id.in_(ids))):
                self._said[each.id] = evidence(each.claim)
                if each.slot == Entity.PERSON:
                    self._person[each.record_id] = each.id
                    if each.state != "withdrawn":
                        self._stands.add(each.id)

    def whose(self, row: Any) -> Any:
        """The name of whom a row is about, or how they are reached; None where neither is said, or it is no mention of
        the row's own record."""
        said = self._said.get(row.mention_id, {})
        for fields in (_NAMES, _REACHED):
            if named := {name: said[name] for name in fields if said.get(name)}:
                return canonical(named)
        return None

    def same(self, gone: Any, here: Any) -> bool:
        """Whether two rows are about the same one, by records that name the same person, or none."""
        was = person_then(gone.slot) if is_aside(gone.slot) else self._person.get(gone.record_id)
        now = self._person.get(here.record_id)
        if now is None or now not in self._stands:
            return was is None and self._agree(gone.mention_id, here.mention_id)
        return was in self._said and self._agree(was, now) and self._agree(gone.mention_id, here.mention_id)

    def _agree(self, one: int, other: int) -> bool:
        """Whether two name the same and say nothing that differs."""
        left, right = self._said[one], self._said[other]
        both = [name for name in left if left[name] and right.get(name)]
        return any(name in both for name in (*_NAMES, *_REACHED)) and all(left[name] == right[name] for name in both)


def _exchange(connection: Connection, table: Table, pairs: Iterable[tuple[Any, Any]]) -> None:
    """Let the rows of each pair change places, with all that they say; each keeps its id."""
    away: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    left: list[dict[str, Any]] = []
    for gone, here in pairs:
        slot = aside(in_its_place(gone.slot), here.id, person_then(gone.slot)) if is_aside(gone.slot) else gone.slot
        away.append({"b_id": here.id, "b_slot": aside(here.slot, here.id)})
        moved.append({"b_id": gone.id, **_values(here)})
        left.append({"b_id": here.id, **_values(gone), "b_slot": slot})
    by_id = update(table).where(table.c.id == bindparam("b_id"))
    every = by_id.values({column.name: bindparam(f"b_{column.name}") for column in table.c if column.name != "id"})
    for statement, rows in ((by_id.values(slot=bindparam("b_slot")), away), (every, moved), (every, left)):
        if rows:
            connection.execute(statement, rows)


def _values(row: Any) -> dict[str, Any]:
    return {f"b_{name}": value for name, value in row._mapping.items() if name != "id"}
