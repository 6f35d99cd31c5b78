"""Two hubs that write to one CRM, or one whose store is older than what it wrote there. Synthetic names."""

from __future__ import annotations

from pathlib import Path

import pytest

from solmu.config import Hub, load_hub
from solmu.store import Store, open_store, time
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import run_all
from tests.hubs import crm_of, make_hub, write_sheet
from tests.night.conftest import Night

NEW = ("9", "Salon Saha Oy", "", "Salo", "Eeva Salo", "eeva@salonsaha.example", "0407654321", "Saws")


@pytest.fixture
def written(tmp_path: Path, hub: Hub) -> None:
    """Another hub has the same sheets, and has written all of them to the same CRM."""
    other = make_hub(tmp_path / "other")
    theirs = other.folder / "connections" / "crm.yaml"
    theirs.write_text((hub.folder / "connections" / "crm.yaml").read_text())
    other = load_hub(other.folder)
    with open_store(other.store_url) as store:
        arm(store, "crm", who="tester", now=time.now())
        confirm_first_ten(store, "crm", who="tester", now=time.now())
        assert run_all(other, store)["exit"] == 0


@pytest.mark.usefixtures("written")
def test_nothing_is_created_where_another_hub_has_written_until_a_person_says_so(
    hub: Hub, night: Night, store: Store
) -> None:
    tasks = len(crm_of(hub).records("tasks"))
    report = night()
    assert report["exit"] == 4
    assert "unknown-ids" in report["problems"][0]["expected"]
    assert len(crm_of(hub).records("tasks")) == tasks
    assert night()["exit"] == 4  # it is no news the next night, and still not settled
    assert night(override=["unknown-ids"])["exit"] == 0
    assert len(crm_of(hub).records("tasks")) == 2 * tasks
    write_sheet(hub.folder, "two", [NEW])
    assert night()["exit"] == 0


def test_what_a_hub_has_written_itself_is_no_strangers(hub: Hub, night: Night) -> None:
    assert night()["exit"] == 0
    write_sheet(hub.folder, "two", [NEW])
    assert night()["exit"] == 0
    assert night()["exit"] == 0
