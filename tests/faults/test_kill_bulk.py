"""SIGKILL in the middle of bulk jobs: the next night asks what became of them, and comes to the same end.

*first* is a night that makes everything in an empty org, *second* one that changes most of it. The moment is drawn by a
seed among those of the apply; see nights.py. Synthetic names.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.start import Running
from solmu.config import load_hub
from solmu.doctor import examine
from solmu.store import open_store, time
from solmu.sync.arm import arm, confirm_first_ten
from tests.conftest import KILLS
from tests.faults.conftest import Nights
from tests.faults.copies import Copies, on
from tests.faults.test_salesforce_nights import ROWS, STREAMS
from tests.hubs import write_sheet
from tests.night.salesforce import api, running, salesforce_hub
from tests.sandbox.client import Api

__all__ = ["api", "running"]

SETTINGS = ("bulk_above: 2", "job_timeout_seconds: 5")
SEEDS = {"sqlite": 3, "postgresql": 1}
MANY = {"sqlite": 30, "postgresql": 10}
FEW = [(kind, seed) for kind, number in SEEDS.items() for seed in range(number)]

Kill = Callable[[str], None]


@dataclass(frozen=True)
class Undisturbed:
    """A hub before its first night, how many moments the apply of a night has, and what that night comes to."""

    before: Path
    moments: int
    end: dict[str, list[Any]]


@pytest.fixture(scope="module")
def undisturbed(
    nights: Nights, copies: Copies, running: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Undisturbed]]:
    with first_and_second(nights, copies, running, tmp_path_factory.mktemp("bulk")) as both:
        yield both


@contextmanager
def first_and_second(
    nights: Nights, copies: Copies, running: Running, folder: Path
) -> Iterator[dict[str, Undisturbed]]:
    with copies.of(copies.blank, folder / "before") as before, Api(running) as api:
        hub = salesforce_hub(
            before, running, STREAMS, store=copies.store, sheets={"one": ROWS, "two": ()}, settings=SETTINGS
        )
        with open_store(hub.store_url) as store:
            arm(store, "crm", who="tester", now=time.now())
            confirm_first_ten(store, "crm", who="tester", now=time.now())
        yield {which: never_killed(nights, copies, before, api, which) for which in ("first", "second")}


def never_killed(nights: Nights, copies: Copies, before: Path, api: Api, which: str) -> Undisturbed:
    with begun(nights, copies, before, before.with_name(which), api, which) as hub:
        told = nights.run(hub)
    jobs = [each for each in api.calls() if each["method"] == "POST" and each["path"].endswith("jobs/ingest")]
    assert len(jobs) >= 4, "the night went by jobs, several an object"
    return Undisturbed(before, told["moments"]["apply"], content(api))


@contextmanager
def begun(nights: Nights, copies: Copies, before: Path, to: Path, api: Api, which: str) -> Iterator[Path]:
    """A copy of the hub with an org of its own, as it is before the night."""
    api.call("POST", "/_reset")
    api.log_in()
    with copies.of(before, to) as hub:
        if which == "second":
            assert nights.run(hub)["exit"] == 0
            moved = [(*row[:3], "Turku", *row[4:6], f"04076543{row[0]:0>2}", row[7]) for row in ROWS]
            write_sheet(
                hub, "one", [*moved[:-1], ("99", "Uusio Oy", "", "Turku", "Aino Uusinen", "a@uusio.example", "", "")]
            )
        yield hub


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
    nights: Nights, copies: Copies, counted: None, undisturbed: dict[str, Undisturbed], api: Api, tmp_path: Path,
    pytestconfig: pytest.Config,
) -> Kill:  # fmt: skip
    """Kill an apply at a moment that ``seed`` draws, and see that the next night comes to the same end."""

    def killed_then_finished(seed: str) -> None:
        draw = random.Random(f"bulk {seed}")
        which = draw.choice(["first", "second"])
        night = undisturbed[which]
        with begun(nights, copies, night.before, tmp_path / "hub", api, which) as hub:
            at = f"{which} night, {nights.kill(hub, 'apply', draw.randint(1, night.moments))}"
            pytestconfig.stash[KILLS][f"bulk on {copies.kind}"] += 1
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

    return killed_then_finished


@pytest.mark.parametrize(("copies", "seed"), [on(*each) for each in FEW], indirect=["copies"])
def test_an_apply_that_is_killed_among_its_jobs_is_finished_by_the_next_night(kill: Kill, seed: int) -> None:
    kill(str(seed))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("copies", [on(kind) for kind in MANY], indirect=True)
def test_an_apply_may_be_killed_anywhere_among_its_jobs(kill: Kill, copies: Copies) -> None:
    for seed in range(MANY[copies.kind]):
        kill(f"many {seed}")
