"""Matching at the command line: full, models, calibration, one record."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from solmu.cli import main
from solmu.config import Hub
from solmu.match import bundles
from solmu.store import Store
from solmu.store.tables import audit, link, pair, run
from tests.night.conftest import Night

Solmu = Callable[..., tuple[int, Any]]


@pytest.fixture
def solmu(hub: Hub, night: Night, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Solmu:
    """Runs a command on the hub, after a night, and gives its exit code and its document."""
    night()

    def call(*words: str, text: bool = False) -> tuple[int, Any]:
        more = () if text else ("--output", "json")
        monkeypatch.setattr("sys.argv", ["solmu", "match", *words, "--hub", str(hub.folder), *more])
        with pytest.raises(SystemExit) as ended:
            main()
        out = capsys.readouterr()
        return int(ended.value.code or 0), out.out + out.err if text else json.loads(out.out)

    return call


def state(store: Store) -> list[Any]:
    with store.read() as connection:
        return [connection.execute(select(table)).all() for table in (pair, link)]


def keep_a_version(store: Store) -> None:
    with store.write() as connection:
        ours = bundles.shipped()
        bundles.keep(connection, bundles.Bundle("mine", "trained", 1_700_000_000_000_000, ours.models))


def test_a_version_comes_in_force_once_its_difference_report_was_made(solmu: Solmu, store: Store) -> None:
    keep_a_version(store)
    before = state(store)
    code, refused = solmu("use", "mine")
    assert (code, refused["error"]["code"]) == (2, "no-difference-report")
    assert refused["error"]["expected"] == "`solmu match --full --model mine` first"
    code, report = solmu("--full", "--model", "mine")
    assert (code, report["version"], report["in_force"]) == (0, "mine", bundles.shipped().version)
    assert "applied" not in report
    assert state(store) == before
    code, done = solmu("use", "mine", "--as", "anna")
    assert (code, done["version"], done["done"]) == (0, "mine", True)
    _, listed = solmu("models")
    assert [each["version"] for each in listed["versions"] if each["active"]] == ["mine"]
    _, whole = solmu("models", "mine")
    assert set(whole["models"]) == {"organisation", "person"}
    with store.read() as connection:
        assert connection.scalar(select(audit.c.who).where(audit.c.what == "model in force")) == "anna"
        assert connection.scalar(select(run.c.state).where(run.c.kind == "match")) == "done"
    assert "mine" in solmu("models", text=True)[1]


def test_without_answers_nothing_is_proven_and_calibrating_changes_nothing(solmu: Solmu, store: Store) -> None:
    before = state(store)
    code, document = solmu("calibrate", "--apply")
    assert code == 0
    assert {(each["state"], each["about"], each["needed"]) for each in document["calibrations"]} == {
        ("unproven", 400, 381)
    }
    assert state(store) == before
    assert "0 of about 400 answers" in solmu("calibrate", text=True)[1]
    assert "nothing was applied" in solmu("calibrate", "--apply", text=True)[1]
    code, drawn = solmu("sample", "5", "--entity", "person")
    assert (code, [each["entity"] for each in drawn["samples"]]) == (0, ["person"])


def test_one_record_is_looked_up_by_canonical_fields_and_by_a_mapping(solmu: Solmu) -> None:
    company = {"organisation": {"name": "KOTKA KONE", "business_id": "2092540-6", "country": "Finland"}}
    code, answer = solmu("one", "--json", json.dumps(company))
    assert (code, answer["organisation"]["verdict"]) == (0, "same")
    (found,) = answer["organisation"]["candidates"]
    assert found["remotes"][0]["target"] == "crm"
    assert found["remotes"][0]["url"].endswith("/accounts/001")
    row = {"Company": "Kotka Kone", "Business id": "2092540-6", "Person": "Aino Laine", "E-mail": ""}
    _, mapped = solmu("one", "--json", json.dumps(row), "--mapping", "sheet")
    assert mapped["organisation"]["golden_id"] == answer["organisation"]["golden_id"]
    assert mapped["people"][0]["verdict"] == "same"
    assert found["golden_id"] in solmu("one", "--json", json.dumps(company), text=True)[1].replace("\n", "")


def test_what_is_wrong_is_named(solmu: Solmu) -> None:
    for words, wrong in (
        (("one", "--json", "{"), (2, "no-json")),
        (("one", "--json", '{"person": {"email": "nope"}}'), (2, "not-an-email")),
        (("use", "nothing"), (2, "no-model")),
        (("--full", "--model", "nothing"), (2, "no-model")),
        (("--apply",), (2, "usage")),
        (("train",), (1, "too-little")),
    ):
        exit_code, document = solmu(*words)
        assert (exit_code, document["error"]["code"]) == wrong, words
