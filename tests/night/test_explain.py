"""What explain tells of the past: where somebody worked before, and what rows that are gone said. Synthetic names."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from solmu.config import Hub
from solmu.store import Store
from solmu.store.tables import source_version
from tests.hubs import write_sheet
from tests.night.commands import Solmu, in_process, on_hub
from tests.night.conftest import Night

AHO = ("7", "Hangon Hitsi Oy", "", "Hanko", "Onni Aho", "onni@hangonhitsi.example", "0401234567", "Laser")
DAY = 86_400_000_000
MOVED = ("7", "Salon Saha Oy", "", "Salo", "Onni Aho", "onni@salonsaha.example", "0401234567", "Laser")


@pytest.fixture
def solmu(hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Solmu:
    return on_hub(hub, in_process(monkeypatch, capsys))


def told(solmu: Solmu, what: str) -> Any:
    code, document = solmu("explain", what)
    assert code == 0
    return document


def test_explain_tells_where_somebody_worked_until_when_and_by_whose_word(
    hub: Hub, store: Store, night: Night, solmu: Solmu
) -> None:
    write_sheet(hub.folder, "one", [AHO])
    night()
    with store.write() as connection:  # that night was yesterday
        connection.execute(update(source_version).values(landed_at=source_version.c.landed_at - DAY))
    write_sheet(hub.folder, "one", [MOVED])
    night()
    aho = told(solmu, "onni@salonsaha.example")
    assert {each["name"] for each in aho["affiliations"]} == {"Salon Saha Oy"}
    (past,) = aho["past_affiliations"]
    assert (past["name"], past["source"]) == ("Hangon Hitsi Oy", "one/leads/7")
    assert (
        past["named"]
        < past["ended"]
        == next(each["named"] for each in aho["affiliations"] if each["source"] == "one/leads/7")
    )
    _, text = solmu("explain", aho["golden_id"], text=True)
    assert "Where they worked before" in text
    firm = told(solmu, "Hangon Hitsi Oy")
    assert (firm["affiliations"], [each["name"] for each in firm["past_affiliations"]]) == ([], ["Onni Aho"])


def test_of_a_row_that_speaks_of_two_one_is_named_by_its_slot(hub: Hub, night: Night, solmu: Solmu) -> None:
    write_sheet(hub.folder, "one", [AHO])
    night()
    assert "golden_id" not in told(solmu, "one/leads/7")
    assert told(solmu, "one/leads/7#person")["name"] == "Onni Aho"
    assert told(solmu, "one/leads/7#organisation")["name"] == "Hangon Hitsi Oy"
    assert solmu("explain", "one/leads/7#somebody")[0] == 1


def test_a_row_that_comes_under_another_key_ends_no_job(hub: Hub, night: Night, solmu: Solmu) -> None:
    write_sheet(hub.folder, "one", [AHO])
    night()
    write_sheet(hub.folder, "one", [("17", *AHO[1:])])
    night()
    aho = told(solmu, "onni@hangonhitsi.example")
    assert aho["past_affiliations"] == []


def test_who_left_the_list_worked_there(hub: Hub, night: Night, solmu: Solmu) -> None:
    others = [(str(n), f"Firma{n} Oy", "", "Salo", "", f"eka@firma{n}.example", "", "") for n in range(9)]
    write_sheet(hub.folder, "two", [("17", *AHO[1:]), *others])
    night(send=False)
    write_sheet(hub.folder, "two", others)
    night(send=False)
    aho = told(solmu, "onni@hangonhitsi.example")
    assert aho["affiliations"] == []
    assert [each["ended"] is not None for each in aho["past_affiliations"]] == [True]


def test_explain_says_which_values_are_of_rows_that_are_gone(hub: Hub, night: Night, solmu: Solmu) -> None:
    others = [(str(n), f"Firma{n} Oy", "", "Salo", "", f"eka@firma{n}.example", "", "") for n in range(9)]
    hitsi = ("Hangon Hitsi Oy", "0112038-9", *AHO[3:])
    write_sheet(hub.folder, "one", [("70", *hitsi), *others])
    write_sheet(hub.folder, "two", [("17", "Hangon Hitsi", *hitsi[1:])])
    night(send=False)
    assert "(gone)" not in solmu("explain", "0112038-9", text=True)[1]
    write_sheet(hub.folder, "one", others)
    night(send=False)
    name = told(solmu, "0112038-9")["fields"]["name"]
    assert (name["value"], name["source"], "gone" in name) == ("Hangon Hitsi", "two/leads/17", False)
    assert [(each["value"], each["gone"]) for each in name["others"]] == [("Hangon Hitsi Oy", True)]
    assert "one/leads/70 (gone)" in solmu("explain", "0112038-9", text=True)[1]
