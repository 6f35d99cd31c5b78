"""Putting an action aside, and having it planned anew.

What a person has dismissed counts as rejected: it is not planned again while neither the golden record nor the record
in the target changes, and ``retry`` passes it by.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, select, update

from solmu.errors import SolmuError
from solmu.report.outbox import Document, shown
from solmu.store import Store
from solmu.store.lease import lease
from solmu.store.sql import chunks
from solmu.store.tables import outbox
from solmu.sync import ledger
from solmu.sync.outbox import DISMISSED, IN_FLIGHT, RETURNING, UNSENT, supersede

PATIENCE = 5.0
"""Seconds that it waits for a run that is writing to the target."""


def dismiss(store: Store, number: int, *, reason: str, who: str, now: int) -> Document:
    """Put an action aside, for a reason that the audit keeps. Gives it as it is now.

    Raises SolmuError for one that was sent and not answered, or is done, and Busy while a run writes to its target.
    """
    row = _row(store, number)
    if row.state in IN_FLIGHT:
        raise SolmuError(
            "it was sent, and what became of it is not known yet",
            code="in-flight",
            value=number,
            expected="a run, which looks that up",
        )
    may = (*UNSENT, *RETURNING, "rejected")
    if row.state not in may:
        raise SolmuError(
            f"action {number} is {row.state} already", code="not-waiting", value=number, expected="one that waits"
        )
    with lease(store, f"push:{row.target}", wait=PATIENCE), store.write() as connection:
        values = {"state": "rejected", "code": DISMISSED, "message": reason, "updated_at": now}
        done = connection.execute(
            update(outbox).where(outbox.c.id == number, outbox.c.state.in_(may)).values(values)
        ).rowcount
        if not done:
            raise SolmuError(
                "it is not as it was any more", code="changed-meanwhile", value=number, expected="a look at it"
            )
        detail = {"target": row.target, "was": row.state, "code": row.code, "reason": reason}
        ledger.note(connection, what="action dismissed", subject=f"outbox:{number}", detail=detail, now=now, who=who)
        return shown(connection, number)


def leave_out(store: Store, plan: str, numbers: Collection[int], *, reason: str, who: str, now: int) -> int:
    """Put those lines of a plan aside that wait, for a reason that the audit keeps; gives how many that were.

    Raises SolmuError without a reason, and Busy while a run writes to the plan's target.
    """
    if not reason.strip():
        raise SolmuError("a line is left out for a reason", code="reason", field="reason", expected="a few words")
    may = (outbox.c.plan_id == plan, outbox.c.state.in_((*UNSENT, *RETURNING, "rejected")))
    with store.read() as connection:
        target = connection.scalar(select(outbox.c.target).where(outbox.c.plan_id == plan).limit(1))
    if target is None or not numbers:
        return 0
    done = 0
    values = {"state": "rejected", "code": DISMISSED, "message": reason.strip(), "updated_at": now}
    with lease(store, f"push:{target}", wait=PATIENCE), store.write() as connection:
        for some in chunks(numbers):
            these = (outbox.c.id.in_(some), outbox.c.code.is_distinct_from(DISMISSED))
            done += connection.execute(update(outbox).where(*may, *these).values(values)).rowcount
        if done:
            detail = {"target": target, "actions": sorted(numbers), "reason": reason.strip()}
            ledger.note(connection, what="actions dismissed", subject=plan, detail=detail, now=now, who=who)
    return done


def plan_anew(store: Store, number: int, *, who: str, now: int) -> Document:
    """Let the next run plan an action anew that was rejected or dismissed. Gives it as it is now. Raises SolmuError."""
    row = _row(store, number)
    if row.state != "rejected":
        raise SolmuError(
            f"action {number} is {row.state}", code="not-rejected", value=number, expected="one that was rejected"
        )
    with lease(store, f"push:{row.target}", wait=PATIENCE), store.write() as connection:
        supersede(connection, row.target, [(row.id, row.golden_id)], run_id=row.run_id, now=now)
        ledger.note(
            connection,
            what="action to be planned anew",
            subject=f"outbox:{number}",
            detail={"target": row.target},
            now=now,
            who=who,
        )
        return shown(connection, number)


def _row(store: Store, number: int) -> Row[Any]:
    with store.read() as connection:
        shown(connection, number)
        return connection.execute(select(outbox).where(outbox.c.id == number)).one()
