"""Landing: nothing lost, nothing doubled, the books balance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from solmu.errors import ConfigurationError, Stopped
from solmu.exchange import Batch, Row, Unreadable
from solmu.store import Store, dirty, open_store, time
from solmu.store.payload import unpack
from solmu.store.tables import quarantine, source_record, source_version
from solmu.sync import ledger
from solmu.sync.land import Limits, land, stored_cursor
from solmu.sync.stream import Stream

LIST = Stream("sheet", "leads", full=True, key_fields=("Nr",))
FEED = Stream("crm", "accounts", full=False)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as store:
        yield store


def night(store: Store, stream: Stream, *batches: Batch, limits: Limits | None = None) -> dict[str, int]:
    """Land in a run of its own; gives the counters that are not zero."""
    with store.write() as connection:
        run_id = ledger.begin(connection, kind="run", config={}, now=time.now(), detail={})
    land(store, stream, batches, run_id=run_id, limits=limits)
    with store.read() as connection:
        ledger.check_balance(connection, run_id)
        return {c: n for c, n in ledger.stream_counts(connection, run_id)[stream.path].items() if n}


def row(key: str, **payload: Any) -> Row:
    return Row(key, payload)


def whole(*rows: Row | Unreadable) -> Batch:
    return Batch(rows, complete=True)


def states(store: Store) -> dict[str, str]:
    with store.read() as connection:
        rows = connection.execute(select(source_record.c.key, source_record.c.state))
        return {row.key: row.state for row in rows}


def test_what_is_read_is_stored_as_received(store: Store) -> None:
    assert night(store, LIST, whole(row("1", Yritys="Väinö & Pojat Oy"))) == {"read": 1, "new": 1}
    with store.read() as connection:
        stored = connection.scalars(select(source_version.c.payload)).one()
    assert unpack(stored) == {"Yritys": "Väinö & Pojat Oy"}


def test_an_unchanged_row_leaves_no_trace(store: Store) -> None:
    night(store, LIST, whole(row("1", a="x")))
    with store.write() as connection:
        dirty.done(connection, "map", dirty.take(connection, "map", 10))
    assert night(store, LIST, whole(row("1", a="x"))) == {"read": 1, "unchanged": 1}
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(source_version)) == 1
        assert dirty.waiting(connection, "map") == 0


def test_every_version_is_kept(store: Store) -> None:
    for value in ("x", "y", "x"):
        night(store, LIST, whole(row("1", a=value)))
    with store.read() as connection:
        payloads = connection.scalars(select(source_version.c.payload).order_by(source_version.c.id)).all()
    assert [unpack(payload)["a"] for payload in payloads] == ["x", "y", "x"]


def test_a_row_that_vanished_from_a_full_list_is_withdrawn_and_may_come_back(store: Store) -> None:
    night(store, LIST, whole(row("1", a="x"), row("2", a="y")))
    assert night(store, LIST, whole(row("1", a="x"))) == {"read": 2, "unchanged": 1, "deleted": 1}
    assert states(store)["2"] == "withdrawn"
    assert night(store, LIST, whole(row("1", a="x"))) == {"read": 1, "unchanged": 1}
    assert night(store, LIST, whole(row("1", a="x"), row("2", a="y"))) == {"read": 2, "unchanged": 1, "changed": 1}
    assert states(store)["2"] == "landed"


def test_a_list_that_broke_off_withdraws_nothing(store: Store) -> None:
    night(store, LIST, whole(row("1", a="x"), row("2", a="y")))
    night(store, LIST, Batch([row("1", a="x")], complete=False))
    assert states(store)["2"] == "landed"


def test_a_list_that_shrank_suddenly_stops_and_withdraws_nothing(store: Store) -> None:
    night(store, LIST, whole(*(row(str(n), a="x") for n in range(100))))
    with pytest.raises(Stopped, match="95 of 100 rows are gone") as caught:
        night(store, LIST, whole(*(row(str(n), a="x") for n in range(5))), limits=Limits(0.5, 50))
    assert caught.value.guard == "source-shrank"
    assert set(states(store).values()) == {"landed"}


def test_a_feed_of_changes_withdraws_only_what_it_calls_deleted(store: Store) -> None:
    night(store, FEED, Batch([row("1", a="x"), row("2", a="y")], cursor={"at": 1}, complete=True))
    gone = Row("2", {"a": "y"}, deleted=True)
    assert night(store, FEED, Batch([gone], cursor={"at": 2}, complete=True)) == {"read": 1, "deleted": 1}
    assert states(store) == {"1": "landed", "2": "withdrawn"}
    assert night(store, FEED, Batch([gone], cursor={"at": 2}, complete=True)) == {"read": 1, "unchanged": 1}


def test_a_row_that_comes_twice_with_equal_content_is_repeated(store: Store) -> None:
    assert night(store, LIST, whole(row("1", a="x"), row("1", a="x"))) == {"read": 2, "new": 1, "repeated": 1}


def test_two_rows_of_one_list_with_one_key_are_both_kept_and_the_second_waits(store: Store) -> None:
    for expected in ({"read": 2, "new": 1, "refused": 1}, {"read": 2, "unchanged": 1, "refused": 1}):
        assert night(store, LIST, whole(row("1", a="x"), row("1", a="y"))) == expected
    with store.read() as connection:
        waiting = connection.execute(select(quarantine).where(quarantine.c.state == "waiting")).one()
    assert (waiting.code, waiting.field, waiting.value) == ("duplicate-key", "Nr", "1")


def test_a_record_that_changed_twice_within_one_feed_has_both_versions(store: Store) -> None:
    counts = night(store, FEED, Batch([row("1", a="x")], cursor={}), Batch([row("1", a="y")], cursor={}))
    assert counts == {"read": 2, "new": 1, "changed": 1}
    counts = night(store, FEED, Batch([row("2", a="x"), row("2", a="y")], cursor={}))
    assert counts == {"read": 2, "new": 1, "changed": 1}


def test_a_record_that_a_feed_changes_back_has_the_last_value(store: Store) -> None:
    feed = Batch([row("1", a="x"), row("1", a="y")], cursor={}), Batch([row("1", a="x"), row("1", a="x")], cursor={})
    assert night(store, FEED, *feed) == {"read": 4, "new": 1, "changed": 2, "repeated": 1}
    with store.read() as connection:
        payloads = connection.scalars(select(source_version.c.payload).order_by(source_version.c.id)).all()
    assert [unpack(payload)["a"] for payload in payloads] == ["x", "y", "x"]


def test_doubtful_rows_are_numbered_alike_in_every_run_however_the_list_is_cut(store: Store) -> None:
    rows = [row("1", a="x"), row("1", a="y"), row("1#2", a="z"), row("1", a="x"), row("1", a="w"), row("2", a="x")]
    cuts = [Batch(rows[:2]), Batch(rows[2:], complete=True)]
    night(store, LIST, whole(*rows))
    with store.read() as connection:
        keys = set(connection.scalars(select(source_record.c.key)))
    assert keys == {"1", "1#2", "1#2#2", "1#4", "2"}
    for batches in (cuts, [whole(*rows)]):
        night(store, LIST, *batches)
        assert set(states(store)) == keys


@pytest.mark.parametrize("key", ['\u00e4 "quoted" \\u0000', "|\\|", " 1 ", "\U0001d11e"])
def test_a_key_may_be_any_text(store: Store, key: str) -> None:
    night(store, LIST, whole(row(key, a="x"), row("1", a="y")))
    assert night(store, LIST, whole(row(key, a="x"), row("1", a="y"))) == {"read": 2, "unchanged": 2}


def test_a_list_read_again_whole_is_unchanged_to_the_last_row(store: Store) -> None:
    rows = [row(str(number), a="x") for number in range(70)]
    night(store, LIST, whole(*rows))
    again = [Batch(rows[start : start + 30], complete=start == 60) for start in range(0, 70, 30)]
    assert night(store, LIST, *again) == {"read": 70, "unchanged": 70}


def test_a_row_that_could_not_be_read_waits_and_is_refused_each_time_until_it_is_mended(store: Store) -> None:
    broken = Unreadable("7", {"raw": "\ufffd"}, "no-text", "this row is no text", place="leads.csv, row 7")
    assert night(store, LIST, whole(broken)) == {"read": 1, "refused": 1}
    assert night(store, LIST, whole(broken)) == {"read": 1, "refused": 1}
    assert night(store, LIST, whole(row("7", a="mended"))) == {"read": 1, "changed": 1}
    with store.read() as connection:
        assert connection.scalars(select(quarantine.c.state)).all() == ["released"]


def test_the_cursor_is_stored_with_the_rows_it_covers_and_not_before(store: Store) -> None:
    def broken_off() -> Iterator[Batch]:
        yield Batch([row("1", a="x")], cursor={"at": 1})
        raise ConnectionError

    with pytest.raises(ConnectionError):
        night(store, FEED, *broken_off())
    with store.write() as connection:
        run_id = ledger.begin(connection, kind="run", config={}, now=time.now(), detail={})
    with pytest.raises(ConnectionError):
        land(store, FEED, broken_off(), run_id=run_id)
    assert stored_cursor(store, FEED) == {"at": 1}
    assert states(store) == {"1": "landed"}


def test_the_key_of_a_stream_is_frozen_when_it_first_lands(store: Store) -> None:
    night(store, LIST, whole(row("1", a="x")))
    with pytest.raises(ConfigurationError, match="connection rekey sheet leads"):
        stored_cursor(store, Stream("sheet", "leads", full=True, key_fields=("E-mail",)))


def test_a_stamp_from_the_future_does_not_win_for_ever(store: Store) -> None:
    night(store, FEED, Batch([Row("1", {"a": "x"}, changed_at=datetime(2999, 1, 1, tzinfo=UTC))], cursor={}))
    with store.read() as connection:
        version = connection.execute(select(source_version)).one()
    assert version.changed_at <= version.landed_at


_lists = st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=6), max_size=4)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights=_lists)
def test_after_any_nights_the_store_holds_what_the_last_list_held(
    store: Store, nights: list[list[tuple[str, str]]]
) -> None:
    stream = Stream("sheet", mint_name(), full=True)
    for rows in nights:
        night(store, stream, whole(*(row(key, a=value) for key, value in rows)))
    last: dict[str, str] = {}
    for key, value in nights[-1] if nights else ():
        last.setdefault(key, value)
    with store.read() as connection:
        live = connection.execute(
            select(source_record.c.key, source_version.c.payload)
            .join(source_version, source_version.c.id == source_record.c.version_id)
            .where(source_record.c.stream == stream.name, source_record.c.state == "landed")
        ).all()
    assert {key: unpack(payload)["a"] for key, payload in live} == last


_names = iter(range(10**9))


def mint_name() -> str:
    return f"stream{next(_names)}"
