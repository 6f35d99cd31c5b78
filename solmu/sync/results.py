"""What a target answered, stored in the transaction that closes the action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from solmu.exchange import Outcome, Result
from solmu.store.sql import among, as_document, run_many, run_with_ids
from solmu.store.tables import golden, remote
from solmu.sync import duplicates, picklist
from solmu.sync.action import Kind
from solmu.sync.adopt import Created, adopt
from solmu.sync.assign import naming_rule
from solmu.sync.copies import mark_copies
from solmu.sync.echo import agreed_after
from solmu.sync.equal import same
from solmu.sync.merging import store_merged
from solmu.sync.outbox import Queued, sent_fields, supersede
from solmu.sync.revert import REVERT, agreed_back

ATTEMPTS = 3
"""How often one run sends an action that could go through a moment later."""

MOVED = "changed"
"""The code of a result that a target refused because the record changed meanwhile: its plan is out of date."""

# What was noted of an action when it was planned, and stays true when it went well.
_NOTES = frozenset({"rewritten", "emptied", picklist.CODE})
_NO_ANSWER = Result(0, Outcome.UNKNOWN, code="no-answer", message="no answer came")
_WELL = frozenset({Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED})


def store_results(
    connection: Connection,
    target: str,
    rows: Sequence[Queued],
    results: Mapping[int, Result],
    *,
    stamps: bool,
    run_id: str,
    now: int,
    sent: Mapping[int, Mapping[str, Any]] | None = None,
    edited: Collection[int] = (),
) -> list[tuple[Queued, str]]:
    """Close the actions ``rows`` (a batch of outbox rows) with their results; gives each with its new state.

    One without a result is unknown. ``stamps``: whether a record that is created carries our external id from the
    start. ``sent`` is what was sent for each action, where that is at hand. ``edited`` are actions whose result was
    looked up after somebody else had changed the record: of those only what still stands is ours.
    """
    well = [(row, results[row.id]) for row in rows if row.id in results and results[row.id].outcome in _WELL]
    store_merged(connection, target, [pair for pair in well if pair[0].action == Kind.MERGE], now=now)
    well = [pair for pair in well if pair[0].action != Kind.MERGE]
    if well:
        created = [(row, result) for row, result in well if row.action == "create"]
        _make_way(connection, target, created)
        mentions = _adopt(connection, target, created, run_id, now)
        if not stamps:  # else whatever has landed before was recognised by our id
            hung = [(row.hanging, row.object, each.remote_id) for row, each in created if row.hanging]
            mark_copies(connection, target, [(table, object, id) for table, object, id in hung if id is not None])
        if sent is None:
            sent = sent_fields(connection, target, [row for row, _ in well])
        _store_remotes(connection, well, sent, mentions, stamps, edited, now)
    closed = [(row, _state(row, results.get(row.id, _NO_ANSWER))) for row in rows]
    _close(connection, closed, results, run_id, now)
    taken = [(row, results[row.id]) for row, state in closed if state == "rejected" and row.id in results]
    duplicates.ask(connection, target, taken, run_id=run_id)
    moved = [(row.id, row.golden_id) for row, state in closed if state == "superseded"]
    message = "the record changed in the target after it was planned"
    supersede(connection, target, moved, run_id=run_id, now=now, code="moved", message=message)
    return closed


def _state(row: Queued, result: Result) -> str:
    match result.outcome:
        case Outcome.REJECTED:
            return "rejected"
        case Outcome.UNKNOWN:
            return "unknown"
        case Outcome.RETRIABLE if result.code == MOVED:
            return "superseded"
        case Outcome.RETRIABLE:
            return "planned" if row.attempts < ATTEMPTS else "retriable"
        case outcome:
            if row.action == "create":
                # An upsert that finds the record has found the one that an earlier, unanswered create of ours made.
                return "created"
            if row.action == "link":
                return "linked"
            return "unchanged" if outcome is Outcome.UNCHANGED else "updated"


def _close(
    connection: Connection,
    closed: Sequence[tuple[Queued, str]],
    results: Mapping[int, Result],
    run_id: str,
    now: int,
) -> None:
    alike: dict[tuple[str | None, ...], list[int]] = defaultdict(list)
    for row, state in closed:
        result = results.get(row.id, _NO_ANSWER)
        noted: tuple[str | None, ...] = (None, None, None)
        if result.outcome not in _WELL:
            rule = row.fields[result.field]["rule"] if result.field and result.field in row.fields else ""
            noted = (result.code, naming_rule(result.message, rule), result.field)
        elif row.code in _NOTES:
            noted = (row.code, row.message, row.field)
        alike[state, *noted].append(row.id)
    for fate, ids in alike.items():
        run_with_ids(connection, _CLOSE, (*fate, run_id, now), ids)


_CLOSE = """
UPDATE outbox SET state = ?, code = ?, message = ?, field = ?, run_id = ?, updated_at = ? WHERE id IN IDS
"""


def _store_remotes(
    connection: Connection,
    well: Sequence[tuple[Queued, Result]],
    sent: Mapping[int, Mapping[str, Any]],
    mentions: Mapping[int, int],
    stamps: bool,
    edited: Collection[int],
    now: int,
) -> None:
    """``mentions``, by ``remote.id``, are those of records that were made just now."""
    # Of one that was only intended until now nothing is known but that.
    query = select(*_BEFORE).where(
        among(connection, remote.c.id, {row.remote_pk for row, _ in well}), remote.c.state != "intended"
    )
    records = {id: _Before(*values) for id, *values in connection.execute(query).all()}
    updates = []
    for row, result in well:
        stands = sent[row.id] if row.action == "create" else _without_stamp(row, sent[row.id])
        if row.id in edited:
            held = result.observed or {}
            stands = {name: value for name, value in stands.items() if same(held.get(name), value)}
            result = replace(result, version=None)  # the mirror does not show what somebody did in that version
        before = records.get(row.remote_pk) or _Before(mention_id=None if row.hanging else row.golden_id)
        updates.append(_after(row, result, before, stands, mentions, stamps, now))
    run_many(connection, _REMEMBER, updates)


class _Before(NamedTuple):
    """What was known of a record before the write."""

    remote_id: str | None = None
    mention_id: int | None = None
    stamped: bool = False
    written: Mapping[str, Any] = {}
    observed: Mapping[str, Any] = {}
    agreed: Mapping[str, Mapping[str, Any]] = {}
    version: str | None = None


_BEFORE = tuple(remote.c[name] for name in ("id", *_Before._fields))
_REMEMBER = (
    "UPDATE remote SET remote_id = ?, mention_id = ?, stamped = ?, state = 'live', written = ?, observed = ?, "
    "agreed = ?, version = ?, updated_at = ? WHERE id = ?"
)


def _without_stamp(row: Queued, sent: Mapping[str, Any]) -> dict[str, Any]:
    fields = row.fields
    return {name: value for name, value in sent.items() if fields[name]["rule"] != "stamp"}


def _after(
    row: Queued,
    result: Result,
    record: _Before,
    stands: Mapping[str, Any],
    mentions: Mapping[int, int],
    stamps: bool,
    now: int,
) -> tuple[Any, ...]:
    """What we know of the record now: what we wrote stands there, in the form in which the target says it keeps it."""
    # Of what else the answer shows, others may have changed something: that is noticed when the record lands.
    observed = result.observed
    seen = {name: value for name, value in observed.items() if name in stands} if observed else {}
    stamp: dict[str, Any] = {}
    agreed = agreed_after(record.agreed, stands, seen, unedited=record.version is not None)
    for name, change in row.fields.items():
        rule = change["rule"]
        if rule == "stamp":
            stamp[name] = change["new"]
        elif rule == REVERT and name in stands:
            agreed[name] = agreed_back(record.agreed, name, seen.get(name, stands[name]))
    written = as_document({**record.written, **stands} if record.written else stands)
    is_all = not (record.written or record.observed or stamp or seen)
    return (
        record.remote_id or result.remote_id,
        mentions.get(row.remote_pk, record.mention_id),
        record.stamped or bool(stamp) or (stamps and row.action == "create"),
        written,
        written if is_all else as_document({**record.observed, **stamp, **stands, **seen}),
        as_document(agreed),
        result.version,
        now,
        row.remote_pk,
    )


def _make_way(connection: Connection, target: str, created: Sequence[tuple[Queued, Result]]) -> None:
    """A record may have landed before its create was answered, without our id on it to recognise it by.

    Then two rows stand for it, and only the one that we intended keeps it; the other hands over its mention.
    """
    wanted = {(row.object, result.remote_id): row.remote_pk for row, result in created if result.remote_id}
    query = select(remote.c.id, remote.c.target, remote.c.object, remote.c.remote_id).where(
        among(connection, remote.c.remote_id, {remote_id for _, remote_id in wanted})
    )
    for other in connection.execute(query).all():
        # Were the target asked for in the query, SQLite would go through all that we know of it.
        ours = wanted.get((other.object, other.remote_id)) if other.target == target else None
        if ours is not None and ours != other.id:
            connection.execute(
                update(remote).where(remote.c.id == other.id).values(remote_id=None, mention_id=None, state="abandoned")
            )


def _adopt(
    connection: Connection, target: str, created: Sequence[tuple[Queued, Result]], run_id: str, now: int
) -> dict[int, int]:
    """Gives their mentions, by ``remote.id``."""
    own = [(row, result) for row, result in created if row.hanging is None and result.remote_id is not None]
    origins = {row.golden_id for row, _ in own if row.golden_id is not None}
    query = select(golden.c.id, golden.c.entity).where(among(connection, golden.c.id, origins))
    entities = dict(connection.execute(query).tuples().all()) if own else {}
    adopted = [
        Created(row.remote_pk, target, row.object, result.remote_id, entities[row.golden_id], row.golden_id)
        for row, result in own
        if result.remote_id is not None and row.golden_id is not None
    ]
    return adopt(connection, adopted, run_id=run_id, now=now)
