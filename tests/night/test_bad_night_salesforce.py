"""A night on which everything goes wrong at once, over a Salesforce sandbox: told once, and mended by nobody. Synthetic
names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from sandbox.start import Running
from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.notify import attempts
from solmu.store import Store
from solmu.store.tables import outbox
from tests.hubs import write_sheet
from tests.night.conftest import Night
from tests.night.salesforce import api, running, salesforce_hub
from tests.night.test_notify import beats, messages, notify
from tests.sandbox.client import Api
from tests.unit.notify.servers import Web, web_server

__all__ = ["api", "running"]

STREAMS = (
    "accounts: {mapping: salesforce/account}",
    "contacts: {mapping: salesforce/contact}",
    "leads-as-tasks: {stream: tasks, mapping: salesforce/lead-task, direction: target}",
)
NAMES = ("Brdelo", "Kaprov", "Mustig", "Ovrada", "Pelkys", "Rutvan", "Sorvel", "Tiklas", "Ubrand", "Vestok")
ROWS = [
    (str(n), f"{a}{b.lower()} Oy", "", "Oulu", f"Aino Laine{n}", f"aino@{a}{b}.example".lower(), "", "Laser")
    for n, (a, b) in enumerate((a, b) for a in NAMES for b in NAMES[:6])
]
SHEETS = {
    "one": ROWS,
    "two": [("A", "Raahen Rauta Oy", "", "Raahe", "Helmi Rinne", "helmi@raahenrauta.example", "", "Press")],
    "three": (),
}
NEW = ("9", "Hangon Hitsi Oy", "", "Hanko", "Onni Aho", "onni@hangonhitsi.example", "", "Laser")


@pytest.fixture
def hub(tmp_path: Path, database_url: str, running: Running) -> Hub:
    return salesforce_hub(tmp_path / "hub", running, STREAMS, store=database_url, sheets=SHEETS)


@pytest.fixture
def told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setattr(attempts, "PAUSE", 0.01)
    with web_server() as web:
        monkeypatch.setenv("WEBHOOK", f"{web.address}/hook/secret")
        monkeypatch.setenv("HEARTBEAT", f"{web.address}/beat")
        notify(hub, "webhook: {url: '${WEBHOOK}', timeout_seconds: 5}", "heartbeat: {url: '${HEARTBEAT}'}")
        yield web


def content(api: Api) -> dict[str, list[dict[str, Any]]]:
    found = {
        "Account": "Name, BillingCity, SystemModstamp",
        "Contact": "LastName, Email, AccountId, SystemModstamp",
        "Task": "Subject, WhoId, WhatId, SystemModstamp",
    }
    return {name: api.query(f"SELECT Id, {fields} FROM {name} ORDER BY Id") for name, fields in found.items()}


def open_actions(store: Store) -> int:
    with store.read() as connection:
        query = select(func.count()).where(outbox.c.state.in_(("planned", "sent", "unknown")))
        return connection.scalar(query) or 0


@pytest.mark.parametrize(
    "down",
    [{"match": "/services/"}, {"match": "FROM+Contact"}],
    ids=["the CRM answers 503 to everything", "the CRM can be read in part"],
)
def test_one_message_of_ten_lines_nothing_half_done_and_the_next_night_balances(
    hub: Hub, store: Store, night: Night, api: Api, told: Web, down: dict[str, str]
) -> None:
    assert night(override=["created-count"])["exit"] == 0
    before = content(api)
    assert len(before["Account"]) == len(ROWS) + 1

    # The first sheet is empty, the second is gone, and the third has somebody new.
    write_sheet(hub.folder, "one", [])
    write_sheet(hub.folder, "three", [NEW])
    (hub.folder / "data" / "two.csv").rename(hub.folder / "two.csv")
    told.calls.clear()
    api.misbehave(kind="status", status=503, times=None, **down)
    report = night()
    api.call("DELETE", "/_misbehave")
    assert (report["exit"], report["guards"]) == (3, ["source-shrank"])
    (text,) = messages(told)
    assert beats(told) == 0
    _, *lines = text.splitlines()
    assert len(lines) <= 10
    for named in ("- one/leads: 60 of 60 rows are gone", "- two", "- crm", "nothing written to crm", "Paste: solmu "):
        assert named in text, text
    assert content(api) == before
    assert open_actions(store) == 0
    assert report["mentions"]["withdrawn"] == 0
    assert examine(store, hub)["ok"]

    # Nobody does anything to the hub; what sends its sheets is well again, and so is the CRM.
    told.calls.clear()
    write_sheet(hub.folder, "one", [(*ROWS[0][:3], "Turku", *ROWS[0][4:]), *ROWS[1:]])
    (hub.folder / "two.csv").rename(hub.folder / "data" / "two.csv")
    report = night()
    assert report["exit"] == 0, report["problems"]
    assert (messages(told), beats(told)) == ([], 1)
    after = content(api)
    assert len(after["Account"]) == len(before["Account"]) + 1
    assert len({each["Name"] for each in after["Account"]}) == len(after["Account"])
    assert {each["BillingCity"] for each in after["Account"]} == {"Oulu", "Raahe", "Turku", "Hanko"}
    assert examine(store, hub)["ok"]
    written = len(api.calls(kind="write"))
    night()
    assert len(api.calls(kind="write")) == written
