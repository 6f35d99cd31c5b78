"""A night's sync, end to end, over a CRM in memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.memory.space import Trouble
from connectors.spreadsheet import SpreadsheetConnector
from solmu.config import Hub
from solmu.doctor import examine
from solmu.exchange import Batch
from solmu.store import Store, open_store
from solmu.sync.retry import retry
from solmu.sync.run import run_all
from tests.hubs import ONE, crm_of, write_sheet
from tests.night.conftest import Night


def counts(report: dict[str, Any], stream: str) -> dict[str, int]:
    return {counter: number for counter, number in report["streams"][stream].items() if number}


def done(report: dict[str, Any]) -> dict[str, int]:
    return {state: number for state, number in report["targets"]["crm"].items() if number and state != "api_calls"}


def writes(hub: Hub) -> int:
    return sum(1 for call in crm_of(hub).calls if call.verb == "write")


def by_name(hub: Hub, stream: str, field: str) -> dict[str, dict[str, Any]]:
    return {record[field]: record for record in crm_of(hub).records(stream).values()}


def test_rows_become_golden_records_and_reach_the_crm_without_doubles(hub: Hub, night: Night) -> None:
    report = night()
    assert report["exit"] == 0, report
    assert counts(report, "one/leads") == {"read": 2, "new": 2}
    assert report["golden"] == {"organisations": 2, "people": 2}
    accounts, contacts = by_name(hub, "accounts", "Name"), by_name(hub, "contacts", "LastName")
    assert set(accounts) == {"Kotka Kone Oy", "Suomen Sorvi Oy"}
    assert set(contacts) == {"Laine", "Salo"}
    assert contacts["Laine"]["Phone"] == "+358401234567"
    assert {task["Subject"] for task in crm_of(hub).records("tasks").values()} == {"Lead 1", "Lead 2", "Lead A"}


def test_children_point_to_their_parents(hub: Hub, night: Night) -> None:
    night()
    salo = by_name(hub, "contacts", "LastName")["Salo"]
    assert crm_of(hub).records("accounts")[salo["AccountId"]]["Name"] == "Suomen Sorvi Oy"
    task = by_name(hub, "tasks", "Subject")["Lead 2"]
    assert crm_of(hub).records("contacts")[task["WhoId"]]["LastName"] == "Salo"


def test_running_again_changes_nothing_and_writes_nothing(hub: Hub, night: Night) -> None:
    night()
    before = {stream: crm_of(hub).records(stream) for stream in ("accounts", "contacts", "tasks")}
    written = writes(hub)
    report = night()
    assert report["exit"] == 0
    assert counts(report, "one/leads") == {"read": 2, "unchanged": 2}
    assert writes(hub) == written
    assert {stream: crm_of(hub).records(stream) for stream in before} == before
    assert not any(done(report).values()) or set(done(report)) <= {"planned", "unchanged"}


def test_every_invariant_holds_after_a_night(hub: Hub, store: Store, night: Night) -> None:
    night()
    document = examine(store, hub)
    assert document["ok"], document


def test_an_unarmed_target_is_read_only(hub: Hub, store: Store) -> None:
    report = run_all(hub, store)
    assert writes(hub) == 0
    assert report["targets"]["crm"]["held"] > 0
    assert report["balanced"]


def test_only_what_changed_flows(hub: Hub, night: Night) -> None:
    night()
    changed = [ONE[0], (*ONE[1][:6], "0409999999", ONE[1][7])]
    write_sheet(hub.folder, "one", changed)
    report = night()
    assert counts(report, "one/leads") == {"read": 2, "changed": 1, "unchanged": 1}
    assert done(report)["updated"] == 1
    assert by_name(hub, "contacts", "LastName")["Salo"]["Phone"] == "+358409999999"


def test_a_bad_row_waits_with_its_reason_and_the_rest_goes_on(hub: Hub, night: Night) -> None:
    bad = ("3", "Hanko Hitsi Oy", "", "Hanko", "Ilmari Ek", "ilmari@@hankohitsi.example", "", "")
    write_sheet(hub.folder, "one", [*ONE, bad])
    report = night()
    assert report["exit"] == 3
    assert counts(report, "one/leads") == {"read": 3, "new": 2, "refused": 1}
    assert "Hanko Hitsi Oy" not in by_name(hub, "accounts", "Name")
    assert counts(night(), "one/leads") == {"read": 3, "unchanged": 2, "refused": 1}


def test_a_mended_mapping_takes_back_what_was_refused(hub: Hub, store: Store, night: Night) -> None:
    bad = ("3", "Hanko Hitsi Oy", "", "Hanko", "Ilmari Ek", "ilmari@@hankohitsi.example", "", "")
    write_sheet(hub.folder, "one", [*ONE, bad])
    night()
    mapping = hub.folder / "mappings" / "sources" / "sheet.yaml"
    mapping.write_text(mapping.read_text().replace("email: {from: E-mail}", "email: {from: E-mail, on_invalid: drop}"))
    report = night()
    assert counts(report, "one/leads") == {"read": 3, "unchanged": 3}
    assert "Hanko Hitsi Oy" in by_name(hub, "accounts", "Name")


def test_retry_replays_the_quarantine(hub: Hub, store: Store, night: Night) -> None:
    bad = ("3", "Hanko Hitsi Oy", "", "Hanko", "Ilmari Ek", "ilmari@@hankohitsi.example", "", "")
    write_sheet(hub.folder, "one", [*ONE, bad])
    night()
    report = retry(hub, store, quarantine=True, rejected=False)
    assert report["balanced"]
    document = examine(store, hub)
    assert document["ok"], document


def test_what_a_salesperson_enters_comes_back_and_is_not_overwritten(hub: Hub, night: Night) -> None:
    night()
    crm = crm_of(hub)
    key = next(key for key, record in crm.records("accounts").items() if record["Name"] == "Suomen Sorvi Oy")
    crm.change("accounts", key, {"Industry": "Metal"})
    report = night()
    assert counts(report, "crm/accounts")["changed"] == 1
    assert crm.records("accounts")[key]["Industry"] == "Metal"
    assert "updated" not in done(report)


def test_a_defect_in_a_connector_ends_its_connection_and_not_the_night(
    hub: Hub, night: Night, monkeypatch: pytest.MonkeyPatch, expect_errors: list[logging.LogRecord]
) -> None:
    read = "Aino Laine"

    def blow_up(*_: object) -> Iterator[Batch]:
        yield Batch([])
        raise TypeError(read)

    monkeypatch.setattr(SpreadsheetConnector, "read", blow_up)
    report = night()
    assert report["exit"] == 3
    assert {problem["code"] for problem in report["problems"]} == {"unforeseen"}
    assert counts(report, "crm/accounts")["new"] == 1
    assert "blow_up" in expect_errors[0].getMessage()
    assert "Aino" not in "".join(each.getMessage() for each in expect_errors)


def test_an_edit_that_a_rule_does_not_let_stand_is_counted(hub: Hub, night: Night) -> None:
    assert night()["targets"]["crm"]["overridden"] == 0
    crm = crm_of(hub)
    key = next(key for key, record in crm.records("accounts").items() if record["Name"] == "Suomen Sorvi Oy")
    crm.change("accounts", key, {"City": "Kuopio"})
    assert night()["targets"]["crm"]["overridden"] == 1
    assert crm.records("accounts")[key]["City"] == "Oulu"
    assert night()["targets"]["crm"]["overridden"] == 0


def test_a_source_that_fails_does_not_stop_the_others(hub: Hub, night: Night) -> None:
    (hub.folder / "data" / "two.csv").unlink()
    report = night()
    assert report["exit"] == 3
    assert [problem["connection"] for problem in report["problems"]] == ["two"]
    assert "Suomen Sorvi Oy" in by_name(hub, "accounts", "Name")


def test_nothing_is_created_in_a_crm_that_could_not_be_read(hub: Hub, night: Night) -> None:
    crm_of(hub).misbehave(Trouble.FAIL, on="read", times=99)
    report = night()
    assert report["exit"] == 3
    assert writes(hub) == 0
    crm_of(hub).behave()
    assert night()["exit"] == 0
    assert set(by_name(hub, "accounts", "Name")) == {"Kotka Kone Oy", "Suomen Sorvi Oy"}


def test_a_sheet_that_lost_most_of_its_rows_withdraws_none(hub: Hub, store: Store, night: Night) -> None:
    rows = [(str(n), f"Firma {n} Oy", "", "", "", f"posti@firma{n}.example", "", "") for n in range(60)]
    write_sheet(hub.folder, "one", rows)
    night()
    write_sheet(hub.folder, "one", rows[:3])
    report = night()
    assert report["guards"] == ["source-shrank"]
    assert report["mentions"]["withdrawn"] == 0


def test_a_second_run_at_the_same_time_leaves_cleanly(hub: Hub, store: Store, night: Night) -> None:
    from solmu.store.lease import lease

    with open_store(hub.store_url) as other, lease(other, "land:one"):
        report = night(patience=0)
    assert [problem["connection"] for problem in report["problems"]] == ["one"]
    assert night()["exit"] == 0


def test_a_mapping_that_suddenly_refuses_many_rows_trips_a_guard_and_keeps_what_was_good(
    hub: Hub, store: Store, night: Night
) -> None:
    rows = [(str(n), f"Firma {n} Oy", "", "", "", f"posti@firma{n}.example", "", "") for n in range(60)]
    write_sheet(hub.folder, "one", rows)
    night()
    write_sheet(hub.folder, "one", [(*row[:5], row[5].replace("@", "@@"), *row[6:]) for row in rows])
    report = night()
    assert report["guards"] == ["refused-share"]
    assert report["exit"] == 3
    assert report["mentions"]["withdrawn"] == 0
    assert "Firma 7 Oy" in by_name(hub, "accounts", "Name")


def test_a_target_that_is_added_later_gets_what_was_there_before_it(hub: Hub, night: Night) -> None:
    crm = hub.folder / "connections" / "crm.yaml"
    text = crm.read_text()
    crm.write_text(text.replace("direction: both", "direction: both\nenabled: false"))
    night()
    assert writes(hub) == 0
    crm.write_text(text)
    assert "created" in done(night())
    assert "Suomen Sorvi Oy" in by_name(hub, "accounts", "Name")


def test_an_edited_target_mapping_reaches_what_has_not_changed_since(hub: Hub, night: Night) -> None:
    night()
    mapping = hub.folder / "mappings" / "targets" / "account.yaml"
    mapping.write_text(mapping.read_text() + "  Country: {from: country}\n")
    assert done(night())["updated"] == 2
    assert {record["Country"] for record in crm_of(hub).records("accounts").values()} == {"FI"}


def test_an_edited_survivorship_rule_is_obeyed_at_once(hub: Hub, night: Night) -> None:
    night()
    settings = hub.folder / "hub.yaml"
    settings.write_text(settings.read_text().replace("sources: [one, two, crm]", "sources: [two, one, crm]"))
    night()
    assert "Kotka-Kone" in by_name(hub, "accounts", "Name")


def test_whoever_moves_to_an_employer_made_in_the_same_night_moves_in_the_crm_too(hub: Hub, night: Night) -> None:
    night()
    moved = ("9", "Hanko Hitsi Oy", "1572860-0", "Hanko", "Eero Salo", "eero.salo@suomensorvi.example", "", "")
    write_sheet(hub.folder, "one", [*ONE, moved])
    night()
    night()
    accounts = crm_of(hub).records("accounts")
    assert accounts[by_name(hub, "contacts", "LastName")["Salo"]["AccountId"]]["Name"] == "Hanko Hitsi Oy"


def test_what_a_salesperson_enters_in_a_form_that_we_cannot_read_stays(hub: Hub, night: Night) -> None:
    mapping = hub.folder / "mappings" / "sources" / "contact.yaml"
    mapping.write_text(mapping.read_text().replace("region: {const: FI}}", "region: {const: FI}, on_invalid: drop}"))
    night()
    crm = crm_of(hub)
    key = next(key for key, record in crm.records("contacts").items() if record["LastName"] == "Salo")
    crm.change("contacts", key, {"Phone": "ask Eero at the gate"})
    night()
    assert crm.records("contacts")[key]["Phone"] == "ask Eero at the gate"
