"""Two records of one customer in a CRM that merges them once a steward has said that they are one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.memory.space import Trouble
from sandbox.start import Running
from solmu.config import Hub, load_hub
from solmu.doctor.run import examine
from solmu.exchange import Payload
from solmu.steward.acts import merge
from solmu.steward.changes import carry_out
from solmu.steward.pointing import point
from solmu.store import Store, open_store, time
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import run_all
from tests.hubs import ONE, crm_of
from tests.night.conftest import Night
from tests.night.salesforce import api, running, salesforce_hub
from tests.night.test_doubles import listed, merged
from tests.night.test_revert import key_of
from tests.night.test_steward import Solmu, solmu
from tests.sandbox.client import Api

__all__ = ["api", "running", "solmu"]


def configure(hub: Hub, before: str, after: str, file: str = "connections/crm.yaml") -> Hub:
    path = Path(hub.folder, file)
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return load_hub(hub.folder)


def accounts(hub: Hub) -> dict[str, Payload]:
    found: dict[str, Payload] = crm_of(hub).records("accounts")
    return found


def told(report: dict[str, Any]) -> dict[str, int]:
    """What became of the actions of a night, what came to nothing left out."""
    names = ("created", "updated", "rejected", "unknown", "retriable", "superseded")
    return {name: report["targets"]["crm"][name] for name in names if report["targets"]["crm"][name]}


@pytest.fixture
def hub(hub: Hub) -> Hub:
    """The small hub, whose CRM may merge and takes the industry, too."""
    configure(hub, "settings: {", "merge_doubles: true\nsettings: {merges: true, ")
    return configure(hub, "  City: ", "  Industry: {from: industry}\n  City: ", "mappings/targets/account.yaml")


@pytest.fixture
def sorvi(hub: Hub, night: Night, solmu: Solmu) -> str:
    """The account of Suomen Sorvi, of which a salesperson knows what nobody else says; it is merged into Kotka Kone in
    the hub alone."""
    night()
    sorvi = key_of(hub, "accounts", Name="Suomen Sorvi Oy")
    crm_of(hub).change("accounts", sorvi, {"Industry": "Machining"})
    night()
    merged(solmu)
    return str(sorvi)


def test_they_become_one_there_which_keeps_what_only_the_other_said(
    hub: Hub, sorvi: str, store: Store, night: Night
) -> None:
    night()
    assert set(accounts(hub)) == {"001"}
    assert crm_of(hub).get("accounts", sorvi).merged_into == "001"
    assert {each["AccountId"] for each in crm_of(hub).records("contacts").values()} == {"001"}
    assert listed(store) == []
    for _ in range(2):
        assert told(night()) == {}
        assert accounts(hub)["001"]["Industry"] == "Machining"
    assert examine(store, hub)["ok"]


def test_unmerged_in_the_hub_the_one_there_stays_as_it_is_and_no_other_is_made(
    hub: Hub, sorvi: str, store: Store, night: Night, solmu: Solmu
) -> None:
    night()
    there = accounts(hub)
    unmerge = ("unmerge", f"crm/accounts/{sorvi}", "--as", "anna", "--reason", "two", "--yes", "--seen")
    seen = solmu(*unmerge[:2])[1]["preview"]["seen"]
    assert solmu(*unmerge, seen)[1]["done"]
    for _ in range(2):
        night()
        assert set(accounts(hub)) == set(there)
        assert accounts(hub)["001"]["Name"] == there["001"]["Name"]
    assert examine(store, hub)["ok"]


def test_it_waits_until_the_one_that_stays_shows_what_is_known_of_both(
    hub: Hub, sorvi: str, night: Night, solmu: Solmu
) -> None:
    crm_of(hub).misbehave(Trouble.REJECT)
    assert told(night())["rejected"] == 1
    night()
    assert set(accounts(hub)) == {"001", sorvi}, "what only the other said would be lost"
    solmu("retry")
    night()
    assert set(accounts(hub)) == {"001"}
    assert accounts(hub)["001"]["Industry"] == "Machining"


@pytest.mark.parametrize("trouble", [Trouble.LOSE, Trouble.TIME_OUT, Trouble.THROTTLE, Trouble.LOCK])
def test_it_is_done_once_whatever_becomes_of_the_answer(
    hub: Hub, sorvi: str, night: Night, store: Store, trouble: Trouble
) -> None:
    crm_of(hub).misbehave(trouble, on="merge")
    night()
    night()
    assert set(accounts(hub)) == {"001"}
    assert told(night()) == {}
    assert accounts(hub)["001"]["Industry"] == "Machining"
    assert examine(store, hub)["ok"]


def test_a_refusal_is_told_once_and_asked_again_only_when_somebody_says_so(
    hub: Hub, sorvi: str, night: Night, solmu: Solmu
) -> None:
    crm_of(hub).misbehave(Trouble.REJECT, on="merge")
    assert told(night())["rejected"] == 1
    assert "rejected" not in told(night())
    assert set(accounts(hub)) == {"001", sorvi}
    solmu("retry")
    night()
    assert set(accounts(hub)) == {"001"}


def test_more_than_a_few_are_stopped(hub: Hub, sorvi: str, night: Night) -> None:
    configure(hub, "name: Small", "name: Small\nguards: {merged_count: 0}", "hub.yaml")
    report = night()
    assert (report["exit"], report["guards"]) == (4, ["merged-count"])
    assert sorvi in accounts(hub)
    night(override=["merged-count"])
    assert sorvi not in accounts(hub)


def test_a_system_that_cannot_is_a_mistake_in_the_configuration(hub: Hub, sorvi: str, night: Night) -> None:
    configure(hub, "merges: true, ", "")
    (problem,) = night()["problems"]
    assert problem["field"] == "merge_doubles"
    assert "cannot merge its accounts" in problem["message"]
    assert sorvi in accounts(hub)


def test_in_salesforce_the_people_of_both_are_those_of_one(
    tmp_path: Path, running: Running, api: Api, database_url: str
) -> None:
    streams = ("accounts: {mapping: salesforce/account}", "contacts: {mapping: salesforce/contact}")
    there = salesforce_hub(tmp_path / "there", running, streams, store=database_url, sheets={"one": ONE, "two": ()})
    there = configure(there, "connector: salesforce", "connector: salesforce\nmerge_doubles: true")
    with open_store(there.store_url) as store:
        arm(store, "crm", who="tester", now=time.now())
        confirm_first_ten(store, "crm", who="tester", now=time.now())
        for _ in range(2):
            run_all(there, store)
        accounts = [each["Id"] for each in api.query("SELECT Id FROM Account ORDER BY Name")]
        assert len(accounts) == 2
        with store.write() as connection:
            both = [point(connection, f"crm/accounts/{each}") for each in accounts]
            carry_out(connection, merge(connection, *both), who="anna", now=time.now())
        report = run_all(there, store)
        assert (report["exit"], report["balanced"]) == (0, True), report["problems"]
        (left,) = api.query("SELECT Id FROM Account")
        contacts = api.query("SELECT AccountId FROM Contact")
        assert [each["AccountId"] for each in contacts] == [left["Id"]] * 2
        for _ in range(2):
            assert told(run_all(there, store)) == {}
        assert examine(store, there)["ok"]
