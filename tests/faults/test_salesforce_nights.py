"""What goes wrong between the hub and a Salesforce org in the middle of a night: the night balances, and the next ones
come to what a night without faults comes to, each record once. Synthetic names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.start import Running
from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.store import Store, open_store, time
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import run_all
from tests.night.salesforce import api, running, salesforce_hub
from tests.sandbox.client import Api

__all__ = ["api", "running"]

STREAMS = (
    "accounts: {mapping: salesforce/account}",
    "contacts: {mapping: salesforce/contact}",
    "leads-as-tasks: {stream: tasks, mapping: salesforce/lead-task, direction: target}",
)
NAMES = ("Brdelo", "Kaprov", "Mustig", "Ovrada", "Pelkys", "Rutvan", "Sorvel", "Tiklas")
ROWS = [
    (str(n), f"{name} Oy", "", "Oulu", f"Aino {name}nen", f"aino@{name}.example".lower(), "", "Laser")
    for n, name in enumerate(NAMES)
]
WRITES = {"match": "composite/sobjects"}
JOBS = "jobs/ingest"
FAULTS: dict[str, tuple[bool, dict[str, Any]]] = {  # by name: whether it is about bulk jobs, and what goes wrong
    "reset after the work": (False, {"kind": "reset_after", **WRITES, "times": 2}),
    "reset before the work": (False, {"kind": "reset", **WRITES, "times": 2}),
    "429 that says when": (False, {"kind": "status", "status": 429, "retry_after": 1, **WRITES}),
    "429 that does not": (False, {"kind": "status", "status": 429, **WRITES, "times": 2}),
    "a storm of 500": (False, {"kind": "status", "status": 500, **WRITES, "times": 8}),
    "500 after the work": (False, {"kind": "status", "status": 500, "work": True, **WRITES, "times": 2}),
    "the session ends between batches": (False, {"kind": "expire_session", **WRITES, "skip": 1}),
    "an answer cut off": (False, {"kind": "truncate", **WRITES, "times": 2}),
    "an answer cut off that looks whole": (False, {"kind": "truncate", "clean": True, **WRITES, "times": 2}),
    "everything is done twice": (False, {"kind": "twice", **WRITES, "times": 9}),
    "records that are locked": (False, {"kind": "partial", "every": 2, **WRITES, "times": 2}),
    "a job that fails in the middle": (True, {"kind": "fail_job", "rows": 3}),
    "a job's results cut off": (True, {"kind": "truncate", "match": "Results", "times": 9}),
    "a job's upload is reset after the work": (True, {"kind": "reset_after", "match": "batches"}),
    "a job that is made twice": (True, {"kind": "twice", "match": JOBS, "method": "POST"}),
    "rows of a job that are locked": (True, {"kind": "partial_job", "every": 2}),
    "the session ends between job and upload": (True, {"kind": "expire_session", "match": "batches"}),
}
OFTEN = ("reset after the work", "everything is done twice", "a job's results cut off")


def content(api: Api) -> dict[str, Any]:
    contacts = api.query("SELECT LastName, Email, Account.Name FROM Contact")
    tasks = api.query("SELECT Subject, WhoId, WhatId FROM Task")
    return {
        "accounts": sorted(api.values("SELECT Name FROM Account")),
        "contacts": sorted((each["LastName"], each["Email"], each["Account"]["Name"]) for each in contacts),
        "tasks": sorted(each["Subject"] for each in tasks),
        "hanging": all(each["WhoId"] and each["WhatId"] for each in tasks),
    }


WANTED = {
    "accounts": sorted(row[1] for row in ROWS),
    "contacts": sorted((row[4].split()[1], row[5], row[1]) for row in ROWS),
    "tasks": sorted(f"Lead {row[0]}: Laser" for row in ROWS),
    "hanging": True,
}


@pytest.mark.parametrize(
    "fault", [name if name in OFTEN else pytest.param(name, marks=pytest.mark.slow) for name in FAULTS]
)
def test_a_night_with_a_fault_is_made_whole_by_the_next_ones(
    fault: str, tmp_path: Path, migrated_sqlite: Path, running: Running, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solmu.sync.pushing.patient", lambda _seconds: None)  # nobody waits here until a fault passes
    bulk, what = FAULTS[fault]
    settings = ("bulk_above: 2", "job_timeout_seconds: 5") if bulk else ()
    hub = salesforce_hub(
        tmp_path / "hub", running, STREAMS, migrated=migrated_sqlite, sheets={"one": ROWS, "two": ()}, settings=settings
    )
    with open_store(hub.store_url) as store:
        arm(store, "crm", who="tester", now=time.now())
        confirm_first_ten(store, "crm", who="tester", now=time.now())
        api.misbehave(**what)
        nights(hub, store, 1)
        assert any(each["fault"] for each in api.calls()) or what["kind"].endswith("_job")
        api.call("DELETE", "/_misbehave")
        api.log_in()  # a session that ends is everybody's
        nights(hub, store, 3)
        assert content(api) == WANTED
        written = len(api.calls(kind="write"))
        nights(hub, store, 1)
        assert len(api.calls(kind="write")) == written
        assert examine(store, hub)["ok"]


def nights(hub: Hub, store: Store, number: int) -> None:
    for _ in range(number):
        report = run_all(hub, store)
        assert report["balanced"], report["unbalanced"]
