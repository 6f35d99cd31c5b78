"""A person in a Salesforce org: made as what, and told of an opt-out where they stand twice. Synthetic names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.start import Running
from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.steward.acts import merge, unmerge
from solmu.steward.changes import carry_out
from solmu.steward.pointing import point
from solmu.steward.undo import undo
from solmu.store import Store, time
from tests.hubs import write_sheet
from tests.night.conftest import Night
from tests.night.salesforce import api, running, salesforce_hub
from tests.sandbox.client import Api

__all__ = ["api", "running"]

STREAMS = (
    "accounts: {mapping: salesforce/account}",
    "contacts: {mapping: salesforce/contact}",
    "leads: {mapping: salesforce/lead}",
)
MAIJA = {"FirstName": "Maija", "LastName": "Malli", "Email": "maija.malli@mantypuu.example"}
ROW = ("1", "Mänty Puu Oy", "2092540-6", "Mikkeli", "Olli Oja", "olli.oja@mantypuu.example", "", "Laser")


@pytest.fixture
def hub(tmp_path: Path, migrated_sqlite: Path, running: Running) -> Hub:
    """On one kind of database: what is asked of it are single rows by their keys."""
    sheets = {"one": (ROW,), "two": ()}
    return salesforce_hub(tmp_path / "hub", running, STREAMS, migrated=migrated_sqlite, sheets=sheets)


def orders_only(hub: Hub) -> None:
    """The sheet's rows are no leads of its person: what lets them in is that their company is there."""
    file = hub.folder / "mappings" / "sources" / "sheet.yaml"
    text = file.read_text()
    file.write_text("\n".join(line for line in text.splitlines() if not line.startswith("lead:")), encoding="utf-8")


def contacts(api: Api) -> list[dict[str, Any]]:
    return api.query("SELECT Id, Email, HasOptedOutOfEmail FROM Contact ORDER BY Id")


def test_who_works_for_a_customer_that_is_there_becomes_a_contact_and_no_lead(hub: Hub, night: Night, api: Api) -> None:
    orders_only(hub)
    api.edit(action="create", type="Account", fields={"Name": "Mänty Puu Oy", "BillingCity": "Mikkeli"})
    target = night()["targets"]["crm"]
    assert (target["created"], target["rejected"]) == (1, 0)
    assert [each["Email"] for each in contacts(api)] == ["olli.oja@mantypuu.example"]
    assert api.query("SELECT Id FROM Lead") == []


def test_whom_somebody_has_deleted_as_a_lead_is_not_made_as_a_contact(hub: Hub, night: Night, api: Api) -> None:
    fields = {"FirstName": "Olli", "LastName": "Oja", "Company": "Mänty Puu Oy", "Email": ROW[5]}
    lead = api.edit(action="create", type="Lead", fields=fields)["id"]
    night()
    api.edit(action="delete", id=lead)
    write_sheet(hub.folder, "one", ((*ROW[:6], "0401234567", ROW[7]),))
    night()
    assert contacts(api) == []


@pytest.fixture
def twice(store: Store, night: Night, api: Api) -> tuple[str, str]:
    """Two contacts of one person, as a steward has said."""
    one, other = (api.edit(action="create", type="Contact", fields=MAIJA)["id"] for _ in range(2))
    night()
    with store.write() as connection:
        both = point(connection, one), point(connection, other)
        carry_out(connection, merge(connection, *both), who="anna", now=time.now())
    night()
    return one, other


def test_an_opt_out_reaches_each_record_of_somebody_and_nothing_else_does(
    store: Store, hub: Hub, night: Night, api: Api, twice: tuple[str, str]
) -> None:
    one, other = twice
    api.edit(action="update", id=one, fields={"HasOptedOutOfEmail": True, "Title": "Buyer"})
    night()
    assert [each["HasOptedOutOfEmail"] for each in contacts(api)] == [True, True, False]
    assert api.read("Contact", other)["Title"] is None
    assert night()["targets"]["crm"]["updated"] == 0
    assert examine(store, hub)["ok"]


def test_an_opt_out_that_only_we_wrote_is_no_opt_out_of_whom_it_is_parted_from(
    store: Store, hub: Hub, night: Night, api: Api, twice: tuple[str, str]
) -> None:
    one, _ = twice
    api.edit(action="update", id=one, fields={"HasOptedOutOfEmail": True})
    night()
    with store.write() as connection:
        carry_out(connection, unmerge(connection, point(connection, one)), who="anna", now=time.now())
    assert (
        night()["targets"]["crm"]["updated"] == 0
    )  # nothing brings a consent back, not what we wrote by mistake either
    assert [each["HasOptedOutOfEmail"] for each in contacts(api)] == [True, True, False]
    assert examine(store, hub)["ok"]


def test_a_split_that_was_pushed_and_undone_leaves_two_records_and_is_no_defect(
    hub: Hub, store: Store, night: Night, api: Api
) -> None:
    night()
    (made,) = contacts(api)
    with store.write() as connection:
        change = carry_out(connection, unmerge(connection, point(connection, made["Id"])), who="anna", now=time.now())
    assert night()["targets"]["crm"]["created"] == 1  # the row stands for somebody else now
    with store.write() as connection:
        carry_out(connection, undo(connection, hub, change.id), who="anna", now=time.now())
    assert night()["targets"]["crm"]["secondary"] == 1
    assert night()["targets"]["crm"]["updated"] == 0
    assert examine(store, hub)["ok"]
