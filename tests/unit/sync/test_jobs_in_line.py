"""Bulk jobs one after another: the target works on one while the next is on its way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from connectors.memory import MemoryConnector
from solmu.errors import Fatal, Skippable
from solmu.exchange import Journal, Result, Write
from solmu.store import Store, open_store
from solmu.store.tables import remote_job
from solmu.sync import sending
from tests.unit.sync.bench import Bench

JOB = 3


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


@pytest.fixture(autouse=True)
def small_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BULK_BATCH", JOB)


class Working(MemoryConnector):
    """Notes when a job is uploaded, and when its results are asked for. ``trouble`` is done before either, once."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.seen: list[str] = []
        self.trouble: dict[str, Exception] = {}

    def begin(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result] | None:
        if len(writes) < JOB:
            return None
        number = sum(each.startswith("upload") for each in self.seen)
        self._note(f"upload {number}")
        results = super().begin(stream, writes, journal)
        assert results is not None
        return self._told(results, number)

    def _told(self, results: Iterator[Result], number: int) -> Iterator[Result]:
        self._note(f"results {number}")
        yield from results

    def _note(self, what: str) -> None:
        self.seen.append(what)
        trouble = self.trouble.pop(what, None)
        if trouble is not None:
            raise trouble


def bench_of(store: Store, records: int) -> tuple[Bench, Working]:
    bench = Bench(store, bulk_above=JOB, connector=Working)
    for number in range(records):
        bench.organisation(name=f"Company {number}")
    assert isinstance(bench.connector, Working)
    return bench, bench.connector


def names(bench: Bench) -> list[str]:
    return sorted(account["Name"] for account in bench.accounts())


def test_the_next_job_is_uploaded_before_the_last_is_asked_for_its_results(store: Store) -> None:
    bench, target = bench_of(store, 3 * JOB)
    assert bench.push() == {"created": 3 * JOB}
    assert target.seen == ["upload 0", "upload 1", "results 0", "upload 2", "results 1", "results 2"]
    assert len(bench.accounts()) == 3 * JOB


def test_a_crash_with_two_jobs_on_their_way_doubles_and_loses_nothing(store: Store) -> None:
    bench, target = bench_of(store, 3 * JOB)
    target.trouble["results 0"] = RuntimeError("the machine fails")
    planned = bench.plan()
    with pytest.raises(RuntimeError):
        bench.send(planned.id)
    assert target.seen == ["upload 0", "upload 1", "results 0"]
    with store.read() as connection:
        assert set(connection.scalars(select(remote_job.c.state))) == {"open"}
    assert bench.push() == {"created": JOB}
    assert [action.state for action in bench.actions(planned.id)] == ["created"] * 2 * JOB, "the rest went over"
    assert names(bench) == [f"Company {number}" for number in range(3 * JOB)]
    assert bench.push() == {}


def test_what_did_not_get_as_far_as_a_job_was_never_sent(store: Store) -> None:
    bench, target = bench_of(store, 2 * JOB)
    target.trouble["upload 1"] = RuntimeError("the machine fails before the second job is journalled")
    planned = bench.plan()
    with pytest.raises(RuntimeError):
        bench.send(planned.id)
    actions = bench.actions(planned.id)
    assert [action.state for action in actions][JOB:] == ["planned"] * JOB
    assert [action.attempts for action in actions] == [1] * JOB + [0] * JOB
    bench.push()
    assert names(bench) == [f"Company {number}" for number in range(2 * JOB)]


def test_what_is_under_way_is_closed_where_the_target_takes_no_more(store: Store) -> None:
    bench, target = bench_of(store, 3 * JOB)
    target.trouble["upload 1"] = Fatal("the licence has run out", code="no-licence")
    planned = bench.plan()
    with pytest.raises(Fatal):
        bench.send(planned.id)
    states = [action.state for action in bench.actions(planned.id)]
    assert states[:JOB] == ["created"] * JOB
    assert set(states[2 * JOB :]) == {"retriable"}
    bench.push()
    assert names(bench) == [f"Company {number}" for number in range(3 * JOB)]


def test_a_job_that_is_refused_as_a_whole_goes_in_smaller_parts(store: Store) -> None:
    bench, target = bench_of(store, 2 * JOB)
    target.trouble["upload 1"] = Skippable("the file is too large", stage="push", code="too-large")
    assert bench.push() == {"created": 2 * JOB}
    assert target.seen == ["upload 0", "upload 1", "results 0"]
