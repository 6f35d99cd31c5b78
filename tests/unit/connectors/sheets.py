"""Writes small sheets of each format, as other people's programs do. All content is synthetic."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt
from odfdo import Document, Table

Rows = list[list[Any]]


def write_csv(path: Path, rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> None:
    with path.open("w", newline="", encoding=encoding) as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)


def write_tsv(path: Path, rows: Rows) -> None:
    write_csv(path, rows, delimiter="\t")


def write_xlsx(path: Path, rows: Rows, sheet: str = "Sheet1") -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(number, column, value)
                elif value is not None:
                    page.write(number, column, value)


def write_xls(path: Path, rows: Rows) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("Sheet1")
    style = xlwt.XFStyle()
    style.num_format_str = "YYYY-MM-DD"
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, date | datetime):
                page.write(number, column, value, style)
            elif value is not None:
                page.write(number, column, value)
    book.save(str(path))


def write_ods(path: Path, rows: Rows) -> None:
    document = Document("spreadsheet")
    document.body.clear()
    table = Table("Sheet1")
    table.set_values([[None if value == "" else value for value in row] for row in rows])
    document.body.append(table)
    document.save(path)


WRITERS: dict[str, Callable[[Path, Rows], None]] = {
    ".csv": write_csv,
    ".ods": write_ods,
    ".tsv": write_tsv,
    ".xls": write_xls,
    ".xlsx": write_xlsx,
}
