"""Small runs on each kind of database. Synthetic names."""

from __future__ import annotations

from functools import partial

import pytest

from solmu.config import Hub
from solmu.store import Store
from tests.hubs import ONE, crm_of, write_sheet
from tests.night.conftest import Night
from tests.night.visitors import SmallRun, deliver, emails, run_small, with_form


@pytest.fixture
def hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    return with_form(hub, monkeypatch)


@pytest.fixture
def small_run(hub: Hub, store: Store) -> SmallRun:
    return partial(run_small, hub, store)


def test_what_a_visitor_entered_is_in_the_crm_after_a_small_run(hub: Hub, night: Night, small_run: SmallRun) -> None:
    night()
    deliver(hub, 1)
    report = small_run()
    assert report["exit"] == 0, report["problems"]
    assert report["targets"]["crm"]["created"] == 3  # company, person, and the task of their enquiry
    assert "ilona1@visitors1.example" in emails(hub)
    calls = len(crm_of(hub).calls)
    again = small_run()["targets"]["crm"]
    assert again["planned"] == again["unchanged"]
    assert not [each for each in crm_of(hub).calls[calls:] if each.verb not in {"read", "fetch", "find"}]
    assert night()["targets"]["crm"]["created"] == 0


def test_a_record_that_waits_in_a_plan_is_taken_over_when_its_customer_writes(
    hub: Hub, store: Store, night: Night, small_run: SmallRun
) -> None:
    night()
    write_sheet(hub.folder, "one", [*ONE, ("9", "Waiting Oy", "", "", "Onni Odottaja", "onni@waiting.example", "", "")])
    night(send=False)
    deliver(hub, 5, company="Waiting Oy", name="Onni Odottaja", email="onni@waiting.example")
    report = small_run()
    assert report["exit"] == 0, report["problems"]
    assert emails(hub).count("onni@waiting.example") == 1
    assert night()["exit"] == 0
    assert emails(hub).count("onni@waiting.example") == 1
