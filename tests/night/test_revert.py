"""Taking back what a night wrote to the CRM."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from connectors.memory.space import Trouble
from solmu.cli import main
from solmu.config import Hub, load_hub
from solmu.doctor import examine
from solmu.errors import ConfigurationError
from solmu.store import Store
from solmu.store.tables import audit
from solmu.sync.reverting import revert_run
from tests.hubs import ONE, crm_of, write_sheet
from tests.night.conftest import Night

Revert = Callable[..., dict[str, Any]]


@pytest.fixture
def revert(hub: Hub, store: Store, armed: None) -> Revert:
    def run(name: str, **options: Any) -> dict[str, Any]:
        report = revert_run(load_hub(hub.folder), store, name, **({"confirm": lambda _: True} | options))
        assert report["balanced"], report["unbalanced"]
        return report

    return run


@pytest.fixture
def changed(hub: Hub, night: Night) -> str:
    """The id of a run that gave Salo another phone number and his company another city."""
    night()
    salo = (*ONE[1][:3], "Turku", *ONE[1][4:6], "0409999999", ONE[1][7])
    write_sheet(hub.folder, "one", [ONE[0], salo])
    report = night()
    assert report["targets"]["crm"]["updated"] == 2
    assert (salos(hub)["Phone"], sorvi(hub)["City"]) == ("+358409999999", "Turku")
    return str(report["run_id"])


def key_of(hub: Hub, stream: str, **having: str) -> str:
    [key] = [key for key, record in crm_of(hub).records(stream).items() if having.items() <= record.items()]
    return str(key)


def salos(hub: Hub) -> dict[str, Any]:
    found: dict[str, Any] = crm_of(hub).records("contacts")[key_of(hub, "contacts", LastName="Salo")]
    return found


def sorvi(hub: Hub) -> dict[str, Any]:
    found: dict[str, Any] = crm_of(hub).records("accounts")[key_of(hub, "accounts", Name="Suomen Sorvi Oy")]
    return found


def writes(hub: Hub) -> int:
    return sum(1 for call in crm_of(hub).calls if call.verb == "write")


def left(report: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    entries = report["revert"]["targets"]["crm"]["left"]
    return {(each["object"], each["why"]): sorted(each["fields"]) for each in entries}


def test_what_the_run_wrote_gets_its_earlier_value_back(hub: Hub, store: Store, changed: str, revert: Revert) -> None:
    crm_of(hub).change("contacts", key_of(hub, "contacts", LastName="Salo"), {"FirstName": "Eeronen"})
    report = revert(changed)
    assert report["exit"] == 0, report
    assert report["revert"]["targets"]["crm"]["records"] == 2
    assert report["targets"]["crm"]["updated"] == 2
    assert (salos(hub)["Phone"], sorvi(hub)["City"]) == ("+358407654321", "Oulu")
    assert salos(hub)["FirstName"] == "Eeronen"  # an edit of another field is no obstacle, and stays
    with store.read() as connection:
        row = connection.execute(select(audit).where(audit.c.what == "run taken back")).one()
    assert (row.subject, row.detail["run"]) == (changed, report["run_id"])
    document = examine(store, hub)
    assert document["ok"], document


def test_a_field_that_was_empty_before_is_emptied_again_and_the_doctor_agrees(
    hub: Hub, store: Store, night: Night, revert: Revert
) -> None:
    without_phone = (*ONE[1][:6], "", ONE[1][7])
    write_sheet(hub.folder, "one", [ONE[0], without_phone])
    night()
    write_sheet(hub.folder, "one", ONE)
    report = revert(night()["run_id"])
    assert (report["exit"], salos(hub)["Phone"]) == (0, None)
    document = examine(store, hub)
    assert document["ok"], document


def test_it_stays_back_until_the_hub_has_another_value(hub: Hub, changed: str, night: Night, revert: Revert) -> None:
    revert(changed)
    written = writes(hub)
    assert [night()["exit"], night()["exit"]] == [0, 0]
    touched = (*ONE[1][:3], "Turku", *ONE[1][4:6], "0409999999", "Another interest")
    write_sheet(hub.folder, "one", [ONE[0], touched])
    night()
    assert writes(hub) == written
    write_sheet(hub.folder, "one", [ONE[0], (*touched[:6], "0401111111", touched[7])])
    night()
    assert (salos(hub)["Phone"], sorvi(hub)["City"]) == ("+358401111111", "Oulu")


def test_what_somebody_has_changed_since_is_listed_and_not_touched(hub: Hub, changed: str, revert: Revert) -> None:
    salo, account = key_of(hub, "contacts", LastName="Salo"), key_of(hub, "accounts", Name="Suomen Sorvi Oy")
    crm_of(hub).change("contacts", salo, {"Phone": "+358405555555"})

    def edit_meanwhile(shown: dict[str, Any]) -> bool:
        assert (shown["targets"]["crm"]["records"], len(shown["targets"]["crm"]["left"])) == (1, 1)
        crm_of(hub).change("accounts", account, {"City": "Vaasa"})
        return True

    report = revert(changed, confirm=edit_meanwhile)
    assert (report["exit"], report["revert"]["targets"]["crm"]["records"]) == (3, 0)
    assert left(report) == {("contacts", "edited-since"): ["Phone"], ("accounts", "edited-since"): ["City"]}
    [entry] = [each for each in report["revert"]["targets"]["crm"]["left"] if each["object"] == "contacts"]
    assert entry["fields"]["Phone"]["holds"] == "+358405555555"
    assert (salos(hub)["Phone"], sorvi(hub)["City"]) == ("+358405555555", "Vaasa")
    crm_of(hub).remove("contacts", salo)
    assert left(revert(changed))["contacts", "gone"] == ["Phone"]


def test_what_the_run_created_is_listed_and_stays(hub: Hub, night: Night, revert: Revert) -> None:
    first = night()
    before = {stream: set(crm_of(hub).records(stream)) for stream in ("accounts", "contacts", "tasks")}
    report = revert(first["run_id"])
    assert report["exit"] == 3
    created = [each for each in report["revert"]["targets"]["crm"]["left"] if each["why"] == "created"]
    assert len(created) == first["targets"]["crm"]["created"]
    assert all(each["remote_id"] in before[each["object"]] for each in created)
    assert {stream: set(crm_of(hub).records(stream)) for stream in before} == before
    assert crm_of(hub).records("accounts")["001"]["Name"] == "Kotka Kone"  # it was there before, and only renamed


def test_a_revert_can_be_taken_back_and_taking_back_twice_plans_nothing(
    hub: Hub, changed: str, night: Night, revert: Revert
) -> None:
    back = revert(changed)
    again = revert("last")
    assert (again["revert"]["run"], again["exit"]) == (changed, 0)
    assert again["revert"]["targets"]["crm"] | {"left": []} == again["revert"]["targets"]["crm"]
    assert (again["revert"]["done"], again["revert"]["targets"]["crm"]["already"]) == (False, 2)
    assert revert(back["run_id"])["exit"] == 0
    assert (salos(hub)["Phone"], sorvi(hub)["City"]) == ("+358409999999", "Turku")
    written = writes(hub)
    night()
    assert writes(hub) == written


def test_what_a_later_run_wrote_is_that_runs_to_take_back(hub: Hub, changed: str, night: Night, revert: Revert) -> None:
    write_sheet(hub.folder, "one", [ONE[0], (*ONE[1][:3], "Turku", *ONE[1][4:6], "0401111111", ONE[1][7])])
    later = night()["run_id"]
    report = revert(changed)
    assert left(report) == {("contacts", "written-by-a-later-run"): ["Phone"]}
    assert report["revert"]["targets"]["crm"]["left"][0]["fields"]["Phone"]["run"] == later
    assert (salos(hub)["Phone"], sorvi(hub)["City"]) == ("+358401111111", "Oulu")
    # Once the later one is taken back, what stands there is what the first one wrote.
    assert revert(later)["exit"] == 0
    assert revert(changed)["exit"] == 0
    assert salos(hub)["Phone"] == "+358407654321"


def test_what_is_not_confirmed_or_not_taken_by_the_crm_is_left_for_another_try(
    hub: Hub, store: Store, changed: str, revert: Revert
) -> None:
    written = writes(hub)
    report = revert(changed, confirm=lambda _: False)
    assert (report["revert"]["done"], report["exit"], writes(hub)) == (False, 0, written)
    document = examine(store, hub)
    assert document["ok"], document
    crm_of(hub).misbehave(Trouble.FAIL, times=9)
    assert revert(changed)["exit"] == 3
    assert (salos(hub)["Phone"], sorvi(hub)["City"]) == ("+358409999999", "Turku")
    crm_of(hub).behave()
    assert revert(changed)["exit"] == 0
    assert (salos(hub)["Phone"], sorvi(hub)["City"]) == ("+358407654321", "Oulu")


def test_a_run_that_is_not_known_is_named(revert: Revert) -> None:
    with pytest.raises(ConfigurationError, match="no such run"):
        revert("run_nowhere")
    with pytest.raises(ConfigurationError, match="no run has written"):
        revert("last")


def test_the_command_line_shows_asks_for_yes_and_reports(
    hub: Hub, changed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def solmu(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["solmu", *arguments, "--hub", str(hub.folder)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    assert solmu("revert", "last", "--output", "json")[0] == 2
    crm_of(hub).change("contacts", key_of(hub, "contacts", LastName="Salo"), {"Phone": "+358405555555"})
    code, text = solmu("revert", "last", "--select", "crm", "--yes")
    assert code == 3, text
    assert "1 records get their earlier values back" in text
    assert "somebody changed it there since" in re.sub(r"\s+", " ", text)
    code, text = solmu("revert", changed, "--yes", "--output", "json")
    document = json.loads(text)
    assert (code, document["exit"], document["revert"]["targets"]["crm"]["records"]) == (3, 3, 0)
