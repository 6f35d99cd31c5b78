"""Refused rows as a workbook: the sheet they came in with a reason beside each, to be mended and imported again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from solmu.exchange import error_in
from solmu.store.payload import unpack
from solmu.store.sql import chunks
from solmu.store.tables import quarantine, source_record, source_version

REASON = "Solmu: reason"
"""The column that says why a row was refused. An import leaves it out."""

ROW = "Solmu: row"
"""The hidden column that says which row it was, as ``connection/stream/key``."""

_LONGEST_CELL = 32_767  # what a cell of an xlsx holds
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that waits in quarantine. ``payload`` is as it landed; ``field`` the column that is wrong, if any."""

    key: str
    payload: dict[str, Any]
    reason: str
    field: str | None


def refused_rows(connection: Connection, name: str, stream: str, keys: Collection[str]) -> Iterator[Refused]:
    """Those rows of a stream that wait in quarantine, in the order of ``keys``, without those that were erased."""
    for some in chunks(keys):
        query = (
            select(
                source_record.c.key,
                source_version.c.payload,
                quarantine.c.message,
                quarantine.c.expected,
                quarantine.c.field,
                quarantine.c.value,
            )
            .join(source_record, source_record.c.id == quarantine.c.record_id)
            .join(source_version, source_version.c.id == quarantine.c.version_id)
            .where(
                quarantine.c.state == "waiting",
                source_record.c.connection == name,
                source_record.c.stream == stream,
                source_record.c.key.in_(some),
                source_version.c.payload.is_not(None),
            )
        )
        found = {row.key: row for row in connection.execute(query)}
        for key in some:
            if key in found:
                row = found[key]
                yield Refused(key, unpack(row.payload), _reason(row), row.field)


def write_refused(path: Path, name: str, stream: str, columns: Sequence[str], rows: Sequence[Refused]) -> Path:
    """Write the workbook: the sheet's own columns, then the reason. The cell at fault is marked.

    Columns that only some rows have come after the others. Cells are text or numbers as they landed, never formulas.
    """
    import xlsxwriter

    wide = list(dict.fromkeys([*columns, *(column for row in rows for column in row.payload)]))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(part, options) as book:
        bold, wrong = book.add_format({"bold": True}), book.add_format({"bg_color": "#FFD9D9"})
        page = book.add_worksheet("refused")
        page.write_row(0, 0, [*wide, REASON, ROW], bold)
        page.freeze_panes(1, 0)
        page.set_column(len(wide), len(wide), _WIDEST)
        page.set_column(len(wide) + 1, len(wide) + 1, None, None, {"hidden": True})
        for line, row in enumerate(rows, start=1):
            cut = ""
            for place, column in enumerate(wide):
                value = row.payload.get(column)
                value = error_in(value) or value
                mark = wrong if column == row.field else None
                if isinstance(value, str) and len(value) > _LONGEST_CELL:
                    cut = f"; the text in {column} is longer than a workbook's cell holds, and is cut here"
                _write_cell(page, line, place, value, mark)
            page.write_string(line, len(wide), row.reason + cut)
            page.write_string(line, len(wide) + 1, f"{name}/{stream}/{row.key}")
    part.replace(path)
    return path


def _write_cell(page: Any, line: int, place: int, value: Any, mark: Any) -> None:
    if isinstance(value, str) and value:
        page.write_string(line, place, value[:_LONGEST_CELL], mark)
    elif isinstance(value, bool):
        page.write_boolean(line, place, value, mark)
    elif isinstance(value, int | float):
        page.write_number(line, place, value, mark)
    elif mark is not None:
        page.write_blank(line, place, None, mark)


def _reason(row: Any) -> str:
    value = f" ({row.value})" if row.value else ""
    where = f"{row.field}: " if row.field and not row.message.startswith(f"{row.field}: ") else ""
    expected = f"; right would be: {row.expected}" if row.expected else ""
    return f"{where}{row.message}{value}{expected}"
