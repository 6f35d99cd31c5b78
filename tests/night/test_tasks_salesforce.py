"""A list of the home page, pushed as tasks to the Salesforce sandbox, with its shipped mapping. Synthetic names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox.start import Running
from solmu.config import Hub
from solmu.doctor import examine
from solmu.followup.count import count
from solmu.followup.push import push_tasks
from solmu.followup.tasks import Ask, ready
from solmu.store import Store
from solmu.store.owners import owners
from solmu.sync.reverting import revert_run
from tests.night.conftest import Night
from tests.night.salesforce import api, running, salesforce_hub
from tests.sandbox.client import Api

__all__ = ["api", "running"]

STREAMS = (
    "accounts: {mapping: salesforce/account}",
    "contacts: {mapping: salesforce/contact}",
    "follow-ups: {stream: tasks, mapping: salesforce/follow-up-task, direction: target}",
)
CALL = Ask("no-next-step", "crm", "Call them", date(2030, 1, 31))
COMPANIES = ("Haminan Hitsaus Oy", "Kotkan Kone Oy")


@pytest.fixture
def hub(tmp_path: Path, database_url: str, running: Running) -> Hub:
    return salesforce_hub(tmp_path / "hub", running, STREAMS, store=database_url, sheets={"one": (), "two": ()})


def tasks(api: Api) -> list[dict[str, Any]]:
    found = api.query("SELECT WhatId, Subject, ActivityDate, Status, OwnerId FROM Task")
    return sorted(found, key=lambda each: str(each["WhatId"]))


def test_each_account_gets_one_open_task_of_its_owner_and_reverting_completes_it(
    hub: Hub, store: Store, night: Night, api: Api
) -> None:
    accounts = {str(api.edit(action="create", type="Account", fields={"Name": name})["id"]) for name in COMPANIES}
    whose = {each["Id"]: each["OwnerId"] for each in api.query("SELECT Id, OwnerId FROM Account")}
    night()
    count(hub, store, lambda _step, _more: None)
    with store.read() as connection:
        seen = ready(connection, hub, CALL).seen
    report = push_tasks(hub, store, CALL, seen=seen, who="sten")
    assert report["balanced"], report["unbalanced"]
    made = tasks(api)
    assert {task["WhatId"] for task in made} == accounts
    assert {(task["Subject"], task["ActivityDate"], task["Status"]) for task in made} == {
        ("Call them", "2030-01-31", "Not Started")
    }
    assert all(task["OwnerId"] == whose[task["WhatId"]] for task in made)
    with store.read() as connection:
        again = ready(connection, hub, CALL)
    assert (len(again.tasks), again.open) == (0, 2)
    night()
    assert len(tasks(api)) == 2
    revert_run(hub, store, report["run_id"], confirm=lambda _: True)
    assert [task["Status"] for task in tasks(api)] == ["Completed", "Completed"]
    assert examine(store, hub)["ok"], examine(store, hub)


def test_a_night_learns_what_owners_are_called_and_a_list_is_narrowed_by_it(
    hub: Hub, store: Store, night: Night, api: Api
) -> None:
    for name in COMPANIES:
        api.edit(action="create", type="Account", fields={"Name": name})
    night()
    count(hub, store, lambda _step, _more: None)
    called = {each["Id"]: each["Name"] for each in api.query("SELECT Id, Name FROM User")}
    [owner] = {each["OwnerId"] for each in api.query("SELECT OwnerId FROM Account")}
    with store.read() as connection:
        assert {id: getattr(owners(connection).named(id), "name", None) for id in called} == called
        of_one = ready(connection, hub, replace(CALL, only={"owner": called[owner].upper()}))
        of_nobody = ready(connection, hub, replace(CALL, only={"owner": "Nobody Ever"}))
    assert ({task.owner for task in of_one.tasks}, len(of_one.tasks), len(of_nobody.tasks)) == ({owner}, 2, 0)
