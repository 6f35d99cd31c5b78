"""What goes wrong around a night: a store that somebody else holds, a database server that goes away, a clock that is
set back. Synthetic names.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.store import Store, open_store, time
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import run_all
from tests.hubs import ONE, crm_of, make_hub, write_sheet
from tests.night.conftest import Night, armed, hub, night, store
from tests.peers.postgres import conninfo

__all__ = ["armed", "hub", "night", "store"]

HOUR = 3_600_000_000  # microseconds


class Interference:
    """Something that happens once, in the middle of a run."""

    def __init__(self, what: Callable[[], None], after: int) -> None:
        self.what = what
        self.steps = after
        self.happened = False

    def __call__(self, _step: str, _more: int) -> None:
        self.steps -= 1
        if self.steps == 0:
            self.happened = True
            self.what()


def names(hub: Hub) -> list[str]:
    return sorted(each["Name"] for each in crm_of(hub).records("accounts").values())


def is_whole(hub: Hub, store: Store, night: Night) -> None:
    """What the night before has left is done, each record once, and nothing is left to do."""
    night()
    assert names(hub) == ["Kotka Kone Oy", "Suomen Sorvi Oy"]
    assert sorted(each["Subject"] for each in crm_of(hub).records("tasks").values()) == ["Lead 1", "Lead 2", "Lead A"]
    writes = sum(call.verb == "write" for call in crm_of(hub).calls)
    assert night()["exit"] == 0
    assert sum(call.verb == "write" for call in crm_of(hub).calls) == writes
    assert examine(store, hub)["ok"]


def test_a_run_waits_for_whoever_holds_the_store(hub: Hub, store: Store, night: Night, database_url: str) -> None:
    url = make_url(database_url)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        if url.get_backend_name() == "sqlite":
            with closing(sqlite3.connect(str(url.database), isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                held.set()
                let_go.wait(2)
                other.execute("ROLLBACK")
        else:
            with psycopg.connect(conninfo(url)) as other:
                other.execute("LOCK TABLE source_record, mention IN EXCLUSIVE MODE")
                held.set()
                let_go.wait(2)

    holder = threading.Thread(target=hold)

    def begin() -> None:
        holder.start()
        assert held.wait(10)

    interference = Interference(begin, after=1)
    assert night(tell=interference)["exit"] == 0
    assert interference.happened
    holder.join()
    is_whole(hub, store, night)


@pytest.mark.peer("postgres")
@pytest.mark.parametrize("after", [1, 4, 7])
def test_a_database_server_that_ends_its_connections_breaks_the_run_off_and_nothing_else(
    tmp_path: Path, postgresql_url: str, after: int
) -> None:
    """As a restart does; the server of the tests serves others too, so only our connections are ended."""

    def end() -> None:
        with psycopg.connect(conninfo(make_url(postgresql_url)), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    hub = make_hub(tmp_path / "hub", store=postgresql_url)
    interference = Interference(end, after=after)
    with open_store(hub.store_url) as store:
        arm(store, "crm", who="tester", now=time.now())
        confirm_first_ten(store, "crm", who="tester", now=time.now())
        with suppress(SQLAlchemyError):  # between two transactions it goes on with a new connection
            run_all(hub, store, tell=interference)
        assert interference.happened
        is_whole(hub, store, lambda: run_all(hub, store))


def test_a_clock_that_is_set_back_loses_and_doubles_nothing(
    hub: Hub, store: Store, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert night()["exit"] == 0
    now: Callable[[], int] = time.now
    with monkeypatch.context() as patched:
        patched.setattr(time, "now", lambda: now() - 26 * HOUR)
        write_sheet(hub.folder, "one", [ONE[0], (*ONE[1][:3], "Turku", *ONE[1][4:])])
        report: dict[str, Any] = night()
        assert (report["exit"], report["targets"]["crm"]["updated"]) == (0, 1)
        account = next(each for each in crm_of(hub).records("accounts").values() if each["Name"] == "Suomen Sorvi Oy")
        assert account["City"] == "Turku"
        again = night()["targets"]["crm"]
        assert again["planned"] == again["unchanged"], again  # looked at once more, and nothing is written
    is_whole(hub, store, night)
    assert account in crm_of(hub).records("accounts").values()
