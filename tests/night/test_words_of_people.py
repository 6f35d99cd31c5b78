"""What people said stays said: whom a merge in the CRM left, and who opted out in a row that is gone. Synthetic."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from solmu.config import Hub, load_hub
from solmu.doctor.run import examine
from solmu.golden.rebuild import golden_differences
from solmu.store import Store
from solmu.store.tables import golden
from tests.hubs import ONE, crm_of, write_sheet
from tests.night.conftest import Night

HITSI = ("3", "Hanko Hitsi Oy", "", "Hanko", "Ilmari Ek", "ek@hankohitsi.example", "", "")
CORRECTED = (*ONE[1][:3], "Kemi", *ONE[1][4:])


@pytest.fixture
def first(hub: Hub) -> Hub:
    """Salespeople come first, as where nothing else is said."""
    file = hub.folder / "hub.yaml"
    file.write_text(file.read_text().replace("default: rank", "default: crm-unless-blank"))
    return hub


def of(hub: Hub, name: str) -> str:
    return next(key for key, each in crm_of(hub).records("accounts").items() if each["Name"].startswith(name))


def test_what_we_filled_in_follows_its_source_until_somebody_changes_it_there(first: Hub, night: Night) -> None:
    night()
    sorvi = of(first, "Suomen Sorvi")
    write_sheet(first.folder, "one", [ONE[0], CORRECTED])
    assert night()["targets"]["crm"]["updated"] == 1
    assert crm_of(first).records("accounts")[sorvi]["City"] == "Kemi"
    crm_of(first).change("accounts", sorvi, {"City": "Tornio"})
    write_sheet(first.folder, "one", [ONE[0], ONE[1]])
    assert night()["targets"]["crm"]["updated"] == 0
    assert crm_of(first).records("accounts")[sorvi]["City"] == "Tornio"
    assert night()["targets"]["crm"]["updated"] == 0


def test_a_record_that_people_merged_another_into_keeps_the_values_that_they_chose(first: Hub, night: Night) -> None:
    write_sheet(first.folder, "one", [*ONE, HITSI])
    night()
    left, gone = of(first, "Hanko Hitsi"), of(first, "Suomen Sorvi")
    before = dict(crm_of(first).records("accounts")[left])
    crm_of(first).change("accounts", left, {})  # a merge is a change of the one that is left
    crm_of(first).remove("accounts", gone, merged_into=left)
    for _ in range(2):
        night()
        assert crm_of(first).records("accounts")[left] == before


def test_an_opt_out_outlives_the_row_that_said_it(first: Hub, night: Night, store: Store) -> None:
    sheet = first.folder / "mappings" / "sources" / "sheet.yaml"
    sheet.write_text(sheet.read_text().replace("lead: {", "  opt_out: {from: Interest, on_invalid: drop}\nlead: {"))
    out = (*ONE[1][:7], "yes")
    write_sheet(first.folder, "one", [ONE[0], out])
    night()
    contacts = crm_of(first).records("contacts")
    salo = next(key for key, each in contacts.items() if each["LastName"] == "Salo")
    crm_of(first).change("contacts", salo, {"FirstName": "Eero Juhani"})
    write_sheet(first.folder, "one", [ONE[0]])
    night()
    with store.read() as connection:
        document = connection.execute(select(golden.c.document).where(golden.c.name.like("%Salo"))).scalar_one()
    assert document["opt_out"]["value"] is True
    now = load_hub(first.folder)
    assert [each for each in examine(store, now)["checks"] if not each["ok"]] == []
    assert list(golden_differences(store, now)) == []
