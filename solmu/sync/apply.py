"""Taking a sealed plan to its target.

An action is marked as sent in a short transaction before the call, and closed with its result in another one after it;
so whatever crashes in between, it is known what may have reached the target, and that is looked up before anything is
sent again. Parents go before children. A batch that is refused as a whole is halved until the culprit stands alone.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from solmu.config import ConnectionConfig, Hub
from solmu.errors import ConfigurationError, Fatal, Retriable, Skippable, Stopped
from solmu.exchange import Job, Outcome, Result, Write
from solmu.store import Store
from solmu.store.sql import among, chunks
from solmu.store.tables import outbox, plan, remote_job
from solmu.sync.arm import FIRST, arming, count_first
from solmu.sync.garbage import rarely_collected
from solmu.sync.guard import Limits, look_at_push, stop
from solmu.sync.interrupt import check
from solmu.sync.look import look, store_look
from solmu.sync.outbox import IN_FLIGHT, counts, hold, sendable
from solmu.sync.planning import push_of
from solmu.sync.results import ATTEMPTS, store_results
from solmu.sync.seal import Digest, digest, named
from solmu.sync.settle import LONGEST_WAIT, Sleep, look_up, pause, settle
from solmu.sync.streams import rules_hash
from solmu.sync.target import Target

BULK_BATCH = 10_000
"""Actions in one bulk job: few enough to hold in memory, many enough that a job's own calls do not count."""

CHUNK = 500
PATIENCE = 3
"""How many calls in a row may go unanswered before the target is left alone until the next run."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan so far: its actions by state.

    ``stopped_by`` says why some are held: ``first-ten``, ``limit``, or ``unavailable`` if the target stopped answering.
    """

    plan_id: str
    counts: Mapping[str, int]
    stopped_by: str | None = None


@dataclass(slots=True)
class _Push:
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


def apply(
    store: Store,
    hub: Hub,
    config: ConnectionConfig,
    connector: Target,
    plan_id: str,
    *,
    run_id: str,
    now: int,
    limit: int | None = None,
    override: Collection[str] = (),
    progress: Callable[[int], None] | None = None,
    sleep: Sleep = clock.sleep,
) -> Applied:
    """Send what is left of a plan, named by its id or by the path of its file.

    Hold the lease ``push:<connection>`` meanwhile. ``limit`` is how many records are sent at most, ``override`` names
    guards that are let pass. Raises Stopped, with nothing sent, if the plan is not sealed or not what was sealed
    (``not-sealed``, ``plan-changed``), was made under other rules (``rules-changed``), the target is not armed
    (``not-armed``), its first ten records were not confirmed (``first-ten``) or a guard trips; what the plan holds then
    waits as *held*. Raises Fatal where the target needs an administrator.
    """
    return send(
        store,
        config.name,
        connector,
        plan_id,
        rules_hash=rules_hash(hub, config),
        limits=hub.settings.guards,
        run_id=run_id,
        now=now,
        limit=limit,
        override=override,
        progress=progress,
        sleep=sleep,
    )


def send(
    store: Store,
    target: str,
    connector: Target,
    plan_id: str,
    *,
    rules_hash: str,
    limits: Limits,
    run_id: str,
    now: int,
    limit: int | None = None,
    override: Collection[str] = (),
    progress: Callable[[int], None] | None = None,
    sleep: Sleep = clock.sleep,
) -> Applied:
    """The same for a hub whose rules and limits are given."""
    plan_id, stated = named(plan_id)
    push = _Push(store, target, connector, plan_id, run_id, now, sleep, progress or (lambda _: None))
    try:
        found = _check_seal(push, stated, rules_hash)
        _check_armed(push)
        _check_guards(push, found, limits, override)
    except Stopped as stopped:
        with store.write() as connection:
            hold(connection, plan_id, code=stopped.guard, message=stopped.message, run_id=run_id, now=now)
            connection.execute(
                update(plan).where(plan.c.id == plan_id, plan.c.state == "sealed").values(state="stopped")
            )
        raise
    settle(store, target, connector, run_id=run_id, now=now, sleep=sleep)
    with rarely_collected():
        stopped_by = _send_all(push, limit)
    return _finish(push, stopped_by)


# --- before anything is sent ------------------------------------------------------------------------------------------


def _check_seal(push: _Push, stated: str | None, rules_hash: str) -> Digest:
    with push.store.read() as connection:
        row = connection.execute(select(plan).where(plan.c.id == push.plan_id)).first()
        if row is None or row.target != push.target:
            raise ConfigurationError(
                f"there is no plan {push.plan_id} for {push.target}",
                connection=push.target,
                value=push.plan_id,
                expected="a plan that `solmu plan` has made for this target",
            )
        if row.hash is None or row.state == "open":
            raise Stopped(
                "the plan was not finished", guard="not-sealed", connection=push.target, expected="a plan made anew"
            )
        if row.rules_hash != rules_hash:
            raise Stopped(
                "the plan was made under another configuration",
                guard="rules-changed",
                connection=push.target,
                expected="a plan made anew",
            )
        found = digest(connection, push.plan_id)
        if (stated or row.hash) != row.hash or found.hash != row.hash:
            raise Stopped(
                "the plan is not what was sealed",
                guard="plan-changed",
                connection=push.target,
                expected="a plan made anew",
            )
    return found


