"""Tables as csv, xlsx, parquet or json. What a customer wrote is data: no cell of it becomes a formula."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from solmu.report.export import Sheet

XLSX_ROWS = 1_048_575
"""The rows that one worksheet holds below its header."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A number, or a phone number with its extension: digits and what stands between them.
_HARMLESS = re.compile(r"[+-]\s*\(?\d[\d .,()/-]*(?:\s*(?:x|ext\.?)\s*\d+)?", re.IGNORECASE)
_XLSX_CELL = 32_767
_CHUNK = 10_000


class Share(float):
    """A cell from 0 to 1 that people read as a percentage: a workbook calculates with the number, and shows 33.3%."""


def as_text(sheet: Sheet, form: str) -> str:
    """The sheet as csv or json text."""
    out = io.StringIO()
    _write_text(sheet, form, out)
    return out.getvalue()


def write(sheet: Sheet, form: str, path: Path) -> None:
    """Write the sheet to a file."""
    if form == "xlsx":
        _write_xlsx(sheet, path)
    elif form == "parquet":
        _write_parquet(sheet, path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            _write_text(sheet, form, file)


def _write_text(sheet: Sheet, form: str, out: TextIO) -> None:
    if form == "json":
        json.dump([dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows], out, ensure_ascii=False, indent=1)
        out.write("\n")
        return
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(sheet.columns)
    writer.writerows(
        [f"{cell:.1%}" if isinstance(cell, Share) else harmless(cell) for cell in row] for row in sheet.rows
    )


def harmless(cell: Any) -> Any:
    """A spreadsheet that opens the csv must not calculate with it: an apostrophe keeps a cell text (OWASP, "CSV
    Injection").

    A phone number or a negative number is left as it is: it can do no harm, and whoever imports the file needs it so.
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _HARMLESS.fullmatch(cell):
        return "'" + cell
    return cell


def _write_xlsx(sheet: Sheet, path: Path) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        bold, percent = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
        rows = iter(sheet.rows)
        for number, chunk in enumerate(pages(rows)):
            page = book.add_worksheet(sheet.name if number == 0 else f"{sheet.name} {number + 1}")
            page.write_row(0, 0, sheet.columns, bold)
            page.freeze_panes(1, 0)
            for place, row in enumerate(chunk, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        page.write_string(place, column, cell[:_XLSX_CELL])
                    elif isinstance(cell, Share):
                        page.write_number(place, column, cell, percent)
                    elif cell is not None:
                        page.write(place, column, cell)


def pages(rows: Iterator[Any], size: int = XLSX_ROWS) -> Iterator[Iterable[Any]]:
    """At least one page, and as many as a worksheet's row limit asks for; each is to be used up before the next."""
    yield islice(rows, size)
    for first in rows:
        yield chain([first], islice(rows, size - 1))


def _write_parquet(sheet: Sheet, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # All text but for scores and lines, so that the types do not depend on which values happen to be there.
    numbers = {"score": pa.float64(), "line": pa.int64()}
    schema = pa.schema([(name, numbers.get(name, pa.string())) for name in sheet.columns])
    rows = iter(sheet.rows)
    with pq.ParquetWriter(path, schema) as writer:
        while chunk := list(islice(rows, _CHUNK)):
            columns = [
                [cell if name in numbers or cell is None else str(cell) for cell in column]
                for name, column in zip(sheet.columns, zip(*chunk, strict=True), strict=True)
            ]
            writer.write_table(pa.table(columns, schema=schema))
