"""Up to two records merged into a third, as a person does it and as `merge` by SOAP does ("merge()", SOAP guide)."""

import sqlite3
from collections.abc import Sequence

from sandbox.salesforce.drafts import Draft
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.records import Actor, Outcome, Records, rows_by_id
from sandbox.salesforce.store import placeholders

MOST_LOSERS = 2


def merge(
    records: Records, db: sqlite3.Connection, sobject: SObject, winner: Draft, merged: Sequence[str], actor: Actor
) -> list[str]:
    """The losers go to the bin and point to the winner, and what hung on them moves over, stamped.

    `winner` names the record that is left and what changes of it. Gives the ids of what moved. Raises Refused, and then
    the caller's transaction must not be committed.
    """
    losers = [_id(sobject, each) for each in merged]
    left = winner.record_id = _id(sobject, winner.record_id)
    if not 1 <= len(losers) <= MOST_LOSERS or len({left, *losers}) <= len(losers):
        raise Refused("MERGE_FAILED", f"merge one or two other {sobject.plural} into one")
    there = rows_by_id(db, sobject, ["IsDeleted"], [left, *losers])
    for each in (left, *losers):
        if each not in there:
            raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if there[each][0]:
            raise Refused("ENTITY_IS_DELETED", "entity is deleted")
    moved = []
    for child in records.objects.values():
        for reference in child.fields.values():
            if sobject.name in reference.refers_to and (reference.createable or reference.updateable):
                among = f'"{reference.name}" IN ({placeholders(len(losers))})'
                sql = f'SELECT Id FROM "{child.name}" WHERE {among} AND IsDeleted = 0'
                for (hanging,) in db.execute(sql, losers).fetchall():
                    draft = Draft(values={reference.name: left}, record_id=hanging)
                    _or_refuse(records.update(db, child, [draft], actor))
                    moved.append(hanging)
    records.put_in_bin(db, sobject, losers, actor.user, master=left)
    _or_refuse(records.update(db, sobject, [winner], actor))
    return moved


def _id(sobject: SObject, given: str | None) -> str:
    known = full_id(given)
    if known is None or known[:3] != sobject.prefix:
        raise Refused("MALFORMED_ID", f"{sobject.fields['Id'].label}: id value of incorrect type: {given}", "Id")
    return known


def _or_refuse(outcomes: Sequence[Outcome]) -> None:
    for error in (error for outcome in outcomes for error in outcome.errors):
        raise Refused(error.code, error.message, *error.fields)
