"""From a web form into the CRM, with a real server. Synthetic names."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from benchmarks import lead_to_crm
from connectors.memory.space import space
from solmu.config import Hub
from solmu.store import open_store
from solmu.store import time as clock
from solmu.store.tables import run
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import run_all
from tests.hubs import make_hub
from tests.night.visitors import with_form
from tests.unit.intake.test_serve import ended, served


@pytest.fixture
def hub(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub whose CRM other processes can see, after its first night."""
    hub = make_hub(tmp_path / "hub", crm_file="crm.db")
    shutil.copyfile(migrated_sqlite, hub.folder / "solmu.db")
    hub = with_form(hub, monkeypatch)
    with open_store(hub.store_url) as store:
        arm(store, "crm", who="tester", now=clock.now())
        confirm_first_ten(store, "crm", who="tester", now=clock.now())
        assert run_all(hub, store)["exit"] == 0
    return hub


def test_a_visitor_is_in_the_crm_soon_after_and_nothing_outlives_the_server(hub: Hub) -> None:
    crm = space(file=hub.folder / "crm.db")
    with served(hub.folder, hub.folder) as (url, process):
        headers = {"x-webhook-secret": os.environ["FORM_SECRET"]}
        lead = {"company": "Visitors Oy", "name": "Ilona Vieras", "email": "ilona@visitors.example"}
        assert httpx.post(f"{url}/in/form", json=lead, headers=headers).status_code == 200
        deadline = time.monotonic() + 60
        while "ilona@visitors.example" not in {each["Email"] for each in crm.records("contacts").values()}:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        process.terminate()
        assert "Traceback" not in ended(process)
    assert process.returncode == 143
    with open_store(hub.store_url) as store, store.read() as connection:
        worked = connection.execute(select(run).where(run.c.kind == "small-run")).all()
    assert worked
    assert "running" not in {each.state for each in worked}
    pid = int(worked[-1].detail["process"].rpartition(":")[2])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.slow
def test_of_a_lead_a_second_nineteen_of_twenty_are_in_the_crm_within_a_minute() -> None:
    waits = lead_to_crm.measure(60, customers=100)["waits"]
    assert len(waits) == 60
    assert waits[int(0.95 * len(waits))] <= 60, waits
