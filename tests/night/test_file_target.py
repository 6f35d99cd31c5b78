"""A whole hub without a CRM connector: a sheet in, lists and deltas out, for any CRM's own import dialog."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from connectors.file import FileConnector
from solmu.config import Hub, load_hub
from solmu.config.mappings import shipped_mappings
from solmu.doctor import examine
from solmu.store import Store, time
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import apply_plan, run_all
from tests.hubs import ONE, make_hub, write_sheet
from tests.night.conftest import Night

CONNECTION = """
connector: file
direction: target
settings: {folder: out}
streams:
  companies: {mapping: file/organisation}
  people: {mapping: file/person}
  leads: {mapping: file/lead}
  orders: {mapping: file/order}
"""


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Hub:
    hub = make_hub(tmp_path / "hub", store=database_url)
    (hub.folder / "connections" / "crm.yaml").write_text(CONNECTION)
    settings = hub.folder / "hub.yaml"
    # Without a default of its own: what nobody can enter there wins over nothing.
    settings.write_text(settings.read_text().replace("[one, two, crm]\n  default: rank", "[one, two]"))
    (hub.folder / "out").mkdir()
    return load_hub(hub.folder)


def table(hub: Hub, name: str) -> list[dict[str, str]]:
    with (hub.folder / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def deltas(hub: Hub) -> list[str]:
    return sorted(path.stem for path in (hub.folder / "out" / "deltas").glob("[!.]*"))


def everything(hub: Hub) -> dict[str, tuple[bytes, int]]:
    files = [path for path in (hub.folder / "out").rglob("*") if path.is_file()]
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def done(report: dict[str, Any]) -> dict[str, int]:
    return {state: number for state, number in report["targets"]["crm"].items() if number and state != "api_calls"}


def test_a_sheet_comes_out_as_lists_that_refer_to_each_other(hub: Hub, night: Night) -> None:
    report = night()
    assert report["exit"] == 0, report
    companies = {row["Company name"]: row for row in table(hub, "companies")}
    people = {row["Last name"]: row for row in table(hub, "people")}
    assert set(companies) == {"Kotka Kone Oy", "Suomen Sorvi Oy"}
    assert set(people) == {"Laine", "Salo"}
    assert people["Laine"]["Mobile phone"] == "+358401234567"
    assert people["Salo"]["Company Solmu ID"] == companies["Suomen Sorvi Oy"]["Solmu ID"]
    assert people["Salo"]["Company name"] == "Suomen Sorvi Oy"
    leads = {row["Lead number"]: row for row in table(hub, "leads")}
    assert set(leads) == {"1", "2", "A"}
    assert leads["2"]["Person Solmu ID"] == people["Salo"]["Solmu ID"]
    assert leads["2"]["Email"] == "eero.salo@suomensorvi.example"
    assert not (hub.folder / "out" / "orders.csv").exists()
    assert deltas(hub) == ["companies-000001", "leads-000001", "people-000001"]
    assert {row["Change"] for row in table(hub, "deltas/people-000001")} == {"created"}


def test_running_again_plans_nothing_and_touches_no_file(hub: Hub, store: Store, night: Night) -> None:
    night()
    before = everything(hub)
    report = night()
    assert report["exit"] == 0
    assert set(done(report)) <= {"planned", "unchanged"}
    assert everything(hub) == before
    document = examine(store, hub)
    assert document["ok"], document


def test_an_edit_changes_one_line_and_makes_one_delta_of_one_line(hub: Hub, night: Night) -> None:
    night()
    before = {name: table(hub, name) for name in ("companies", "people", "leads")}
    write_sheet(hub.folder, "one", [ONE[0], (*ONE[1][:6], "0409999999", ONE[1][7])])
    assert done(night())["updated"] == 1
    after = {name: table(hub, name) for name in before}
    changed = [(name, row) for name in before for row, old in zip(after[name], before[name], strict=True) if row != old]
    [(name, row)] = changed
    assert (name, row["Last name"], row["Mobile phone"]) == ("people", "Salo", "+358409999999")
    assert set(deltas(hub)) - {"companies-000001", "leads-000001", "people-000001"} == {"people-000002"}
    [line] = table(hub, "deltas/people-000002")
    told = {column: cell for column, cell in line.items() if cell}
    assert told == {
        "Change": "updated",
        "Changed columns": "Mobile phone",
        "Solmu ID": row["Solmu ID"],
        "First name": "Eero",
        "Last name": "Salo",
        "Email": "eero.salo@suomensorvi.example",
        "Mobile phone": "+358409999999",
    }


def test_what_hangs_on_a_record_is_updated_too(hub: Hub, night: Night) -> None:
    night()
    write_sheet(hub.folder, "one", [ONE[0], (*ONE[1][:7], "Lathe")])
    assert done(night())["updated"] == 1
    [line] = table(hub, "deltas/leads-000002")
    assert line["Changed columns"] == "Lead, Interested in"
    assert line["Interested in"] == "Lathe"


EXPORT = """
connector: spreadsheet
direction: source
settings: {folder: export}
streams:
  people: {files: contacts.csv, key: [Record ID], mapping: crm-people}
