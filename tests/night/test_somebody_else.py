"""Rows that keep their key and speak of somebody else. Synthetic names."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.store import Store
from solmu.store.tables import affiliation, link, mention
from tests.hubs import crm_of, write_sheet
from tests.night.conftest import Night

AHO = ("7", "Hangon Hitsi Oy", "", "Hanko", "Onni Aho", "onni@hangonhitsi.example", "0401234567", "Laser")
SALO = ("8", "Salon Saha Oy", "", "Salo", "Eeva Salo", "eeva@salonsaha.example", "0407654321", "Saws")
MOVED = ("7", "Salon Saha Oy", "", "Salo", "Onni Aho", "onni@salonsaha.example", "0401234567", "Laser")


@pytest.fixture
def hub(hub: Hub) -> Hub:
    write_sheet(hub.folder, "one", [AHO, SALO])
    write_sheet(hub.folder, "two", [])
    return hub


def there(hub: Hub, kind: str) -> dict[str, dict[str, Any]]:
    return {key: dict(each) for key, each in crm_of(hub).records(kind).items()}


def account_of(hub: Hub, email: str) -> str:
    contact = next(each for each in there(hub, "contacts").values() if each.get("Email") == email)
    return str(there(hub, "accounts")[contact["AccountId"]]["Name"])


def test_who_changes_employers_moves_and_the_old_employer_keeps_its_name(hub: Hub, night: Night, store: Store) -> None:
    night()
    accounts = there(hub, "accounts")
    write_sheet(hub.folder, "one", [MOVED, SALO])
    night()
    assert there(hub, "accounts") == accounts
    assert len(there(hub, "contacts")) == 3
    assert account_of(hub, "onni@salonsaha.example") == "Salon Saha Oy"
    assert examine(store, hub)["ok"]


def test_rows_that_exchange_their_numbers_change_nothing(hub: Hub, night: Night, store: Store) -> None:
    night()
    accounts, contacts = there(hub, "accounts"), there(hub, "contacts")
    write_sheet(hub.folder, "one", [("8", *AHO[1:]), ("7", *SALO[1:])])
    night()
    assert there(hub, "accounts") == accounts
    assert there(hub, "contacts") == contacts
    assert examine(store, hub)["ok"]


def test_a_row_that_comes_back_to_whom_it_spoke_of_has_its_mentions_back(hub: Hub, night: Night, store: Store) -> None:
    def linked() -> list[Any]:
        with store.read() as connection:
            live = select(mention.c.public_id, mention.c.slot, link.c.golden_id, mention.c.state).where(
                mention.c.id == link.c.mention_id, link.c.until.is_(None), ~mention.c.slot.contains("#was")
            )
            return list(connection.execute(live.order_by(mention.c.public_id)))

    night()
    night()
    before, accounts = linked(), there(hub, "accounts")
    for _ in range(2):
        write_sheet(hub.folder, "one", [MOVED, SALO])
        night()
        assert linked() != before
        write_sheet(hub.folder, "one", [AHO, SALO])
        night()
        assert linked() == before
        assert there(hub, "accounts") == accounts
        assert account_of(hub, "onni@hangonhitsi.example") == "Hangon Hitsi Oy"
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(mention).where(mention.c.slot.contains("#was"))) == 1
        employed = select(affiliation.c.slot).where(affiliation.c.state == "live", affiliation.c.slot.contains("#was"))
        assert not connection.scalars(employed).all()
    assert examine(store, hub)["ok"]


def test_a_firm_with_a_new_name_and_its_business_id_is_renamed(hub: Hub, night: Night) -> None:
    registered = ("7", "Hangon Hitsi Oy", "1234567-1", *AHO[3:])
    write_sheet(hub.folder, "one", [registered, SALO])
    night()
    ids = there(hub, "accounts").keys()
    renamed = ("7", "Merituuli Group Oy", "1234567-1", "Turku", "Onni Aho", "onni@merituuli.example", *AHO[6:])
    write_sheet(hub.folder, "one", [renamed, SALO])
    night()
    assert there(hub, "accounts").keys() == ids
    assert account_of(hub, "onni@merituuli.example") == "Merituuli Group Oy"


def test_a_record_that_is_renamed_in_the_crm_is_who_it_is(hub: Hub, night: Night, store: Store) -> None:
    night()
    crm = crm_of(hub)
    key = next(key for key, each in crm.records("contacts").items() if each["Email"] == "onni@hangonhitsi.example")
    crm.put("contacts", {"FirstName": "Vieno", "LastName": "Korhonen", "Email": "vk@elsewhere.example"}, key=key)
    night()
    with store.read() as connection:
        assert not connection.scalars(select(mention.c.id).where(mention.c.slot.contains("#was"))).all()
    assert len(crm.records("contacts")) == 3


def test_another_mapping_makes_nobody_another(hub: Hub, night: Night, store: Store) -> None:
    night()
    file = hub.folder / "mappings" / "sources" / "sheet.yaml"
    file.write_text(file.read_text().replace("name: Company", "name: Interest").replace("city: City", "city: Company"))
    night()
    with store.read() as connection:
        assert not connection.scalars(select(mention.c.id).where(mention.c.slot.contains("#was"))).all()
