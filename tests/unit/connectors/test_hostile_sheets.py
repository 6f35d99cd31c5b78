"""Files that are damaged, disguised or made to hurt: each is refused with what, where, and what would be right."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest
import xlsxwriter
import xlwt

from connectors.spreadsheet import SheetStream, SpreadsheetConnector, SpreadsheetSettings
from solmu.errors import Fatal, Retriable, SolmuError
from tests.unit.connectors.sheets import write_csv, write_ods, write_xls, write_xlsx

ROWS = [["Nr", "Company"], ["1", "A"]]
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def refusal(folder: Path, *, max_cells: int = 16_000_000, settled: bool = True) -> SolmuError:
    """The error that reading the folder's one file ends in."""
    for path in folder.iterdir():
        if settled:
            os.utime(path, (1, 1))
    settings = SpreadsheetSettings(folder=folder, max_cells=max_cells)
    streams = {"leads": SheetStream(files=("*",))}
    connector = SpreadsheetConnector(name="partners", settings=settings, streams=streams, folder=folder)
    with pytest.raises(SolmuError) as raised:
        list(connector.read("leads", None))
    error = raised.value
    assert (error.connection, error.stream) == ("partners", "leads")
    assert error.expected
    return error


def repacked(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change one member of a zipped workbook."""
    with zipfile.ZipFile(path) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    members[name] = change(members[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in members.items():
            archive.writestr(each, content)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "leads.xlsx", ROWS)
    repacked(tmp_path / "leads.xlsx", "xl/worksheets/sheet1.xml", lambda content: content + b" " * (128 << 20))
    assert (tmp_path / "leads.xlsx").stat().st_size < 1 << 20
    error = refusal(tmp_path)
    assert (error.code, error.file) == ("zip-bomb", "leads.xlsx")


def test_a_huge_cell_is_refused(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "leads.xlsx", [["Company"], ["MARK"]])
    text = os.urandom(1 << 20).hex().encode() * 30
    repacked(tmp_path / "leads.xlsx", "xl/sharedStrings.xml", lambda content: content.replace(b"MARK", text))
    assert refusal(tmp_path).code == "cell-too-long"


def test_a_huge_cell_in_a_text_file_is_refused_with_its_line(tmp_path: Path) -> None:
    write_csv(tmp_path / "leads.csv", [["Company", "Note"], ["A", "x"], ["B", "y" * (60 << 20)]])
    error = refusal(tmp_path)
    assert (error.code, error.file, error.line) == ("cell-too-long", "leads.csv", 3)


def test_two_cells_in_opposite_corners_do_not_take_all_memory(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        page = book.add_worksheet()
        page.write(0, 0, "Company")
        page.write(1_048_575, 16_383, "far away")
    error = refusal(tmp_path)
    assert (error.code, error.field) == ("too-many-cells", "max_cells")


def test_repeated_cells_of_an_opendocument_sheet_do_not_take_all_memory(tmp_path: Path) -> None:
    write_ods(tmp_path / "leads.ods", [["Company"], ["A"]])
    repacked(
        tmp_path / "leads.ods",
        "content.xml",
        lambda content: content.replace(
            b"<table:table-row", b'<table:table-row table:number-rows-repeated="1048576"'
        ).replace(b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="16384" '),
    )
    assert refusal(tmp_path).code == "too-many-cells"


def test_more_cells_than_allowed_are_refused(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "leads.xlsx", [["a", "b", "c"]] * 50)
    assert refusal(tmp_path, max_cells=149).code == "too-many-cells"


def test_a_password_is_recognised(tmp_path: Path) -> None:
    # An encrypted xlsx is an OLE file with a stream of this name ([MS-OFFCRYPTO] 2.3.4.4).
    (tmp_path / "leads.xlsx").write_bytes(OLE + bytes(2000) + "EncryptedPackage".encode("utf-16-le") + bytes(500))
    assert refusal(tmp_path).code == "password"


def test_an_encrypted_opendocument_sheet_is_recognised(tmp_path: Path) -> None:
    write_ods(tmp_path / "leads.ods", ROWS)
    repacked(
        tmp_path / "leads.ods",
        "META-INF/manifest.xml",
        lambda content: content.replace(b"</manifest", b"<manifest:encryption-data/></manifest"),
    )
    assert refusal(tmp_path).code == "password"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("leads.xls", b"<html><table><tr><td>Company</td></tr></table></html>", "wrong-ending"),
        ("leads.xls", b"Company\tPhone\nA\t040\n", "wrong-ending"),
        ("leads.xlsx", b"%PDF-1.7\n", "wrong-ending"),
        ("leads.csv", b"\x89PNG\r\n\x1a\n", "wrong-ending"),
        ("leads.xlsx", OLE + bytes(4000), "wrong-ending"),
        ("leads.csv", b'[{"Company": "A"}]', "wrong-ending"),
        ("leads.csv", b"", "file-damaged"),
        ("leads.csv", b"\n\n  \n", "file-damaged"),
        ("leads.csv", b";;\n;;\n", "empty-sheet"),
        ("leads.xlsx", b"PK\x03\x04 cut off", "file-damaged"),
        ("leads.docx", b"anything", "unknown-format"),
        ("leads.csv", b"a@b.example,040 000\nc@d.example,050 000\n", "no-header"),
        ("leads.csv", b"Company\nA\0B\n", "nul-bytes"),
    ],
)
def test_what_is_no_sheet_is_refused_by_what_it_is(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    error = refusal(tmp_path)
    assert (type(error), error.code, error.file) == (Fatal, code, name)


def test_a_workbook_under_a_wrong_name_is_named_for_what_it_is(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "leads.csv", ROWS)
    assert "xlsx" in refusal(tmp_path).message
    (tmp_path / "leads.csv").unlink()
    write_xls(tmp_path / "leads.xlsx", ROWS)
    assert "xls" in refusal(tmp_path).message


@pytest.mark.parametrize(
    ("name", "member", "said"),
    [
        ("leads.numbers", "Index/Document.iwa", "an Apple Numbers document"),
        ("leads.xlsx", "Index/Document.iwa", "an Apple Numbers document"),
        ("leads.xlsb", "xl/workbook.bin", "a binary workbook"),
        ("leads.xlsx", "xl/workbook.bin", "a binary workbook"),
    ],
)
def test_what_another_program_made_says_how_to_make_a_list_of_it(
    tmp_path: Path, name: str, member: str, said: str
) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr(member, "x")
    error = refusal(tmp_path)
    assert said in error.message
    assert "File, " in str(error.expected)


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "leads.xlsx", "w") as archive:
        archive.writestr("leads.csv", "Company\nA\n")
    assert refusal(tmp_path).code == "wrong-ending"


def test_a_workbook_with_damaged_contents_is_refused(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "leads.xlsx", ROWS)
    repacked(tmp_path / "leads.xlsx", "xl/workbook.xml", lambda content: content[: len(content) // 2])
    assert refusal(tmp_path).code == "file-damaged"


def test_an_empty_workbook_says_so(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "leads.xlsx", [])
    assert refusal(tmp_path).code == "empty-sheet"


def test_a_file_that_is_still_being_copied_comes_again_later(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "leads.xlsx", [["Nr"], *([str(number)] for number in range(5000))])
    content = (tmp_path / "leads.xlsx").read_bytes()
    (tmp_path / "leads.xlsx").write_bytes(content[: len(content) // 2])
    error = refusal(tmp_path, settled=False)
    assert (type(error), error.code) == (Retriable, "file-incomplete")


@pytest.mark.parametrize("locked", ["leads.csv", "."])
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, locked: str) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    write_csv(inbox / "leads.csv", ROWS)
    (inbox / locked).chmod(0)
    script = (
        "from pathlib import Path; from connectors.spreadsheet import *\n"
        f"settings = SpreadsheetSettings(folder=Path({str(inbox)!r}))\n"
        "streams = {'leads': SheetStream(files=('*',))}\n"
        "connector = SpreadsheetConnector(name='partners', settings=settings, streams=streams, folder=Path())\n"
        "try: list(connector.read('leads', None))\n"
        "except Exception as error: print(type(error).__name__, error.code, error)\n"
    )
    answer = subprocess.run(
        [*unprivileged(), sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    (inbox / locked).chmod(0o700)
    assert answer.stderr == ""
    assert answer.stdout.startswith("Fatal no-permission ")


def unprivileged() -> list[str]:
    """What to start a process with, so that permissions hold for it: root reads everything."""
    if os.geteuid() != 0:
        return []
    tool = which("setpriv")
    assert tool, "setpriv (util-linux) is needed to test permissions as root"
    dropped = "-dac_override,-dac_read_search"
    return [tool, f"--inh-caps={dropped}", f"--bounding-set={dropped}"]


@pytest.mark.parametrize("dimension", [b'<dimension ref="A1:B2"/>', b"", b'<dimension ref="A1:XFD1048576"/>'])
def test_what_a_sheet_says_of_its_size_is_not_believed(tmp_path: Path, dimension: bytes) -> None:
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Company", "City"])
        page.write(1_048_575, 20, "far away")
    stated = b'<dimension ref="A1:U1048576"/>'
    repacked(tmp_path / "leads.xlsx", "xl/worksheets/sheet1.xml", lambda content: content.replace(stated, dimension))
    assert refusal(tmp_path).code == "too-many-cells"


def test_a_cell_may_not_stand_in_another_row_than_it_says(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "leads.xlsx", [["Company", "City"], ["A", "B"]])
    repacked(
        tmp_path / "leads.xlsx",
        "xl/worksheets/sheet1.xml",
        lambda content: content.replace(b'r="B2"', b"r='XFD1048576'"),
    )
    assert refusal(tmp_path).code == "too-many-cells"


def test_a_formula_without_its_result_is_named_and_not_taken_for_blank(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, ["Company", "Phone"])
        page.write_row(1, 0, ["A", "040"])
        page.write_string(2, 0, "B")
        page.write_formula(2, 1, "=B2", None, "")
    error = refusal(tmp_path)
    assert (error.code, error.line, error.field) == ("formula-without-result", 3, "B")
    # Formulas in a sheet that nobody reads do no harm, and one may come to an empty text.
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        page = book.add_worksheet("Leads")
        page.write_row(0, 0, ["Company", "Phone"])
        page.write_formula(1, 0, '="A"', None, "A")
        page.write_formula(1, 1, '=""', None, "EMPTY")
        book.add_worksheet("Sums").write_formula(0, 0, "=1+1", None, "")
    repacked(
        tmp_path / "leads.xlsx",
        "xl/worksheets/sheet1.xml",
        lambda content: content.replace(b"<v>EMPTY</v>", b"<v></v>"),
    )
    settings = SpreadsheetSettings(folder=tmp_path)
    streams = {"leads": SheetStream(files=("*",))}
    connector = SpreadsheetConnector(name="partners", settings=settings, streams=streams, folder=tmp_path)
    [batch] = connector.read("leads", None)
    [row] = batch.rows
    assert row.payload == {"Company": "A", "Phone": ""}


SHEET = "xl/worksheets/sheet1.xml"
MANY = {
    "cells without a place": lambda n: b"<row>" + b"<c><v>1</v></c>" * n + b"</row>",
    "rows without a place": lambda n: b"<row><c><v>1</v></c></row>" * n,
    "cells with a prefix": lambda n: b"<x:row>" + b"<x:c><x:v>1</x:v></x:c>" * n + b"</x:row>",
    "one cell again and again": lambda n: b'<row r="1">' + b'<c r="A1"><v>1</v></c>' * n + b"</row>",
    "a place that is none": lambda n: b"<row>" + b"<c x=' r=\"A1\"'><v>1</v></c>" * n + b"</row>",
    "other blanks": lambda n: b"<row>" + b"<c\n><v>1</v></c>" * n + b"</row>",
}


@pytest.mark.parametrize("what", MANY)
@pytest.mark.parametrize("dimension", [b'<dimension ref="A1:B2"/>', b""])
def test_cells_are_counted_however_they_are_written(tmp_path: Path, what: str, dimension: bytes) -> None:
    write_xlsx(tmp_path / "leads.xlsx", [["Company", "City"], ["A", "B"]])
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    start += b' xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + dimension + b"<sheetData>"
    end = b"</sheetData></worksheet>"
    repacked(tmp_path / "leads.xlsx", SHEET, lambda _: start + MANY[what](1001) + end)
    assert refusal(tmp_path, max_cells=1000).code == "too-many-cells"


@pytest.mark.parametrize(
    "sheet",
    [
        b'<row r="1"><c><v>1</v></c></row><row r="1048576"><c/><c><v>1</v></c></row>' + b"<row/>" * 20,
        b'<row r="1"><c r="A1"><v>1</v></c><c r="AAAAAA1"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c><c r="A000000000000000000000009999999"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c><c s="1" r = "XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576" s="/>"><v>1</v></c></row>',
    ],
)
def test_a_far_cell_is_found_however_its_place_is_written(tmp_path: Path, sheet: bytes) -> None:
    write_xlsx(tmp_path / "leads.xlsx", [["Company", "City"], ["A", "B"]])
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    repacked(tmp_path / "leads.xlsx", SHEET, lambda _: start + sheet + b"</sheetData></worksheet>")
    assert refusal(tmp_path, max_cells=1_000_000).code == "too-many-cells"


def test_far_cells_that_have_a_look_and_no_value_do_no_harm(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Company", "City"])
        page.write_row(1, 0, ["A", "B"])
        page.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    settings = SpreadsheetSettings(folder=tmp_path)
    streams = {"leads": SheetStream(files=("*",))}
    connector = SpreadsheetConnector(name="partners", settings=settings, streams=streams, folder=tmp_path)
    [batch] = connector.read("leads", None)
    assert [row.payload for row in batch.rows] == [{"Company": "A", "City": "B"}]


def test_a_sheet_in_an_unusual_place_is_looked_at_too(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "leads.xlsx", [["a", "b", "c"]] * 50)
    relations = "xl/_rels/workbook.xml.rels"
    repacked(tmp_path / "leads.xlsx", relations, lambda each: each.replace(b"worksheets/sheet1.xml", b"odd/Place.bin"))
    with zipfile.ZipFile(tmp_path / "leads.xlsx") as archive:
        content = archive.read(SHEET)
    with zipfile.ZipFile(tmp_path / "leads.xlsx", "a") as archive:
        archive.writestr("xl/odd/Place.bin", content)
    assert refusal(tmp_path, max_cells=149).code == "too-many-cells"


def test_cells_of_one_long_row_of_an_opendocument_sheet_are_counted(tmp_path: Path) -> None:
    write_ods(tmp_path / "leads.ods", [["Company"], ["A"]])
    row = b"<table:table-row>" + b"<table:table-cell office:value-type='string'/>" * 1001 + b"</table:table-row>"
    end = b"</table:table>"
    repacked(tmp_path / "leads.ods", "content.xml", lambda each: each.replace(end, row + end))
    assert refusal(tmp_path, max_cells=1000).code == "too-many-cells"


def test_far_cells_of_an_old_workbook_are_refused(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("Leads")
    page.write(0, 0, "Company")
    page.write(65_535, 255, "far away")
    book.save(str(tmp_path / "leads.xls"))
    assert refusal(tmp_path).code == "too-many-cells"


@pytest.mark.parametrize("number", [b"\xff\xff\xff\x7f", b"\x00\x00\x02\x00"])
def test_an_old_workbook_may_not_say_that_it_is_larger_than_one_can_be(tmp_path: Path, number: bytes) -> None:
    write_xls(tmp_path / "leads.xls", ROWS)
    content = (tmp_path / "leads.xls").read_bytes()
    at = content.index(b"\x00\x02\x0e\x00")  # the record DIMENSIONS
    (tmp_path / "leads.xls").write_bytes(content[: at + 8] + number + content[at + 12 :])
    assert refusal(tmp_path).code == "file-damaged"


@pytest.mark.parametrize("size", [600, 1000, 3000])
def test_an_old_workbook_that_is_cut_off_is_damaged(tmp_path: Path, size: int) -> None:
    write_xls(tmp_path / "leads.xls", [["Nr", "Company"], *([str(number), "A"] for number in range(500))])
    (tmp_path / "leads.xls").write_bytes((tmp_path / "leads.xls").read_bytes()[:size])
    assert refusal(tmp_path).code == "file-damaged"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_as_many_rows_as_a_sheet_can_have_are_read_each_once(tmp_path: Path) -> None:
    most = 1_048_576
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx", {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Nr", "Company", "City"])
        for number in range(1, most):
            page.write_row(number, 0, [number, f"Firma {number} Oy", "Oulu"])
    settings = SpreadsheetSettings(folder=tmp_path)
    streams = {"leads": SheetStream(files=("*",), key=("Nr",))}
    connector = SpreadsheetConnector(name="partners", settings=settings, streams=streams, folder=tmp_path)
    read = 0
    for batch in connector.read("leads", None):
        for row in batch.rows:
            read += 1
            assert row.key == str(read)
    assert read == most - 1
