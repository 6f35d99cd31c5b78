"""What sheets become: rows, keys, places, types. All content is made up."""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from connectors.spreadsheet import SheetStream, SpreadsheetConnector, SpreadsheetSettings
from solmu.errors import Fatal, Retriable
from solmu.exchange import Batch, Row, Unreadable, cell_error
from tests.unit.connectors.sheets import WRITERS, write_csv, write_xlsx

HEADER = ["Nr", "Company", "Phone"]


def connect(folder: Path, files: str | list[str] = "*", **stream: Any) -> SpreadsheetConnector:
    settings = SpreadsheetSettings(folder=Path("in"), max_cells=stream.pop("max_cells", 16_000_000))
    streams = {"leads": SheetStream.model_validate({"files": files} | stream)}
    return SpreadsheetConnector(name="partners", settings=settings, streams=streams, folder=folder)


def batches(connector: SpreadsheetConnector, cursor: dict[str, Any] | None = None) -> list[Batch]:
    return list(connector.read("leads", cursor))


def rows(connector: SpreadsheetConnector) -> list[Row]:
    found = [row for batch in batches(connector) for row in batch.rows]
    assert all(isinstance(row, Row) for row in found)
    return [row for row in found if isinstance(row, Row)]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("ending", sorted(WRITERS))
def test_every_format_gives_the_same_rows(inbox: Path, ending: str) -> None:
    WRITERS[ending](inbox / f"leads{ending}", [HEADER, ["A1", "Ärjä Oy", "040"], ["A2", "Ab Öl", ""]])
    first, second = rows(connect(inbox.parent, key=["Nr"]))
    assert first.payload == {"Nr": "A1", "Company": "Ärjä Oy", "Phone": "040"}
    assert (first.key, second.key) == ("A1", "A2")
    assert second.payload["Phone"] == ""
    assert (first.file, first.line) == (f"leads{ending}", 2)


@pytest.mark.parametrize("ending", [".ods", ".xls", ".xlsx"])
def test_cells_keep_their_types(inbox: Path, ending: str) -> None:
    WRITERS[ending](
        inbox / f"leads{ending}",
        [["Text", "Whole", "Part", "Day", "Truth"], ["007", 7, 12.5, date(2024, 2, 3), True]],
    )
    [row] = rows(connect(inbox.parent))
    assert row.payload == {"Text": "007", "Whole": 7, "Part": 12.5, "Day": "2024-02-03", "Truth": True}


def test_formulas_give_their_results_and_times_are_iso(inbox: Path) -> None:
    with xlsxwriter.Workbook(inbox / "leads.xlsx") as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, ["Sum", "At", "Clock", "Span", "Merged", "Beside", "Error"])
        page.write_formula(1, 0, "=1+1", None, 2)
        at = datetime.fromisoformat("2024-02-03T04:05:06")
        page.write_datetime(1, 1, at, book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}))
        page.write_datetime(1, 2, time(6, 30), book.add_format({"num_format": "hh:mm"}))
        page.write_datetime(1, 3, timedelta(hours=36, minutes=30), book.add_format({"num_format": "[h]:mm"}))
        page.merge_range(1, 4, 1, 5, "both")
        page.write_formula(1, 6, "=1/0", None, "#DIV/0!")
    [row] = rows(connect(inbox.parent))
    assert row.payload == {
        "Sum": 2,
        "At": "2024-02-03T04:05:06",
        "Clock": "06:30:00",
        "Span": "PT36H30M",
        "Merged": "both",
        "Beside": "",
        "Error": cell_error("#DIV/0!"),
    }
    assert row.place == "leads.xlsx, sheet Leads, row 2"


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_header_below_other_rows_is_found_and_said(inbox: Path, ending: str) -> None:
    WRITERS[ending](
        inbox / f"leads{ending}", [["Leads 2024", "", ""], ["", "", ""], HEADER, ["1", "A", "040"], ["", "", ""]]
    )
    connector = connect(inbox.parent)
    [row] = rows(connector)
    assert row.payload == {"Nr": "1", "Company": "A", "Phone": "040"}
    assert row.line == 4
    assert row.place is not None
    assert "header in" in row.place
    [note] = connector.check()
    assert "Nr, Company, Phone" in note


def test_a_stated_header_row_is_taken(inbox: Path) -> None:
    write_xlsx(inbox / "leads.xlsx", [["ignore", "this", "please"], HEADER, ["1", "A", "040"]])
    [row] = rows(connect(inbox.parent, header=2))
    assert row.payload["Company"] == "A"


def test_a_sheet_may_begin_anywhere(inbox: Path) -> None:
    write_xlsx(inbox / "leads.xlsx", [["", "", ""], ["", "", "Company", "Phone"], ["", "", "A", "040"]])
    [row] = rows(connect(inbox.parent))
    assert row.payload == {"Company": "A", "Phone": "040"}
    assert row.line == 3


