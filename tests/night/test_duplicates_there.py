"""A duplicate rule of a Salesforce org refuses a record: the steward is asked, and says. Synthetic names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sandbox.start import Running, start
from solmu.config import Hub, load_hub
from solmu.doctor.run import examine
from solmu.steward.acts import merge
from solmu.steward.changes import carry_out
from solmu.steward.pointing import point
from solmu.store import Store, time
from solmu.store.tables import pair
from solmu.sync.duplicates import RULE
from tests.hubs import make_hub
from tests.night.conftest import Night
from tests.night.test_revert_salesforce import CRM
from tests.sandbox.client import Api

NAME = "Brdelo Kaprovi Oy"


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start("salesforce", tmp_path_factory.mktemp("org") / "org.db", extra=["--duplicate-rule"]) as running:
        yield running


@pytest.fixture
def hub(tmp_path: Path, migrated_sqlite: Path, org: Running) -> Hub:
    """On one kind of database: what is asked of it are single rows by their keys."""
    folder = tmp_path / "hub"
    make_hub(folder, sheets={"one": [("1", NAME, "2092540-6", "Kotka", "", "", "", "Laser")], "two": ()})
    shutil.copyfile(migrated_sqlite, folder / "solmu.db")
    settings = folder / "hub.yaml"
    settings.write_text(settings.read_text().partition("assignment:")[0], encoding="utf-8")
    for name in ("client_id", "client_secret"):
        (folder / name).write_text(org.secrets[name], encoding="utf-8")
    (folder / "connections" / "crm.yaml").write_text(CRM.format(url=org.url), encoding="utf-8")
    return load_hub(folder)


def asked(store: Store) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(select(pair).where(pair.c.rule == RULE)))


def test_the_steward_is_asked_and_says_that_it_is_one(hub: Hub, store: Store, night: Night, org: Running) -> None:
    with Api(org) as api:
        there = api.edit(action="create", type="Account", fields={"Name": NAME, "BillingCountry": "Germany"})["id"]
        refused = night()["targets"]["crm"]
        assert (refused["rejected"], refused["created"]) == (1, 0)
        (one,) = asked(store)
        assert one.band == "ask"
        again = night()["targets"]["crm"]
        assert (again["rejected"], again["created"]) == (0, 0)  # nothing has changed, so it is not tried again
        assert len(asked(store)) == 1
        assert examine(store, hub)["ok"]

        # The record there is compared anew, and nothing that the two have in common makes the machine ask.
        api.edit(id=there, fields={"Industry": "Machinery"})
        assert night()["targets"]["crm"]["rejected"] == 0
        assert [each.band for each in asked(store)] == ["ask"]

        with store.write() as connection:
            both = point(connection, "one/leads/1"), point(connection, f"crm/accounts/{there}")
            carry_out(connection, merge(connection, *both), who="anna", now=time.now())
        joined = night()["targets"]["crm"]
        assert (joined["created"], joined["rejected"]) == (0, 0)
        assert joined["linked"] + joined["updated"] == 1
        assert api.values("SELECT Id FROM Account") == [there]


def test_what_a_job_refused_is_asked_about_by_the_run_that_takes_the_job_up_again(
    hub: Hub, store: Store, night: Night, org: Running
) -> None:
    file = hub.folder / "connections" / "crm.yaml"
    file.write_text(file.read_text().replace("streams:", "  bulk_above: 1\n  retry_seconds: 0\nstreams:"))
    with Api(org) as api:
        api.call("POST", "/_reset")
        api.edit(action="create", type="Account", fields={"Name": NAME, "BillingCountry": "Germany"})
        api.misbehave(kind="reset", match="Results", times=None)
        assert night()["targets"]["crm"]["unknown"] == 2  # the create, and our id for the record that is there
        assert asked(store) == []
        api.call("DELETE", "/_misbehave")
        night()
        (one,) = asked(store)
        assert one.band == "ask"
        assert len(api.query("SELECT Id FROM Account")) == 1
        assert examine(store, hub)["ok"]
