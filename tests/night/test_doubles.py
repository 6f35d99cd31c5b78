"""Two records of one customer in a CRM: never merged there by Solmu, and reported for whoever does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.start import Running
from solmu.config import Hub, load_hub
from solmu.doctor import examine
from solmu.report.doubles import doubles
from solmu.store import Store
from solmu.sync.reverting import revert_run
from solmu.sync.trying import checked
from tests.hubs import crm_of
from tests.night.conftest import Night
from tests.night.salesforce import api, running, salesforce_hub
from tests.night.test_revert import key_of
from tests.night.test_steward import Solmu, solmu
from tests.sandbox.client import Api

__all__ = ["api", "running", "solmu"]

MERGE = ("merge", "Kotka Kone Oy", "Suomen Sorvi Oy", "--as", "anna", "--reason", "one owner", "--yes", "--seen")


def merged(solmu: Solmu) -> None:
    seen = solmu(*MERGE[:3])[1]["preview"]["seen"]
    assert solmu(*MERGE, seen)[1]["done"]


def listed(store: Store) -> list[tuple[Any, ...]]:
    with store.read() as connection:
        return [row[:4] for row in doubles(connection)]


def test_a_merge_makes_the_younger_record_secondary_and_it_is_listed_until_somebody_merges_it_there(
    solmu: Solmu, hub: Hub, store: Store, night: Night
) -> None:
    assert listed(store) == []
    sorvi = key_of(hub, "accounts", Name="Suomen Sorvi Oy")
    merged(solmu)
    assert night()["targets"]["crm"]["secondary"] == 1
    assert listed(store) == [("crm", "accounts", sorvi, "001")]
    assert set(crm_of(hub).records("accounts")) == {"001", sorvi}, "nothing is merged or deleted there"
    code, text = solmu("export", "doubles", text=True)
    assert code == 0
    assert text.startswith("target,object,remote_id,primary_id,golden_id,name\n")
    assert f"crm,accounts,{sorvi},001,org_" in text.replace("\r", "")
    assert night()["targets"]["crm"]["secondary"] == 0, "told once, and listed from then on"
    crm_of(hub).remove("accounts", sorvi, merged_into="001")
    night()
    assert listed(store) == []
    assert examine(store, hub)["ok"]


def test_an_undone_merge_leaves_no_double(solmu: Solmu, hub: Hub, store: Store, night: Night) -> None:
    merged(solmu)
    night()
    assert len(listed(store)) == 1
    _, told = solmu("undo", "--last", "1")
    assert solmu("undo", "--last", "1", "--yes", "--seen", told["preview"]["seen"])[1]["done"]
    night()
    assert listed(store) == []
    assert examine(store, hub)["ok"]


def test_a_run_that_carried_a_merge_is_taken_back(solmu: Solmu, hub: Hub, store: Store, night: Night) -> None:
    """What hung on the second record goes back to it, and stays there; that the two are one, a steward undoes."""
    sorvi = key_of(hub, "accounts", Name="Suomen Sorvi Oy")
    salo = key_of(hub, "contacts", LastName="Salo")
    before = {stream: crm_of(hub).records(stream) for stream in ("accounts", "contacts", "tasks")}
    merged(solmu)
    run = night()
    assert crm_of(hub).records("contacts")[salo]["AccountId"] == "001"
    report = revert_run(load_hub(hub.folder), store, str(run["run_id"]), confirm=lambda _: True)
    assert (report["balanced"], report["exit"]) == (True, 0), report["revert"]
    assert {stream: crm_of(hub).records(stream) for stream in before} == before
    assert crm_of(hub).records("contacts")[salo]["AccountId"] == sorvi
    written = [call for call in crm_of(hub).calls if call.verb == "write"]
    night()
    assert [call for call in crm_of(hub).calls if call.verb == "write"] == written
    assert listed(store) == [("crm", "accounts", sorvi, "001")]
    assert examine(store, hub)["ok"]


def test_the_check_of_a_target_says_what_becomes_of_two_records(
    tmp_path: Path, running: Running, api: Api, hub: Hub
) -> None:
    streams = ("accounts: {mapping: salesforce/account}",)
    there = salesforce_hub(tmp_path / "salesforce", running, streams, sheets={"one": (), "two": ()})
    (note,) = (each for each in checked(there, "crm") if "second record" in each)
    assert "`solmu export doubles`" in note
    assert "`merge_doubles: true`" in note
    file = there.folder / "connections" / "crm.yaml"
    file.write_text(f"merge_doubles: true{file.read_text(encoding='utf-8')}", encoding="utf-8")
    assert any("are merged there; that cannot be undone" in note for note in checked(load_hub(there.folder), "crm"))
    assert checked(hub, "crm") == [], "a CRM in memory is nobody's"
