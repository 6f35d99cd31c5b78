"""The mirror of what a target holds, kept by what lands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from solmu.exchange import FieldInfo, Remote
from solmu.store import Store, dirty, open_store
from solmu.store.tables import remote
from solmu.sync.mirror import Seen, observe_all, remotes_of
from tests.unit.sync.bench import CRM, Bench


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


def account(remote_id: str = "001", version: str | None = "1", **payload: Any) -> Remote:
    return Remote(remote_id, payload, version=version)


def test_a_record_that_lands_is_mirrored_and_given_an_id_of_ours(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy")
    bench.known("accounts", organisation, Name="Kotka Kone")
    (row,) = bench.remotes()
    assert (row.state, row.stamped, row.written, row.agreed) == ("live", False, {}, {})
    assert row.observed["Name"] == "Kotka Kone"
    assert row.external_id.startswith("rec_")


def test_what_changed_there_is_due_again_and_what_did_not_is_not(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy")
    remote_id = bench.known("accounts", organisation, Name="Kotka Kone Oy")
    bench.push()
    bench.land()
    assert bench.due() == 0
    bench.space.change("accounts", remote_id, {"Name": "KONE"})
    bench.land()
    with store.read() as connection:
        assert dirty.take(connection, f"target:{CRM}", 9)[0][0] == organisation


def test_a_deleted_and_a_merged_record_are_told_apart_and_keep_their_last_values(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy")
    first = bench.known("accounts", organisation, Name="One")
    second = bench.known("accounts", organisation, Name="Two")
    bench.space.remove("accounts", first, merged_into=second)
    bench.land()
    assert [(row.state, row.observed["Name"]) for row in bench.remotes()] == [("merged", "One"), ("live", "Two")]
    bench.space.remove("accounts", second)
    bench.land()
    assert [row.state for row in bench.remotes()] == ["merged", "deleted"]


def test_a_clone_that_carries_another_records_id_is_stamped_with_its_own(store: Store) -> None:
    fields = {"accounts": {name: FieldInfo(name) for name in ("Name", "Solmu_Id")}}
    bench = Bench(store, fields=fields, external_id="Solmu_Id")
    first = bench.organisation(name="Kotka Kone Oy")
    bench.known("accounts", first, Name="Kotka Kone Oy")
    bench.night()
    ours = bench.remotes()[0].external_id
    second = bench.organisation(name="Kotka Kone Kouvola Oy")
    clone = bench.known("accounts", second, Name="Kotka Kone Kouvola Oy")
    with store.write() as connection:
        payload = {"Name": "Kotka Kone Kouvola Oy", "Solmu_Id": ours}
        there = remotes_of(connection, CRM, "accounts", [clone])[clone]
        seen = Remote(clone, payload, external_id=ours, version="1")
        observe_all(connection, CRM, "accounts", [Seen(seen, None)], now=1)
    assert there.external_id != ours
    (action,) = (each for each in bench.actions(bench.plan().id) if each.action == "link")
    assert action.fields["Solmu_Id"] == {"old": ours, "new": there.external_id, "rule": "stamp", "source": None}


def test_a_new_record_with_the_id_of_another_gets_its_own(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy")
    with store.write() as connection:
        seen = [Seen(Remote(key, {"Name": "One"}, external_id="rec_same"), organisation) for key in ("001", "002")]
        observe_all(connection, CRM, "accounts", seen, now=1)
    first, second = bench.remotes()
    assert (first.external_id, first.stamped) == ("rec_same", True)
    assert (second.external_id != "rec_same", second.stamped) == (True, False)


def test_what_hangs_on_nothing_of_ours_is_not_kept(store: Store) -> None:
    with store.write() as connection:
        observe_all(connection, CRM, "tasks", [Seen(Remote("00T", {"Subject": "Call"}), None)], now=1)
        assert connection.execute(select(remote)).all() == []


def test_an_edit_takes_our_mark_off_the_field_and_leaves_it_on_the_others(store: Store) -> None:
    bench = Bench(store)
    bench.organisation(name="Kotka Kone Oy", city="Kotka")
    bench.night()
    remote_id = bench.account_id("Kotka Kone Oy")
    bench.space.change("accounts", remote_id, {"City": "Oulu"})
    with store.read() as connection:
        known = remotes_of(connection, CRM, "accounts", [remote_id])[remote_id]
    (seen,) = bench.connector.fetch("accounts", [remote_id])
    assert known.echoes(seen) == {"Name", "Owner"}
    bench.land()
    assert set(bench.remotes()[0].written) == {"Name", "Owner"}


def test_what_the_target_made_of_a_value_is_learnt_when_it_lands(store: Store) -> None:
    bench = Bench(store)
    organisation = bench.organisation(name="Kotka Kone Oy", city="Kotka")
    remote_id = bench.known("accounts", organisation, Name="Kotka Kone Oy")
    bench.push()
    with store.write() as connection:
        connection.execute(remote.update().values(agreed={"City": {"hub": "Kotka"}}, version="7"))

    def lands(version: str, by_us: bool, city: str) -> frozenset[str]:
        seen = Remote(remote_id, {"Name": "Kotka Kone Oy", "City": city}, version=version, changed_by_us=by_us)
        with store.write() as connection:
            echo = remotes_of(connection, CRM, "accounts", [remote_id])[remote_id].echoes(seen)
            observe_all(connection, CRM, "accounts", [Seen(seen, None)], now=1)
        return echo

    assert lands("7", True, "KOTKA") == {"City"}
    assert bench.remotes()[0].agreed == {"City": {"hub": "Kotka", "target": "KOTKA"}}
    assert lands("8", False, "KOTKA") == {"City"}
    assert lands("9", False, "kotka") == frozenset()
