"""Nights in processes that can be killed. A program of its own: ``python -m tests.faults.nights``.

It imports everything once, runs one night to be warm, and then forks a child for every line on its stdin:
``{"hub", "stage", "moment"}``. The child runs a night, and kills itself with SIGKILL at that moment of that stage;
without a stage the night runs to its end. One line answers each: ``{"signal", "exit", "moments", "killed"}``.

A *moment* is one at which a kill has something to lose: a statement of a write transaction was executed and is not
committed yet, or the CRM is about to do, or has done, what the store knows as sent and not as answered. Leases are no
work. Batches are small, so that a small hub has many transactions.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import event

from connectors.memory.connector import MemoryConnector
from connectors.memory.space import Space
from connectors.salesforce.bulk import Bulk
from connectors.salesforce.session import Session
from connectors.spreadsheet import connector as spreadsheet
from solmu.config import load_hub
from solmu.golden import recompute
from solmu.match import resolve
from solmu.store import open_store
from solmu.sync import along, claims, landing, planning, pushing, resolving, run, sending
from tests.faults.fork import Tell, in_child
from tests.hubs import make_hub
from tests.statements import shared

STAGES = ("land", "map", "resolve", "golden", "plan", "apply", "reconcile")
# The functions that are the stages, where they are called. What runs inside of another stage belongs to that one.
_STAGE_OF = {
    (landing, "land"): "land",
    (landing, "map_pending"): "map",
    (resolving, "resolve_mentions"): "resolve",
    (resolving, "recompute"): "golden",
    (pushing, "make_plan"): "plan",
    (pushing, "apply"): "apply",
    (run, "reconcile"): "reconcile",
}
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b.*?\b(?!INTO\b|FROM\b)(\w+)", re.IGNORECASE)


class Moments:
    """Counts the moments of each stage, and dies at the one that is asked for."""

    def __init__(self, stage: str | None, moment: int | None, answer: Callable[[dict[str, Any]], None]) -> None:
        self.stage, self.moment, self.answer = stage, moment, answer
        self.counts: Counter[str] = Counter()
        self.now: str | None = None

    def during(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def inside(*arguments: Any, **options: Any) -> Any:
            outer = self.now
            if outer is None or (outer, stage) == ("land", "map"):  # what is read is mapped along with the reading
                self.now = stage
            try:
                return function(*arguments, **options)
            finally:
                self.now = outer

        return inside

    def here(self, at_stake: str) -> None:
        if self.now is None or threading.current_thread() is not threading.main_thread():
            return
        self.counts[self.now] += 1
        if (self.now, self.counts[self.now]) == (self.stage, self.moment):
            self.answer({"killed": at_stake, "moments": self.counts})
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_store(self, engine: Any) -> None:
        def executed(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            wrote = _WRITES.match(statement)
            if wrote and wrote.group(2) != "lease":
                assert is_uncommitted(cursor)
                self.here(f"uncommitted: {wrote.group(1)} {wrote.group(2)}")

        event.listen(engine, "after_cursor_execute", executed)

    def watch_crm(self) -> None:
        apply = Space.apply

        def watched(space: Space, stream: str, writes: Any, *more: Any) -> Any:
            self.here(f"unacknowledged: {len(writes)} {stream} sent, and not arrived")
            results = apply(space, stream, writes, *more)
            self.here(f"unacknowledged: {len(writes)} {stream} done, and not answered")
            return results

        Space.apply = watched  # type: ignore[method-assign]

    def watch_jobs(self) -> None:
        """The same for bulk jobs of Salesforce, whose org is a process of its own and outlives this one."""
        write, rows = Session._write, Bulk._rows

        def watched(session: Session, method: str, path: str, **more: Any) -> Any:
            if not path.startswith("jobs/"):
                return write(session, method, path, **more)
            self.here(f"unacknowledged: {method} {path.rpartition('/')[2]} of a job, and not arrived")
            answer = write(session, method, path, **more)
            self.here(f"unacknowledged: {method} {path.rpartition('/')[2]} of a job, done and not answered")
            return answer

        def fetched(bulk: Bulk, job: Any, kind: str, *columns: str) -> Any:
            self.here(f"unacknowledged: the {kind} of a job are known and not stored")
            return rows(bulk, job, kind, *columns)

        Session._write = watched  # type: ignore[method-assign]
        Bulk._rows = fetched  # type: ignore[method-assign]


def is_uncommitted(cursor: Any) -> bool:
    """Whether the database itself, not only SQLAlchemy, is in the middle of a transaction."""
    connection = cursor.connection
    if isinstance(connection, sqlite3.Connection):
        return connection.in_transaction
    return bool(connection.info.transaction_status == TransactionStatus.INTRANS)


def night(folder: Path, moments: Moments) -> int:
    """One night on a hub; gives its exit code."""
    small_batches()
    for (module, name), stage in _STAGE_OF.items():
        setattr(module, name, moments.during(stage, getattr(module, name)))
    along.store_born = moments.during("map", along.store_born)
    moments.watch_crm()
    moments.watch_jobs()
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        moments.watch_store(store.engine)
        report = run.run_all(hub, store)
    assert report["balanced"], report["unbalanced"]
    return int(report["exit"])


def small_batches() -> None:
    spreadsheet._BATCH = 2
    claims.BATCH = recompute.BATCH = planning.BATCH = resolve.PAGE = resolve.SEEN = 2
    MemoryConnector.max_batch = sending.BULK_BATCH = 3


def forked(folder: Path, stage: str | None, moment: int | None) -> dict[str, Any]:
    """A night in a child of this process, and what became of it."""

    def spend(tell: Tell) -> int:
        moments = Moments(stage, moment, tell)
        code = night(folder, moments)
        tell({"killed": None, "moments": moments.counts})
        return code

    return in_child(spend)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        hub = make_hub(Path(folder))
        with open_store(hub.store_url) as store:
            run.run_all(hub, store)
    open_store("postgresql://", migrate=False).close()  # connects to nothing; the children share what it imports
    print("ready", flush=True)
    for line in sys.stdin:
        wish = json.loads(line)
        print(json.dumps(forked(Path(wish["hub"]), wish["stage"], wish["moment"])), flush=True)


if __name__ == "__main__":
    with shared():  # what this process has compiled its children need not compile
        main()