def _check_armed(push: _Push) -> None:
    with push.store.read() as connection:
        state = arming(connection, push.target)
    if not state.armed:
        raise Stopped(
            "the target is read-only until it is armed",
            guard="not-armed",
            connection=push.target,
            expected=f"`solmu target arm {push.target}` after a look at the plan",
        )
    if state.left == 0:
        raise Stopped(
            f"the first {FIRST} records were sent, and nobody has confirmed yet that they look right",
            guard="first-ten",
            connection=push.target,
            expected=f"`solmu target arm {push.target} --first-ten-are-right` after a look at them there",
        )


def _check_guards(push: _Push, found: Digest, limits: Limits, override: Collection[str]) -> None:
    with push.store.read() as connection:
        seen = push_of(connection, push.target, push.plan_id, found, limits, push.connector)
    stop(look_at_push(seen, limits, overridden=override), connection=push.target)


# --- sending ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Group:
    """The actions of a plan that one kind of call can take together."""

    position: int
    object: str
    kinds: tuple[str, ...]


_CREATES, _UPDATES = ("create",), ("update", "link")
_WAITS = {
    "first-ten": "waits until somebody has looked at the first ten records in the target",
    "limit": "waits, because no more than a limited number was to be sent",
}


def _send_all(push: _Push, limit: int | None) -> str | None:
    """Send batch after batch, parents before children. Gives why it stopped before the end."""
    with push.store.read() as connection:
        groups = _groups(connection, push.plan_id)
    for group in groups:
        after = 0
        while True:
            check()  # a signal ends an apply here: what was sent is stored, and the rest is planned anew
            with push.store.read() as connection:
                left = arming(connection, push.target).left
                budget = _least(left, None if limit is None else limit - push.sent)
                rows = _next_batch(connection, push, group, after, budget)
            if not rows and not push.again:
                break
            if not rows:
                after, push.again = 0, False  # once more for what may go through by now
                continue
            if budget is not None and budget <= 0:
                return _hold(push, "first-ten" if left == 0 else "limit")
            after = rows[-1].id
            if not _try_batch(push, rows):
                return "unavailable"
    return None


def _least(*numbers: int | None) -> int | None:
    return min((number for number in numbers if number is not None), default=None)


def _groups(connection: Connection, plan_id: str) -> list[_Group]:
    query = (
        select(outbox.c.position, outbox.c.object, outbox.c.action)
        .distinct()
        .where(outbox.c.plan_id == plan_id, sendable())
        .order_by(outbox.c.position, outbox.c.object)
    )
    found = dict.fromkeys(
        _Group(row.position, row.object, _CREATES if row.action == "create" else _UPDATES)
        for row in connection.execute(query)
    )
    return list(found)


def _next_batch(connection: Connection, push: _Push, group: _Group, after: int, budget: int | None) -> list[Row[Any]]:
    """As many actions as one call takes, or one bulk job where there are enough for it."""
    these = (
        outbox.c.plan_id == push.plan_id,
        outbox.c.position == group.position,
        outbox.c.object == group.object,
        outbox.c.action.in_(group.kinds),
        outbox.c.id > after,
        sendable(),
    )
    size, bulk_above = push.connector.capabilities.max_batch, push.connector.capabilities.bulk_above
    if bulk_above is not None:
        some = connection.scalars(select(outbox.c.id).where(*these).order_by(outbox.c.id).limit(bulk_above)).all()
        size = max(BULK_BATCH, bulk_above) if len(some) >= bulk_above else size
    if budget is not None:
        size = min(size, max(budget, 1))
    return list(connection.execute(select(outbox).where(*these).order_by(outbox.c.id).limit(size)).all())


def _hold(push: _Push, reason: str) -> str:
    with push.store.write() as connection:
        hold(connection, push.plan_id, code=reason, message=_WAITS[reason], run_id=push.run_id, now=push.now)
    return reason


def _try_batch(push: _Push, rows: Sequence[Row[Any]]) -> bool:
    """Send a batch, and wait a while if that failed. False: the target does not answer, and is left alone."""
    try:
        _send_batch(push, rows)
    except Retriable as error:
        push.failures += 1
        push.again = True
        if push.failures >= PATIENCE or (error.retry_after or 0.0) > LONGEST_WAIT:
            _leave(push, "unavailable", "the target stopped answering")
            return False
        push.sleep(pause(push.failures, error.retry_after))
    except Fatal as error:
        _leave(push, "fatal", error.message)
        raise
    return True


