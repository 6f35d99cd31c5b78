"""Deals of the ERP as opportunities in the Salesforce sandbox, with the shipped mappings. Synthetic names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sandbox.start import Running, start
from solmu.config import Hub
from solmu.doctor import examine
from solmu.store import Store, open_store, time
from solmu.store.tables import deal, outbox, remote
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import run_all
from tests.hubs import ONE
from tests.night.conftest import Night
from tests.night.quoting import KOTKA, LASER, quotes, with_quotes
from tests.night.salesforce import api, running, salesforce_hub
from tests.sandbox.client import Api

__all__ = ["api", "running"]

STREAMS = (
    "accounts: {mapping: salesforce/account}",
    "contacts: {mapping: salesforce/contact}",
    "opportunities: {mapping: salesforce/opportunity}",
)
FIELDS = "Name, StageName, CloseDate, Amount, NextStep, Account.Name"


@pytest.fixture
def hub(tmp_path: Path, database_url: str, running: Running) -> Hub:
    hub = salesforce_hub(tmp_path / "hub", running, STREAMS, store=database_url, sheets={"one": ONE, "two": ()})
    return with_quotes(hub)


def opportunities(api: Api) -> list[dict[str, Any]]:
    found = api.query(f"SELECT {FIELDS} FROM Opportunity ORDER BY Name")
    return [{**each, "Account": each["Account"]["Name"]} for each in found]


def test_a_quote_becomes_an_opportunity_and_people_go_on_with_it(
    hub: Hub, store: Store, night: Night, api: Api
) -> None:
    report = night()
    assert report["targets"]["crm"]["rejected"] == 0, report["problems"]
    first = {
        "Name": "Laser Q1", "StageName": "Proposal/Price Quote", "CloseDate": "2030-01-31", "Amount": 1000,
        "NextStep": None, "Account": "Kotka Kone Oy",
    }  # fmt: skip
    assert opportunities(api) == [first]
    (id,) = api.values("SELECT Id FROM Opportunity")
    api.edit(**{"as": "sales", "id": id, "fields": {"StageName": "Negotiation/Review", "NextStep": "Call Aino"}})
    quotes(hub, (*LASER[:4], "Negotiation", "1200", LASER[6]))
    night()
    later = first | {"StageName": "Negotiation/Review", "NextStep": "Call Aino", "Amount": 1200}
    assert opportunities(api) == [later]
    writes = len(api.calls(kind="write"))
    night()
    assert len(api.calls(kind="write")) == writes
    with store.read() as connection:
        rows = connection.execute(select(deal.c.state, deal.c.document)).all()
        (known,) = connection.execute(select(remote).where(remote.c.hanging == "deal")).all()
    assert sorted(row.state for row in rows) == ["copy", "live"]
    assert (known.remote_id, known.observed["NextStep"]) == (id, "Call Aino")
    assert examine(store, hub)["ok"], examine(store, hub)


def test_one_whose_answer_is_lost_is_not_made_twice(hub: Hub, store: Store, night: Night, api: Api) -> None:
    quotes(hub)
    night()
    quotes(hub, LASER)
    api.misbehave(kind="reset_after", match="/composite/sobjects/Opportunity")
    night()
    night()
    assert [each["Name"] for each in opportunities(api)] == ["Laser Q1"]
    with store.read() as connection:
        assert sorted(connection.scalars(select(deal.c.state))) == ["copy", "live"]


def test_a_deal_without_a_date_is_refused_in_the_plan_which_says_so(
    hub: Hub, store: Store, night: Night, api: Api
) -> None:
    quotes(hub, ("Q5", *KOTKA, "Drill", "", "50", ""))
    night()
    assert opportunities(api) == []
    with store.read() as connection:
        (refused,) = connection.execute(select(outbox).where(outbox.c.state == "rejected")).all()
    assert (refused.object, refused.code, refused.field, refused.attempts) == (
        "opportunities", "required", "CloseDate", 0,
    )  # fmt: skip


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Running]:
    """An org whose administrator has not added our field."""
    with start("salesforce", tmp_path / "bare.db", extra=["--external-id", "none"]) as org:
        yield org


@pytest.mark.slow
def test_without_our_field_what_landed_before_its_answer_is_ours_in_the_end(
    tmp_path: Path, database_url: str, bare: Running
) -> None:
    sheets = {"one": ONE, "two": ()}
    hub = with_quotes(salesforce_hub(tmp_path / "hub", bare, STREAMS, store=database_url, sheets=sheets))
    quotes(hub)
    with open_store(hub.store_url) as store, Api(bare) as api:
        arm(store, "crm", who="tester", now=time.now())
        confirm_first_ten(store, "crm", who="tester", now=time.now())
        run_all(hub, store)
        quotes(hub, LASER)
        api.misbehave(kind="reset_after", match="/composite/sobjects")
        api.misbehave(kind="status", status=503, match="/query?", skip=1, times=None)  # else it is found at once
        run_all(hub, store)  # what was made lands, and nobody knows yet that it is ours
        with store.read() as connection:
            assert list(connection.scalars(select(deal.c.state))) == ["live", "live"]
        api.call("DELETE", "/_misbehave")
        run_all(hub, store)
        assert [each["Name"] for each in opportunities(api)] == ["Laser Q1"]
        with store.read() as connection:
            assert sorted(connection.scalars(select(deal.c.state))) == ["copy", "live"]
