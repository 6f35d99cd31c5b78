"""How the hub stands: what it holds, what waits for a person, how the last run went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from solmu.intake.landed import waiting_deliveries
from solmu.match.taken_back import taken_back
from solmu.notify.tell import told, undelivered
from solmu.report.connections import failing
from solmu.report.run import golden_counts
from solmu.report.silence import silent_last_night
from solmu.report.unfinished import interrupted, under_way
from solmu.report.waiting import waiting
from solmu.store import time
from solmu.store.tables import outbox, run, source_record
from solmu.sync import ledger
from solmu.sync.arm import arming
from solmu.sync.lost_columns import lost_columns

if TYPE_CHECKING:
    from solmu.config import Hub

GOOD = (0, 3)
"""Exit codes of a run after which nothing needs a hand."""


def status(connection: Connection, hub: Hub, *, max_age: float | None = None) -> dict[str, Any]:
    """One look. ``silent`` are the sources that the last night called so, ``lost_columns`` what lists have stopped to
    bring, ``taken_back`` thresholds that new answers have broken, ``failing`` the connections with which their
    last run could not work: ``{connection, well, overdue, problem}``, ``well`` being when one last could.

    ``overdue``: within ``max_age`` seconds no good run ended, or none with a connection that fails; false where no age
    is asked for.
    """
    last = connection.execute(select(run).where(run.c.finished.is_not(None)).order_by(run.c.started.desc())).first()
    good = connection.scalar(
        # Of a clock that ran ahead for a while nobody should believe that all is well until then.
        select(func.max(run.c.finished)).where(run.c.exit.in_(GOOD), run.c.kind == "run", run.c.finished <= time.now())
    )
    fails = [
        {
            "connection": each.name,
            "well": None if each.succeeded is None else time.iso(each.succeeded),
            "overdue": _is_overdue(each.succeeded, max_age),
            "problem": each.problem,
        }
        for each in failing(connection, hub)
    ]
    waits = waiting(connection)
    return {
        "hub": hub.settings.name,
        "store": hub.settings.store.partition("://")[0],
        "last_run": last
        and {"run_id": last.id, "kind": last.kind, "exit": last.exit, "finished": time.iso(last.finished)},
        "last_good_run": None if good is None else time.iso(good),
        "under_way": under_way(connection),
        "interrupted": interrupted(connection),
        "undelivered": [told(row) for row in undelivered(connection)],
        "silent": silent_last_night(connection),
        "lost_columns": lost_columns(connection, hub),
        "taken_back": taken_back(connection),
        "failing": fails,
        "overdue": _is_overdue(good, max_age) or any(each["overdue"] for each in fails),
        "records": _count(connection, source_record.c.state),
        "mentions": ledger.mention_counts(connection),
        "golden": golden_counts(connection),
        "waiting": {
            "pairs": waits.pairs,
            "quarantine": waits.quarantine,
            "conflicts": waits.conflicts,
            "without_customer": waits.without_customer,
            "deliveries": waiting_deliveries(connection, hub),
        },
        "targets": {
            each.name: {
                "armed": (state := arming(connection, each.name)).armed,
                "first_ten_left": state.left,
                "actions": _count(connection, outbox.c.state, outbox.c.target == each.name),
            }
            for each in hub.connections.values()
            if each.is_target
        },
    }


def _is_overdue(when: int | None, max_age: float | None) -> bool:
    return max_age is not None and (when is None or time.now() - when > max_age * 1_000_000)


def _count(connection: Connection, column: Any, *where: Any) -> dict[str, int]:
    query = select(column, func.count()).where(*where).group_by(column)
    return {row[0]: row[1] for row in connection.execute(query)}
