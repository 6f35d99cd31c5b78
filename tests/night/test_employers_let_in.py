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
