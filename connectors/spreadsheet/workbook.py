"""Reads xlsx, xls and ods with calamine, once `guard` has looked at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

from connectors.spreadsheet import guard
from connectors.spreadsheet.files import File, Kind, password_protected
from solmu.errors import Fatal

_EXACT = 2**53
_WHOLE_WORKBOOK = "a workbook that an office program opens"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, read. ``others`` are the visible sheets that hold something too and are left alone."""

    name: str
    others: tuple[str, ...]
    cells: calamine.CalamineSheet

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The number of each row, from 1, and its values as JSON has them."""
        # calamine leaves out the empty columns before the first, and keeps the empty rows.
        before: list[Any] = [""] * (self.cells.start or (0, 0))[1]
        for number, row in enumerate(self.cells.iter_rows(), 1):
            yield number, before + [_value(cell) for cell in row]


def read_sheet(file: File, kind: Kind, wanted: str | int | None, max_cells: int) -> Sheet:
    """The sheet that is wanted. Raises Fatal that lists the sheets there are, and for files that cannot be read."""
    try:
        if kind is Kind.XLSX:
            guard.check_xlsx(file, max_cells)
        elif kind is Kind.ODS:
            guard.check_ods(file, max_cells)
        with calamine.CalamineWorkbook.from_path(file.path) as workbook:
            return _choose(file, workbook, wanted)
    except calamine.PasswordError as error:
        raise password_protected(file) from error
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError, *guard.DAMAGE) as error:
        raise file.damaged("the workbook is damaged or incomplete", _WHOLE_WORKBOOK) from error
    except BaseException as error:
        # A parser in Rust that met what it had not thought of; its class cannot be imported.
        if type(error).__name__ == "PanicException":
            raise file.damaged("the workbook cannot be understood", _WHOLE_WORKBOOK) from error
        raise


def _choose(file: File, workbook: calamine.CalamineWorkbook, wanted: str | int | None) -> Sheet:
    sheets = workbook.sheets_metadata
    names = [each.name for each in sheets if each.typ == calamine.SheetTypeEnum.WorkSheet]
    if wanted is not None:
        name = _named(names, wanted)
        if name is None:
            raise Fatal(
                f"the workbook has no sheet {wanted!r}",
                code="no-sheet",
                file=file.name,
                field="sheet",
                value=wanted,
                expected=", ".join(names),
            )
        return _sheet(workbook, name, ())
    visible = [each.name for each in sheets if each.visible == calamine.SheetVisibleEnum.Visible and each.name in names]
    filled = [name for name in visible if workbook.get_sheet_by_name(name).end is not None]
    if not filled:
        raise Fatal(
            "the workbook has no sheet with anything in it",
            code="empty-sheet",
            file=file.name,
            expected="a header and rows",
        )
    return _sheet(workbook, filled[0], tuple(filled[1:]))


def _named(names: list[str], wanted: str | int) -> str | None:
    if isinstance(wanted, int):
        return names[wanted - 1] if 1 <= wanted <= len(names) else None
    folded = wanted.strip().casefold()
    return next((name for name in names if name.strip().casefold() == folded), None)


def _sheet(workbook: calamine.CalamineWorkbook, name: str, others: tuple[str, ...]) -> Sheet:
    return Sheet(name, others, workbook.get_sheet_by_name(name))


def _value(cell: Any) -> Any:
    """A cell as JSON has it: dates and times as ISO 8601 text, whole numbers without a decimal point."""
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < _EXACT else cell
    if isinstance(cell, date | datetime | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return _duration(cell)
    return cell


def _duration(span: timedelta) -> str:
    """ISO 8601: 36 and a half hours are ``PT36H30M``."""
    minutes, seconds = divmod(round(abs(span).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if number)
    return f"{'-' if span < timedelta() else ''}PT{parts or '0S'}"
