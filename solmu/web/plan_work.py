"""Making, sending and taking back plans, in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from solmu.config import load_hub
from solmu.store import Store, open_store
from solmu.store.payload import plain_hash
from solmu.sync.reverting import revert_run
from solmu.sync.run import apply_plan, begin, finish, push, to_the_end
from solmu.sync.seal import lines

Tell = Callable[[str, int], None]


def make(folder: Path, tell: Tell, *, target: str) -> dict[str, Any]:
    """Plan what a target should hold, and send nothing: ``{plan, report}``. Raises what kept it from being made."""
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        run = begin(hub, store, kind="plan", detail={"of": [target], "read": False}, tell=tell)
        plan: str | None = None
        with to_the_end(run):
            plan = push(run, target, send=False)
        report = finish(run)
    if plan is None and run.problems:
        raise run.problems[0]
    return {"plan": plan, "report": report}


def send(folder: Path, tell: Tell, *, plan: str, override: list[str]) -> dict[str, Any]:
    """Send what is left of a plan; gives the run report, also where a guard stopped it."""
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        return apply_plan(hub, store, plan, override=override, tell=tell)


def take_back(folder: Path, tell: Tell, *, run: str, seen: str | None) -> dict[str, Any]:
    """Take a run back if what that would do is still as it was ``seen``; without it, only say what it would do.

    Gives the report of ``revert_run``, with ``seen``: what to pass once somebody has looked at it.
    """
    hub = load_hub(folder)
    found: list[str] = []
    with open_store(hub.store_url) as store:

        def agreed(document: dict[str, Any]) -> bool:
            found.append(_fingerprint(store, document))
            return seen == found[0]

        report = revert_run(hub, store, run, confirm=agreed, tell=tell)
    return {**report, "seen": found[0] if found else None}


def _fingerprint(store: Store, document: dict[str, Any]) -> str:
    """Of what would go back and what would be left; plans made one after the other of the same have the same."""
    with store.read() as connection:
        every: Collection[Any] = [
            [name, each["left"], [[line.subject, line.fields] for line in lines(connection, each["plan"])]]
            for name, each in document["targets"].items()
            if each["plan"]
        ]
    return plain_hash(every)
