"""Deals of other sources become opportunities of a CRM, once each, and come back as no further deals. Synthetic."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from connectors.memory.space import Space, Trouble, space
from solmu.cli import main
from solmu.config import Hub, load_hub
from solmu.doctor import examine
from solmu.errors import ConfigurationError
from solmu.followup.count import count
from solmu.store import Store
from solmu.store.tables import deal, golden, source_record
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.reverting import revert_run
from solmu.sync.streams import target_streams
from solmu.web.customer_timeline import timeline
from tests.hubs import crm_of
from tests.night.conftest import Night
from tests.night.quoting import KOTKA, LASER, SORVI, quotes, with_quotes

READ = """
record: opportunity
ignore: [Owner]
deal:
  number: Number
  name: Name
  stage: Stage
  amount: Amount
  on: Closes
  next_step: Next
  of: {stream: accounts, key: {from: Account}}
"""
WRITTEN = """
object: Opportunity
hanging: deal
fields:
  Account: {parent: accounts, required: true}
  Name: {from: [name, number], required: true}
  Amount: {from: amount, as: number}
  Closes: {from: on}
  Stage: {from: stage, default: New, only_on: create}
  Owner: {assign: true}
"""
OTHER = """
connector: memory
direction: both
settings: {space: NAME}
streams:
  accounts: {mapping: account}
  opportunities: {mapping: opportunity}
