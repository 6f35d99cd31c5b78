"""A salesperson converts a lead in Salesforce: the hub goes on with the contact and the account. Synthetic names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sandbox.start import Running
from solmu.config import Hub
from solmu.doctor.run import examine
from solmu.store import Store
from solmu.store.tables import activity, deal, link, mention, remote, source_record
from tests.hubs import write_sheet
from tests.night.conftest import Night
from tests.night.salesforce import api, running, salesforce_hub
from tests.sandbox.client import Api

__all__ = ["api", "running"]

STREAMS = (
    "accounts: {mapping: salesforce/account}",
    "contacts: {mapping: salesforce/contact}",
    "leads: {mapping: salesforce/lead}",
    "tasks: {mapping: salesforce/task, direction: source}",
    "opportunities: {mapping: salesforce/opportunity, direction: source}",
    "campaign-members: {mapping: salesforce/campaign-member, direction: source}",
    "leads-as-tasks: {stream: tasks, mapping: salesforce/lead-task, direction: target}",
)
LEAD = {
    "FirstName": "Eino",
    "LastName": "Meri",
    "Company": "Haminan Hitsaus Oy",
    "Email": "eino.meri@haminanhitsaus.example",
    "Country": "Finland",
}
ROW = ("1", "Haminan Hitsaus Oy", "", "Hamina", "Eino Meri", "eino.meri@haminanhitsaus.example", "0407654321", "Laser")


@pytest.fixture
def hub(tmp_path: Path, database_url: str, running: Running) -> Hub:
    return salesforce_hub(tmp_path / "hub", running, STREAMS, store=database_url, sheets={"one": (), "two": ()})


@pytest.fixture
def lead(api: Api) -> str:
    return str(api.edit(action="create", type="Lead", fields=LEAD)["id"])


def placed(store: Store) -> dict[tuple[str, str], int]:
    """The golden record of each mention of the CRM, by key and slot."""
    query = (
        select(source_record.c.key, mention.c.slot, link.c.golden_id)
        .join(mention, mention.c.record_id == source_record.c.id)
        .join(link, (link.c.mention_id == mention.c.id) & link.c.until.is_(None))
        .where(source_record.c.connection == "crm")
    )
    with store.read() as connection:
        return {(row.key, row.slot): row.golden_id for row in connection.execute(query)}


def written(api: Api) -> list[dict[str, Any]]:
    return [each for each in api.calls(kind="write") if not each["path"].startswith("/_")]


def there(api: Api) -> tuple[int, int]:
    return len(api.query("SELECT Id FROM Account")), len(api.query("SELECT Id FROM Contact"))


def test_contact_and_account_are_the_same_as_the_leads_person_and_company(
    hub: Hub, store: Store, night: Night, api: Api, lead: str
) -> None:
    campaign = api.create("Campaign", Name="Spring fair")
    api.edit(action="create", type="CampaignMember", fields={"CampaignId": campaign, "LeadId": lead})
    api.edit(action="create", type="Task", fields={"Subject": "Call", "WhoId": lead})
    assert night()["targets"]["crm"]["created"] == 0  # a lead of the CRM's own is no reason to make a contact of it
    before = placed(store)
    # Nothing that could be matched by: what the salesperson has learnt since, the contact alone knows.
    made = api.edit(action="convert", id=lead, opportunity="A laser")
    renamed = {"LastName": "Meri-Salo", "FirstName": "E.", "Email": "es@elsewhere.example"}
    api.edit(id=made["contact"], fields=renamed)
    api.edit(id=made["account"], fields={"Name": "HH Group"})
    api.edit(id=made["opportunity"], fields={"NextStep": "Send the offer"})
    report = night()
    after = placed(store)
    assert after[made["contact"], "person"] == after[lead, "person"] == before[lead, "person"]
    assert after[made["account"], "organisation"] == after[lead, "organisation"] == before[lead, "organisation"]
    assert report["targets"]["crm"]["created"] == 0
    assert there(api) == (1, 1)
    with store.read() as connection:
        states = dict(connection.execute(select(remote.c.remote_id, remote.c.state)).tuples().all())
        deals = connection.execute(select(deal.c.mention_id, deal.c.document)).all()
        whose = connection.scalars(select(activity.c.mention_id)).all()
        (contact,) = connection.scalars(
            select(mention.c.id).join(source_record).where(source_record.c.key == made["contact"])
        )
    assert states[lead] == "converted"
    (document,) = (each.document for each in deals)
    assert (document["name"], document["next_step"]) == ("A laser", "Send the offer")
    assert document["owner"] == api.read("Opportunity", made["opportunity"])["OwnerId"]
    assert all(each.mention_id is not None for each in deals)
    assert set(whose) == {contact}  # the task and the campaign's member went over
    assert examine(store, hub)["ok"]


def test_nothing_more_is_written_to_the_lead(hub: Hub, night: Night, api: Api, lead: str) -> None:
    write_sheet(hub.folder, "one", [ROW])
    night()  # the sheet's lead is the same person, whom the CRM knows as a lead: so it is kept up to date
    assert api.read("Lead", lead)["MobilePhone"] is not None
    (account,) = api.values("SELECT Id FROM Account")  # what the lead is about belongs to somebody
    made = api.edit(action="convert", id=lead, account=account)
    before = api.read("Lead", lead)
    write_sheet(hub.folder, "one", [(*ROW[:3], "Kotka", "Eino Meri-Salo", ROW[5], "0409999999", "Press")])
    report = night()
    assert report["targets"]["crm"]["rejected"] == 0, report
    assert there(api) == (1, 1)
    assert api.read("Account", account)["BillingCity"] == "Kotka"
    assert api.read("Contact", made["contact"])["LastName"] == "Meri-Salo"
    assert api.read("Lead", lead) == before
    writes = len(written(api))
    night()
    assert len(written(api)) == writes


def test_a_conversion_into_what_has_not_been_read_waits_and_makes_no_double(
    hub: Hub, store: Store, night: Night, api: Api, lead: str
) -> None:
    """The hub reads the lead, and not yet the contact that it is by now."""
    night()
    write_sheet(hub.folder, "one", [ROW])
    made = api.edit(action="convert", id=lead)
    file = hub.folder / "connections" / "crm.yaml"
    whole = file.read_text()
    file.write_text(
        whole.replace("contact}", 'contact, where: "LastName = null"}').replace(
            "account}", 'account, where: "Name = null"}'
        )
    )
    report = night()
    assert (report["targets"]["crm"]["created"], report["targets"]["crm"]["kept_out"]) == (0, 2)
    assert there(api) == (1, 1)
    file.write_text(whole)
    api.edit(id=made["contact"], fields={"Title": "Owner"})
    api.edit(id=made["account"], fields={"Phone": "05 123 4567"})
    night()
    assert there(api) == (1, 1)
    after = placed(store)
    assert after[made["contact"], "person"] == after[lead, "person"]
    assert after[made["account"], "organisation"] == after[lead, "organisation"]
    assert examine(store, hub)["ok"]
