"""Deals of the ERP as opportunities in a BottleCRM that runs, with the shipped mappings. Synthetic names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from solmu.config import Hub, load_hub
from solmu.doctor import examine
from solmu.store import Store
from solmu.store.tables import deal
from tests.hubs import ONE, make_hub
from tests.night.conftest import Night
from tests.night.quoting import LASER, quotes, with_quotes
from tests.peers import bottlecrm, postgres

pytestmark = [pytest.mark.peer("bottlecrm"), pytest.mark.peer("postgres")]

CRM = """
connector: bottlecrm
direction: both
settings: {{url: "{url}", token: file://token}}
streams:
  accounts: {{mapping: bottlecrm/account}}
  contacts: {{mapping: bottlecrm/contact}}
  opportunities: {{mapping: bottlecrm/opportunity}}
"""


@pytest.fixture(scope="module")
def crm(postgres_server: postgres.Server) -> Iterator[bottlecrm.Crm]:
    with bottlecrm.running(postgres_server) as crm:
        yield crm


@pytest.fixture
def hub(tmp_path: Path, database_url: str, crm: bottlecrm.Crm) -> Hub:
    crm.empty()
    hub = make_hub(tmp_path / "hub", store=database_url, sheets={"one": ONE, "two": ()})
    settings = hub.folder / "hub.yaml"
    settings.write_text(settings.read_text().partition("assignment:")[0])
    (hub.folder / "token").write_text(crm.token("solmu"))
    (hub.folder / "connections" / "crm.yaml").write_text(CRM.format(url=crm.url).lstrip())
    with_quotes(hub)
    return load_hub(hub.folder)


def opportunities(crm: bottlecrm.Crm) -> list[dict[str, Any]]:
    with crm.client() as people:
        found: list[dict[str, Any]] = people.get("opportunities/", params={"limit": 50}).json()["opportunities"]
    return found


def test_a_quote_becomes_an_opportunity_and_people_go_on_with_it(
    hub: Hub, store: Store, night: Night, crm: bottlecrm.Crm
) -> None:
    report = night()
    assert report["targets"]["crm"]["rejected"] == 0, report["problems"]
    (made,) = opportunities(crm)
    assert (made["name"], made["amount"], made["closed_on"], made["stage"]) == (
        "Laser Q1", "1000.00", "2030-01-31", "PROPOSAL",
    )  # fmt: skip
    assert made["account"]["name"] == "Kotka Kone Oy"
    with crm.client() as people:
        change = {"stage": "NEGOTIATION", "closed_on": "2030-03-31"}
        people.patch(f"opportunities/{made['id']}/", json=change).raise_for_status()
    quotes(hub, (*LASER[:5], "1200", "2030-02-15"))
    night()
    (later,) = opportunities(crm)
    assert (later["amount"], later["closed_on"], later["stage"]) == ("1200.00", "2030-03-31", "NEGOTIATION")
    again = night()["targets"]["crm"]
    assert again["created"] == again["updated"] == again["rejected"] == 0
    with store.read() as connection:
        assert sorted(connection.scalars(select(deal.c.state))) == ["copy", "live"]
    assert examine(store, hub)["ok"], examine(store, hub)
