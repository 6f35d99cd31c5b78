"""``benchmarks/accuracy.py`` measures a labelled set that somebody has as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.accuracy import measure_file
from solmu.errors import SolmuError
from solmu.model import Entity

ROWS = """Firm;Street;Town;Phone;Contact;Register;Who
Pajula Pumput Oy;Satamakatu 4;Turku;+358 2 555 0101;Aino Salmela;FI-7;1
PAJULA PUMPUT;Satamakatu 4;Turku;02 555 0101;Aino Salmela;FI-7;1
Kivelä Valimo Oy;Rautatie 9;Tampere;+358 3 555 0102;Eero Lind;;2
Harju Lasi Oy;;Oulu;;;;3
Harju Lasi Oy;;Oulu;;;;
"""
MAPPING = """record: customer
organisation:
  name: {from: Firm}
  street: {from: Street}
  city: {from: Town}
  country: {const: FI}
  phone: {from: Phone, on_invalid: drop}
  custom.register: {from: Register}
"""
PEOPLE = "person:\n  name: {from: Contact}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "firms.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "both.yaml").write_text(MAPPING + PEOPLE, encoding="utf-8")
    return tmp_path


def _measured(folder: Path, mapping: str, entity: Entity | None = None) -> dict[str, tuple[float, str]]:
    lines = map(json.loads, measure_file(folder / "rows.csv", folder / mapping, "Who", entity))
    return {line["name"].split()[0]: (line["ours"], line["work"]) for line in lines}


def test_rows_that_have_a_label_are_measured(folder: Path) -> None:
    found = _measured(folder, "firms.yaml")
    assert list(found) == ["f1", "b3", "asked", "recall", "wrong", "precision", "found"]
    assert {work.partition(" ")[0] for _, work in found.values()} == {"4"}
    assert found["found"][0] == found["precision"][0] == 1.0
    assert found["wrong"][0] == found["asked"][0] == 0.0


def test_people_are_measured_where_the_mapping_has_any(folder: Path) -> None:
    people = _measured(folder, "both.yaml")
    assert people["found"][0] == 1.0  # one name at one company
    assert _measured(folder, "both.yaml", Entity.ORGANISATION) == _measured(folder, "firms.yaml")


def test_a_column_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(SolmuError, match="Whom"):
        list(measure_file(folder / "rows.csv", folder / "firms.yaml", "Whom", None))
