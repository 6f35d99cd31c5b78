"""A run that only resolves: what follows from another model, or from a threshold that came in force or went."""

from __future__ import annotations

from typing import Any

from solmu.config import Hub
from solmu.store import Store, time
from solmu.sync import ledger
from solmu.sync.run import Tell, begin, resolve, to_the_end

PATIENCE = 5.0
"""Seconds to wait for somebody else who resolves."""


def rematch(hub: Hub, store: Store, *, tell: Tell | None = None) -> dict[str, Any]:
    """Resolve what is marked, in a run of kind ``match``; gives ``{run, done, problems}``.

    Where somebody else resolves, what is marked stays so: that run takes it along, or the next one does.
    """
    run = begin(hub, store, kind="match", tell=tell)
    with to_the_end(run):
        resolve(run, patience=PATIENCE)
    problems = [problem.as_dict() for problem in run.problems]
    state, code = ("failed", 1) if problems else ("done", 0)
    if run.interrupted is not None:
        state, code = "interrupted", run.interrupted
    with store.write() as connection:
        ledger.finish(connection, run.id, state=state, exit=code, report={"kind": "match"}, now=time.now())
    return {"run": run.id, "done": state == "done", "problems": problems}
