"""Rows that keep their key and speak of somebody else: the mention of before is set aside, and another one is born.

The mention set aside is withdrawn, as that of a row which left its list is: it stays linked and is compared, so that a
sheet which was only sorted anew finds everybody again. If the row comes back to whom it spoke of, so does its mention.
What hangs on it goes the same way (``hung_aside``), and on with whoever turns up under another key (``hand_on``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from solmu.match.another import is_another, replaced
from solmu.match.features import Values, organisation_features, person_features
from solmu.model import Entity
from solmu.store import dirty
from solmu.store.sql import chunks
from solmu.store.tables import affiliation, mention, relation
from solmu.sync.fold import evidence
from solmu.sync.hung_aside import Parted, hung_aside, parted
from solmu.sync.slots import aside, in_its_place, is_aside
from solmu.sync.stage import Record, Stage

_RENAME = update(mention).where(mention.c.id == bindparam("b_id")).values(slot=bindparam("b_slot"))


def set_aside(connection: Connection, stage: Stage, records: Sequence[Record]) -> None:
    """Free the slots of mentions of which their rows do not speak any more, in the store and in ``records``."""
    if stage.as_remote:
        return  # a record of a CRM is who it is, whatever its fields say
    away: list[dict[str, Any]] = []
    back: list[dict[str, Any]] = []
    gone: list[Parted] = []
    for record in records:
        if record.mapped is None or not record.mentions:
            continue
        now = {each.slot: each.fields for each in record.mapped.mentions}
        said = _before(record, stage)
        person, freed_before, back_before = record.mentions.get(Entity.PERSON), len(away), len(back)
        slots = replaced(said, now)
        for slot in slots:
            row = record.mentions.pop(slot)
            before = _of_before(record, slot, now[slot])
            freed = aside(slot, row.id)
            record.mentions[freed] = row
            away.append({"b_id": row.id, "b_slot": freed})
            if before is not None:
                record.mentions[slot] = record.mentions.pop(before.slot)
                back.append({"b_id": before.id, "b_slot": slot})
        if slots:
            parts = ([each["b_id"] for each in some] for some in (away[freed_before:], back[back_before:]))
            gone.append(parted(record, said, slots, *parts, person=None if person is None else person.id))
    for renamed in (away, back):
        if renamed:
            connection.execute(_RENAME, renamed)
    _keep_ties(connection, [each["b_id"] for each in away])
    hung_aside(connection, gone, targets=stage.targets)
    # Whatever their state was: what stands beside them has changed.
    dirty.mark(connection, "match", [each["b_id"] for each in (*away, *back)])


def _keep_ties(connection: Connection, away: Sequence[int]) -> None:
    """Who employed whom, as the row said it, is over, but not forgotten: the row's new statement has its own place."""
    for table in (affiliation, relation):
        for ids in chunks(away):
            tied = or_(table.c.mention_id.in_(ids), table.c.other_mention_id.in_(ids))
            own = table.c.record_id.in_(select(mention.c.record_id).where(mention.c.id.in_(ids)))
            rows = connection.execute(select(table.c.id, table.c.slot).where(tied, own, table.c.state == "live")).all()
            if rows:
                connection.execute(
                    update(table)
                    .where(table.c.id == bindparam("b_id"))
                    .values(slot=bindparam("b_slot"), state="withdrawn"),
                    [{"b_id": row.id, "b_slot": aside(row.slot, row.id)} for row in rows],
                )


def _before(record: Record, stage: Stage) -> Mapping[str, Values]:
    """What the record said by slot, read as its mapping reads it now: an edited mapping makes nobody another."""
    said: dict[str, Values] = {}
    for slot, row in record.mentions.items():
        if is_aside(slot) or row.state == "erased":
            continue
        if row.recipe == stage.mapping.recipe:
            said[slot] = evidence(row.claim)
        elif record.past and slot in record.past:
            said[slot] = evidence(record.past[slot].claim)
    return said


def _of_before(record: Record, slot: str, now: Values) -> Any:
    """The mention that this row had of the one it speaks of now, the latest that fits; None where there is none."""
    rows = [row for name, row in record.mentions.items() if is_aside(name) and in_its_place(name) == slot]
    for row in sorted(rows, key=lambda row: row.id, reverse=True):
        if row.state != "erased" and (row.claim or {}) and _are_one(row.entity, evidence(row.claim), now):
            return row
    return None


def _are_one(entity: str, before: Values, now: Values) -> bool:
    """Whether the row is back with whom it spoke of. That it is the same row says nothing any more: it has spoken of
    somebody else meanwhile, and who is alone in it now has no claim on all that it ever said."""
    if before == now:
        return True
    if entity == Entity.PERSON:
        return not is_another(person_features(before), person_features(now), alone=False)
    left, right = (organisation_features(each, system="", people=()) for each in (before, now))
    return not is_another(left, right, alone=False)