"""


@pytest.fixture
def hub(hub: Hub) -> Hub:
    for path, text in {
        "mappings/sources/opportunity.yaml": READ,
        "mappings/targets/opportunity.yaml": WRITTEN,
    }.items():
        (hub.folder / path).write_text(text.lstrip())
    crm = hub.folder / "connections" / "crm.yaml"
    crm.write_text(crm.read_text() + "  opportunities: {mapping: opportunity}\n")
    return with_quotes(hub)


def opportunities(crm: Space) -> dict[str, dict[str, Any]]:
    """By their names, each of which there is once."""
    found = list(crm.records("opportunities").values())
    by_name = {each["Name"]: each for each in found}
    assert len(by_name) == len(found)
    return by_name


def key_of(crm: Space, name: str) -> str:
    [key] = [key for key, each in crm.records("opportunities").items() if each["Name"] == name]
    return key


def account_of(crm: Space, name: str) -> str:
    [key] = [key for key, each in crm.records("accounts").items() if each["Name"] == name]
    return key


def deals(store: Store) -> list[tuple[str, str]]:
    """The deals in the hub: whose they are, and whether they count."""
    query = select(source_record.c.connection, deal.c.state).join(deal, deal.c.record_id == source_record.c.id)
    with store.read() as connection:
        return sorted((row.connection, row.state) for row in connection.execute(query))


def test_a_deal_becomes_an_opportunity_of_its_customers_account(hub: Hub, store: Store, night: Night) -> None:
    quotes(hub, LASER, ("Q2", *SORVI, "Press", "", "200", "2030-02-28"))
    night()
    crm = crm_of(hub)
    assert opportunities(crm) == {
        "Laser": {"Account": "001", "Name": "Laser", "Amount": 1000, "Closes": "2030-01-31", "Stage": "Quoted",
                  "Owner": "005"},
        "Press": {"Account": account_of(crm, "Suomen Sorvi Oy"), "Name": "Press", "Amount": 200,
                  "Closes": "2030-02-28", "Stage": "New", "Owner": "005"},
    }  # fmt: skip
    writes = sum(call.verb == "write" for call in crm.calls)
    again = night()
    assert sum(call.verb == "write" for call in crm.calls) == writes
    assert again["targets"]["crm"]["created"] == again["targets"]["crm"]["updated"] == 0
    assert deals(store) == [("crm", "copy")] * 2 + [("erp", "live")] * 2
    assert examine(store, hub)["ok"], examine(store, hub)


def test_what_its_source_changes_goes_out_and_what_people_change_there_stays(
    hub: Hub, store: Store, night: Night
) -> None:
    night()
    crm = crm_of(hub)
    crm.change("opportunities", key_of(crm, "Laser"), {"Stage": "Negotiation", "Closes": "2030-03-31", "Next": "Call"})
    quotes(hub, (*LASER[:5], "1500", "2030-02-15"))
    night()
    assert opportunities(crm)["Laser"] | {"Owner": "005"} == {
        "Account": "001", "Name": "Laser", "Amount": 1500, "Closes": "2030-03-31", "Stage": "Negotiation",
        "Owner": "005", "Next": "Call",
    }  # fmt: skip
    with store.read() as connection:
        ids = connection.scalars(select(golden.c.id).where(golden.c.entity == "organisation"))
        (shown,) = [each for each in timeline(connection, ids)[0] if each["kind"] == "deal"]
    assert (shown["source"], shown["amount"], shown["next_step"]) == ("erp/quotes/Q1", "1500", "Call")
    assert shown["words"] == "Quoted, Negotiation"

    before = count(hub, store, lambda _step, _more: None)["no_next_step"]
    crm.change("opportunities", key_of(crm, "Laser"), {"Stage": "Closed Lost"})
    night()
    assert count(hub, store, lambda _step, _more: None)["no_next_step"] == before + 1


def test_one_that_somebody_deletes_there_is_not_made_again(hub: Hub, store: Store, night: Night) -> None:
    night()
    crm = crm_of(hub)
    crm.remove("opportunities", key_of(crm, "Laser"))
    quotes(hub, (*LASER[:5], "1500", LASER[6]))
    night()
    assert opportunities(crm) == {}
    assert deals(store) == [("crm", "withdrawn"), ("erp", "live")]


def test_a_create_without_an_answer_makes_one_opportunity_and_one_deal(hub: Hub, store: Store, night: Night) -> None:
    quotes(hub)
    night()
    quotes(hub, LASER)
    crm_of(hub).misbehave(Trouble.LOSE, on="write", times=1)
    night()
    night()
    assert list(opportunities(crm_of(hub))) == ["Laser"]
    assert deals(store) == [("crm", "copy"), ("erp", "live")]
    assert examine(store, hub)["ok"], examine(store, hub)


def test_a_deal_whose_customer_the_crm_refuses_is_blocked(hub: Hub, night: Night) -> None:
    crm = hub.folder / "connections" / "crm.yaml"
    crm.write_text(crm.read_text().replace("mapping: account}", "mapping: account, required: [BusinessId]}"))
    quotes(hub, ("Q2", *SORVI, "Press", "", "200", "2030-02-28"))
    counts = night()["targets"]["crm"]
    assert counts["rejected"] == 1
    assert counts["blocked"] >= 1
    assert opportunities(crm_of(hub)) == {}


def test_what_is_over_or_there_by_its_number_is_not_made(hub: Hub, store: Store, night: Night) -> None:
    crm = crm_of(hub)
    mine = {"Account": "001", "Number": "q2", "Name": "Entered by hand", "Stage": "New"}
    crm.put("opportunities", mine, key="own")
    quotes(
        hub,
        LASER,
        ("Q2", *KOTKA, "Press", "Quoted", "200", "2030-02-28"),
        ("Q3", *KOTKA, "Saw", "Lost", "300", "2020-02-28"),
        ("Q4", "Elsewhere Oy", "", "Crane", "", "300", "2030-02-28"),
    )
    report = night()
    assert set(opportunities(crm)) == {"Laser", "Entered by hand"}
    assert crm.records("opportunities")["own"] == mine
    plan = report["targets"]["crm"]
    assert plan["kept_out"] == 3  # and one whose customer neither is in the CRM nor has a reason to go there
    assert examine(store, hub)["ok"], examine(store, hub)


def test_a_deal_moves_with_its_customer(
    hub: Hub, night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def solmu(*words: str) -> Any:
        monkeypatch.setattr("sys.argv", ["solmu", *words, "--hub", str(hub.folder), "--yes", "--output", "json"])
        with pytest.raises(SystemExit):
            main()
        return json.loads(capsys.readouterr().out)

    quotes(hub, ("Q2", *SORVI, "Press", "", "200", "2030-02-28"))
    night()
    crm = crm_of(hub)
    sorvi = account_of(crm, "Suomen Sorvi Oy")
    assert opportunities(crm)["Press"]["Account"] == sorvi
    merged = solmu("merge", "Kotka Kone Oy", "Suomen Sorvi Oy")
    night()
    assert opportunities(crm)["Press"]["Account"] == "001"
    solmu("undo", str(merged["change"]))
    night()
    assert opportunities(crm)["Press"]["Account"] == sorvi


def test_taking_a_night_back_lists_the_opportunities_that_it_made(hub: Hub, store: Store, night: Night) -> None:
    report = night()
    back = revert_run(hub, store, report["run_id"], confirm=lambda _: True)
    left = {(each["object"], each["why"]) for each in back["revert"]["targets"]["crm"]["left"]}
    assert ("opportunities", "created") in left
    assert "Laser" in opportunities(crm_of(hub))


def test_a_deal_of_one_crm_goes_to_the_other_and_never_comes_back(hub: Hub, store: Store, night: Night) -> None:
    name = uuid4().hex
    (hub.folder / "connections" / "other.yaml").write_text(OTHER.lstrip().replace("NAME", name))
    other, crm = space(name), crm_of(hub)
    other.put("accounts", {"Name": "Kotka Kone", "City": "Kotka", "BusinessId": "FI20925406"}, key="A1")
    crm.put("opportunities", {"Account": "001", "Name": "Own", "Stage": "New"}, key="own")
    arm(store, "other", who="tester", now=1)
    confirm_first_ten(store, "other", who="tester", now=1)
    night()
    night()
    assert opportunities(other).keys() == opportunities(crm).keys() == {"Own", "Laser"}
    assert {each["Account"] for each in opportunities(other).values()} == {"A1"}
    other.change("opportunities", key_of(other, "Own"), {"Stage": "Negotiation"})
    before = crm.records("opportunities")
    night()
    assert crm.records("opportunities") == before
    assert examine(store, hub)["ok"], examine(store, hub)


def test_deals_are_written_by_the_stream_that_reads_them(hub: Hub) -> None:
    crm = hub.folder / "connections" / "crm.yaml"
    text = crm.read_text().replace("  opportunities: {mapping: opportunity}\n", "")
    crm.write_text(
        text
        + "  opportunities: {mapping: opportunity, direction: source}\n"
        + "  deals: {stream: opportunities, mapping: opportunity, direction: target}\n"
    )
    loaded = load_hub(hub.folder)
    with pytest.raises(ConfigurationError, match="opportunities reads the deals that deals writes"):
        target_streams(loaded, loaded.connection("crm"), [])
