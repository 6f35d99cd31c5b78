"""Accounts that the CRM had before us, and whose cards change afterwards. Synthetic names."""

from __future__ import annotations

import pytest

from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.store import Store
from tests.hubs import crm_of, write_sheet
from tests.night.conftest import Night

LEAD = ("7", "Lumikuru Oy", "", "Oulu", "Olli Grahn", "olli@lumikuru.example", "0401234567", "Laser")


@pytest.fixture
def hub(hub: Hub) -> Hub:
    write_sheet(hub.folder, "one", [LEAD])
    write_sheet(hub.folder, "two", [])
    crm = crm_of(hub)
    crm.put("accounts", {"Name": "Lumikuru Oy", "City": "Oulu"}, key="010")
    crm.put(
        "contacts",
        {"FirstName": "Olli", "LastName": "Grahn", "Email": "olli@lumikuru.example", "AccountId": "010"},
        key="013",
    )
    return hub


@pytest.mark.parametrize("side", ["crm", "sheet"])
def test_a_town_that_is_mended_makes_no_second_account(hub: Hub, night: Night, store: Store, side: str) -> None:
    crm = crm_of(hub)
    night()
    accounts = crm.records("accounts").keys()
    if side == "crm":
        crm.put("accounts", {"City": "Kuopio"}, key="010")
    else:
        write_sheet(hub.folder, "one", [(*LEAD[:3], "Lahti", *LEAD[4:])])
    night()
    night()
    assert crm.records("accounts").keys() == accounts
    assert crm.records("contacts")["013"]["AccountId"] == "010"
    assert examine(store, hub)["ok"]
