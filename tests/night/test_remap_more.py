"""More of mappings that were edited, on one kind of database; test_remap.py has what is asked of both."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from solmu.config import Hub, load_hub
from solmu.live.small import KIND as SMALL_RUN
from solmu.store import Store
from solmu.store.tables import golden, mention, source_record
from solmu.sync.preview import preview
from solmu.sync.run import begin, finish, land_connection, resolve, to_the_end
from solmu.sync.unread import remap as map_now
from tests.hubs import ONE, crm_of, make_hub, write_sheet
from tests.night.conftest import Night
from tests.night.test_remap import CITY_FROM_INTEREST, anew, cities, edit, everything, is_well, versions


@pytest.fixture
def hub(tmp_path: Path, migrated_sqlite: Path) -> Hub:
    hub = make_hub(tmp_path / "hub")
    shutil.copyfile(migrated_sqlite, hub.folder / "solmu.db")
    return hub


def test_what_only_another_mapping_says_is_no_newer_than_its_row(hub: Hub, store: Store, night: Night) -> None:
    night()
    write_sheet(hub.folder, "one", [ONE[0], (*ONE[1][:7], "Lathe")])
    night()
    with store.read() as connection:
        query = select(mention.c.claim, mention.c.entity).join(source_record).where(source_record.c.key == "2")
        stood = {row.entity: row.claim for row in connection.execute(query)}
    edit(hub, ("  city: City\n", "  city: Interest\n  industry: City\n"))
    night()
    with store.read() as connection:
        now = {row.entity: row.claim for row in connection.execute(query)}
    first = stood["organisation"]["name"]["since"]
    assert first[0] is None
    assert now["organisation"]["industry"] == {"value": "Oulu", "own": True, "since": first}
    # "Lathe" came with the row's second version, and is as old as that.
    assert now["organisation"]["city"]["value"] == "Lathe"
    assert now["organisation"]["city"]["since"][0] == first[1]
    assert now["person"] == stood["person"]


def test_claims_that_stay_cost_nobody_else_anything(hub: Hub, store: Store, night: Night) -> None:
    night()
    night()
    before, stood = everything(store), versions(store)
    edit(hub, ("record: lead\n", "record: lead\nignore: [Remarks]\n"))
    report = night()
    assert anew(report) == {"one/leads": 2, "two/leads": 1}
    assert everything(store) == before
    assert versions(store) == stood
    assert report["pairs"] == {"same": 0, "ask": 0, "different": 0}
    assert report["targets"]["crm"]["planned"] == 0
    assert is_well(store, hub)


def test_comments_and_order_are_no_change(hub: Hub, night: Night) -> None:
    night()
    edit(hub, ("record: lead\n", "# a remark\n"), ("lead: {number", "record: lead\nlead: {number"))
    assert night()["mapped_anew"] == {}


def test_another_solmu_maps_everything_anew_and_says_so(
    hub: Hub, store: Store, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night()
    monkeypatch.setattr("solmu.mapping.recipe.code_hash", lambda: "of another version")
    report = night()
    assert {each["why"] for each in report["mapped_anew"].values()} == {"Solmu was upgraded"}
    assert anew(report) == {"crm/accounts": 2, "crm/contacts": 2, "one/leads": 2, "two/leads": 1}
    assert report["targets"]["crm"]["updated"] == 0


def test_an_edit_in_the_crm_and_an_edited_mapping_in_one_night(hub: Hub, store: Store, night: Night) -> None:
    night()
    night()
    account = next(id for id, each in crm_of(hub).records("accounts").items() if each["Name"] == "Suomen Sorvi Oy")
    crm_of(hub).put("accounts", {**crm_of(hub).records("accounts")[account], "Industry": "Machining"}, key=account)
    edit(hub, ("  name: Name\n", "  name: Name\n  description: City\n"), of="account")
    night()
    with store.read() as connection:
        believed = [row.document for row in connection.execute(select(golden))]
    assert [each["industry"]["value"] for each in believed if "industry" in each] == ["Machining"]
    assert is_well(store, hub)


def test_the_preview_of_an_edited_mapping_tells_what_the_next_run_does(hub: Hub, store: Store, night: Night) -> None:
    night()

    def previewed() -> int:
        loaded = load_hub(hub.folder)
        config = loaded.connection("one")
        number: int = preview(loaded, store, config, config.source_streams["leads"])["mapped_anew"]
        return number

    assert previewed() == 0
    edit(hub, CITY_FROM_INTEREST)
    assert previewed() == 2
    night()
    assert previewed() == 0


def test_a_small_run_leaves_it_to_the_night(hub: Hub, store: Store, night: Night) -> None:
    night()
    edit(hub, CITY_FROM_INTEREST)
    write_sheet(hub.folder, "one", [ONE[0], (*ONE[1][:6], "0501112222", ONE[1][7])])
    run = begin(load_hub(hub.folder), store, kind=SMALL_RUN)
    with to_the_end(run):
        land_connection(run, "one")
        resolve(run)
    assert finish(run, quiet=True)["mapped_anew"] == {}
    assert anew(night()) == {"one/leads": 2, "two/leads": 1}


def test_rows_that_a_small_run_was_the_first_to_land_are_not_mapped_twice(hub: Hub, store: Store, night: Night) -> None:
    run = begin(load_hub(hub.folder), store, kind=SMALL_RUN)
    with to_the_end(run):
        land_connection(run, "one")
    finish(run, quiet=True)
    assert night()["mapped_anew"] == {}


def test_it_can_be_done_at_once_and_nothing_is_sent(hub: Hub, store: Store, night: Night) -> None:
    night()
    edit(hub, CITY_FROM_INTEREST)
    report = map_now(load_hub(hub.folder), store, "one", ["leads"])
    assert (report["kind"], report["exit"], anew(report)) == ("remap", 0, {"one/leads": 2})
    assert cities(hub)["Suomen Sorvi Oy"] == "Oulu"
    assert anew(night()) == {"two/leads": 1}
    assert cities(hub)["Suomen Sorvi Oy"] == "Press"


def test_connections_that_no_run_reads_follow_their_mappings_too(hub: Hub, store: Store, night: Night) -> None:
    night()
    file = hub.folder / "connections" / "one.yaml"
    file.write_text(file.read_text() + "enabled: false\n")
    edit(hub, CITY_FROM_INTEREST)
    report = night()
    assert anew(report) == {"one/leads": 2, "two/leads": 1}
    assert "one/leads" not in report["streams"]
    assert cities(hub)["Suomen Sorvi Oy"] == "Press"


def test_quarantine_is_tried_again_along_with_it(hub: Hub, store: Store, night: Night) -> None:
    write_sheet(hub.folder, "one", [*ONE, ("9", "", "", "", "", "", "0401112222", "Saw")])
    assert night()["streams"]["one/leads"]["refused"] == 1
    edit(
        hub,
        ("require: [[organisation.name, person.email]]", "require: [[organisation.name, person.email, person.phone]]"),
    )
    report = night()
    assert report["streams"]["one/leads"] == {
        **dict.fromkeys(report["streams"]["one/leads"], 0),
        "read": 3,
        "unchanged": 3,
    }
    assert anew(report) == {"one/leads": 2, "two/leads": 1}
