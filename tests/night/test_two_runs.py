"""Two runs at once, and a run whose leases another one took over while it was asleep."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select, update

from solmu.config import Hub
from solmu.store import Store, open_store
from solmu.store.tables import lease, outbox, source_record
from solmu.sync.run import run_all
from tests.hubs import ONE, crm_of, write_sheet
from tests.night.conftest import Night

ROWS = [
    (str(n), f"Firma {n} Oy", "", "Oulu", f"Aino Laine{n}", f"aino@firma{n}.example", "", "") for n in range(10, 16)
]


def take_over(store: Store, name: str) -> None:
    """Another machine takes the lease, as it may when nothing was heard of its holder for a minute."""
    with store.write(fenced=False) as connection:
        values = {"holder": "elsewhere:1:1", "token": lease.c.token + 1, "expires": 0}
        assert connection.execute(update(lease).where(lease.c.name == name).values(values)).rowcount == 1


def test_two_runs_at_once_do_the_work_once(hub: Hub, store: Store, armed: None) -> None:
    write_sheet(hub.folder, "one", [*ONE, *ROWS])
    reports: list[dict[str, Any]] = []
    ready = threading.Barrier(2)

    def night() -> None:
        with open_store(hub.store_url) as own:
            ready.wait()
            reports.append(run_all(hub, own))

    runs = [threading.Thread(target=night) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert [report["exit"] for report in reports] == [0, 0], [report["problems"] for report in reports]
    assert all(report["balanced"] for report in reports)
    names = [each["Name"] for each in crm_of(hub).records("accounts").values()]
    assert sorted(names) == sorted({*names})
    assert len(names) == 2 + len(ROWS)
    with store.read() as connection:
        created = connection.scalar(select(func.count()).where(outbox.c.state == "created"))
    assert created == sum(report["targets"]["crm"]["created"] for report in reports)


def test_a_run_that_lost_the_lease_of_a_source_lands_nothing_more_of_it(
    hub: Hub, store: Store, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.spreadsheet.connector._BATCH", 2)
    write_sheet(hub.folder, "one", ROWS)

    def steal(step: str, _more: int) -> None:
        if step == "reading one/leads" and not stolen:
            stolen.append(step)
            take_over(store, "land:one")

    stolen: list[str] = []
    report = night(tell=steal)
    assert [(each["connection"], each["code"]) for each in report["problems"]] == [("one", "busy")]
    with store.read() as connection:
        landed = connection.scalar(select(func.count()).where(source_record.c.connection == "one"))
    assert landed == 2
    assert night()["exit"] == 0
    with store.read() as connection:
        landed = connection.scalar(select(func.count()).where(source_record.c.connection == "one"))
    assert landed == len(ROWS)


def test_a_run_that_lost_the_lease_of_a_target_sends_nothing(hub: Hub, store: Store, night: Night) -> None:
    before = crm_of(hub).records("accounts")

    def steal(step: str, _more: int) -> None:
        if step == "planning crm" and not stolen:
            stolen.append(step)
            take_over(store, "push:crm")

    stolen: list[str] = []
    report = night(tell=steal)
    assert ("crm", "busy") in [(each["connection"], each["code"]) for each in report["problems"]]
    assert crm_of(hub).records("accounts") == before
    assert night()["exit"] == 0
    assert len(crm_of(hub).records("accounts")) == len(before) + 1
