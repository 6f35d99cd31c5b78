"""The look before a batch is written: what has moved since it was planned is not sent, but planned anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, or_, select, update

from solmu.exchange import Remote, Verb, Write
from solmu.store import Store
from solmu.store.sql import among
from solmu.store.tables import cursor, golden, outbox, remote, source_record
from solmu.sync.equal import same
from solmu.sync.merged_there import follow_merges
from solmu.sync.merging import not_ready
from solmu.sync.mirror import Seen, observe_all
from solmu.sync.outbox import Queued, parents_of, sent_fields, supersede
from solmu.sync.settle import Sleep, patiently
from solmu.sync.target import Target

Moved = tuple[Queued, str]
"""An action that is out of date, and why."""


@dataclass(slots=True)
class Look:
    """What came of a look at a batch: what can be written, what moved, and what waits for a parent."""

    writes: list[tuple[Queued, Write]] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    blocked: list[Moved] = field(default_factory=list)
    gone: list[Remote] = field(default_factory=list)
    edited: list[Remote] = field(default_factory=list)  # as they are in the target now


def look(store: Store, target: str, connector: Target, object: str, rows: Sequence[Queued], sleep: Sleep) -> Look:
    """Look at the golden records, the mirror, the parents and, for updates, the target itself.

    Raises Retriable where the target does not answer.
    """
    found = Look()
    with store.read() as connection:
        rows = _unmoved_here(connection, rows, found)
        rows = _with_parents(connection, target, rows, found)
        sent = sent_fields(connection, target, rows)
    rows = _unmoved_there(connector, object, rows, found, sleep)
    found.writes = [(row, _write(row, sent[row.id])) for row in rows]
    return found


def store_look(connection: Connection, target: str, found: Look, *, run_id: str, now: int) -> None:
    """Close the actions that cannot be sent."""
    for row, why in found.moved:
        pair = [(row.id, row.golden_id)]
        supersede(connection, target, pair, run_id=run_id, now=now, code="moved", message=why)
    for row, why in found.blocked:
        connection.execute(
            update(outbox)
            .where(outbox.c.id == row.id)
            .values(state="blocked", code="parent", message=why, run_id=run_id, updated_at=now)
        )
    if found.edited:
        _observe_unread(connection, target, found, now)
    for each in found.gone:
        state = "merged" if each.merged_into else "deleted"
        connection.execute(
            update(remote)
            .where(remote.c.target == target, remote.c.remote_id == each.remote_id)
            .values(state=state, updated_at=now)
        )
    merged = {each.remote_id: each.merged_into for each in found.gone if each.merged_into is not None}
    follow_merges(connection, target, merged, now=now)


def _observe_unread(connection: Connection, target: str, found: Look, now: int) -> None:
    """Mirror what was edited in streams that are written and not read, of which nothing ever lands: else each night
    would plan the same from the old mirror, and find it out of date again."""
    object = found.moved[0][0].object
    landed = set(
        connection.scalars(
            select(source_record.c.key).where(
                source_record.c.connection == target,
                source_record.c.stream.in_(select(cursor.c.stream).where(cursor.c.connection == target)),
                among(connection, source_record.c.key, [each.remote_id for each in found.edited]),
            )
        )
    )
    unread = [Seen(each, None) for each in found.edited if each.remote_id not in landed]
    observe_all(connection, target, object, unread, now=now)


def _unmoved_here(connection: Connection, rows: Sequence[Queued], found: Look) -> list[Queued]:
    moved = _moved_mirror(connection, rows) | _moved_golden(connection, rows) | not_ready(connection, rows)
    found.moved += [(row, moved[row.id]) for row in rows if row.id in moved]
    return [row for row in rows if row.id not in moved]


def _moved_golden(connection: Connection, rows: Sequence[Queued]) -> dict[int, str]:
    """Whose golden record is another version by now, and the sentence that says so."""
    query = (
        select(outbox.c.id)
        .outerjoin(golden, golden.c.id == outbox.c.golden_id)
        .where(
            among(connection, outbox.c.id, [row.id for row in rows]),
            golden.c.version.is_distinct_from(outbox.c.golden_version),
        )
    )
    return dict.fromkeys(connection.scalars(query), "the golden record changed after this was planned")


def _moved_mirror(connection: Connection, rows: Sequence[Queued]) -> dict[int, str]:
    """Of which the mirror does not show any more what the plan started from, and the sentence that says so."""
    creates = {row.remote_pk: row.id for row in rows if row.action == "create"}
    changes = {row.remote_pk: row for row in rows if row.action != "create"}
    made = select(remote.c.id).where(
        among(connection, remote.c.id, list(creates)),
        or_(remote.c.state != "intended", remote.c.remote_id.is_not(None)),
    )
    moved = [creates[id] for id in connection.scalars(made)] if creates else []
    query = select(remote.c.id, remote.c.state, remote.c.version, remote.c.observed).where(
        among(connection, remote.c.id, list(changes))
    )
    for record in connection.execute(query) if changes else ():
        if not _is_as_planned(changes[record.id], record):
            moved.append(changes[record.id].id)
    return dict.fromkeys(moved, "the record changed in the target after this was planned")


def _is_as_planned(row: Queued, record: Any) -> bool:
    if record.state != "live":
        return False
    if None not in (row.remote_version, record.version) and row.remote_version != record.version:
        return False
    return all(same(record.observed.get(name), change["old"]) for name, change in row.fields.items())


def _with_parents(connection: Connection, target: str, rows: Sequence[Queued], found: Look) -> list[Queued]:
    parents = parents_of(connection, target, rows)
    if not parents:
        return list(rows)
    still = []
    for row in rows:
        missing = next((name for name, subject in row.parents.items() if parents[subject] is None), None)
        if missing is None:
            still.append(row)
        else:
            found.blocked.append((row, f"the record that {missing} points at could not be made"))
    return still


def _unmoved_there(connector: Target, object: str, rows: Sequence[Queued], found: Look, sleep: Sleep) -> list[Queued]:
    """One question for all of them; a record whose version is not known is compared by its values."""
    if not rows or rows[0].action == "create" or not connector.capabilities.can_read:
        return list(rows)
    versions = {row.remote_id: row.remote_version for row in rows if row.remote_version is not None}
    others = [row.remote_id for row in rows if row.remote_id not in versions]
    changed: dict[str, Remote] = {}
    if versions:
        answer = patiently(lambda: list(connector.changed_since(object, list(versions), versions)), sleep)
        changed = {each.remote_id: each for each in answer}
    if others:
        old = {row.remote_id: {name: change["old"] for name, change in row.fields.items()} for row in rows}
        for each in patiently(lambda: list(connector.fetch(object, others)), sleep):
            before = old.get(each.remote_id, {})
            if each.deleted or any(not same(each.payload.get(name), value) for name, value in before.items()):
                changed[each.remote_id] = each
    found.gone += [each for each in changed.values() if each.deleted]
    found.edited += [each for each in changed.values() if not each.deleted]
    found.moved += [
        (row, "somebody changed the record after this was planned") for row in rows if row.remote_id in changed
    ]
    return [row for row in rows if row.remote_id not in changed]


def _write(row: Queued, fields: dict[str, Any]) -> Write:
    if row.action == "create":
        return Write(row.id, Verb.CREATE, fields, external_id=row.external_id)
    stamps = any(change["rule"] == "stamp" for change in row.fields.values())
    return Write(
        row.id,
        Verb.UPDATE,
        fields,
        remote_id=row.remote_id,
        external_id=row.external_id if stamps else None,
        version=row.remote_version,
    )
