"""Taking back a thousand updates in a Salesforce org, fifty of which others have changed meanwhile. Synthetic names."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.start import Running, start
from solmu.config import Hub, load_hub
from solmu.store import Store, open_store, time
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.reverting import revert_run
from solmu.sync.run import run_all
from tests.hubs import make_hub, write_sheet
from tests.sandbox.client import Api

RECORDS, EDITED = 1000, 50
CRM = """
connector: salesforce
direction: both
settings:
  login_url: {url}
  client_id: file://client_id
  client_secret: file://client_secret
streams:
  accounts: {{mapping: salesforce/account}}
"""
NOBODY = ("", "", "", "")


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Running]:
    with start("salesforce", tmp_path / "org.db") as running:
        yield running


@pytest.fixture
def hub(tmp_path: Path, database_url: str, org: Running) -> Hub:
    folder = tmp_path / "hub"
    make_hub(folder, store=database_url, sheets={"one": rows("Oulu"), "two": ()})
    settings = folder / "hub.yaml"
    settings.write_text(settings.read_text().partition("assignment:")[0], encoding="utf-8")
    for name in ("client_id", "client_secret"):
        (folder / name).write_text(org.secrets[name], encoding="utf-8")
    (folder / "connections" / "crm.yaml").write_text(CRM.format(url=org.url), encoding="utf-8")
    return load_hub(folder)


@pytest.fixture
def store(hub: Hub) -> Iterator[Store]:
    with open_store(hub.store_url) as store:
        arm(store, "crm", who="tester", now=time.now())
        confirm_first_ten(store, "crm", who="tester", now=time.now())
        yield store


def rows(city: str) -> list[tuple[str, ...]]:
    """Companies that nobody takes for one another."""
    chance = random.Random(7)
    names = ["".join(chance.choices("abdeghiklmnoprstuvy", k=12)).title() for _ in range(RECORDS)]
    return [(str(number), f"{name} Oy", "", city, *NOBODY) for number, name in enumerate(names)]


def cities(api: Api) -> dict[str, Any]:
    return {each["Id"]: each["BillingCity"] for each in api.query("SELECT Id, BillingCity FROM Account")}


@pytest.mark.slow
def test_nine_hundred_and_fifty_go_back_and_fifty_are_listed(hub: Hub, store: Store, org: Running) -> None:
    def night() -> dict[str, Any]:
        return run_all(hub, store, override=["changed-share"])

    made = night()
    assert made["targets"]["crm"]["created"] == RECORDS, made["problems"]
    write_sheet(hub.folder, "one", rows("Turku"))
    wrote = night()
    assert wrote["targets"]["crm"]["updated"] == RECORDS, wrote
    with Api(org) as api:
        edited = sorted(cities(api))[:: RECORDS // EDITED]
        for key in edited:
            api.edit(**{"as": "sales", "id": key, "fields": {"BillingCity": "Vaasa"}})

        report = revert_run(hub, store, wrote["run_id"], confirm=lambda _: True, override=["changed-share"])
        assert report["exit"] == 3, report["problems"]
        crm = report["revert"]["targets"]["crm"]
        assert crm["records"] == report["targets"]["crm"]["updated"] == RECORDS - EDITED
        assert sorted(each["remote_id"] for each in crm["left"]) == edited
        assert {each["why"] for each in crm["left"]} == {"edited-since"}
        assert cities(api) == {key: "Vaasa" if key in edited else "Oulu" for key in cities(api)}

        # The next night looks, and writes none of them again.
        assert night()["targets"]["crm"]["updated"] <= EDITED
        assert {city for key, city in cities(api).items() if key not in edited} == {"Oulu"}
