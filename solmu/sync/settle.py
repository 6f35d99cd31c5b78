"""Finding out what became of actions that were sent and not answered.

Nothing is sent again before it is known. A create is looked up by our external id, after the time that the target needs
until a search finds what was written; an update by what the record holds now; a bulk job is asked for its results.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Row, Select, select, update
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from solmu.errors import Retriable
from solmu.exchange import Job, Outcome, Remote, Result, Verb, Write
from solmu.store import Store
from solmu.store.sql import chunks
from solmu.store.tables import outbox, remote, remote_job
from solmu.sync.echo import has_arrived
from solmu.sync.outbox import IN_FLIGHT, QUEUED, Queued, mark_due, sent_fields, supersede
from solmu.sync.results import store_results
from solmu.sync.target import Target

T = TypeVar("T")
Sleep = Callable[[float], None]

LOOKS = 3
LONGEST_WAIT = 60.0
"""Seconds. A target that asks for more patience than this is left alone until the next run."""


def settle(store: Store, target: str, connector: Target, *, run_id: str, now: int, sleep: Sleep = clock.sleep) -> None:
    """Settle everything that is in flight to a target: closed, or planned anew. Costs one query where nothing is.

    What cannot be looked up now stays in flight.
    """
    with store.read() as connection:
        query = select(remote_job).where(remote_job.c.target == target, remote_job.c.state == "open")
        jobs = connection.execute(query.order_by(remote_job.c.made_at, remote_job.c.id)).all()
    waiting: set[str] = set()
    for job in jobs:
        if not _resume(store, target, connector, job, run_id, now, sleep):
            waiting.add(job.id)
    after = 0
    while True:
        with store.read() as connection:
            query = (
                select(*QUEUED)
                .where(outbox.c.target == target, outbox.c.state.in_(IN_FLIGHT), outbox.c.id > after)
                .order_by(outbox.c.id)
                .limit(connector.capabilities.max_batch)
            )
            rows = [Queued(*row) for row in connection.execute(query)]
        if not rows:
            return
        after = rows[-1].id
        rows = [row for row in rows if row.job_id not in waiting]
        try:
            undone = look_up(store, target, connector, rows, run_id=run_id, now=now, sleep=sleep)
        except Retriable:
            return
        with store.write() as connection:
            supersede(
                connection,
                target,
                [(row.id, row.golden_id) for row in undone],
                run_id=run_id,
                now=now,
                code="not-done",
                message="it was sent, and had no effect in the target",
            )
            # While it was on its way nothing could be planned for it.
            mark_due(connection, target, (row.golden_id for row in rows))


def look_up(
    store: Store,
    target: str,
    connector: Target,
    rows: Sequence[Queued],
    *,
    run_id: str,
    now: int,
    sleep: Sleep = clock.sleep,
) -> list[Queued]:
    """Close those of ``rows`` that were done; gives the others, about which the target knows nothing.

    Raises Retriable where the target does not answer this question either.
    """
    undone: list[Queued] = []
    for (object, creates), group in groupby(sorted(rows, key=_question), key=_question):
        some = list(group)
        ask = _find if creates else _compare
        found = ask(store, target, connector, object, some, now, sleep)
        done = [row for row in some if row.id in found.results]
        with store.write() as connection:
            store_results(
                connection,
                target,
                done,
                found.results,
                stamps=True,
                run_id=run_id,
                now=now,
                edited=found.edited,
            )
        undone += [row for row in some if row.id not in found.results]
    return undone


@dataclass(slots=True)
class _Found:
    """What was done, by action; ``edited`` are those of them whose record somebody else has changed since."""

    results: dict[int, Result] = field(default_factory=dict)
    edited: set[int] = field(default_factory=set)

    def add(self, id: int, outcome: Outcome, record: Remote) -> None:
        self.results[id] = Result(id, outcome, record.remote_id, record.version, record.payload)
        if not record.changed_by_us:
            self.edited.add(id)


def _question(row: Queued) -> tuple[str, bool]:
    return row.object, row.action == "create"


def _find(
    store: Store, target: str, connector: Target, object: str, rows: Sequence[Queued], now: int, sleep: Sleep
) -> _Found:
    found = _Found()
    with store.read() as connection:
        query = select(remote).where(remote.c.id.in_({row.remote_pk for row in rows}), remote.c.state == "live")
        landed = {record.id: record for record in connection.execute(query)}
    for row in rows:
        record = landed.get(row.remote_pk)
        if record is not None:  # it has landed meanwhile, and was recognised
            seen = Remote(record.remote_id, record.observed, record.external_id, record.version)
            found.add(row.id, Outcome.CREATED, seen)
    asked = {row.external_id: row for row in rows if row.id not in found.results}
    if not asked:
        return found
    since = max(row.updated_at for row in asked.values())
    wait = connector.capabilities.search_lag - (now - since) / 1_000_000
    if wait > 0:
        sleep(wait)
    for each in patiently(lambda: list(connector.find(object, sorted(asked))), sleep):
        ours = asked.get(each.external_id or "")
        if ours is not None and not each.deleted and ours.id not in found.results:
            found.add(ours.id, Outcome.CREATED, each)
    return found


def _compare(
    store: Store, target: str, connector: Target, object: str, rows: Sequence[Queued], now: int, sleep: Sleep
) -> _Found:
    found = _Found()
    ids = [row.remote_id for row in rows]
    answer = patiently(lambda: list(connector.fetch(object, ids)), sleep)
    there = {each.remote_id: each for each in answer if not each.deleted}
    with store.read() as connection:
        sent = sent_fields(connection, target, rows)
    for row in rows:
        record = there.get(row.remote_id)
        before = {name: change["old"] for name, change in row.fields.items()}
        if record is not None and has_arrived(sent[row.id], before, record, version_before=row.remote_version):
            found.add(row.id, Outcome.UPDATED, record)
    return found


def _resume(store: Store, target: str, connector: Target, job: Row[Any], run_id: str, now: int, sleep: Sleep) -> bool:
    """Ask a bulk job of an earlier process for its results; false if it cannot be asked yet."""
    value = Job(job.id, job.object, Verb(job.verb), tuple(job.action_ids), job.detail)
    try:
        results = {each.id: each for each in patiently(lambda: list(connector.resume(value)), sleep)}
    except Retriable:
        return False
    for ids in chunks(job.action_ids):
        query = select(*QUEUED).where(outbox.c.id.in_(ids), outbox.c.state.in_(IN_FLIGHT), outbox.c.job_id == job.id)
        results |= _told_apart(store, target, connector, job, ids, query, results)
        with store.write() as connection:
            rows = [Queued(*row) for row in connection.execute(query)]
            stamps = connector.capabilities.upserts_by_external_id
            store_results(connection, target, rows, results, stamps=stamps, run_id=run_id, now=now)
    with store.write() as connection:
        connection.execute(
            update(remote_job).where(remote_job.c.target == target, remote_job.c.id == job.id).values(state="done")
        )
    return True


def _told_apart(
    store: Store,
    target: str,
    connector: Target,
    job: Row[Any],
    ids: Collection[int],
    query: Select[Any],
    results: Mapping[int, Result],
) -> dict[int, Result]:
    """The refusals among a job's results once more, with the records that the target took those creates for."""
    refused = [results[id] for id in ids if id in results and results[id].outcome is Outcome.REJECTED]
    if not refused or job.verb != Verb.CREATE.value:
        return {}
    with store.read() as connection:
        rows = [Queued(*row) for row in connection.execute(query)]
        sent = sent_fields(connection, target, rows)
    writes = [Write(row.id, Verb.CREATE, sent[row.id], external_id=row.external_id) for row in rows]
    return {each.id: each for each in connector.with_alike(job.object, writes, refused)}


def patiently(ask: Callable[[], T], sleep: Sleep) -> T:
    """Ask something that changes nothing, and again a little later where the target says that it may work then."""
    asking = Retrying(
        retry=retry_if_exception(_may_pass_soon),
        stop=stop_after_attempt(LOOKS),
        wait=_wait,
        sleep=sleep,
        reraise=True,
    )
    for attempt in asking:
        with attempt:
            answer = ask()  # not for tenacity to call, which would keep the answer until garbage is collected
    return answer


def _may_pass_soon(error: BaseException) -> bool:
    return isinstance(error, Retriable) and (error.retry_after or 0.0) <= LONGEST_WAIT


def pause(attempt: int, asked: float | None = None) -> float:
    """Seconds before the next attempt: what the target asked for, else twice as long each time."""
    return min(LONGEST_WAIT, asked if asked is not None else 2.0**attempt)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return pause(state.attempt_number, error.retry_after if isinstance(error, Retriable) else None)
