"""The import as a flow does what the command does, and shows what it took each column for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solmu.config import Hub
from tests.hubs import crm_of, write_sheet

pytestmark = [pytest.mark.usefixtures("prefect", "armed")]
ROW = ("9", "Suomen Sorvi Oy", "", "Oulu", "Eero Salo", "eero.salo@suomensorvi.example", "+358407654321", "Press")


@pytest.fixture
def sheet(hub: Hub) -> Path:
    write_sheet(hub.folder, "leads", [ROW])
    return hub.folder / "data" / "leads.csv"


def import_leads(hub: Hub, file: Path, **parameters: Any) -> dict[str, Any]:
    from flows.import_leads import import_leads as flow

    report: dict[str, Any] = flow(file=file, hub=str(hub.folder), **parameters)
    return report


def test_the_flow_imports_and_pushes_only_when_told(hub: Hub, sheet: Path) -> None:
    tried = import_leads(hub, sheet, trial=True)
    assert tried["golden"]["organisations"] == 1
    assert not (hub.folder / "connections" / "import.yaml").exists()
    report = import_leads(hub, sheet, partner="Oy Alfa")
    assert report["streams"]["import/leads-oy-alfa"]["new"] == 1
    assert crm_of(hub).records("tasks") == {}
    pushed = import_leads(hub, sheet, partner="Oy Alfa", push=True)
    assert pushed["targets"]["crm"]["created"] > 0


def test_the_parameters_are_a_form() -> None:
    from flows.import_leads import import_leads as flow

    properties = flow.parameters.properties
    assert properties["file"]["format"] == "path"
    assert properties["push"]["type"] == "boolean"
    assert all(each.get("description") for each in properties.values())
