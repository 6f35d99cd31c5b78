"""Writers of the five spreadsheet formats that partners send. All cells are text; the same rows give the same file."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter
import xlwt  # type: ignore[import-untyped]
from odfdo import Document, Table

Rows = Sequence[Sequence[str]]

_STAMP = datetime(2026, 7, 1, 8, 0)  # noqa: DTZ001  office formats keep local time without a zone


def write_xlsx(path: Path, sheet: str, rows: Rows) -> None:
    """An Excel workbook with one sheet."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": _STAMP, "title": "Synthetic data"})
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                if text:
                    page.write_string(number, column, text)


def write_xls(path: Path, sheet: str, rows: Rows) -> None:
    """A workbook in the format of Excel 97–2003."""
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet(sheet)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            if text:
                page.write(number, column, text)
    book.save(str(path))


def write_ods(path: Path, sheet: str, rows: Rows) -> None:
    """An OpenDocument spreadsheet with one sheet."""
    document = Document("spreadsheet")
    document.body.clear()
    table = Table(sheet)
    table.set_values([[text or None for text in row] for row in rows])
    document.body.append(table)
    document.meta.creation_date = _STAMP
    document.meta.date = _STAMP
    packed = io.BytesIO()
    document.save(packed)
    _repack(packed, path)


def write_csv(path: Path, rows: Rows, *, delimiter: str, encoding: str) -> None:
    """Delimited text with Windows line ends, as Excel saves it."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(rows)


def _repack(packed: io.BytesIO, path: Path) -> None:
    """Writes the package again with one date on every part: its writer stamps them with the clock."""
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, _STAMP.timetuple()[:6])
            # The format wants its type first and uncompressed, so that a reader can see it.
            part.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))


WRITERS: dict[str, Callable[[Path, str, Rows], None]] = {"xlsx": write_xlsx, "xls": write_xls, "ods": write_ods}