def _send_batch(push: _Push, rows: Sequence[Row[Any]]) -> None:
    """Look, mark, write, store."""
    object = rows[0].object
    found = look(push.store, push.target, push.connector, object, rows, push.sleep)
    with push.store.write() as connection:
        store_look(connection, push.target, found, run_id=push.run_id, now=push.now)
    push.progress(len(found.moved) + len(found.blocked))
    if found.writes:
        _write(push, object, found.writes)


def _write(push: _Push, object: str, pairs: Sequence[tuple[Row[Any], Write]]) -> None:
    ids = [row.id for row, _ in pairs]
    with push.store.write() as connection:
        _mark_sent(connection, push, ids)
    results: dict[int, Result] = {}
    error: Retriable | None = None
    broken: Fatal | None = None
    try:
        for result in push.connector.write(object, [write for _, write in pairs], _journal(push, object)):
            results.setdefault(result.id, result)
        push.failures = 0
    except Skippable as refusal:
        # The batch was refused as a whole, and nothing of it was done.
        if len(pairs) > 1 and not results:
            middle = len(pairs) // 2
            _write(push, object, pairs[:middle])
            _write(push, object, pairs[middle:])
            return
        results.update({id: _refused(id, refusal) for id in ids if id not in results})
    except Retriable as failure:
        error = failure
    except Fatal as failure:
        broken = failure
    closed = _stored(push, ids, results)
    push.progress(sum(1 for _, state in closed if state not in {*IN_FLIGHT, "planned"}))
    if broken is not None:
        raise broken
    if error is None or (error.retry_after or 0.0) <= LONGEST_WAIT:
        _look_up_unanswered(push, [row for row, state in closed if state == "unknown"])
    if error is not None:
        raise error


def _refused(id: int, refusal: Skippable) -> Result:
    return Result(id, Outcome.REJECTED, code=refusal.code, message=refusal.message, field=refusal.field)


def _mark_sent(connection: Connection, push: _Push, ids: Sequence[int]) -> None:
    fresh = 0
    for some in chunks(ids):
        fresh += len(
            connection.scalars(
                select(outbox.c.id).where(among(connection, outbox.c.id, some), outbox.c.attempts == 0)
            ).all()
        )
        connection.execute(
            update(outbox)
            .where(among(connection, outbox.c.id, some))
            .values(state="sent", attempts=outbox.c.attempts + 1, run_id=push.run_id, updated_at=push.now)
        )
    push.sent += fresh
    count_first(connection, push.target, fresh)


def _stored(push: _Push, ids: Sequence[int], results: Mapping[int, Result]) -> list[tuple[Row[Any], str]]:
    """Store the results; gives the actions with their new states."""
    stamps = push.connector.capabilities.upserts_by_external_id
    closed: list[tuple[Row[Any], str]] = []
    for some in chunks(ids, CHUNK):
        with push.store.write() as connection:
            rows = connection.execute(select(outbox).where(among(connection, outbox.c.id, some))).all()
            closed += store_results(
                connection, push.target, rows, results, stamps=stamps, run_id=push.run_id, now=push.now
            )
    jobs = {row.job_id for row, state in closed if row.job_id is not None and state not in IN_FLIGHT}
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


def _look_up_unanswered(push: _Push, rows: Sequence[Row[Any]]) -> None:
    """What had no answer is looked up; what the target knows nothing of may be sent again, a limited number of times.

    A bulk job is asked for its results by the next run, which knows it by its journal.
    """
    alone = [row for row in rows if row.job_id is None]
    if not alone:
        return
    undone = look_up(push.store, push.target, push.connector, alone, run_id=push.run_id, now=push.now, sleep=push.sleep)
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


def _journal(push: _Push, object: str) -> Callable[[Job], None]:
    """Store a bulk job before anything is uploaded to it."""

    def journal(job: Job) -> None:
        with push.store.write() as connection:
            connection.execute(
                insert(remote_job).values(
                    id=job.id,
                    target=push.target,
                    object=object,
                    verb=job.verb.value,
                    state="open",
                    action_ids=list(job.action_ids),
                    detail=job.detail,
                    made_at=push.now,
                )
            )
            for some in chunks(job.action_ids):
                connection.execute(update(outbox).where(among(connection, outbox.c.id, some)).values(job_id=job.id))

    return journal


# --- afterwards -------------------------------------------------------------------------------------------------------


def _leave(push: _Push, code: str, message: str) -> None:
    """What was not sent is planned anew in the next run."""
    with push.store.write() as connection:
        connection.execute(
            update(outbox)
            .where(outbox.c.plan_id == push.plan_id, sendable())
            .values(state="retriable", code=code, message=message, run_id=push.run_id, updated_at=push.now)
        )


def _finish(push: _Push, stopped_by: str | None) -> Applied:
    with push.store.write() as connection:
        found = counts(connection, push.plan_id)
        if stopped_by is None:
            connection.execute(update(plan).where(plan.c.id == push.plan_id).values(state="applied"))
    return Applied(push.plan_id, found, stopped_by)
