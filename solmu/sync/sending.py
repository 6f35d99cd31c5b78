"""Sending what a plan holds, batch after batch, parents before children.

Of a bulk job of creates the results are waited for only once the next one is on its way: while the target works on one,
the next is looked at, marked and uploaded, and what came of the last is stored. Each is journalled before it is
uploaded, so it makes no difference to a crash how many there are. Updates go one job at a time: between the look at
what others have changed and the write there shall be no more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, literal, select, update

from solmu.errors import Fatal, Retriable, SolmuError
from solmu.store.tables import outbox
from solmu.sync.arm import arming
from solmu.sync.call import Call, Push, begin, finish
from solmu.sync.interrupt import Interrupted, check
from solmu.sync.look import look, store_look
from solmu.sync.outbox import QUEUED_RAW, Queued, hold, parents_of, queued, sendable
from solmu.sync.settle import LONGEST_WAIT, pause

BULK_BATCH = 10_000
"""Actions in one bulk job: few enough to hold in memory, many enough that a job's own calls do not count."""

PATIENCE = 3
"""How many calls in a row may go unanswered before the target is left alone until the next run."""

_PAGES_LOOKED_THROUGH = 10
"""Batches of children that are gone through for some whose parents are among the first ten."""

_CREATES, _UPDATES, _MERGES = ("create",), ("update", "link"), ("merge",)
_KINDS = {kind: kinds for kinds in (_CREATES, _UPDATES, _MERGES) for kind in kinds}
_WAITS = {
    "first-ten": "waits until somebody has looked at the first ten records in the target",
    "limit": "waits, because no more than a limited number was to be sent",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """The actions of a plan that one kind of call can take together."""

    position: int
    object: str
    kinds: tuple[str, ...]


def send_all(push: Push, limit: int | None) -> str | None:
    """Send what is left of a plan. Gives why it stopped before the end."""
    with push.store.read() as connection:
        groups = _groups(connection, push.plan_id)
    sender = _Sender(push)
    try:
        if not _send_some_of_each(push, sender, groups, limit):
            return "unavailable"
        for group in groups:
            stopped_by = _send_group(push, sender, group, limit)
            if stopped_by is not None:
                return stopped_by
    except (Interrupted, SolmuError):
        sender.give_up()
        raise
    return None


def _send_some_of_each(push: Push, sender: _Sender, groups: Sequence[_Group], limit: int | None) -> bool:
    """Of the first ten records of a target a share for each kind, so that somebody who looks at them sees all kinds.

    Children go whose parents are there. False: the target does not answer.
    """
    for number, group in enumerate(groups):
        with push.store.read() as connection:
            left = arming(connection, push.target).left
            if left is None:
                return True
            budget = _least(left, None if limit is None else limit - push.sent) or 0
            share = -(-max(budget, 0) // (len(groups) - number))
            rows = _some_ready(connection, push, group, share)
        if rows and not (_try(push, sender, partial(sender.send, rows)) and _try(push, sender, sender.finish)):
            return False
    return True


def _some_ready(connection: Connection, push: Push, group: _Group, share: int) -> list[Queued]:
    found: list[Queued] = []
    after = 0
    for _ in range(_PAGES_LOOKED_THROUGH):
        rows = _next_batch(connection, push, group, after, None) if len(found) < share else []
        if not rows:
            break
        after = rows[-1].id
        there = parents_of(connection, push.target, rows)
        found += [row for row in rows if all(there[parent] is not None for parent in row.parents.values())]
    return found[:share]


def _send_group(push: Push, sender: _Sender, group: _Group, limit: int | None) -> str | None:
    after = 0
    while True:
        check()  # a signal ends an apply here: what was sent is stored, and the rest is planned anew
        with push.store.read() as connection:
            left = arming(connection, push.target).left
            budget = _least(left, None if limit is None else limit - push.sent)
            rows = _next_batch(connection, push, group, after, budget)
        spent = budget is not None and budget <= 0
        if sender.under_way is not None and (not rows or spent):
            if not _try(push, sender, sender.finish):
                return "unavailable"
            continue
        if not rows and not push.again:
            return None
        if not rows:
            after, push.again = 0, False  # once more for what may go through by now
            continue
        if spent:
            return _hold(push, "first-ten" if left == 0 else "limit")
        after = rows[-1].id
        if not _try(push, sender, partial(sender.send, rows)):
            return "unavailable"


class _Sender:
    """Sends batches, and lets the target work on one while the next is prepared."""

    def __init__(self, push: Push) -> None:
        self.under_way: Call | None = None
        self._push = push

    def send(self, rows: Sequence[Queued]) -> None:
        """Look, mark, write, and store what came of it: of a job, what came of the one before."""
        push, object = self._push, rows[0].object
        hangs = any(parent.startswith(f"{object}/") for row in rows for parent in row.parents.values())
        alone = hangs or rows[0].action != "create"  # what they hang on may be among what is under way
        if alone:
            self.finish()
        found = look(push.store, push.target, push.connector, object, rows, push.sleep)
        with push.store.write() as connection:
            store_look(connection, push.target, found, run_id=push.run_id, now=push.now)
        push.progress(len(found.moved) + len(found.blocked))
        if not found.writes:
            return
        bulk_above = push.connector.capabilities.bulk_above
        merges = rows[0].action in _MERGES
        as_job = bulk_above is not None and len(found.writes) >= bulk_above and not merges
        call = begin(push, object, found.writes, as_job=as_job)
        try:
            self.finish()
        finally:
            self.under_way = call
        if alone or not call.working:
            self.finish()

    def finish(self) -> None:
        """Wait for what is under way, and store what came of it."""
        call, self.under_way = self.under_way, None
        if call is not None:
            finish(self._push, call)

    def give_up(self) -> None:
        """Before an early end: what is under way is asked for once more; without an answer it is *unknown*."""
        with suppress(SolmuError):
            self.finish()


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
        _Group(row.position, row.object, _KINDS.get(row.action, _UPDATES)) for row in connection.execute(query)
    )
    return list(found)


def _next_batch(connection: Connection, push: Push, group: _Group, after: int, budget: int | None) -> list[Queued]:
    """As many actions as one call takes, or one bulk job where there are enough for it; as they stand once they are
    marked as sent, so that nobody has to read them again when they are answered."""
    these = (
        outbox.c.plan_id == push.plan_id,
        outbox.c.position == group.position,
        outbox.c.object == group.object,
        outbox.c.action.in_(group.kinds),
        outbox.c.id > after,
        sendable(),
    )
    size, bulk_above = push.connector.capabilities.max_batch, push.connector.capabilities.bulk_above
    if bulk_above is not None and group.kinds != _MERGES:
        enough = select(outbox.c.id).where(*these).order_by(outbox.c.id).offset(max(bulk_above, 1) - 1).limit(1)
        size = size if connection.scalar(enough) is None else max(BULK_BATCH, bulk_above)
    if budget is not None:
        size = min(size, max(budget, 1))
    as_sent = {"attempts": outbox.c.attempts + 1, "updated_at": literal(push.now)}
    columns = (as_sent[column.name].label(column.name) if column.name in as_sent else column for column in QUEUED_RAW)
    return queued(connection.execute(select(*columns).where(*these).order_by(outbox.c.id).limit(size)))


def _hold(push: Push, reason: str) -> str:
    with push.store.write() as connection:
        hold(connection, push.plan_id, code=reason, message=_WAITS[reason], run_id=push.run_id, now=push.now)
    return reason


def _try(push: Push, sender: _Sender, step: Callable[[], None]) -> bool:
    """Take a step, and wait a while if it failed. False: the target does not answer, and is left alone."""
    try:
        step()
    except Retriable as error:
        push.failures += 1
        push.again = True
        if push.failures >= PATIENCE or (error.retry_after or 0.0) > LONGEST_WAIT:
            sender.give_up()
            _leave(push, "unavailable", "the target stopped answering")
            return False
        push.sleep(pause(push.failures, error.retry_after))
    except Fatal as error:
        sender.give_up()
        _leave(push, "fatal", error.message)
        raise
    return True


def _leave(push: Push, code: str, message: str) -> None:
    """What was not sent is planned anew in the next run."""
    with push.store.write() as connection:
        connection.execute(
            update(outbox)
            .where(outbox.c.plan_id == push.plan_id, sendable())
            .values(state="retriable", code=code, message=message, run_id=push.run_id, updated_at=push.now)
        )
