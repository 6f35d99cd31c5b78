"""A cell of a workbook that shows an error of its formula holds no value: mapped, it refuses its row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solmu.config.yaml import Lines
from solmu.errors import Skippable
from solmu.exchange import cell_error, error_in
from solmu.mapping.source import SourceMapping, map_batch, source_mapping

DOCUMENT = {
    "organisation": {
        "name": "Company",
        "phone": {"from": "Phone", "region": {"from": "Country"}, "on_invalid": "drop"},
        "country": {"from": "Country", "on_invalid": "drop"},
    },
    "person": {"given_name": "First", "family_name": "Last", "email": ["E-mail", "E-mail 2"]},
}
ROW = {"Company": "Kotka Kone Oy", "First": "Aino", "Last": "Laine", "E-mail": "aino@kotka.example"}


def mapping(**changes: Any) -> SourceMapping:
    return source_mapping("mine", Path("mine.yaml"), {**DOCUMENT, **changes}, Lines("mine.yaml"))


@pytest.mark.parametrize("column", ["Company", "First", "Last", "E-mail", "E-mail 2"])
def test_in_a_column_that_is_read_it_refuses_the_row(column: str) -> None:
    [refusal] = map_batch(mapping(), [{**ROW, column: cell_error("#REF!")}], "mine")
    assert isinstance(refusal, Skippable)
    assert (refusal.code, refusal.field, refusal.value) == ("cell-error", column, "#REF!")
    assert refusal.expected == "the value itself, pasted into the cell"


def test_in_a_column_that_may_drop_values_it_is_left_out_and_said() -> None:
    made = mapping().map({**ROW, "Phone": cell_error("#N/A"), "Country": cell_error("#N/A")}, connection="mine")
    assert {(each.column, each.code) for each in made.warnings} == {("Phone", "cell-error"), ("Country", "cell-error")}


def test_in_any_other_column_it_harms_nobody() -> None:
    made = mapping().map({**ROW, "Margin": cell_error("#DIV/0!")}, connection="mine")
    assert (made.warnings, made.unmapped) == ((), ("Margin",))


def test_what_only_looks_like_one_is_none() -> None:
    assert error_in(cell_error("#REF!")) == "#REF!"
    for other in ("#REF!", None, {"error": 1}, {"error": "x", "more": 1}, ["error"]):
        assert error_in(other) is None
