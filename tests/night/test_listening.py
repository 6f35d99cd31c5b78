"""Hearing how far a run is, where it cannot be handed a listener."""

from __future__ import annotations

from solmu.config import Hub
from solmu.store import Store
from solmu.sync.run import listening, run_all


def test_a_run_that_is_given_no_listener_tells_whoever_listens(hub: Hub, store: Store) -> None:
    heard: list[str] = []
    with listening(lambda step, _more: heard.append(step)):
        run_all(hub, store)
    assert {"reading one/leads", "resolving", "planning crm"} <= set(heard)

    after = len(heard)
    run_all(hub, store)
    assert len(heard) == after


def test_a_listener_of_its_own_comes_first(hub: Hub, store: Store) -> None:
    heard: list[str] = []
    others: list[str] = []
    with listening(lambda step, _more: others.append(step)):
        run_all(hub, store, tell=lambda step, _more: heard.append(step))
    assert heard
    assert not others
