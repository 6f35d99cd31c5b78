"""SQLite's write-ahead log stays short, also where somebody reads all the time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from solmu.store import Store, engine, open_store
from solmu.store.tables import meta

MOST = 2_000_000
PIECE = "x" * 200_000
PIECES = 60


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(engine, "LOG_BYTES", MOST)
    with open_store(f"sqlite:///{tmp_path / 'hub.db'}") as store:
        yield store


def write_pieces(store: Store, many: int = PIECES) -> None:
    begin = pieces(store)
    for number in range(begin, begin + many):
        with store.write() as connection:
            connection.execute(meta.insert().values(name=f"piece {number}", value=PIECE))


def pieces(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).where(meta.c.name.like("piece %"))) or 0


def test_the_log_stays_short_though_somebody_reads_all_the_time(store: Store, tmp_path: Path) -> None:
    done = threading.Event()
    begun = threading.Barrier(3)

    def read_in_turns(first: threading.Event, then: threading.Event) -> None:
        begun.wait()
        while not done.is_set():
            first.wait(1)
            first.clear()
            with store.read() as connection:
                connection.scalar(select(func.count()).select_from(meta))
                then.set()  # the other one begins before this one ends
                done.wait(0.01)

    one, other = threading.Event(), threading.Event()
    one.set()
    readers = [threading.Thread(target=read_in_turns, args=each) for each in ((one, other), (other, one))]
    for reader in readers:
        reader.start()
    begun.wait()
    longest = 0
    for _ in range(PIECES):
        write_pieces(store, 1)
        longest = max(longest, (tmp_path / "hub.db-wal").stat().st_size)
    done.set()
    for reader in readers:
        reader.join()
    assert pieces(store) == PIECES
    assert longest < 2 * MOST


def test_whoever_reads_for_long_holds_nobody_up_for_long(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_LOG_PATIENCE", 0.2)
    with store.read() as connection:
        before = connection.scalar(select(func.count()).select_from(meta))
        write_pieces(store)
        assert connection.scalar(select(func.count()).select_from(meta)) == before
    assert pieces(store) == PIECES
    log = tmp_path / "hub.db-wal"
    assert log.stat().st_size > PIECES * len(PIECE)
    with store.write() as connection:
        connection.execute(meta.delete())
    write_pieces(store)
    assert log.stat().st_size < 2 * MOST


def test_in_bulk_the_log_is_folded_into_the_file_once_it_is_as_long(tmp_path: Path) -> None:
    """Though nobody reads: what many transactions write to is written into the file once for all of them."""
    file, log = tmp_path / "hub.db", tmp_path / "hub.db-wal"
    with open_store(f"sqlite:///{file}") as store:
        write_pieces(store, 300)  # 60 MB, where SQLite by itself folds 32
    with open_store(f"sqlite:///{file}") as store, store.in_bulk():
        before = file.stat().st_mtime_ns
        write_pieces(store, 250)
        assert file.stat().st_mtime_ns == before
        assert log.stat().st_size > 250 * len(PIECE)
        write_pieces(store, 100)
        assert file.stat().st_mtime_ns > before
        assert log.stat().st_size < 100 * len(PIECE)
        assert pieces(store) == 650
