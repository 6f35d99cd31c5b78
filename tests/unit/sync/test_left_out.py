"""Values that rows land without are counted in the run that maps them, whichever way a record is mapped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from solmu.config.yaml import Lines
from solmu.exchange import Batch, Row
from solmu.mapping.source import source_mapping
from solmu.store import Store, open_store, time
from solmu.sync import ledger
from solmu.sync.along import mapping_along
from solmu.sync.claims import map_pending
from solmu.sync.land import land
from solmu.sync.left_out import SECTION
from solmu.sync.stage import Stage
from solmu.sync.stream import Stream

DOCUMENT = {
    "organisation": {"name": "Name", "phone": {"from": "Phone", "on_invalid": "drop"}},
    "person": {"name": "Contact", "phone": {"from": "Phone", "on_invalid": "drop"}},
    "ignore_when": {"from": "Name", "in": ["Total"]},
}
REASON = "Phone: this phone number does not say its country"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


@pytest.fixture
def stage() -> Stage:
    mapping = source_mapping("mine", Path("mine.yaml"), DOCUMENT, Lines("mine.yaml"))
    return Stage(Stream("list", "rows", full=True, key_fields=("Name",)), mapping, partial=False, targets=())


def rows(*phones: str) -> list[Batch]:
    table = [(f"Firma {number} Oy", phone) for number, phone in enumerate(phones)] + [("Total", "3")]
    return [Batch([Row(name, {"Name": name, "Contact": "Aino Laine", "Phone": phone}) for name, phone in table])]


def run(store: Store, stage: Stage, given: list[Batch], *, along: bool) -> dict[str, dict[str, int]]:
    with store.write() as connection:
        run_id = ledger.begin(connection, kind="run", config={}, now=time.now(), detail={})
    if along:
        with mapping_along(store, stage, run_id=run_id) as taker:
            land(store, stage.stream, given, run_id=run_id, then=taker.take)
    else:
        land(store, stage.stream, given, run_id=run_id)
    map_pending(store, stage, run_id=run_id, count=True)
    with store.read() as connection:
        assert ledger.imbalances(connection, run_id) == []
        return ledger.counts(connection, run_id, SECTION)


@pytest.mark.parametrize("along", [True, False], ids=["as it is read", "from the store"])
def test_each_value_counts_once_however_many_fields_it_would_fill(store: Store, stage: Stage, along: bool) -> None:
    first = run(store, stage, rows("040 999 1234", "+358 40 999 1235", "040 999 1236"), along=along)
    assert first == {"list/rows": {REASON: 2}}
    # Of rows that are as they were nothing is mapped again.
    second = run(store, stage, rows("040 999 1234", "040 999 1235", "040 999 1236"), along=along)
    assert second == {"list/rows": {REASON: 1}}
