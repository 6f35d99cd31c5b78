"""Mapping along with the reading comes to the same as mapping from the store, whoever lends a hand or dies of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from solmu.config import Hub
from solmu.exchange import Batch, Row
from solmu.store import Store, dirty, open_store, time
from solmu.store.migrate import hash_key
from solmu.store.tables import affiliation, golden_alias, lead, mention, quarantine, source_record, tombstone
from solmu.store.tables import dirty as dirty_table
from solmu.sync import along, ledger
from solmu.sync.along import mapping_along
from solmu.sync.claims import map_pending
from solmu.sync.helper import Helper, Lost, start
from solmu.sync.land import land
from solmu.sync.mentions import tombstone_hash
from solmu.sync.run import stage_of
from solmu.sync.stage import Stage
from solmu.sync.versions import Fresh
from tests.hubs import COLUMNS, make_hub

BAD = ("B", "Oulu Onki Oy", "", "Oulu", "Ilmari Ek", "ilmari@@oulu-onki.example", "", "")
SIZE = 5


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return make_hub(tmp_path / "hub")


@pytest.fixture
def stage(hub: Hub) -> Stage:
    config = hub.connection("one")
    return stage_of(hub, config, config.streams["leads"], None)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first record on."""
    monkeypatch.setattr(along, "HELPED_FROM", 0)


def batches(count: int) -> list[Batch]:
    """That many batches of synthetic leads, and one with a row that is refused."""
    rows = [
        (str(number), f"Yritys {number} Oy", "", "Kotka", f"Aino Laine{number}", f"aino@yritys{number}.example", "", "")
        for number in range(count * SIZE)
    ]
    cut = [rows[start : start + SIZE] for start in range(0, len(rows), SIZE)]
    return [Batch([Row(row[0], dict(zip(COLUMNS, row, strict=True))) for row in each]) for each in [*cut, [BAD]]]


def begin(store: Store) -> str:
    with store.write() as connection:
        return ledger.begin(connection, kind="run", config={}, now=time.now(), detail={})


def land_along(store: Store, stage: Stage, given: Sequence[Batch], run_id: str) -> None:
    with mapping_along(store, stage, run_id=run_id) as taker:
        land(store, stage.stream, given, run_id=run_id, then=taker.take)


def outcome(store: Store) -> dict[str, Any]:
    """What the store holds, random ids and times aside."""
    with store.read() as connection:
        key = {row.id: row.key for row in connection.execute(select(source_record))}
        who = {row.id: f"{key[row.record_id]} {row.slot}" for row in connection.execute(select(mention))}
        claims = {
            who[row.id]: (
                row.entity,
                row.state,
                {name: (entry["value"], entry["own"]) for name, entry in row.claim.items()},
                row.recipe,
            )
            for row in connection.execute(select(mention))
        }
        aliases = {row.public_id: row.mention_id for row in connection.execute(select(golden_alias))}
        born = {row.public_id: row.id for row in connection.execute(select(mention))}
        return {
            "states": {row.key: row.state for row in connection.execute(select(source_record))},
            "claims": claims,
            "aliases": aliases == born,
            "leads": {
                key[row.record_id]: (who[row.mention_id], row.document, row.number, row.state)
                for row in connection.execute(select(lead))
            },
            "ties": {who[row.mention_id]: who[row.other_mention_id] for row in connection.execute(select(affiliation))},
            "refused": [
                (key[row.record_id], row.code, row.field, row.state) for row in connection.execute(select(quarantine))
            ],
            "match": sorted(
                who[row.id] for row in connection.execute(select(dirty_table).where(dirty_table.c.consumer == "match"))
            ),
            "map": dirty.waiting(connection, "map"),
        }


def counts(store: Store, stage: Stage, run_id: str) -> dict[str, int]:
    with store.read() as connection:
        ledger.check_balance(connection, run_id)
        return {name: n for name, n in ledger.stream_counts(connection, run_id)[stage.stream.path].items() if n}


@pytest.fixture
def expected(stage: Stage, migrated_sqlite: Path, tmp_path: Path) -> dict[str, Any]:
    """What mapping from the store comes to, for three batches."""
    path = tmp_path / "expected.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    with open_store(f"sqlite:///{path}") as store:
        run_id = begin(store)
        land(store, stage.stream, batches(3), run_id=run_id)
        map_pending(store, stage, run_id=run_id, count=True)
        return outcome(store)


