"""`intake.db`: what was added is there, once, until it was landed and is old."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from solmu.exchange import Request
from solmu.intake.store import IntakeStore, intake_path, kept_id

MOMENT = datetime(2024, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)


def request(body: bytes = b"{}", at: datetime = MOMENT, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", "", "http://hub.example/in/form", {"content-type": "application/json", **named}, body, at)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    with IntakeStore(intake_path(tmp_path)) as opened:
        yield opened


def test_a_delivery_is_given_back_as_it_came(store: IntakeStore) -> None:
    body = bytes(range(256))

    assert store.add([("form", "one", request(body, x_netlify_event="submission"))]) == [True]

    (found,) = store.after("form", 0, 10)
    assert (found.connection, found.delivery_id, found.received_at, found.body) == ("form", "one", MOMENT, body)
    assert found.content_type == "application/json"
    assert found.headers == {"content-type": "application/json", "x-netlify-event": "submission"}


def test_a_redelivery_changes_nothing(store: IntakeStore) -> None:
    store.add([("form", "one", request(b"first"))])

    assert store.add([("form", "one", request(b"again"))]) == [False]
    assert store.add([("form", "two", request()), ("form", "two", request())]) == [True, False]

    assert [found.body for found in store.after("form", 0, 10)] == [b"first", b"{}"]


def test_the_same_id_at_another_connection_is_another_delivery(store: IntakeStore) -> None:
    assert store.add([("form", "one", request()), ("shop", "one", request())]) == [True, True]


def test_deliveries_are_read_on_from_where_one_was(store: IntakeStore) -> None:
    store.add([(connection, str(number), request()) for number in range(5) for connection in ("form", "shop")])

    first = store.after("form", 0, 3)
    then = store.after("form", first[-1].seq, 3)

    assert [found.delivery_id for found in first + then] == ["0", "1", "2", "3", "4"]
    assert {found.connection for found in first + then} == {"form"}
    assert (store.waiting("form", 0), store.waiting("form", first[-1].seq)) == (5, 2)


def test_no_secret_of_a_header_reaches_the_disk(store: IntakeStore, tmp_path: Path) -> None:
    secret = "hush-synthetic"
    names = ("authorization", "cookie", "x_hub_signature_256", "webhook_signature", "x_api_key", "x_token")

    store.add([("form", "one", request(**dict.fromkeys(names, secret)))])

    assert not [path for path in tmp_path.iterdir() if secret.encode() in path.read_bytes()]


def test_what_has_landed_and_is_old_is_emptied_and_nothing_else(store: IntakeStore) -> None:
    old = MOMENT - timedelta(days=40)
    store.add(
        [("form", "landed", request(b"a", old)), ("form", "young", request(b"b")), ("form", "new", request(b"c", old))]
    )
    store.add([("shop", "other", request(b"d", old))])
    (landed, young, _) = store.after("form", 0, 10)

    assert store.prune("form", young.seq, MOMENT - timedelta(days=30)) == 1

    assert [found.body for found in store.after("form", 0, 10)] == [b"b", b"c"]
    assert [found.body for found in store.after("shop", 0, 10)] == [b"d"]
    assert store.add([("form", "landed", request(b"a again"))]) == [False]
    assert store.waiting("form", landed.seq - 1) == 2


def test_what_was_emptied_is_gone_from_the_file(tmp_path: Path) -> None:
    path = intake_path(tmp_path)
    with IntakeStore(path) as store:
        store.add([("form", str(number), request(b"private-synthetic" * 500)) for number in range(450)])
        assert store.prune("form", 450, MOMENT + timedelta(days=1)) == 450
        assert store.after("form", 0, 10) == []

    assert b"private-synthetic" not in path.read_bytes()


def test_a_sequence_never_comes_twice(store: IntakeStore) -> None:
    store.add([("form", "one", request())])
    (one,) = store.after("form", 0, 10)
    store.prune("form", one.seq, MOMENT + timedelta(days=1))
    store.add([("form", "two", request())])

    (two,) = store.after("form", 0, 10)
    assert two.seq > one.seq


def test_ids_are_kept_as_they_are_unless_they_are_endless_or_no_text() -> None:
    assert kept_id("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W") == "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
    assert kept_id("x" * 10_000).startswith("sha256:")
    assert len({kept_id("\ud800"), kept_id("\x00"), kept_id("")}) == 3


def test_every_commit_waits_for_the_disk(store: IntakeStore) -> None:
    (mode,) = store._db.execute("PRAGMA journal_mode").fetchone()
    (synchronous,) = store._db.execute("PRAGMA synchronous").fetchone()

    assert (mode, synchronous) == ("wal", 2)


def test_of_a_group_that_does_not_fit_nothing_is_stored(store: IntakeStore) -> None:
    store.add([("form", "one", request())])
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count={pages + 2}")

    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.add([("form", "small", request()), ("form", "large", request(b"x" * 100_000))])

    assert [found.delivery_id for found in store.after("form", 0, 10)] == ["one"]
    assert store.add([("form", "small", request())]) == [True]


@pytest.mark.skipif(os.name != "posix", reason="only posix has such rights")
def test_what_people_entered_is_for_the_owner_alone(store: IntakeStore, tmp_path: Path) -> None:
    store.add([("form", "one", request())])

    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("intake.db*")} == dict.fromkeys(
        ("intake.db", "intake.db-shm", "intake.db-wal"), 0o600
    )


def test_two_processes_may_have_it_open(store: IntakeStore, tmp_path: Path) -> None:
    with IntakeStore(intake_path(tmp_path)) as reader:
        store.add([("form", "one", request())])

        assert len(reader.after("form", 0, 10)) == 1
