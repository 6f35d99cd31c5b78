"""The review sheet: one row a pair that waits, with a column to decide in. As a workbook or as csv.

``READ_BACK`` names the columns that an import reads; the others are for the reader. What a customer wrote is data: no
cell of it is ever a formula or a link.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from solmu.errors import ConfigurationError, SolmuError
from solmu.match.decisions import Verdict
from solmu.match.explain import HELD
from solmu.report.formats import XLSX_ROWS, harmless
from solmu.review.names import PairId
from solmu.review.queue import Filters, queue
from solmu.review.sides import Side, evidence_digest, load_sides, pair_rows
from solmu.store import Store, time
from solmu.store.sql import chunks

PAIR, DECISION, REASON, SEEN = "Pair", "Decision", "Reason", "Seen"
READ_BACK = (PAIR, DECISION, REASON, SEEN)
PAGE = "review"
"""The worksheet that an import reads."""
SHOWN = (
    ("name", "Name"),
    ("business_id", "Business id"),
    ("job_title", "Job title"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("street", "Street"),
    ("postcode", "Postcode"),
    ("city", "City"),
    ("country", "Country"),
)
COLUMNS = (
    PAIR,
    DECISION,
    REASON,
    "Entity",
    "In words",
    "Held because",
    "Likeness",
    *(f"{label} {side}" for _, label in SHOWN for side in (1, 2)),
    *(f"{label} {side}" for label in ("Records", "Id") for side in (1, 2)),
    "Asked",
    SEEN,
)
_WIDTHS = {PAIR: 12, DECISION: 12, REASON: 24, "In words": 50, "Held because": 30}
_LONGEST_CELL = 32_767
_SOURCES = 10  # records that a cell lists
_HELP = (
    "Write your decision beside a pair: same, different, unsure or related. Leave it blank to leave the pair waiting.",
    "same: the two are one, and become one golden record.",
    "different: they are two, and stay apart.",
    "related: they are two that belong together, such as a company and its branch. They stay apart.",
    "unsure: you looked, and cannot tell. They stay apart, and the pair leaves the queue until what they say changes.",
    "Rows and columns may be sorted, filtered, moved and left out.",
    "Do not edit the columns Pair and Seen: rows in which they do not fit are refused.",
    "Then: solmu review import THIS-FILE",
)

Row = tuple[Any, ...]


def export_sheet(store: Store, path: Path, filters: Filters, *, limit: int | None = None) -> int:
    """Write the pairs that wait as a review sheet; gives how many. The file appears whole or not at all, for its owner
    alone. Raises ConfigurationError for a file that is neither .xlsx nor .csv."""
    form = path.suffix.lower()
    if form not in {".xlsx", ".csv"}:
        raise ConfigurationError(
            "a review sheet is a workbook or a csv file", code="sheet-format", file=str(path), expected=".xlsx or .csv"
        )
    with store.read() as connection, private(path) as part:
        rows = review_rows(connection, filters, limit=limit)
        if form == ".csv":
            return _write_csv(part, rows)
        with workbook(part) as book:
            return write_page(book, rows)


def review_rows(connection: Connection, filters: Filters, *, limit: int | None = None) -> Iterator[Row]:
    """The rows of the sheet, in the order of the queue."""
    waiting = queue(connection, filters, limit=XLSX_ROWS if limit is None else min(limit, XLSX_ROWS))
    for some in chunks(waiting.pairs, 200):
        compared = pair_rows(connection, [each.pair for each in some])
        sides = load_sides(connection, {id for each in some for id in (each.pair.left, each.pair.right)})
        for each in some:
            row = compared.get(each.pair)
            if row is not None:
                yield _row(each.pair, row, sides[each.pair.left], sides[each.pair.right], each.asked)


def seal(pair: PairId, digest: str) -> str:
    """What the sheet remembers of a row: the digest of what is shown, bound to the pair's name."""
    return f"{digest}-{hashlib.blake2b(f'{pair} {digest}'.encode(), digest_size=4).hexdigest()}"


@contextmanager
def private(path: Path) -> Iterator[Path]:
    """A file to write that takes the place of ``path`` when the block ends well. Only its owner may read it."""
    part = path.with_name(path.name + ".part")
    with _told_of(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made anew: what stands there may be a link, or readable for others since somebody else made it.
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
        with _told_of(path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """That there is no such folder, or that one may not write there, is no defect."""
    try:
        yield
    except OSError as error:
        raise SolmuError(
            f"this file cannot be written: {error.strerror or type(error).__name__}",
            code="not-writable",
            file=str(path),
            expected="a file in a folder that you may write to",
        ) from error


@contextmanager
def workbook(path: Path) -> Iterator[Any]:
    """A workbook in which no text becomes a formula or a link."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        yield book


def write_page(book: Any, rows: Iterable[Row]) -> int:
    """Write the worksheet that an import reads, and one that says how it is filled in; gives the number of rows."""
    page = book.add_worksheet(PAGE)
    bold, open_cell = book.add_format({"bold": True}), book.add_format({"bg_color": "#FFF6D6"})
    page.write_row(0, 0, COLUMNS, bold)
    page.freeze_panes(1, 2)
    for place, name in enumerate(COLUMNS):
        page.set_column(place, place, _WIDTHS.get(name, 18), None, {"hidden": name == SEEN})
    decision, reason = COLUMNS.index(DECISION), COLUMNS.index(REASON)
    count = 0
    for count, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if place in {decision, reason}:
                page.write_blank(count, place, None, open_cell)
            elif isinstance(cell, str) and cell:
                page.write_string(count, place, cell[:_LONGEST_CELL])
            elif isinstance(cell, float):
                page.write_number(count, place, cell)
    if count:
        page.autofilter(0, 0, count, len(COLUMNS) - 1)
        page.data_validation(
            1,
            decision,
            count,
            decision,
            {
                "validate": "list",
                "source": [each.value for each in Verdict],
                "error_title": "Not a decision",
                "error_message": "Choose same, different, unsure or related, or leave it blank.",
            },
        )
    write_table(book, "how to", ("How to fill this in",), [(line,) for line in _HELP], width=110)
    return count


def write_table(
    book: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, width: int = 24
) -> None:
    """Write a worksheet of text and numbers."""
    page = book.add_worksheet(name)
    page.write_row(0, 0, columns, book.add_format({"bold": True}))
    page.freeze_panes(1, 0)
    page.set_column(0, max(0, len(columns) - 1), width)
    for line, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                page.write_number(line, place, cell)
            elif cell not in (None, ""):
                page.write_string(line, place, str(cell)[:_LONGEST_CELL])


def _write_csv(path: Path, rows: Iterable[Row]) -> int:
    count = 0
    # The mark at its beginning is what makes spreadsheet programs read it as UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([harmless(cell) for cell in row])
            count += 1
    return count


def _row(pair: PairId, row: Any, left: Side, right: Side, asked: int | None) -> Row:
    held = row.explanation.get("held")
    return (
        str(pair),
        None,
        None,
        row.entity,
        row.explanation.get("sentence", ""),
        HELD.get(held, held) if held else "",
        round(row.probability, 4),
        *(_text(side.fields.get(name)) for name, _ in SHOWN for side in (left, right)),
        *(_sources(side) for side in (left, right)),
        *(side.public_id for side in (left, right)),
        "" if asked is None else time.iso(asked),
        seal(pair, evidence_digest(row, left, right)),
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _sources(side: Side) -> str:
    shown = "; ".join(each.source for each in side.members[:_SOURCES])
    more = len(side.members) - _SOURCES
    return f"{shown}; and {more} more" if more > 0 else shown
