"""What matching costs follows what has changed: nothing reads a whole table, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event

from benchmarks.delta import watch_for_scans
from solmu.golden.recompute import recompute
from solmu.golden.rules import Rules
from solmu.match import resolve
from solmu.store import dirty, open_store
from solmu.store.tables import golden, link
from tests.unit.match.cards import Cards
from tests.unit.match.test_incremental import muddle

SMALL = {"run", "plan", "lease", "meta", "conflict", "decision"}
"""Tables that grow with what people do and how often a run is made, not with the records."""


def test_no_step_of_matching_reads_a_whole_table(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        cards = Cards(store)
        ids = muddle(cards, 1)
        cards.resolve()
        read: list[str] = []
        watch_for_scans(store.engine, read.append)
        with store.write() as connection:
            dirty.mark(connection, "match", ids)
        cards.resolve()
        muddle(cards, 2, size=3)
        cards.resolve()
        recompute(store, Rules(sources=("*",)), targets=("crm",))
    assert [text for text in read if text.split()[1].strip(":") not in SMALL] == []


def test_whoever_comes_together_in_one_run_is_compared_and_linked_once(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By name the last stands first, and only through the others does it belong to the first.
    ids = [
        cards.organisation(name="Merivitra Telakka Oy", city="Rauma", country="FI"),
        cards.organisation(name="Merivitra Telakka Oy", city="Rauma", country="FI", customer_number="7"),
        cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", customer_number="7"),
        cards.organisation(name="Aallotar Oy", business_id="FI:01234567"),
    ]
    monkeypatch.setattr(resolve, "PAGE", 2)
    found = cards.resolve()
    assert cards.together(*ids)
    assert found.pairs["same"] == len(cards.pairs())
    assert [(row.golden_id, row.until) for row in cards.rows(link)] == [(ids[0], None)] * len(ids)
    assert [row.id for row in cards.rows(golden)] == ids[:1]


def test_a_component_is_clustered_once_however_many_pages_its_mentions_are_on(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        cards.organisation(name="Merivirta Telakka Oy", business_id="FI:01234567", city=f"Town {number}")
    monkeypatch.setattr(resolve, "PAGE", 1)
    looked: list[Sequence[Any]] = []

    @event.listens_for(cards.store.engine, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if "FROM pin" in statement:
            looked.append(parameters)

    cards.resolve()
    assert len(looked) == 1
    assert len(cards.partition()) == 1
