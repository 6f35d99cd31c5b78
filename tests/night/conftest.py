"""A small hub with its store open, its CRM armed, and a way to run nights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from solmu.config import Hub, load_hub
from solmu.store import Store, open_store, time
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import run_all
from tests.hubs import crm_of, make_hub

Night = Callable[..., dict[str, Any]]


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Hub:
    hub = make_hub(tmp_path / "hub", store=database_url)
    crm = crm_of(hub)
    crm.put("accounts", {"Name": "Kotka Kone", "City": "Kotka", "BusinessId": "FI20925406"}, key="001")
    crm.put(
        "contacts",
        {"FirstName": "Aino", "LastName": "Laine", "Email": "aino.laine@kotkakone.example", "AccountId": "001"},
        key="003",
    )
    return hub


@pytest.fixture
def store(hub: Hub) -> Iterator[Store]:
    with open_store(hub.store_url) as store:
        yield store


@pytest.fixture
def armed(store: Store) -> None:
    arm(store, "crm", who="tester", now=time.now())
    confirm_first_ten(store, "crm", who="tester", now=time.now())


@pytest.fixture
def night(hub: Hub, store: Store, armed: None) -> Night:
    """Runs a night with the configuration as it stands in the hub's folder now; gives the report."""

    def run(**options: Any) -> dict[str, Any]:
        report = run_all(load_hub(hub.folder), store, **options)
        assert report["balanced"], report["unbalanced"]
        return report

    return run
