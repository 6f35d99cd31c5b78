"""Leads in sheets whose rows get other numbers: each task stays with whom it was about. Synthetic names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.store import Store
from solmu.sync import claims
from tests.hubs import crm_of, write_sheet
from tests.night.conftest import Night

AHO = ("Hangon Hitsi Oy", "", "Hanko", "Onni Aho", "onni@hangonhitsi.example", "0401234567", "Laser")
SALO = ("Salon Saha Oy", "", "Salo", "Eeva Salo", "eeva@salonsaha.example", "0407654321", "Saws")
NIEMI = ("Turun Telakka Oy", "", "Turku", "Sanna Niemi", "sanna@turuntelakka.example", "0405554443", "Cranes")
VIRTA = ("Hangon Hitsi Oy", "", "Hanko", "Veera Virta", "veera@hangonhitsi.example", "0409876543", "Saws")


@pytest.fixture
def hub(hub: Hub) -> Hub:
    sheet(hub, AHO, SALO)
    write_sheet(hub.folder, "two", [])
    return hub


def sheet(hub: Hub, *rows: Sequence[str]) -> None:
    """Write the sheet with these rows, numbered from 1 on."""
    write_sheet(hub.folder, "one", [(str(number), *row) for number, row in enumerate(rows, start=1)])


def tasks(hub: Hub) -> dict[str, tuple[str, str, str]]:
    """By id: the subject, and the person and the company that it is about."""
    crm = crm_of(hub)
    people, firms = crm.records("contacts"), crm.records("accounts")
    return {
        key: (str(each["Subject"]), str(people[each["WhoId"]]["LastName"]), str(firms[each["WhatId"]]["Name"]))
        for key, each in crm.records("tasks").items()
    }


def about(found: dict[str, tuple[str, str, str]]) -> dict[str, Any]:
    return {key: said[1:] for key, said in found.items()}


def test_a_row_on_top_moves_no_task_and_doubles_none(hub: Hub, night: Night, store: Store) -> None:
    night()
    before = tasks(hub)
    assert sorted(before.values()) == [("Lead 1", "Aho", "Hangon Hitsi Oy"), ("Lead 2", "Salo", "Salon Saha Oy")]
    first = next(key for key, said in before.items() if said[1] == "Aho")
    crm_of(hub).change("tasks", first, {"Status": "Completed"})
    sheet(hub, NIEMI, AHO, SALO)
    night()
    night()  # what somebody has edited there meanwhile is written the next time
    expected = [("Lead 1", "Niemi", "Turun Telakka Oy"), ("Lead 2", "Aho", "Hangon Hitsi Oy")]
    assert sorted(tasks(hub).values()) == [*expected, ("Lead 3", "Salo", "Salon Saha Oy")]
    assert about(before).items() <= about(tasks(hub)).items()
    assert [key for key, each in crm_of(hub).records("tasks").items() if each.get("Status") == "Completed"] == [first]
    three = about(tasks(hub))
    for rows in ([AHO, SALO], [NIEMI, AHO, SALO], [AHO, SALO, NIEMI]):
        sheet(hub, *rows)
        night()
        assert about(tasks(hub)) == three
    assert not night()["targets"]["crm"].get("updated")
    assert examine(store, hub)["ok"]


@pytest.mark.parametrize("other", [SALO, VIRTA, (*VIRTA[:-1], "Laser")], ids=["firms", "people", "same wish"])
def test_a_sheet_that_is_sorted_anew_moves_no_task(hub: Hub, night: Night, store: Store, other: Sequence[str]) -> None:
    sheet(hub, AHO, other, NIEMI)
    night()
    before = about(tasks(hub))
    for rows in ([NIEMI, AHO, other], [other, NIEMI, AHO], [other, AHO, NIEMI]):
        sheet(hub, *rows)
        night()
        assert about(tasks(hub)) == before
    assert examine(store, hub)["ok"]


def test_the_task_of_a_row_that_is_given_away_stays_and_is_found_again(hub: Hub, night: Night, store: Store) -> None:
    night()
    before = tasks(hub)
    for _ in range(2):
        sheet(hub, NIEMI, SALO)
        night()
        three = tasks(hub)
        assert before.items() <= three.items()
        assert sorted(set(three.values()) - set(before.values())) == [("Lead 1", "Niemi", "Turun Telakka Oy")]
        sheet(hub, AHO, SALO)
        night()
        assert tasks(hub) == three
    assert examine(store, hub)["ok"]


def test_a_task_stays_with_its_person_when_the_other_of_the_company_leaves(hub: Hub, night: Night) -> None:
    sheet(hub, AHO, (*VIRTA[:-1], AHO[-1]), SALO)
    night()
    before = about(tasks(hub))
    sheet(hub, (*VIRTA[:-1], AHO[-1]), SALO)
    night()
    assert about(tasks(hub)) == before


def test_another_lead_of_somebody_under_another_number_is_another_task(hub: Hub, night: Night) -> None:
    night()
    before = tasks(hub)
    sheet(hub, NIEMI, (*AHO[:-1], "Robots"))
    night()
    assert before.items() <= tasks(hub).items()
    assert len(tasks(hub)) == 4


def test_the_task_of_a_company_whose_contact_changes_is_the_new_contacts(hub: Hub, night: Night) -> None:
    night()
    before = tasks(hub)
    sheet(hub, (*VIRTA[:-1], AHO[-1]), SALO)
    night()
    assert tasks(hub).keys() == before.keys()
    assert sorted(tasks(hub).values()) == [("Lead 1", "Virta", "Hangon Hitsi Oy"), ("Lead 2", "Salo", "Salon Saha Oy")]


def test_who_changes_employers_takes_the_task_along(hub: Hub, night: Night) -> None:
    night()
    sheet(hub, (*SALO[:3], "Onni Aho", "onni@salonsaha.example", *AHO[5:]), SALO)
    night()
    assert sorted(tasks(hub).values()) == [("Lead 1", "Aho", "Salon Saha Oy"), ("Lead 2", "Salo", "Salon Saha Oy")]


@pytest.mark.parametrize("earlier", [[], [NIEMI]], ids=["named before", "set aside"])
def test_a_row_that_names_a_firm_alone_has_no_contact_of_whom_it_named_before(
    hub: Hub, night: Night, earlier: Sequence[Sequence[str]]
) -> None:
    night()
    before = tasks(hub)
    for row in earlier:
        sheet(hub, row, SALO)
        night()
    sheet(hub, ("Vaasan Verstas Oy", "", "Vaasa", "", "", "", "Robots"), SALO)
    night()
    crm = crm_of(hub)
    firms = {key: each["Name"] for key, each in crm.records("accounts").items()}
    new = [each for each in crm.records("tasks").values() if firms[each["WhatId"]] == "Vaasan Verstas Oy"]
    assert [each.get("WhoId") for each in new] == [None]
    assert len(crm.records("tasks")) == len(before) + len(earlier) + 1
    assert {"Hangon Hitsi Oy", "Salon Saha Oy"} <= set(firms.values())  # and nobody has got another's name


def test_a_crash_before_the_leads_are_handed_on_doubles_none(
    hub: Hub, night: Night, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    night()
    before = about(tasks(hub))
    sheet(hub, NIEMI, AHO, SALO)
    with monkeypatch.context() as patched:
        patched.setattr(claims, "hand_on", crash)
        with pytest.raises(KeyboardInterrupt):
            night()
    night()
    assert before.items() <= about(tasks(hub)).items()
    assert len(tasks(hub)) == 3
    assert examine(store, hub)["ok"]
