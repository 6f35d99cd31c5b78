"""What hangs on a mention that is set aside goes aside with it: a lead stays with whom it was about.

As of a row that is gone it says no more, and what was made of it in a target stays as it is there. If the row comes
back to whom it spoke of, so does its lead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, exists, select, update

from solmu.match.features import Values, person_features
from solmu.model import Entity
from solmu.store.sql import chunks
from solmu.store.tables import activity, deal, lead, order, order_line, remote
from solmu.sync.hanging import touch
from solmu.sync.slots import aside, in_its_place, is_aside
from solmu.sync.stage import Record

TABLES: tuple[Table, ...] = (lead, deal, order, order_line, activity)
"""What is about somebody, where a tie is between two."""

_PERSON = Entity.PERSON.value


@dataclass(frozen=True, slots=True)
class Parted:
    """A record that speaks of somebody else now. ``away`` are the mentions that were set aside, ``back`` those that
    have come back; ``person`` is the person's mention of before. ``same_person``: its person is the one of before;
    ``other_person``: another one; ``person_back``: one that it spoke of earlier."""

    record: Record
    away: frozenset[int]
    back: frozenset[int]
    person: int | None
    same_person: bool
    other_person: bool
    person_back: bool


def parted(
    record: Record,
    before: Mapping[str, Values],
    replaced: Collection[str],
    away: Collection[int],
    back: Collection[int],
    *,
    person: int | None,
) -> Parted:
    """``before`` is what the record said by slot, ``replaced`` are the slots where it speaks of another one."""
    now = {each.slot: each.fields for each in record.mapped.mentions} if record.mapped else {}
    known = _PERSON in before and _PERSON in now and _PERSON not in replaced
    was, name = (person_features(said[_PERSON]).name for said in (before, now)) if known else ("", "")
    other = _PERSON in replaced
    person_back = other and _PERSON in record.mentions and record.mentions[_PERSON].id in back
    return Parted(record, frozenset(away), frozenset(back), person, bool(name) and was == name, other, person_back)


def hung_aside(connection: Connection, gone: Sequence[Parted], *, targets: Sequence[str]) -> None:
    """Set aside in the store what hung on whom these records do not speak of any more, and bring back what did before.

    Who changes employers takes along what the row says. Where another person of the same company is named, ``hand_on``
    finds out whether only the company's contact has changed.
    """
    by_id = {each.record.id: each for each in gone}
    for table in TABLES:
        for ids in chunks(by_id):
            columns = [*(table.c[name] for name in _NEEDED), known(table, ("abandoned",)).label("known")]
            rows: dict[int, list[Any]] = {}
            for row in connection.execute(select(*columns).where(table.c.record_id.in_(ids))):
                rows.setdefault(row.record_id, []).append(row)
            owners: set[int] = set()
            freed: list[dict[str, Any]] = []
            returning: list[dict[str, Any]] = []
            for id, some in rows.items():
                leaving = [row for row in some if _leaves(row, by_id[id], table)]
                owners.update(row.mention_id for row in leaving)
                freed += [{"b_id": row.id, "b_slot": aside(row.slot, row.id, by_id[id].person)} for row in leaving]
                taken = {row.slot for row in some} - {row.slot for row in leaving}
                returning += _returning(some, leaving, taken, by_id[id], table)
            if freed:
                connection.execute(_rename(table).values(slot=bindparam("b_slot"), state="withdrawn"), freed)
            if returning:
                connection.execute(_rename(table).values(slot=bindparam("b_slot")), returning)
            touch(connection, owners, targets=targets)


_NEEDED = ("id", "record_id", "slot", "mention_id", "reference", "state", "document")


def known(table: Table, but: Sequence[str]) -> ColumnElement[bool]:
    """Whether something was made of a row in any target, of which the state is none of ``but``."""
    return exists().where(remote.c.hanging == table.name, remote.c.hanging_id == table.c.id, remote.c.state.not_in(but))


def _rename(table: Table) -> Any:
    return update(table).where(table.c.id == bindparam("b_id"))


def _leaves(row: Any, each: Parted, table: Table) -> bool:
    if is_aside(row.slot) or row.reference is not None or row.mention_id is None or row.state == "erased":
        return False
    if row.mention_id in each.away:
        return not each.same_person
    return each.other_person and row.mention_id in {one.id for one in each.record.mentions.values()}


def _returning(
    rows: Sequence[Any], leaving: Sequence[Any], taken: Collection[str], each: Parted, table: Table
) -> list[dict[str, Any]]:
    """The last of those that the row had of whom it speaks of again. What is known in a target is of one person."""
    vacated = {row.slot: row.mention_id for row in leaving}
    found: dict[str, Any] = {}
    for row in rows:
        slot = in_its_place(row.slot)
        if not is_aside(row.slot) or slot in taken or row.state != "withdrawn":
            continue
        says_so = _told(each.record, table, slot) == row.document
        is_back = row.mention_id in each.back and (each.person_back or not each.other_person)
        is_free = not row.known and says_so and row.mention_id in {*each.back, vacated.get(slot)} - each.away
        if is_back or is_free:
            found[slot] = max(found.get(slot, (False, 0, row)), (says_so, row.id, row), key=lambda one: one[:2])
    return [{"b_id": row.id, "b_slot": slot} for slot, (_, _, row) in found.items()]


def _told(record: Record, table: Table, slot: str) -> Any:
    told = record.mapped.hanging if record.mapped else ()
    return next((each.fields for each in told if each.kind.value == table.name and each.slot == slot), None)
