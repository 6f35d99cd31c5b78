"""What waits, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, insert

from solmu.match.decisions import Verdict
from solmu.match.rules import Band
from solmu.model import Entity
from solmu.review.listing import listing
from solmu.review.names import PairId
from solmu.review.priority import rank
from solmu.review.queue import FEW, Filters, Queue, queue
from solmu.store import open_store
from solmu.store.tables import order, run
from tests.unit.review.conftest import HYDRAULICS, SHEET_METAL, Decide, Hub


def waiting(hub: Hub, **filters: object) -> list[PairId]:
    return [each.pair for each in look(hub, **filters).pairs]


def look(hub: Hub, **filters: object) -> Queue:
    with hub.store.read() as connection:
        return queue(connection, Filters(**filters))  # type: ignore[arg-type]


def test_a_pair_on_which_orders_hang_comes_first_from_the_next_run_on(hub: Hub) -> None:
    one, other = hub.asked(**SHEET_METAL), hub.asked(**HYDRAULICS)
    hub.settle()
    assert waiting(hub) == [one, other]
    with hub.store.write() as connection:
        for number in range(3):
            row = {"slot": f"order#{number}", "state": "live", "document": {}, "document_hash": b"", "number": "1"}
            connection.execute(insert(order).values(record_id=1, mention_id=other.left, **row))
    hub.settle()
    assert waiting(hub) == [other, one]


def test_filters_by_source_entity_country_and_age(hub: Hub) -> None:
    finnish, swedish = hub.asked(**SHEET_METAL), hub.asked(**{**HYDRAULICS, "country": "SE"})
    hub.resolve()
    hub.settle()
    assert set(waiting(hub)) == {finnish, swedish}
    assert waiting(hub, country="se") == [swedish]
    assert waiting(hub, source="erp") == []
    assert len(waiting(hub, source="crm", entity=Entity.ORGANISATION)) == 2
    assert waiting(hub, entity=Entity.PERSON) == []
    asked_by = next(iter(hub.pairs().values())).run_id
    with hub.store.write() as connection:
        values = {"kind": "run", "state": "done", "config_hash": "", "config": {}, "detail": {}}
        connection.execute(insert(run).values(id=asked_by, started=1000, **values))
    assert len(waiting(hub, before=1001)) == 2
    assert waiting(hub, before=1000) == []
    assert look(hub).oldest == 1000


def test_a_decided_pair_leaves_the_queue_before_anybody_has_followed_the_decision(hub: Hub, decide: Decide) -> None:
    one, other = hub.asked(**SHEET_METAL), hub.asked(**HYDRAULICS)
    hub.settle()
    decide(one, Verdict.DIFFERENT)
    decide(other, Verdict.UNSURE)
    assert waiting(hub) == []
    assert waiting(hub, unsure=True) == [other]
    hub.settle()
    assert waiting(hub, unsure=True) == [other]
    assert waiting(hub, band=Band.DIFFERENT) == [one]


def test_the_list_is_cut_and_still_counts_all(hub: Hub) -> None:
    for _ in range(3):
        hub.asked(**SHEET_METAL)
        hub.asked(**HYDRAULICS)
    hub.settle()
    with hub.store.read() as connection:
        found = listing(connection, hub.settings, Filters(), limit=2)
        rest = listing(connection, hub.settings, Filters(), limit=100, after=2)
    assert len(found["pairs"]) == 2
    assert found["total"] == 2 + len(rest["pairs"])
    assert {each["left"]["source"].split("/")[0] for each in found["pairs"]} == {"crm"}
    assert found["pairs"][0]["held"].startswith("Both belong to live records of the same CRM")


def test_a_look_reads_the_first_pairs_by_their_index_and_sorts_nothing(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        hub = Hub(store)
        hub.asked(**SHEET_METAL)
        hub.settle()
        asked: list[tuple[str, Any]] = []

        @event.listens_for(store.engine, "before_cursor_execute")
        def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            asked.append((statement, parameters))

        for filters in (Filters(), Filters(entity=Entity.ORGANISATION), Filters(source="crm")):
            with store.read() as connection:
                asked.clear()
                assert len(queue(connection, filters, limit=1).pairs) == 1
                (first,) = [each for each in asked if "ORDER BY pair.priority" in each[0]]
                plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {first[0]}", first[1])]
            assert plan[0].startswith("SCAN pair USING")
            assert "ix_pair_waiting" in plan[0]
            assert not any("TEMP B-TREE" in line or line.startswith("SCAN") for line in plan[1:])


def test_a_pair_that_compares_otherwise_gets_another_place(hub: Hub) -> None:
    pair = hub.asked(**SHEET_METAL)
    hub.settle()
    (before,) = look(hub).pairs
    hub.change(pair.left, **{**SHEET_METAL, "street": "Tehtaankatu 5"})
    hub.resolve()
    assert rank(hub.store) == 1
    (after,) = look(hub).pairs
    assert before.probability != after.probability
    assert before.priority != after.priority > 0
    assert rank(hub.store) == 0


@pytest.mark.parametrize("few", [0, FEW])
def test_the_pairs_of_a_country_are_the_same_however_they_are_sought(
    few: int, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solmu.review.queue.FEW", few)
    finnish, swedish = hub.asked(**SHEET_METAL), hub.asked(**{**HYDRAULICS, "country": "SE"})
    hub.resolve()
    hub.settle()
    assert waiting(hub, country="FI") == [finnish]
    assert waiting(hub, country="SE") == [swedish]
    assert waiting(hub, country="IT") == []


def test_pages_count_so_far_only(hub: Hub) -> None:
    for _ in range(2):
        hub.asked(**SHEET_METAL)
        hub.asked(**HYDRAULICS)
    hub.settle()
    every = look(hub)
    assert (every.total > 2, every.at_least) == (True, False)
    with hub.store.read() as connection:
        for after in range(every.total + 1):
            some = queue(connection, Filters(), limit=1, after=after, most=2)
            assert (some.total, some.at_least, some.oldest) == (2, True, None)
            assert some.pairs == every.pairs[after : after + 1]
        enough = queue(connection, Filters(), limit=2, most=every.total)
    assert (enough.total, enough.at_least, enough.oldest) == (every.total, False, every.oldest)
    assert enough.pairs == every.pairs[:2]