def test_blank_rows_and_columns_are_no_data_and_a_footer_is_left_out(inbox: Path) -> None:
    write_xlsx(
        inbox / "leads.xlsx",
        [
            ["Company", "", "Phone", ""],
            ["A", "", "040", ""],
            ["", "", " ", ""],
            ["B", "", "050", ""],
            ["Total", "", "2"],
        ],
    )
    assert [row.payload for row in rows(connect(inbox.parent, skip_footer=1))] == [
        {"Company": "A", "Phone": "040"},
        {"Company": "B", "Phone": "050"},
    ]


def test_a_note_beside_the_table_is_kept(inbox: Path) -> None:
    write_xlsx(inbox / "leads.xlsx", [["Company", "Phone"], ["A", "040", "", "call first!"], ["B", "050"]])
    first, second = rows(connect(inbox.parent))
    assert first.payload == {"Company": "A", "Phone": "040", "column D": "call first!"}
    assert second.payload == {"Company": "B", "Phone": "050"}


def test_a_line_with_too_many_cells_waits_and_the_rest_goes_on(inbox: Path) -> None:
    (inbox / "leads.csv").write_text("Nr,Company,Phone\n1,A,040\n2,B, Oy,050\n3,C\n")
    [batch] = batches(connect(inbox.parent))
    first, bad, last = batch.rows
    assert isinstance(first, Row)
    assert isinstance(bad, Unreadable)
    assert isinstance(last, Row)
    assert (bad.code, bad.line) == ("too-many-cells", 3)
    assert bad.payload == {"Nr": "2", "Company": "B", "Phone": " Oy", "column D": "050"}
    assert last.payload == {"Nr": "3", "Company": "C", "Phone": ""}
    assert batch.complete


def test_the_first_sheet_with_something_in_it_is_read_and_others_are_named(inbox: Path) -> None:
    with xlsxwriter.Workbook(inbox / "leads.xlsx") as book:
        book.add_worksheet("Empty")
        book.add_worksheet("Hidden").write_row(0, 0, ["x"])
        book.worksheets()[1].hide()
        for name in ("Leads", "Old"):
            page = book.add_worksheet(name)
            page.write_row(0, 0, ["Company"])
            page.write_row(1, 0, [f"from {name}"])
    connector = connect(inbox.parent)
    assert [row.payload["Company"] for row in rows(connector)] == ["from Leads"]
    assert any("Old" in note for note in connector.check())
    for sheet in ("old", 4):
        assert [row.payload["Company"] for row in rows(connect(inbox.parent, sheet=sheet))] == ["from Old"]
    with pytest.raises(Fatal) as raised:
        rows(connect(inbox.parent, sheet="New"))
    assert raised.value.expected == "Empty, Hidden, Leads, Old"


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_header_that_comes_again_is_no_row(inbox: Path, ending: str) -> None:
    table = [HEADER, ["1", "A", "040"], [], HEADER, ["2", "B", ""], ["Nr", "Company", ""]]
    WRITERS[ending](inbox / f"leads{ending}", table)
    assert [row.payload["Nr"] for row in rows(connect(inbox.parent))] == ["1", "2", "Nr"]


def test_a_list_of_one_column_may_repeat_its_heading(inbox: Path) -> None:
    write_xlsx(inbox / "leads.xlsx", [["Company"], ["A"], ["Company"]])
    assert [row.payload["Company"] for row in rows(connect(inbox.parent))] == ["A", "Company"]


def test_a_cover_is_passed_by(inbox: Path) -> None:
    cover = ["Dear partner,", "please find the leads on the next page."]
    for name, first in (("a", cover), ("b", ["Company", "A"])):
        with xlsxwriter.Workbook(inbox / f"{name}.xlsx") as book:
            book.add_worksheet("First").write_column(0, 0, first)
            page = book.add_worksheet("Second")
            page.write_row(0, 0, ["Company", "City"])
            page.write_row(1, 0, ["B", "Kotka"])
    connector = connect(inbox.parent)
    assert [row.payload["Company"] for row in rows(connector)] == ["B", "A"]
    assert connector.check()[0] == "a.xlsx: sheet Second is read, and not First; put first what is to be read"


def test_what_a_sender_may_not_see_of_a_sheet_is_said(inbox: Path) -> None:
    with xlsxwriter.Workbook(inbox / "leads.xlsx") as book:
        page = book.add_worksheet("Leads")
        for number, row in enumerate([["Company", "City", "", "Product", "Price"], ["A", "B", "", "Laser", 1], ["C"]]):
            page.write_row(number, 0, row)
        page.set_row(2, None, None, {"hidden": True})
        page.set_row(9, None, None, {"hidden": True})
    connector = connect(inbox.parent)
    apart, hidden = connector.check()
    assert "the columns Product, Price stand apart from the others" in apart
    assert hidden == "leads.xlsx: sheet Leads is read with all its rows, and 1 row of it is hidden"
    assert [row.payload["Company"] for row in rows(connector)] == ["A", "C"]
    # Room between columns is no column of the list.
    assert [each.name for each in connector.discover()[0].fields] == ["Company", "City", "Product", "Price"]


