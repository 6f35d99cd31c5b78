"""A task that somebody edited in the CRM, where tasks are written and not read. Synthetic names."""

from __future__ import annotations

from sqlalchemy import func, select

from solmu.config import Hub
from solmu.store import Store
from solmu.store.tables import outbox
from tests.hubs import ONE, crm_of, write_sheet
from tests.night.conftest import Night


def actions(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(outbox)) or 0


def test_a_task_that_was_edited_there_follows_its_lead_to_another_customer_and_keeps_the_edit(
    hub: Hub, store: Store, night: Night
) -> None:
    night()
    crm = crm_of(hub)
    task = next(key for key, each in crm.records("tasks").items() if each["Subject"] == "Lead 1")
    crm.change("tasks", task, {"Subject": "called"})
    # Aino Laine has gone from Kotka Kone to Suomen Sorvi, and taken her lead along.
    write_sheet(hub.folder, "one", [("1", *ONE[1][1:4], ONE[0][4], "aino@suomensorvi.example", *ONE[0][6:]), ONE[1]])

    night()  # which sees that somebody changed the task, and leaves it
    night()

    account = next(key for key, each in crm.records("accounts").items() if each["Name"] == "Suomen Sorvi Oy")
    assert crm.records("tasks")[task]["WhatId"] == account
    assert crm.records("tasks")[task]["Subject"] == "called"
    night()
    before = actions(store)
    night()
    assert actions(store) == before
