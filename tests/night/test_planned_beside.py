"""A plan that a process beside this one works out is the plan that comes out without it. Synthetic names."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from solmu.beside.child import Child
from solmu.config import Hub
from solmu.store import open_store
from solmu.store.tables import plan
from solmu.sync import plan_along, planning
from solmu.sync.seal import digest, named
from tests.hubs import crm_of, write_sheet
from tests.night.conftest import Night
from tests.spies import given_beside

# Business ids with a check digit that fits; nobody's, as far as we know.
IDS = ("9000001-1", "9000003-8", "9000004-6", "9000005-4", "9000006-2", "9000007-0", "9000008-9", "9000009-7")
ROWS = [
    (str(number), f"Yritys {id[6]} Oy", id, "Kotka", f"Aino Laine{id[6]}", f"aino@yritys{id[6]}.example", "", "Press")
    for number, id in enumerate(IDS)
]
# Colleagues of theirs, further down: their employers are in other pages than they.
MORE = [
    (f"9{row[0]}", *row[1:4], f"Eero Salo{row[0]}", row[5].replace("aino", "eero"), "", "Laser")
    for row in reversed(ROWS)
]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pages that another process was given. Plans are made in small pages, and helped from the first on."""
    monkeypatch.setattr(planning, "BATCH", 4)
    return given_beside(monkeypatch, plan_along)


def held(hub: Hub) -> dict[str, list[tuple[str, ...]]]:
    """What the CRM holds, with names in the place of ids."""
    crm = crm_of(hub)
    accounts, contacts = crm.records("accounts"), crm.records("contacts")
    return {
        "accounts": sorted((each["Name"], each["City"]) for each in accounts.values()),
        "contacts": sorted((each["Email"], accounts[each["AccountId"]]["Name"]) for each in contacts.values()),
        "tasks": sorted(
            (each["Subject"], contacts[each["WhoId"]]["Email"], accounts[each["WhatId"]]["Name"])
            for each in crm.records("tasks").values()
        ),
    }


def expected(hub: Hub) -> dict[str, list[tuple[str, ...]]]:
    rows = [*ROWS, *MORE]
    found = held(hub)
    assert len(found["accounts"]) == len(ROWS) + 1  # and the one that the CRM has
    return {
        "accounts": found["accounts"],
        "contacts": sorted([*((row[5], row[1]) for row in rows), ("aino.laine@kotkakone.example", "Kotka Kone")]),
        "tasks": sorted((f"Lead {row[0]}", row[5], row[1]) for row in rows),
    }


def test_what_is_planned_beside_comes_to_the_same(hub: Hub, night: Night, given: list[Any]) -> None:
    write_sheet(hub.folder, "one", [*ROWS, *MORE])
    write_sheet(hub.folder, "two", [])
    report = night()
    assert report["exit"] == 0, report["problems"]
    assert held(hub) == expected(hub)
    assert given, "another process has helped"
    with open_store(hub.store_url) as store, store.read() as connection:
        for id, hash in connection.execute(select(plan.c.id, plan.c.hash)):
            assert digest(connection, id).hash == hash == named(str(hub.folder / "plans" / f"{id}.json"))[1]
    again = night()["targets"]["crm"]
    assert again["planned"] == again["unchanged"]


def test_a_plan_is_finished_here_when_the_process_beside_dies(
    hub: Hub, night: Night, given: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sheet(hub.folder, "one", [*ROWS, *MORE])
    write_sheet(hub.folder, "two", [])
    night(send=False, only=("one", "two"))
    assert held(hub)["tasks"] == []
    give = Child.give

    def killed_at_its_second_page(self: Child, due: object) -> None:
        give(self, due)
        if len(given) == 2:
            self._process.kill()

    monkeypatch.setattr(Child, "give", killed_at_its_second_page)
    report = night()
    assert report["exit"] == 0, report["problems"]
    assert len(given) >= 2
    assert held(hub) == expected(hub)