def test_all_files_of_a_stream_are_one_list(inbox: Path) -> None:
    write_csv(inbox / "a.csv", [HEADER, ["1", "A", ""]], delimiter=";")
    write_xlsx(inbox / "b.xlsx", [["Company", "Nr"], ["B", "2"]])
    (inbox / "~$b.xlsx").write_bytes(b"somebody has it open")
    (inbox / "sub").mkdir()
    write_csv(inbox / "sub" / "c.csv", [HEADER, ["3", "C", ""]])
    assert [row.key for row in rows(connect(inbox.parent, key=["Nr"]))] == ["1", "2"]
    assert [row.key for row in rows(connect(inbox.parent, ["**/*.CSV"], key=["Nr"]))] == ["1", "3"]
    assert [batch.complete for batch in batches(connect(inbox.parent))] == [True]


def test_without_streams_each_file_is_offered_as_one(inbox: Path) -> None:
    write_csv(inbox / "leads.csv", [HEADER, ["1", "A", ""]])
    settings = SpreadsheetSettings(folder=inbox)
    connector = SpreadsheetConnector(name="partners", settings=settings, streams={}, folder=inbox)
    [info] = connector.discover()
    assert info.name == "leads"
    assert [field.name for field in info.fields] == HEADER


def test_files_that_did_not_change_can_be_left_out(inbox: Path) -> None:
    for name in ("a", "b"):
        write_csv(inbox / f"{name}.csv", [["Nr", "Company"], [name, "X"]])
    connector = connect(inbox.parent, key=["Nr"], skip_unchanged_files=True)
    [first] = batches(connector)
    assert first.complete
    [nothing] = batches(connector, first.cursor)
    assert (list(nothing.rows), nothing.complete) == ([], False)
    assert nothing.cursor == first.cursor
    write_csv(inbox / "b.csv", [["Nr", "Company"], ["b", "moved"]])
    os.utime(inbox / "b.csv", ns=(1, 1))
    [changed] = batches(connector, first.cursor)
    assert [row.key for row in changed.rows] == ["b"]


def test_cells_merged_downwards_hold_for_each_of_their_rows(inbox: Path) -> None:
    with xlsxwriter.Workbook(inbox / "leads.xlsx") as book:
        page = book.add_worksheet("Leads")
        page.merge_range(0, 1, 0, 3, "Leads of May")
        page.write_row(2, 1, ["Company", "Name", "City"])
        page.merge_range(3, 1, 5, 1, "Kotka Kone Oy")
        for number, name in enumerate(["Aino", "Eero", "Siiri", "Ilmari"]):
            page.write(3 + number, 2, name)
        page.merge_range(3, 3, 4, 3, "Kotka")
    read = [row.payload for row in rows(connect(inbox.parent))]
    assert [(each["Company"], each["Name"], each["City"]) for each in read] == [
        ("Kotka Kone Oy", "Aino", "Kotka"),
        ("Kotka Kone Oy", "Eero", "Kotka"),
        ("Kotka Kone Oy", "Siiri", ""),
        ("", "Ilmari", ""),
    ]


def test_a_file_that_grows_while_it_is_read_comes_again_later(inbox: Path) -> None:
    write_csv(inbox / "leads.csv", [["Nr"], *([str(number)] for number in range(2500))])
    reading = connect(inbox.parent).read("leads", None)
    assert not next(reading).complete
    with (inbox / "leads.csv").open("a") as stream:
        stream.write("2500\n")
    with pytest.raises(Retriable) as raised:
        list(reading)
    assert raised.value.code == "file-changed"
    assert (raised.value.connection, raised.value.stream, raised.value.file) == ("partners", "leads", "leads.csv")


def test_a_sheet_that_loses_columns_stops_until_somebody_agrees(inbox: Path) -> None:
    write_csv(inbox / "leads.csv", [HEADER, ["1", "A", "040"]])
    [first] = batches(connect(inbox.parent))
    write_csv(inbox / "leads.csv", [["Nr", "Firm", "Phone", "City"], ["1", "A", "040", "Oulu"]])
    with pytest.raises(Fatal) as raised:
        batches(connect(inbox.parent), first.cursor)
    assert (raised.value.code, raised.value.field) == ("columns-changed", "Company")
    assert "Firm, City" in raised.value.message
    [agreed] = batches(connect(inbox.parent, columns=["Nr", "Firm", "Phone"]), first.cursor)
    assert len(agreed.rows) == 1


def test_a_missing_column_is_named_with_those_that_are_there(inbox: Path) -> None:
    write_csv(inbox / "leads.csv", [HEADER, ["1", "A", "040"]])
    with pytest.raises(Fatal) as raised:
        batches(connect(inbox.parent, columns=["Company", "E-mail"]))
    assert (raised.value.code, raised.value.field, raised.value.line) == ("columns-changed", "E-mail", 1)
    assert "Nr, Company, Phone" in raised.value.message
