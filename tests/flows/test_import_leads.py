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
    assert {"lead", "participant", "contact"} <= {each.get("const") or "" for each in choices(properties["kind"])}


def choices(parameter: dict[str, Any]) -> list[dict[str, Any]]:
    """A choice of words as a form shows it, in whichever of its two spellings."""
    return [{"const": word} for each in parameter.get("anyOf", [parameter]) for word in each.get("enum", ())]


@pytest.mark.usefixtures("expect_errors")
def test_whoever_starts_the_flow_says_what_the_rows_are_and_of_which_event(hub: Hub, sheet: Path) -> None:
    report = import_leads(hub, sheet, event="Laser Day 2024")
    assert report["import"]["stream"] == "import/leads"
    mapping = (hub.folder / "mappings" / "sources" / f"{report['import']['mapping']}.yaml").read_text()
    assert "record: activity" in mapping
    assert "Laser Day 2024" in mapping
    contacts = import_leads(hub, sheet, kind="contact", save="customers", trial=True)
    assert contacts["import"]["mapping"] == "customers"
    with pytest.raises(ValueError, match="only a participation is of an event"):
        import_leads(hub, sheet, event="Laser Day 2024", kind="contact")
