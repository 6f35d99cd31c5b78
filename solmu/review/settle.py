"""What follows from decisions, at once where that is cheap: resolving what they touched.

A steward expects to see what a decision did. If nobody resolves just now and little waits, the very process that
recorded it resolves; otherwise the run that is under way, or the next one, takes it along.
"""

from __future__ import annotations

from dataclasses import dataclass

from solmu.config import Hub
from solmu.store import Store, dirty, time
from solmu.store.lease import held
from solmu.sync import ledger
from solmu.sync.run import Tell, begin, resolve, to_the_end

AT_ONCE = 5_000
"""Marked mentions up to which a decision is followed at once: a few seconds of work."""

_ANOTHER = "a run resolves just now: it takes it along, or the next one does"


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether decisions were followed. ``why`` says, where they were not, who will."""

    done: bool
    why: str | None = None


def settle(hub: Hub, store: Store, *, tell: Tell | None = None) -> Settled:
    """Resolve what is marked, in a run of kind ``review``, unless somebody else resolves or much waits."""
    with store.read() as connection:
        waiting = dirty.waiting(connection, "match")
        values_wait = dirty.waiting(connection, "golden")  # a pin is a value, and leaves the links alone
        busy = "resolve" in held(connection)
    if not waiting and not values_wait:
        return Settled(True)
    if waiting > AT_ONCE:
        return Settled(False, f"{waiting} records wait to be matched, so the next run takes it along")
    if busy:
        return Settled(False, _ANOTHER)
    run = begin(hub, store, kind="review", tell=tell)
    with to_the_end(run):
        resolve(run, patience=0)
    state, code = ("done", 0) if not run.problems else ("failed", 1)
    if run.interrupted is not None:
        state, code = "interrupted", run.interrupted
    with store.write() as connection:
        ledger.finish(connection, run.id, state=state, exit=code, report={"kind": "review"}, now=time.now())
    if run.interrupted is not None:
        return Settled(False, "it was interrupted, so the next run takes it along")
    if run.problems:
        return Settled(False, _ANOTHER)
    return Settled(True)
