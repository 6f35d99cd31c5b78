"""Who left a list, or was moved by a salesperson, is still known for whom it is. Synthetic names."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.store import Store
from solmu.store.tables import golden
from tests.hubs import crm_of, write_sheet
from tests.night.conftest import Night

AHO = ("7", "Hangon Hitsi Oy", "", "Hanko", "Onni Aho", "onni@hangonhitsi.example", "0401234567", "Laser")
SALO = ("8", "Salon Saha Oy", "", "Salo", "Eeva Salo", "eeva@salonsaha.example", "0407654321", "Saws")


@pytest.fixture
def hub(hub: Hub) -> Hub:
    write_sheet(hub.folder, "one", [AHO, SALO])
    write_sheet(hub.folder, "two", [])
    return hub


def names(hub: Hub, kind: str, field: str) -> list[str]:
    return sorted(each[field] for each in crm_of(hub).records(kind).values())


def contact(hub: Hub, email: str) -> tuple[str, dict[str, object]]:
    return next((key, each) for key, each in crm_of(hub).records("contacts").items() if each.get("Email") == email)


def moved_by_sales(hub: Hub, night: Night) -> tuple[Any, str, str]:
    """After the first night a salesperson moves Onni Aho to the other customer: the CRM, his key there, and hers."""
    night()
    crm = crm_of(hub)
    key, _ = contact(hub, "onni@hangonhitsi.example")
    saha = next(key for key, each in crm.records("accounts").items() if each["Name"] == "Salon Saha Oy")
    crm.change("contacts", key, {"AccountId": saha})
    return crm, key, saha


def test_whoever_comes_again_under_another_key_is_the_customer_that_left_the_list(
    hub: Hub, night: Night, store: Store
) -> None:
    night()
    accounts, contacts = names(hub, "accounts", "Name"), names(hub, "contacts", "Email")
    write_sheet(hub.folder, "one", [SALO])
    night()
    with store.read() as connection:  # the CRM only repeats what we wrote there, and yet nobody is nameless
        known = set(connection.scalars(select(golden.c.name).where(golden.c.state == "live")))
    assert {"Hangon Hitsi Oy", "Onni Aho"} <= known
    write_sheet(hub.folder, "one", [SALO, ("99", *AHO[1:])])
    night()
    assert names(hub, "accounts", "Name") == accounts
    assert names(hub, "contacts", "Email") == contacts
    assert examine(store, hub)["ok"]


@pytest.mark.parametrize("key", ["7a", "007"])
def test_a_row_whose_key_changes_overnight_makes_no_second_customer(hub: Hub, night: Night, key: str) -> None:
    night()
    accounts, contacts = names(hub, "accounts", "Name"), names(hub, "contacts", "Email")
    write_sheet(hub.folder, "one", [SALO, (key, *AHO[1:])])
    night()
    assert names(hub, "accounts", "Name") == accounts
    assert names(hub, "contacts", "Email") == contacts


def test_a_row_that_moves_to_another_list_makes_no_second_customer(hub: Hub, night: Night) -> None:
    night()
    accounts, contacts = names(hub, "accounts", "Name"), names(hub, "contacts", "Email")
    write_sheet(hub.folder, "one", [SALO])
    write_sheet(hub.folder, "two", [AHO])
    night()
    assert names(hub, "accounts", "Name") == accounts
    assert names(hub, "contacts", "Email") == contacts


def test_a_contact_that_sales_moved_stays_there_when_something_else_of_the_row_changes(hub: Hub, night: Night) -> None:
    crm, key, saha = moved_by_sales(hub, night)
    night()
    write_sheet(hub.folder, "one", [(*AHO[:6], "0409999999", AHO[7]), SALO])
    night()
    assert crm.records("contacts")[key]["AccountId"] == saha
    assert "409999999" in str(crm.records("contacts")[key])
    write_sheet(hub.folder, "one", [(*AHO[:3], "Turku", *AHO[4:]), SALO])
    night()
    assert crm.records("contacts")[key]["AccountId"] == saha
    assert {each["City"] for each in crm.records("accounts").values()} >= {"Turku", "Salo"}


@pytest.mark.parametrize(
    "rows",
    [
        [("7", *SALO[1:]), ("8", *AHO[1:])],
        [("7", "Turun Telakka Oy", "", "Turku", "Sanna Niemi", "sanna@turuntelakka.example", "", ""), SALO,
         ("9", *AHO[1:])],
        [("27", *AHO[1:]), ("28", *SALO[1:])],
    ],
    ids=["sorted anew", "a row on top", "other keys"],
)  # fmt: skip
def test_a_contact_that_sales_moved_stays_there_when_rows_only_change_places(
    hub: Hub, night: Night, rows: list[tuple[str, ...]]
) -> None:
    crm, key, saha = moved_by_sales(hub, night)
    night()
    for order in (rows, [AHO, SALO]):
        write_sheet(hub.folder, "one", order)
        night()
        assert crm.records("contacts")[key]["AccountId"] == saha
    # and yet the list is heard when it names another employer, were it one that it has named before
    for firm in ("Merituuli Group Oy", "Hangon Hitsi Oy"):
        where = [row[4] for row in rows].index("Onni Aho")
        rows = [*rows[:where], (rows[where][0], firm, "", "Turku", *AHO[4:]), *rows[where + 1 :]]
        write_sheet(hub.folder, "one", rows)
        night()
        assert crm.records("accounts")[crm.records("contacts")[key]["AccountId"]]["Name"] == firm


def test_a_contact_that_sales_moved_follows_a_list_that_names_a_new_employer(hub: Hub, night: Night) -> None:
    crm, key, _ = moved_by_sales(hub, night)
    night()
    crm.change("contacts", key, {"Phone": "+358 40 111 1111"})
    moved = ("7", "Merituuli Group Oy", "", "Turku", "Onni Aho", "onni@merituuli.example", *AHO[6:])
    write_sheet(hub.folder, "one", [moved, SALO])
    night()
    night()
    assert crm.records("accounts")[crm.records("contacts")[key]["AccountId"]]["Name"] == "Merituuli Group Oy"