"""


def test_the_ids_that_the_crm_gave_come_back_by_its_export(hub: Hub, night: Night) -> None:
    night()
    mappings, person = hub.folder / "mappings", shipped_mappings() / "targets" / "file" / "person.yaml"
    settings = hub.folder / "hub.yaml"
    settings.write_text(settings.read_text() + "fields:\n  person:\n    custom.crm_id: {kind: text}\n")
    (mappings / "targets" / "file").mkdir()
    (mappings / "targets" / "file" / "person.yaml").write_text(person.read_text() + "  CRM ID: {from: custom.crm_id}\n")
    (mappings / "sources" / "crm-people.yaml").write_text(
        "record: contact\nperson: {email: {from: Email}, custom.crm_id: Record ID}\n"
    )
    (hub.folder / "connections" / "export.yaml").write_text(EXPORT)
    (hub.folder / "export").mkdir()
    (hub.folder / "export" / "contacts.csv").write_text("Record ID,Email\n77,eero.salo@suomensorvi.example\n")
    assert night()["exit"] == 0
    people = {row["Last name"]: row["CRM ID"] for row in table(hub, "people")}
    assert people == {"Laine": "", "Salo": "77"}
    [line] = table(hub, "deltas/people-000002")
    assert (line["Changed columns"], line["CRM ID"]) == ("CRM ID", "77")
    assert len(table(hub, "people")) == 2


def test_an_unarmed_folder_stays_empty(hub: Hub, store: Store) -> None:
    report = run_all(hub, store)
    assert report["targets"]["crm"]["held"] > 0
    assert list((hub.folder / "out").iterdir()) == []


def test_the_first_ten_come_first_and_the_rest_when_somebody_has_looked(hub: Hub, store: Store) -> None:
    rows = [(str(n), f"Firma {n} Oy", "", "", "", f"posti@firma{n}.example", "", "") for n in range(30)]
    write_sheet(hub.folder, "one", rows)
    arm(store, "crm", who="tester", now=time.now())
    assert run_all(hub, store)["guards"] == ["first-ten"]
    first = len(table(hub, "companies"))
    assert 0 < first < 10  # some of each kind
    confirm_first_ten(store, "crm", who="tester", now=time.now())
    report = run_all(hub, store)
    assert report["exit"] == 0, report
    assert len(table(hub, "companies")) == 31
    assert [len(table(hub, f"deltas/companies-{number:06}")) for number in (1, 2)] == [first, 31 - first]


def test_a_plan_is_made_without_a_file_and_applied_with_them(hub: Hub, store: Store, armed: None) -> None:
    report = run_all(hub, store, send=False)
    assert list((hub.folder / "out").iterdir()) == []
    [plan] = (hub.folder / "plans").glob("*.json")
    assert report["targets"]["crm"]["planned"] == 7
    assert apply_plan(hub, store, str(plan))["exit"] == 0
    assert len(table(hub, "leads")) == 3


def test_files_that_a_killed_night_did_not_make_are_made_by_the_next(
    hub: Hub, store: Store, armed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(connector: FileConnector) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(FileConnector, "close", die)
        with pytest.raises(KeyboardInterrupt):
            run_all(hub, store)
    assert not (hub.folder / "out" / "companies.csv").exists()
    report = run_all(hub, store)
    assert report["exit"] == 0
    assert set(done(report)) <= {"planned", "unchanged"}
    assert len(table(hub, "companies")) == 2
    assert deltas(hub) == ["companies-000001", "leads-000001", "people-000001"]


def test_a_folder_that_went_missing_fails_the_target_and_loses_nothing(hub: Hub, store: Store, night: Night) -> None:
    (hub.folder / "out").rmdir()
    report = night()
    [problem] = report["problems"]
    assert (problem["code"], problem["field"], problem["connection"]) == ("folder-missing", "folder", "crm")
    (hub.folder / "out").mkdir()
    assert night()["exit"] == 0
    assert len(table(hub, "companies")) == 2


def test_a_folder_cannot_be_a_source(hub: Hub, store: Store) -> None:
    connection = hub.folder / "connections" / "crm.yaml"
    connection.write_text(connection.read_text().replace("direction: target", "direction: both"))
    streams = "mappings/sources/file"
    (hub.folder / streams).mkdir(parents=True)
    for name in ("organisation", "person", "lead", "order"):
        (hub.folder / streams / f"{name}.yaml").write_text("record: row\norganisation: {name: Company name}\n")
    report = run_all(load_hub(hub.folder), store)
    assert [(each["code"], each["field"]) for each in report["problems"]] == [("target-only", "direction")]
