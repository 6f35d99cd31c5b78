"""Cells that show an error of their formula: kept as received, in every kind of workbook. All content is synthetic."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt

from connectors.spreadsheet import SheetStream, SpreadsheetConnector, SpreadsheetSettings
from solmu.errors import Fatal
from solmu.exchange import Row, cell_error
from tests.unit.connectors.sheets import write_ods
from tests.unit.connectors.test_hostile_sheets import repacked

SHEET = "xl/worksheets/sheet1.xml"


def rows(folder: Path, **stream: Any) -> list[Row]:
    settings = SpreadsheetSettings(folder=folder)
    streams = {"leads": SheetStream(files=("leads.*",), **stream)}
    connector = SpreadsheetConnector(name="partners", settings=settings, streams=streams, folder=folder)
    found = [row for batch in connector.read("leads", None) for row in batch.rows]
    assert all(isinstance(row, Row) for row in found)
    return [row for row in found if isinstance(row, Row)]


def as_xlsx(folder: Path) -> None:
    with xlsxwriter.Workbook(folder / "leads.xlsx") as book:
        book.add_worksheet("Notes").write_formula(0, 0, "=NA()", None, "#NAME?")
        page = book.add_worksheet("Leads")
        page.write_row(0, 1, ["Company", "City", "Margin"])
        page.write(2, 1, "Kotka Kone Oy")
        page.write_formula(2, 2, "=A9", None, "#REF!")
        page.write_formula(2, 3, "=1/0", None, "#DIV/0!")
        page.write_row(3, 1, ["Suomen Sorvi Oy", "Oulu", 5])
        page.write_formula(4, 3, "=NA()", None, "#N/A")


def as_xls(folder: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("Notes").row(0).set_cell_error(0, 0x1D)
    page = book.add_sheet("Leads")
    for column, text in enumerate(["Company", "City", "Margin"], 1):
        page.write(0, column, text)
    page.write(2, 1, "Kotka Kone Oy")
    page.row(2).set_cell_error(2, 0x17)
    page.row(2).set_cell_error(3, 0x07)
    for column, value in enumerate(["Suomen Sorvi Oy", "Oulu", 5], 1):
        page.write(3, column, value)
    page.row(4).set_cell_error(3, 0x2A)
    book.save(str(folder / "leads.xls"))


def as_ods(folder: Path) -> None:
    table: list[list[Any]] = [
        ["", "Company", "City", "Margin"],
        [],
        ["", "Kotka Kone Oy", "#REF!", "#DIV/0!"],
        ["", "Suomen Sorvi Oy", "Oulu", 5],
        ["", "", "", "#N/A"],
    ]
    write_ods(folder / "leads.ods", table)

    def shown(content: bytes) -> bytes:
        for text in (b"#REF!", b"#DIV/0!", b"#N/A"):
            # As LibreOffice writes them.
            stated = b'calcext:value-type="string" office:string-value="' + text + b'"'
            assert stated in content
            content = content.replace(stated, b'calcext:value-type="error" office:string-value=""')
        return content

    repacked(folder / "leads.ods", "content.xml", shown)


@pytest.mark.parametrize("write", [as_xlsx, as_xls, as_ods])
def test_what_a_cell_shows_is_kept_as_an_error(tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path)
    kotka, sorvi, last = rows(tmp_path, sheet=1 if write is as_ods else "Leads")
    assert kotka.payload | {"Company": "Kotka Kone Oy"} == kotka.payload
    assert (kotka.payload["City"], kotka.payload["Margin"]) == (cell_error("#REF!"), cell_error("#DIV/0!"))
    assert (kotka.line, sorvi.line, last.line) == (3, 4, 5)
    assert (sorvi.payload["City"], sorvi.payload["Margin"]) == ("Oulu", 5)
    assert last.payload["Margin"] == cell_error("#N/A")


def test_cells_that_do_not_say_where_they_stand_are_counted(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, ["Company", "City"])
        page.write_row(1, 0, ["Kotka Kone Oy"])
        page.write_formula(1, 1, "=A9", None, "#REF!")

    def unplaced(content: bytes) -> bytes:
        for place in (b"A1", b"B1", b"A2", b"B2", b"1", b"2"):
            content = content.replace(b' r="' + place + b'"', b"")
        return content.replace(b"<c", b"<x:c").replace(b"</c>", b"</x:c>").replace(
            b"<worksheet ", b'<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        ).replace(b"<x:cols", b"<cols")  # fmt: skip

    repacked(tmp_path / "leads.xlsx", SHEET, unplaced)
    [row] = rows(tmp_path)
    assert row.payload == {"Company": "Kotka Kone Oy", "City": cell_error("#REF!")}


def test_an_error_is_no_key(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, ["Nr", "Company"])
        for number in (1, 2):
            page.write_formula(number, 0, "=A9", None, "#REF!")
            page.write(number, 1, f"Firma {number} Oy")
    first, second = rows(tmp_path, key=("Nr",))
    assert first.key != second.key
    assert "REF" not in first.key


def test_a_workbook_of_another_program_with_a_formula_without_result_is_refused_too(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, ["Company", "City"])
        page.write(1, 0, "Kotka Kone Oy")
        page.write_formula(1, 1, "=A2", None, "LATER")

    def prefixed(content: bytes) -> bytes:
        content = content.replace(b"<v>LATER</v>", b"")
        for name in (b"c", b"f", b"v"):
            content = content.replace(b"<" + name + b" ", b"<x:" + name + b" ").replace(
                b"<" + name + b">", b"<x:" + name + b">"
            )
            content = content.replace(b"</" + name + b">", b"</x:" + name + b">")
        space = b'<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        return content.replace(b' t="str"', b"").replace(b"<worksheet ", space)

    repacked(tmp_path / "leads.xlsx", SHEET, prefixed)
    with pytest.raises(Fatal) as raised:
        rows(tmp_path)
    assert (raised.value.code, raised.value.line, raised.value.field) == ("formula-without-result", 2, "B")
