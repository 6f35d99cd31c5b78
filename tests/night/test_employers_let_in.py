"""Whose employers a contact of the CRM lets in: the one that they belong to there. Synthetic names."""

from __future__ import annotations

import pytest

from solmu.config import Hub, load_hub
from tests.hubs import crm_of, write_sheet
from tests.night.conftest import Night

READER = ("1", "Vanha Verstas Oy", "", "", "Eero Salo", "eero.salo@gmail.com", "", "")
LEAD = ("A", "Suomen Sorvi Oy", "", "Oulu", "Eero Salo", "eero.salo@gmail.com", "0407654321", "Press")


@pytest.fixture
def hub(hub: Hub) -> Hub:
    """The first sheet is a newsletter's: its rows are no leads."""
    mappings = hub.folder / "mappings" / "sources"
    lines = (mappings / "sheet.yaml").read_text().replace("record: lead", "record: participant").splitlines()
    readers = "\n".join(line for line in lines if not line.startswith("lead:"))
    (mappings / "readers.yaml").write_text(readers, encoding="utf-8")
    one = hub.folder / "connections" / "one.yaml"
    one.write_text(one.read_text().replace("mapping: sheet", "mapping: readers"), encoding="utf-8")
    write_sheet(hub.folder, "one", [READER])
    write_sheet(hub.folder, "two", [LEAD])
    return load_hub(hub.folder)


def accounts(hub: Hub) -> set[str]:
    return {each["Name"] for each in crm_of(hub).records("accounts").values()}


def test_an_employer_that_some_list_names_is_not_made_because_its_row_changes(hub: Hub, night: Night) -> None:
    night()
    there = accounts(hub)
    assert "Suomen Sorvi Oy" in there
    assert "Vanha Verstas Oy" not in there
    write_sheet(hub.folder, "one", [(*READER[:3], "Oulu", *READER[4:])])
    assert night()["targets"]["crm"]["created"] == 0
    assert accounts(hub) == there


def test_whoever_is_in_the_crm_without_a_company_lets_in_the_one_that_a_list_names(hub: Hub, night: Night) -> None:
    write_sheet(hub.folder, "two", [])
    crm_of(hub).put("contacts", {"FirstName": "Eero", "LastName": "Salo", "Email": "eero.salo@gmail.com"}, key="007")
    night()
    assert "Vanha Verstas Oy" in accounts(hub)


ORDER = """
record: order
order:
  number: Number
  of: {stream: leads, key: {from: Customer}}
"""


def contacts(hub: Hub) -> set[str]:
    return {each["LastName"] for each in crm_of(hub).records("contacts").values()}


def test_a_company_that_gets_its_first_lead_brings_the_people_along_that_are_known(hub: Hub, night: Night) -> None:
    colleague = ("2", "Suomen Sorvi Oy", "", "Oulu", "Liisa Aro", "liisa.aro@suomensorvi.example", "", "")
    write_sheet(hub.folder, "one", [READER, colleague])
    write_sheet(hub.folder, "two", [])
    night()
    assert "Aro" not in contacts(hub)
    write_sheet(hub.folder, "two", [LEAD])
    night()
    assert contacts(hub) >= {"Salo", "Aro"}
    assert night()["targets"]["crm"]["created"] == 0


def test_so_does_one_that_gets_its_first_order(hub: Hub, night: Night) -> None:
    staff = ("2", "Suomen Sorvi Oy", "", "Oulu", "Liisa Aro", "liisa.aro@suomensorvi.example", "", "")
    seller = ("3", "Suomen Sorvi Oy", "", "Oulu", "Arvo Vesa", "arvo.vesa@suomensorvi.example", "", "")
    write_sheet(hub.folder, "one", [READER, staff, seller])
    write_sheet(hub.folder, "two", [])
    night()
    assert not contacts(hub) & {"Aro", "Vesa"}
    one = hub.folder / "connections" / "one.yaml"
    one.write_text(
        f"{one.read_text()}  orders: {{files: orders.csv, key: [Number], mapping: orders}}\n", encoding="utf-8"
    )
    (hub.folder / "mappings" / "sources" / "orders.yaml").write_text(ORDER, encoding="utf-8")
    (hub.folder / "data" / "orders.csv").write_text("Number,Customer\n7,2\n", encoding="utf-8")
    night()
    assert contacts(hub) >= {"Aro", "Vesa"}
