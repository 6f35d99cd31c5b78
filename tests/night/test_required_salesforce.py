"""What a Salesforce org demands of a new record and the hub has not: refused in the plan, and never sent. Synthetic."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from sandbox.start import Running
from solmu.config import Hub, load_hub
from solmu.doctor import examine
from solmu.store import Store
from solmu.store.tables import outbox
from solmu.sync.trying import checked
from tests.hubs import ONE
from tests.night.conftest import Night
from tests.night.salesforce import api, running, salesforce_hub
from tests.sandbox.client import Api

__all__ = ["api", "running"]

STREAMS = (
    "accounts: {mapping: salesforce/account}",
    "deals: {stream: opportunities, mapping: deal, direction: target}",
)
# An opportunity must have a stage and a date by which it closes; who wrote this mapping thought of the name only.
DEAL = """
object: Opportunity
hanging: lead
external_id: Solmu_Id__c
fields:
  AccountId: {parent: accounts}
  Name: {template: "Lead {number}"}
"""


@pytest.fixture
def hub(tmp_path: Path, database_url: str, running: Running) -> Hub:
    mapping = tmp_path / "hub" / "mappings" / "targets" / "deal.yaml"
    mapping.parent.mkdir(parents=True)
    mapping.write_text(DEAL.lstrip())
    sheets = {"one": ONE, "two": ()}
    return salesforce_hub(tmp_path / "hub", running, STREAMS, store=database_url, sheets=sheets)


def test_a_mapping_that_forgets_what_the_org_demands_is_told_so_and_nothing_is_sent_for_it(
    hub: Hub, store: Store, night: Night, api: Api
) -> None:
    report = night()
    assert (report["targets"]["crm"]["created"], report["targets"]["crm"]["rejected"]) == (2, 2)
    with store.read() as connection:
        refused = connection.execute(select(outbox).where(outbox.c.state == "rejected")).all()
    assert {(row.object, row.code, row.field, row.attempts) for row in refused} == {
        ("deals", "required", "StageName", 0)
    }
    assert all("StageName of deals is required by the target" in row.message for row in refused)
    calls = len(api.calls(kind="write"))
    night()
    assert len(api.calls(kind="write")) == calls
    assert api.query("SELECT Id FROM Opportunity") == []

    mapping = hub.folder / "mappings" / "targets" / "deal.yaml"
    mapping.write_text(mapping.read_text() + "  StageName: {const: Prospecting}\n  CloseDate: {const: '2030-01-31'}\n")
    assert night()["targets"]["crm"]["created"] == 2
    assert sorted(each["Name"] for each in api.query("SELECT Name FROM Opportunity")) == ["Lead 1", "Lead 2"]
    assert examine(store, hub)["ok"]


@pytest.mark.usefixtures("api")
def test_an_owner_who_is_nobody_is_told_before_anything_is_sent_and_with_its_rule_after(
    hub: Hub, store: Store, night: Night
) -> None:
    settings = hub.folder / "hub.yaml"
    settings.write_text(settings.read_text() + "\nassignment: {default: Aino}\n")
    (note,) = [each for each in checked(load_hub(hub.folder), "crm") if "assignment" in each]
    assert note.startswith("assignment.default in hub.yaml names 'Aino', and that is the id of nobody")
    night()
    with store.read() as connection:
        refused = connection.execute(select(outbox).where(outbox.c.code == "MALFORMED_ID")).all()
    assert {row.object for row in refused} == {"accounts"}
    assert all(row.message.endswith("(the owner is from assignment.default in hub.yaml)") for row in refused)
