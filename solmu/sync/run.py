"""A run: land, resolve, plan, guard, apply, reconcile.

Each step is a function that takes the run and does one thing, so that a flow can make a task of each, and a person can
call one by one; they are all found here. A connection that fails does not stop the others: what happened is kept with
the run, and told at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from solmu.config import Hub
from solmu.store import Store
from solmu.sync.closing import finish
from solmu.sync.landing import land_connection, mapping_of, stage_of
from solmu.sync.pushing import apply_plan, push, reconcile, send_plan
from solmu.sync.resolving import PATIENCE, resolve
from solmu.sync.running import A_MOMENT, Run, Tell, begin, kept, listening, silent, to_the_end
from solmu.sync.unread import follow_unread

__all__ = [
    "A_MOMENT",
    "PATIENCE",
    "Run",
    "Tell",
    "apply_plan",
    "begin",
    "chosen",
    "finish",
    "follow_unread",
    "kept",
    "land_connection",
    "listening",
    "mapping_of",
    "push",
    "read_all",
    "reconcile",
    "resolve",
    "run_all",
    "send_plan",
    "silent",
    "stage_of",
    "to_the_end",
]


def run_all(
    hub: Hub,
    store: Store,
    *,
    only: Collection[str] = (),
    send: bool = True,
    override: Collection[str] = (),
    patience: float = A_MOMENT,
    tell: Tell | None = None,
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole night in one call; ``only`` names the connections that take part (none: all). Gives the report."""
    run = begin(hub, store, override=override, patience=patience, tell=tell, detail=detail)
    with to_the_end(run):
        read_all(run, only)
        for name in chosen(run.targets, only):
            push(run, name, send=send)
            if send:
                reconcile(run, name)
    return finish(run)


def read_all(run: Run, only: Collection[str] = ()) -> None:
    """The first half of a night: land the sources, and find out who is the same."""
    for name in chosen(run.sources, only):
        land_connection(run, name)
    if not only:
        follow_unread(run)
    resolve(run)


def chosen(names: Collection[str], only: Collection[str]) -> list[str]:
    """Those of ``names`` that take part."""
    return [name for name in names if not only or name in only]
