"""The nightly flow does what the core does, and Prefect can tell how it went."""

from __future__ import annotations

import json
import logging
from importlib.metadata import entry_points
from typing import Any

import pytest
from sqlalchemy import select

from solmu.cli import main
from solmu.config import Hub
from solmu.store import Store
from solmu.store.tables import run
from solmu.sync.run import listening
from tests.hubs import crm_of

pytestmark = [pytest.mark.usefixtures("prefect", "armed")]


def nightly(hub: Hub, **parameters: Any) -> dict[str, Any]:
    from flows.nightly import nightly as flow

    report: dict[str, Any] = flow(hub=str(hub.folder), **parameters)
    return report


def ledger(store: Store, report: dict[str, Any]) -> Any:
    with store.read() as connection:
        return connection.execute(select(run).where(run.c.id == report["run_id"])).one()


def flow_run(row: Any) -> Any:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return client.read_flow_run(row.detail["flow_run"])


def tasks(row: Any) -> dict[str, str]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    only = FlowRunFilter(id=FlowRunFilterId(any_=[row.detail["flow_run"]]))
    with get_client(sync_client=True) as client:
        return {each.name: each.state_name for each in client.read_task_runs(flow_run_filter=only)}


def artifacts(row: Any) -> dict[str, Any]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    only = FlowRunFilter(id=FlowRunFilterId(any_=[row.detail["flow_run"]]))
    with get_client(sync_client=True) as client:
        return {each.key: each.data for each in client.read_artifacts(flow_run_filter=only)}


def test_the_flow_completes_and_its_report_is_the_ledgers(hub: Hub, store: Store) -> None:
    told: list[str] = []
    with listening(lambda step, _more: told.append(step)):
        report = nightly(hub)
    row = ledger(store, report)
    assert report["exit"] == 0
    assert report["balanced"]
    assert row.report == report
    assert json.loads((hub.folder / "reports" / "latest.json").read_bytes()) == report
    assert flow_run(row).state_name == "Completed"
    assert flow_run(row).name == row.detail["flow_run_name"]
    assert len(crm_of(hub).records("tasks")) == 3
    assert "reading one/leads" in told
    names = {name.partition("-")[0] for name in tasks(row)}
    assert names >= {"land one", "land two", "land crm", "resolve", "push crm", "reconcile crm"}
    shown = artifacts(row)
    assert shown["solmu-progress"] == 100.0
    assert f"# Run `{report['run_id']}`" in shown["solmu-run"]
    assert "the books balance" in shown["solmu-run"]


def test_a_connection_that_fails_is_a_failed_task_in_a_completed_flow(
    hub: Hub, store: Store, expect_errors: list[logging.LogRecord]
) -> None:
    (hub.folder / "data" / "two.csv").unlink()
    report = nightly(hub)
    row = ledger(store, report)
    assert report["exit"] == 3
    assert flow_run(row).state_name == "Completed"
    states = {name.partition("-")[0]: state for name, state in tasks(row).items()}
    assert states["land two"] == "Failed"
    assert states["land one"] == states["push crm"] == "Completed"
    assert "two" in artifacts(row)["solmu-run"]
    assert {record.name.partition(".")[0] for record in expect_errors} == {"prefect"}


def test_an_error_that_nobody_foresaw_ends_the_night_before_anything_is_written(
    hub: Hub, store: Store, monkeypatch: pytest.MonkeyPatch, expect_errors: list[logging.LogRecord]
) -> None:
    def blow_up(*_: Any) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("solmu.sync.landing.load_source_mapping", blow_up)
    with pytest.raises(ZeroDivisionError):
        nightly(hub)
    assert crm_of(hub).records("tasks") == {}
    assert expect_errors


def test_the_flow_takes_part_of_a_hub_and_may_leave_the_target_alone(hub: Hub, store: Store) -> None:
    report = nightly(hub, select=["one", "crm"], send=False)
    assert set(report["streams"]) == {"one/leads", "crm/accounts", "crm/contacts"}
    assert report["targets"]["crm"]["held"] == report["targets"]["crm"]["planned"] > 0
    assert crm_of(hub).records("tasks") == {}
    assert not any(name.startswith("reconcile") for name in tasks(ledger(store, report)))


def test_the_command_line_finds_the_flow_by_its_entry_point(
    hub: Hub, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.nightly import nightly as flow

    (point,) = entry_points(group="solmu.flows", name="nightly")
    assert point.load() is flow
    monkeypatch.setattr("sys.argv", ["solmu", "run", "--prefect", "--output", "json", "--hub", str(hub.folder)])
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    report = json.loads(capsys.readouterr().out)
    assert flow_run(ledger(store, report)).state_name == "Completed"