def test_what_is_mapped_along_is_what_would_be_mapped_from_the_store(
    store: Store, stage: Stage, expected: dict[str, Any]
) -> None:
    run_id = begin(store)
    land_along(store, stage, batches(3), run_id)
    assert outcome(store) == expected
    assert expected["map"] == 0
    assert len(expected["claims"]) == 30
    assert counts(store, stage, run_id) == {"read": 16, "new": 15, "refused": 1}


def test_every_row_that_is_landed_and_mapped_along_names_rows_that_are_there(
    stage: Stage, tmp_path: Path, helped: None
) -> None:
    with open_store(f"sqlite:///{tmp_path / 'names.db'}") as store:
        run_id = begin(store)
        for given in (batches(2), batches(3)):  # the second time most of it is there already
            land_along(store, stage, given, run_id)
        with store.read() as connection:
            assert connection.scalar(select(affiliation.c.id).limit(1)) is not None
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.mark.usefixtures("helped")
def test_a_helper_comes_to_the_same(store: Store, stage: Stage, expected: dict[str, Any]) -> None:
    run_id = begin(store)
    land_along(store, stage, batches(3), run_id)
    assert outcome(store) == expected
    assert counts(store, stage, run_id) == {"read": 16, "new": 15, "refused": 1}


@pytest.mark.usefixtures("helped")
def test_what_a_helper_had_under_way_when_it_died_is_mapped_from_the_store(
    store: Store, stage: Stage, expected: dict[str, Any]
) -> None:
    run_id = begin(store)
    with mapping_along(store, stage, run_id=run_id) as taker:

        def kill(batch: Sequence[Fresh]) -> None:
            taker.take(batch)
            if taker._helper is not None:
                os.kill(taker._helper._process.pid, signal.SIGKILL)

        land(store, stage.stream, batches(3), run_id=run_id, then=kill)
    map_pending(store, stage, run_id=run_id, count=True)
    assert outcome(store) == expected
    assert counts(store, stage, run_id) == {"read": 16, "new": 15, "refused": 1}


@pytest.mark.usefixtures("helped")
def test_where_reading_breaks_off_nothing_that_landed_is_lost(
    store: Store, stage: Stage, expected: dict[str, Any]
) -> None:
    def broken_off() -> Iterator[Batch]:
        yield from batches(3)
        raise ConnectionError

    run_id = begin(store)
    with pytest.raises(ConnectionError), mapping_along(store, stage, run_id=run_id) as taker:
        land(store, stage.stream, broken_off(), run_id=run_id, then=taker.take)
    map_pending(store, stage, run_id=run_id, count=True)
    assert outcome(store) == expected


def test_a_record_that_somebody_else_has_mapped_meanwhile_is_left_alone(
    store: Store, stage: Stage, expected: dict[str, Any]
) -> None:
    run_id = begin(store)
    with mapping_along(store, stage, run_id=run_id) as taker:

        def mapped_meanwhile(batch: Sequence[Fresh]) -> None:
            map_pending(store, stage, run_id=run_id, count=True)
            taker.take(batch)

        land(store, stage.stream, batches(3), run_id=run_id, then=mapped_meanwhile)
    map_pending(store, stage, run_id=run_id, count=True)
    assert {**outcome(store), "refused": []} == {**expected, "refused": []}
    assert counts(store, stage, run_id) == {"read": 16, "new": 15, "refused": 1}


def test_who_was_erased_is_not_born_again(store: Store, stage: Stage) -> None:
    with store.write() as connection:
        gone = tombstone_hash(hash_key(connection), "aino@yritys3.example")
        connection.execute(insert(tombstone).values(hash=gone, entity="person", at=time.now()))
    run_id = begin(store)
    land_along(store, stage, batches(3), run_id)
    map_pending(store, stage, run_id=run_id, count=True)
    with store.read() as connection:
        erased = connection.execute(select(mention).where(mention.c.state == "erased")).one()
        assert connection.scalar(select(source_record.c.key).where(source_record.c.id == erased.record_id)) == "3"
    assert erased.claim == {}
    assert len(outcome(store)["claims"]) == 30


def test_a_helper_whose_mapping_was_edited_meanwhile_is_not_listened_to(hub: Hub, stage: Stage) -> None:
    file = hub.folder / "mappings" / "sources" / "sheet.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("city: City\n", ""), encoding="utf-8")
    helper = started(stage)
    with pytest.raises(Lost):
        helper.result(wait=True)
    helper.close()


def test_a_helper_ends_with_whoever_started_it(stage: Stage) -> None:
    helper = started(stage)
    helper._line.shutdown(2)  # as the system does for a process that was killed
    assert helper._process.wait(30) == 0
    helper.close()


def started(stage: Stage) -> Helper:
    helper = start(stage, b"key", tombstones=False)
    assert helper is not None
    return helper
