"""Where a sheet's header is found, by shape. All rows are made up."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.spreadsheet.header import apart_from_the_rest, are_labels, column_letters, column_names, find_header

HEADER = ["Company", "Contact", "E-mail", "Phone"]
ROW = ["Oy Esimerkki", "Maija Malli", "maija@esimerkki.example", "+358 40 000 0000"]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param([HEADER, ROW], 0, id="at the top"),
        pytest.param([["Leads 2024"], [], HEADER, ROW], 2, id="below a title and a blank row"),
        pytest.param([["Report:", "Leads"], ["Printed:", "3.4.2024"], HEADER, ROW], 2, id="below pairs of notes"),
        pytest.param([["Company", "", "Contact", ""], ["Name", "City", "Name", "E-mail"], ROW], 1, id="below groups"),
        pytest.param([["Lead"] * 2 + ["Place"] * 2, HEADER, ROW], 1, id="below groups that are named in every column"),
        pytest.param([["Phone", "Phone", "Fax", "Fax"], ["1", "2", "3", "4"]], 0, id="columns that are called alike"),
        pytest.param([["Name", "Name", "City"], ["A", "B", "C"]], 0, id="two that are called alike"),
        pytest.param([["Name"], ["Oy Esimerkki"], ["Ab Exempel"]], 0, id="one column"),
        pytest.param([HEADER], 0, id="nothing below"),
        pytest.param([["Company", "City", "", "Note"], ["A", "B", "C", "D"]], 0, id="a nameless column"),
        pytest.param([["Company", "2023", "2024", "City", "Note"], ["A", 1, 2, "B", "C"]], 0, id="years as labels"),
        pytest.param([["Yhtiö", "Sähköposti"], ["Ä Oy", ""], ["Ö Oy", "a@b.example"]], 0, id="another language"),
        pytest.param([ROW, ROW], None, id="data only"),
        pytest.param([["Leads"], ROW, ["Oy Toinen", "Matti", "", ""]], None, id="data only, below a title"),
        pytest.param([[1, 2], [3, 4]], None, id="numbers only"),
    ],
)
def test_the_header_is_found(rows: list[list[Any]], found: int | None) -> None:
    assert find_header(rows) == found


def test_a_row_with_cells_that_spread_over_others_is_above_the_header() -> None:
    groups = ["Company", "Contact", "", "Country"]
    assert find_header([groups, HEADER, ROW], spread={0}) == 1
    assert find_header([groups, ["Ab", "B", "C", "D"]]) == 0
    assert find_header([groups, ROW], spread={0}) == 0


def test_columns_beyond_a_blank_one_may_be_another_table() -> None:
    header = ["Company", "City", "", "Product", "Price"]
    beside = [["A", "B", "", "Laser", 1], ["C", "D", "", "", ""]]
    assert apart_from_the_rest(header, beside) == [3, 4]
    assert apart_from_the_rest(header, beside[:1]) == []
    assert apart_from_the_rest(header, [["A", "B", "x", "Laser", 1], ["C", "D"]]) == []
    assert apart_from_the_rest(["Company", "", "Note"], [["A", "", "x"], ["B"]]) == []


def test_a_row_with_the_expected_columns_is_the_header_whatever_it_looks_like() -> None:
    assert find_header([["Overview", "of", "all", "the", "leads"], ["Nr", "E-mail"], [1, "x"]], ["Nr"]) == 1


def test_labels_are_short_text() -> None:
    assert are_labels(["Name", "E-mail (work)", "Phone / mobile"])
    assert not are_labels(["Oy Esimerkki", "a@b.example", "040 000 0000"])
    assert not are_labels(["x" * 200])
    assert not are_labels(["", None])


def test_repeated_and_blank_labels_get_names_of_their_own() -> None:
    assert column_names(["Phone", " Phone ", "", "E-mail\n(work)", "Phone"]) == [
        "Phone",
        "Phone (2)",
        "column C",
        "E-mail (work)",
        "Phone (3)",
    ]


def test_a_label_that_looks_like_a_repetition_is_kept() -> None:
    assert column_names(["Phone (2)", "Phone", "Phone"]) == ["Phone (2)", "Phone", "Phone (3)"]


def test_columns_have_the_letters_of_office_programs() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
