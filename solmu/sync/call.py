"""One batch on its way: marked as sent, written, and closed with what came of it.

Each action is marked in a short transaction before the call, and closed with its result in another one after it; so
whatever crashes in between, it is known what may have reached the target. What goes as a bulk job is marked in the
transaction that journals the job: the target has that by then, and nothing of what it is to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, insert, update

from solmu.errors import Fatal, Retriable, Skippable, SolmuError
from solmu.exchange import Job, Outcome, Result, Write
from solmu.store import Store
from solmu.store.sql import among, chunks, run_with_ids
from solmu.store.tables import outbox, remote_job
from solmu.sync.action import Kind
from solmu.sync.arm import count_first
from solmu.sync.merging import merging
from solmu.sync.outbox import IN_FLIGHT, Queued
from solmu.sync.results import ATTEMPTS, store_results
from solmu.sync.settle import LONGEST_WAIT, Sleep, look_up, pause
from solmu.sync.target import Target

_Pair = tuple[Queued, Write]

CHUNK = 2000
"""Results stored in one transaction."""


@dataclass(slots=True)
class Push:
    """One apply under way."""

    store: Store
    target: str
    connector: Target
    plan_id: str
    run_id: str
    now: int
    sleep: Sleep
    progress: Callable[[int], None]
    sent: int = 0  # records sent for the first time
    failures: int = 0  # calls in a row that were not answered
    again: bool = False  # whether something failed that may go through a moment later


@dataclass(slots=True)
class Call:
    """A batch on its way. ``answers`` gives its results; ``working``: the target works on it meanwhile by itself.

    ``marked``: all of it is marked as sent. ``jobs`` has the bulk jobs that the target made of it, each with its
    actions.
    """

    object: str
    pairs: Sequence[_Pair]
    answers: Iterable[Result] = ()
    working: bool = False
    marked: bool = False
    jobs: dict[str, tuple[int, ...]] = field(default_factory=dict)


def begin(push: Push, object: str, pairs: Sequence[_Pair], *, as_job: bool) -> Call:
    """Mark a batch as sent, and begin to send it. What goes wrong comes with its answers."""
    writes = [write for _, write in pairs]
    call = Call(object, pairs)
    journal = _journal(push, call)
    answers: Iterator[Result] | None = None
    if as_job:
        try:
            answers = push.connector.begin(object, writes, journal)
        except SolmuError as error:
            answers = _raising(error)
        else:
            call.working = answers is not None
    _mark_rest(push, call)
    if pairs[0][0].action == Kind.MERGE:
        answers = push.connector.merge(object, [merging(row) for row, _ in pairs])
    call.answers = push.connector.write(object, writes, journal) if answers is None else answers
    return call


def _raising(error: SolmuError) -> Iterator[Result]:
    raise error
    yield


def finish(push: Push, call: Call) -> None:
    """Wait for what came of a batch, and store it. Raises Retriable or Fatal once that is stored."""
    results: dict[int, Result] = {}
    error: Retriable | None = None
    broken: Fatal | None = None
    try:
        for result in call.answers:
            results.setdefault(result.id, result)
        push.failures = 0
    except Skippable as refusal:
        # The batch was refused as a whole, and nothing of it was done.
        if len(call.pairs) > 1 and not results:
            for part in _smaller(push, call.pairs):
                finish(push, begin(push, call.object, part, as_job=False))
            return
        results.update({row.id: _refused(row.id, refusal) for row, _ in call.pairs if row.id not in results})
    except Retriable as failure:
        error = failure
    except Fatal as failure:
        broken = failure
    closed = _stored(push, call, results)
    push.progress(sum(1 for _, state in closed if state not in {*IN_FLIGHT, "planned"}))
    if broken is not None:
        raise broken
    if error is None or (error.retry_after or 0.0) <= LONGEST_WAIT:
        in_jobs = {id for ids in call.jobs.values() for id in ids}
        _look_up_unanswered(push, [row for row, state in closed if state == "unknown" and row.id not in in_jobs])
    if error is not None:
        raise error


def _smaller(push: Push, pairs: Sequence[_Pair]) -> Iterator[Sequence[_Pair]]:
    """The halves of a batch, or, where those are no bulk job any more, what one call takes."""
    most, bulk_above = push.connector.capabilities.max_batch, push.connector.capabilities.bulk_above
    middle = len(pairs) // 2
    for half in (pairs[:middle], pairs[middle:]):
        yield from chunks(half, len(half) if bulk_above is not None and len(half) >= bulk_above else most)


def _refused(id: int, refusal: Skippable) -> Result:
    return Result(id, Outcome.REJECTED, code=refusal.code, message=refusal.message, field=refusal.field)


def _mark_rest(push: Push, call: Call) -> None:
    """Mark what is in no job: it goes by calls, or did not get as far as a job."""
    in_jobs = {id for ids in call.jobs.values() for id in ids}
    rest = [row.id for row, _ in call.pairs if row.id not in in_jobs]
    if rest:
        with push.store.write() as connection:
            _mark_sent(connection, push, call, rest)
    call.marked = True


def _mark_sent(connection: Connection, push: Push, call: Call, ids: Sequence[int], job: str | None = None) -> None:
    run_with_ids(connection, _MARK_SENT, (job, push.run_id, push.now), ids)
    these = set(ids)
    fresh = sum(row.attempts == 1 for row, _ in call.pairs if row.id in these)
    push.sent += fresh
    count_first(connection, push.target, fresh)


_MARK_SENT = """
UPDATE outbox SET state = 'sent', attempts = attempts + 1, job_id = ?, run_id = ?, updated_at = ? WHERE id IN IDS
"""


def _stored(push: Push, call: Call, results: Mapping[int, Result]) -> list[tuple[Queued, str]]:
    """Store the results; gives the actions with their new states."""
    stamps = push.connector.capabilities.upserts_by_external_id
    closed: list[tuple[Queued, str]] = []
    for some in chunks(call.pairs, CHUNK):
        rows, sent = [row for row, _ in some], {row.id: write.fields for row, write in some}
        with push.store.write(trusted=True) as connection:
            closed += store_results(
                connection, push.target, rows, results, stamps=stamps, run_id=push.run_id, now=push.now, sent=sent
            )
    answered = {row.id for row, state in closed if state not in IN_FLIGHT} if call.jobs else ()
    jobs = [job for job, ids in call.jobs.items() if any(id in answered for id in ids)]
    if jobs:
        with push.store.write() as connection:
            connection.execute(
                update(remote_job)
                .where(remote_job.c.target == push.target, remote_job.c.id.in_(jobs))
                .values(state="done")
            )
    again = [row.attempts for row, state in closed if state == "planned"]
    if again:
        push.again = True
        push.sleep(pause(max(again)))
    return closed


def _look_up_unanswered(push: Push, rows: Sequence[Queued]) -> None:
    """What had no answer is looked up; what the target knows nothing of may be sent again, a limited number of times.

    Not so what went as a bulk job, which the next run asks for its results: it knows the job by its journal.
    """
    if not rows:
        return
    undone = look_up(push.store, push.target, push.connector, rows, run_id=push.run_id, now=push.now, sleep=push.sleep)
    again = [{"b_id": row.id, "b_state": "planned" if row.attempts < ATTEMPTS else "retriable"} for row in undone]
    push.again = push.again or any(each["b_state"] == "planned" for each in again)
    if again:
        with push.store.write() as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.id == bindparam("b_id"))
                .values(state=bindparam("b_state"), run_id=push.run_id, updated_at=push.now),
                again,
            )


def _journal(push: Push, call: Call) -> Callable[[Job], None]:
    """Store a bulk job before anything is uploaded to it."""

    def journal(job: Job) -> None:
        call.jobs[job.id] = job.action_ids
        with push.store.write() as connection:
            connection.execute(
                insert(remote_job).values(
                    id=job.id,
                    target=push.target,
                    object=call.object,
                    verb=job.verb.value,
                    state="open",
                    action_ids=list(job.action_ids),
                    detail=job.detail,
                    made_at=push.now,
                )
            )
            if call.marked:  # a connector may also make a job of what it is given to write
                these = among(connection, outbox.c.id, job.action_ids)
                connection.execute(update(outbox).where(these).values(job_id=job.id))
            else:
                _mark_sent(connection, push, call, job.action_ids, job.id)

    return journal
