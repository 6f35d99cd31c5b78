"""What columns a stream's rows have, and which of those that are read have been lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from solmu.exchange import Batch, Row
from solmu.store import Store, open_store, time
from solmu.sync import ledger
from solmu.sync.land import land
from solmu.sync.lost_columns import ENOUGH, Columns, ever_lost, in_words, replaced
from solmu.sync.stream import Stream

LIST = Stream("erp", "customers", full=True)
FEED = Stream("form", "leads", full=False)
FULL, SHORT = {"Nr": "1", "Phone": "2", "Town": "3"}, {"Nr": "1", "Town": "3"}


@dataclass(frozen=True)
class Reading:
    """A mapping that reads these columns, of which each group makes one field."""

    readings: Sequence[Collection[str]] = (("Nr",), ("Phone", "Tel"), ("Town",))

    @property
    def columns(self) -> set[str]:
        return {column for reading in self.readings for column in reading}

    def leaves_alone(self, column: str) -> bool:
        return column.startswith("_")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


def read(store: Store, stream: Stream, *payloads: dict[str, Any], columns: bool = True, of: int = 1) -> set[str]:
    """Land these, each ``of`` times, in a run of its own; gives what was ever lost."""
    with store.write() as connection:
        run_id = ledger.begin(connection, kind="run", config={}, now=time.now(), detail={})
    rows = [
        Row(f"{number}.{copy}", {**payload, "Nr": f"{run_id}{copy}"})
        for number, payload in enumerate(payloads)
        for copy in range(of)
    ]
    watch = Columns(stream, Reading(), run_id) if columns else None
    land(store, stream, [Batch(rows, complete=stream.full)], run_id=run_id, columns=watch)
    with store.read() as connection:
        return set(ever_lost(connection, stream))


def test_a_list_that_has_what_it_had_has_lost_nothing(store: Store) -> None:
    assert read(store, LIST, FULL) == set()
    assert read(store, LIST, FULL | {"Fax": ""}) == set()
    assert read(store, LIST, FULL) == set()


def test_a_column_that_no_row_of_a_list_has_any_more_is_lost(store: Store) -> None:
    read(store, LIST, FULL, FULL)
    assert read(store, LIST, SHORT, SHORT) == {"Phone"}


def test_a_list_of_which_some_rows_always_left_a_column_out_is_not_watched_for_it(store: Store) -> None:
    read(store, LIST, FULL, FULL)
    assert read(store, LIST, FULL, SHORT) == set()
    assert read(store, LIST, SHORT, SHORT) == set()


def test_a_column_that_is_not_read_is_nobodys_loss(store: Store) -> None:
    read(store, LIST, FULL | {"Fax": "1"})
    assert read(store, LIST, FULL) == set()


def test_rows_of_a_feed_may_leave_out_what_they_like_unless_very_many_do(store: Store) -> None:
    read(store, FEED, FULL, of=ENOUGH)
    assert read(store, FEED, SHORT) == set()
    assert read(store, FEED, SHORT, of=ENOUGH) == {"Phone"}


def test_of_a_few_rows_of_a_feed_nothing_is_learnt(store: Store) -> None:
    read(store, FEED, FULL, of=ENOUGH - 1)
    assert read(store, FEED, SHORT, of=ENOUGH) == set()


def test_what_landed_before_anything_was_kept_is_looked_at(store: Store) -> None:
    read(store, LIST, FULL, columns=False)
    assert read(store, LIST, SHORT) == {"Phone"}


def test_a_column_is_replaced_by_another_that_fills_the_same_field_and_never_stood_beside_it() -> None:
    assert replaced("Phone", {"Nr", "Tel"}, [{"Nr", "Phone"}], Reading())
    assert not replaced("Phone", {"Nr", "Tel"}, [{"Nr", "Phone", "Tel"}], Reading())
    assert not replaced("Phone", {"Nr"}, [{"Nr", "Phone"}], Reading())


def test_a_loss_is_told_in_one_sentence() -> None:
    one = {"connection": "erp", "stream": "customers", "column": "Phone", "since": "2026-11-01", "rows": 1200,
           "instead": ["Tel"], "file": "a.csv", "newly": True}  # fmt: skip
    assert in_words(one) == (
        "erp/customers lost its column Phone, which the mapping reads: 1,200 rows landed without it on 2026-11-01,"
        " and what was known stays; new there: Tel"
    )
