"""What people send as a list: `solmu import` says what, where, and what would be right, and loses nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from tests.night.test_import import (
    HEADER,
    KOTKA,
    NO_DAY,
    SORVI,
    TWO_AT,
    Command,
    all_files,
    counts,
    plain_home,
    read_xlsx,
    solmu,
    values,
    write_csv,
    write_xlsx,
)
from tests.unit.connectors.test_hostile_sheets import repacked, unprivileged

__all__ = ["plain_home", "solmu"]


def no_header(folder: Path) -> Path:
    return write_csv(folder / "leads.csv", SORVI, header=KOTKA)


def empty_sheet(folder: Path) -> Path:
    return write_xlsx(folder / "leads.xlsx", [])


def huge_cell(folder: Path) -> Path:
    return write_csv(folder / "leads.csv", KOTKA, (*SORVI[:-1], "y" * (60 << 20)))


def zip_bomb(folder: Path) -> Path:
    path = write_xlsx(folder / "leads.xlsx", [HEADER, KOTKA])
    repacked(path, "xl/worksheets/sheet1.xml", lambda content: content + b" " * (128 << 20))
    return path


def formula_without_result(folder: Path) -> Path:
    path = folder / "leads.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADER)
        page.write_row(1, 0, KOTKA)
        page.write_formula(1, 2, '=A2&"@kone.example"', None, "")
    return path


def nul_bytes(folder: Path) -> Path:
    path = write_csv(folder / "leads.csv", KOTKA, SORVI)
    path.write_bytes(path.read_bytes().replace(b"Oulu", b"Ou\0lu"))
    return path


def half_copied(folder: Path) -> Path:
    path = write_xlsx(folder / "leads.xlsx", [HEADER, *[KOTKA] * 500])
    path.write_bytes(path.read_bytes()[:3000])
    return path


def archive(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "leads.xlsx", "w") as packed:
        packed.writestr("leads.csv", "Company\nA\n")
    return folder / "leads.xlsx"


@pytest.mark.parametrize(
    ("make", "code", "line"),
    [
        (no_header, "no-header", 1),
        (empty_sheet, "empty-sheet", None),
        (huge_cell, "cell-too-long", 3),
        (zip_bomb, "zip-bomb", None),
        (formula_without_result, "formula-without-result", 2),
        (nul_bytes, "nul-bytes", 3),
        (half_copied, "file-incomplete", None),
        (archive, "wrong-ending", None),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_leaves_the_hub_as_it_was(
    solmu: Command, plain_home: Path, tmp_path: Path, make: Callable[[Path], Path], code: str, line: int | None
) -> None:
    sheet = make(tmp_path)
    before = all_files(plain_home)
    said = solmu("import", sheet, "--yes", "--hub", plain_home, "--output", "json")
    assert said.code == 1, said
    error = said.json["error"]
    assert (error["code"], error["file"], error["line"]) == (code, sheet.name, line)
    assert error["message"]
    assert error["expected"]
    assert all_files(plain_home) == before


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig", "mac_roman"])
def test_a_list_in_another_encoding_keeps_its_letters(
    solmu: Command, plain_home: Path, tmp_path: Path, encoding: str
) -> None:
    row = ("Ärjälän Kone Öljy Oy", "Åsa Yrjölä", "asa@arjala.example", "", "Hyvinkää", "FI", "", "", "")
    text = "\r\n".join(";".join(each) for each in (HEADER, row)) + "\r\n"
    sheet = tmp_path / "leads.csv"
    sheet.write_bytes(text.encode(encoding))
    assert solmu("import", sheet, "--yes", "--hub", plain_home).code == 0
    (organisation,) = values(plain_home, "organisation")
    assert (organisation["name"], organisation["city"]) == ("Ärjälän Kone Öljy Oy", "Hyvinkää")


def test_cells_that_make_no_sense_refuse_their_rows_with_column_value_and_what_would_be_right(
    solmu: Command, plain_home: Path, tmp_path: Path
) -> None:
    sheet = write_csv(tmp_path / "leads.csv", KOTKA, TWO_AT, NO_DAY, SORVI)
    said = solmu("import", sheet, "--yes", "--hub", plain_home, "--output", "json")
    assert said.code == 3
    assert counts(said) == {"read": 4, "new": 2, "refused": 2}
    waiting = solmu("export", "quarantine", "--format", "json", "--hub", plain_home).json
    found = {(each["field"], each["value"], each["file"], each["line"]) for each in waiting}
    assert found == {
        ("E-mail", "ilmari@@hankohitsi.example", "leads.csv", 3),
        ("Date", "31.2.2024", "leads.csv", 4),
    }
    _, two_at, no_day = read_xlsx(said.json["import"]["refused_file"])
    assert "right would be" in two_at[-2]
    assert "right would be" in no_day[-2]


def test_of_two_rows_with_one_key_the_second_is_refused_and_an_equal_one_is_counted(
    solmu: Command, plain_home: Path, tmp_path: Path
) -> None:
    line = ("--save", "kone", "--yes", "--hub", plain_home, "--output", "json")
    assert counts(solmu("import", write_csv(tmp_path / "may.csv", KOTKA), *line)) == {"read": 1, "new": 1}
    kone = plain_home / "connections" / "kone.yaml"
    keyed = plain_home / "connections" / "fair.yaml"
    without = kone.read_text()
    keyed.write_text(re.sub(r"( *)(mapping: kone\n)", r"\1\2\1key: [E-mail]\n", without))
    assert keyed.read_text() != without
    other = (KOTKA[0], "Eero Salo", *KOTKA[2:])
    sheet = write_csv(tmp_path / "june.csv", KOTKA, other, SORVI, SORVI)
    said = solmu("import", sheet, "--save", "fair", *line[2:])
    assert said.code == 3, said
    assert counts(said) == {"read": 4, "new": 2, "repeated": 1, "refused": 1}
    _, refused = read_xlsx(said.json["import"]["refused_file"])
    assert refused[1] == "Eero Salo"
    assert "right would be" in refused[-2]


def test_what_is_merged_downwards_belongs_to_each_row(solmu: Command, plain_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "leads.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ("Company", "Contact person", "E-mail"))
        page.merge_range(1, 0, 2, 0, "Kotka Kone Oy")
        page.write_row(1, 1, ("Aino Laine", "aino.laine@kotkakone.example"))
        page.write_row(2, 1, ("Eero Salo", "eero.salo@kotkakone.example"))
    said = solmu("import", path, "--yes", "--hub", plain_home, "--output", "json")
    assert said.code == 0, said
    assert said.json["golden"] == {"organisations": 1, "people": 2}
    assert said.json["mentions"]["linked"] == 4


@pytest.mark.parametrize("locked", ["leads.csv", "."])
def test_a_file_that_may_not_be_read_is_named_with_what_would_be_right(
    plain_home: Path, tmp_path: Path, locked: str
) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    sheet = write_csv(inbox / "leads.csv", KOTKA)
    (inbox / locked).chmod(0)
    script = "import sys; from solmu.cli import main; sys.argv[0] = 'solmu'; main()"
    arguments = ("import", str(sheet), "--yes", "--hub", str(plain_home))
    answer = subprocess.run(
        [*unprivileged(), sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    (inbox / locked).chmod(0o700)
    assert answer.returncode == 1
    said = " ".join((answer.stdout + answer.stderr).split())
    assert "no permission" in said
    assert "leads.csv" in said
    assert "may read" in said
    assert "Traceback" not in said
