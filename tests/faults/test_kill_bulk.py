"""SIGKILL in the middle of bulk jobs: the next night asks what became of them, and comes to the same end.

*first* is a night that makes everything in an empty org, *second* one that changes most of it. The moment is drawn by a
seed among those of the apply; see nights.py. Synthetic names.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.start import Running
from solmu.config import load_hub
from solmu.doctor import examine
from solmu.store import open_store, time
from solmu.sync.arm import arm, confirm_first_ten
from tests.faults.conftest import KILLS, Nights
from tests.faults.test_salesforce_nights import ROWS, STREAMS
from tests.hubs import write_sheet
from tests.night.salesforce import api, running, salesforce_hub
from tests.sandbox.client import Api

__all__ = ["api", "running"]

SETTINGS = ("bulk_above: 2", "job_timeout_seconds: 5")
STAGE = "bulk"
SEEDS, MANY = 3, 30

Kill = Callable[[str], None]


@dataclass(frozen=True)
class Undisturbed:
    """A night that was not killed: how many moments its apply has, and what it comes to."""

    moments: int
    end: dict[str, list[Any]]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, running: Running) -> Path:
    """The hub before its first night."""
    folder = tmp_path_factory.mktemp("bulk") / "hub"
    hub = salesforce_hub(
        folder, running, STREAMS, migrated=migrated_sqlite, sheets={"one": ROWS, "two": ()}, settings=SETTINGS
    )
    with open_store(hub.store_url) as store:
        arm(store, "crm", who="tester", now=time.now())
        confirm_first_ten(store, "crm", who="tester", now=time.now())
    return folder


@pytest.fixture(scope="module")
def undisturbed(nights: Nights, before: Path, running: Running) -> dict[str, Undisturbed]:
    with Api(running) as api:
        return {which: never_killed(nights, before, api, which) for which in ("first", "second")}


def never_killed(nights: Nights, before: Path, api: Api, which: str) -> Undisturbed:
    hub = before.with_name(which)
    begin(nights, before, hub, api, which)
    told = nights.run(hub)
    jobs = [each for each in api.calls() if each["method"] == "POST" and each["path"].endswith("jobs/ingest")]
    assert len(jobs) >= 4, "the night went by jobs, several an object"
    return Undisturbed(told["moments"]["apply"], content(api))


def begin(nights: Nights, before: Path, hub: Path, api: Api, which: str) -> None:
    """A copy of the hub with an org of its own, as it is before the night."""
    api.call("POST", "/_reset")
    api.log_in()
    shutil.copytree(before, hub)
    if which == "second":
        assert nights.run(hub)["exit"] == 0
        moved = [(*row[:3], "Turku", *row[4:6], f"04076543{row[0]:0>2}", row[7]) for row in ROWS]
        write_sheet(
            hub, "one", [*moved[:-1], ("99", "Uusio Oy", "", "Turku", "Aino Uusinen", "a@uusio.example", "", "")]
        )


def content(api: Api) -> dict[str, list[Any]]:
    """All that the org holds, names in the place of ids; a record that is there twice is there twice."""
    accounts = api.query("SELECT Id, Name, BillingCity FROM Account", everything=True)
    contacts = api.query("SELECT Id, LastName, Email, Phone, AccountId FROM Contact", everything=True)
    tasks = api.query("SELECT Subject, WhoId, WhatId FROM Task", everything=True)
    named = {each["Id"]: each.get("Name") or each["LastName"] for each in (*accounts, *contacts)}
    return {
        "accounts": sorted(str((each["Name"], each["BillingCity"])) for each in accounts),
        "contacts": sorted(
            str((each["LastName"], each["Email"], each["Phone"], named[each["AccountId"]])) for each in contacts
        ),
        "tasks": sorted(str((each["Subject"], named[each["WhoId"]], named[each["WhatId"]])) for each in tasks),
    }


@pytest.fixture
def kill(
    nights: Nights, before: Path, undisturbed: dict[str, Undisturbed], api: Api, tmp_path: Path,
    pytestconfig: pytest.Config,
) -> Kill:  # fmt: skip
    """Kill an apply at a moment that ``seed`` draws, and see that the next night comes to the same end."""

    def killed_then_finished(seed: str) -> None:
        draw = random.Random(f"bulk {seed}")
        which = draw.choice(["first", "second"])
        night, hub = undisturbed[which], tmp_path / "hub"
        begin(nights, before, hub, api, which)
        moment = draw.randint(1, night.moments)
        told = nights.run(hub, "apply", moment)
        at = f"{which} night, moment {moment} of {night.moments}: {told.get('killed')}"
        assert told["signal"] == 9, at
        assert told["killed"].startswith(("uncommitted", "unacknowledged")), at
        pytestconfig.stash[KILLS][STAGE] += 1
        finished = nights.run(hub)
        assert finished["exit"] == 0, (at, finished)
        assert content(api) == night.end, at
        written = len(api.calls(kind="write"))
        assert nights.run(hub)["exit"] == 0, at
        assert len(api.calls(kind="write")) == written, at
        loaded = load_hub(hub)
        with open_store(loaded.store_url) as store:
            health = examine(store, loaded)
        assert health["ok"], (at, [check for check in health["checks"] if not check["ok"]])
        shutil.rmtree(hub)

    return killed_then_finished


@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_apply_that_is_killed_among_its_jobs_is_finished_by_the_next_night(kill: Kill, seed: int) -> None:
    kill(str(seed))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_an_apply_may_be_killed_anywhere_among_its_jobs(kill: Kill) -> None:
    for seed in range(MANY):
        kill(f"many {seed}")
