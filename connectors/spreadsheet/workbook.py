"""Reads xlsx, xls and ods with calamine, once `guard` has looked at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import python_calamine as calamine

from connectors.spreadsheet import cell_errors, formulas, guard
from connectors.spreadsheet.files import File, Kind, password_protected
from connectors.spreadsheet.header import LOOKED_AT, is_blank
from solmu.errors import Fatal
from solmu.exchange import cell_error

_EXACT = 2**53
_SENTENCE = 6  # words
_WHOLE_WORKBOOK = "a workbook that an office program opens"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, read. ``others`` are the visible sheets that hold something too and are left alone. ``errors`` reads
    the cells that show an error; ``hidden`` counts rows that nobody sees, as behind a filter (of an xlsx)."""

    name: str
    others: tuple[str, ...]
    cells: calamine.CalamineSheet
    errors: Callable[[], Iterable[cell_errors.Shown]] = tuple
    hidden: int = 0

    @property
    def spread(self) -> frozenset[int]:
        """Numbers of the rows, from 1, in which a cell spreads over several columns."""
        found = self.cells.merged_cell_ranges or ()
        return frozenset(top + 1 for (top, left), (_, right) in found if right > left)

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever sent the sheet may not know of it."""
        found = []
        if self.others:
            found.append(f"sheet {self.name} is read, and not {', '.join(self.others)}; put first what is to be read")
        if self.hidden:
            rows = "1 row of it is" if self.hidden == 1 else f"{self.hidden:,} rows of it are"
            found.append(f"sheet {self.name} is read with all its rows, and {rows} hidden")
        return tuple(found)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The number of each row, from 1, and its values as JSON has them."""
        # calamine leaves out the empty columns before the first, and keeps the empty rows.
        before: list[Any] = [""] * (self.cells.start or (0, 0))[1]
        merged = _downwards(self.cells)
        errors = cell_errors.InRows(self.errors())
        number = 0
        for number, row in enumerate(self.cells.iter_rows(), 1):
            cells = before + [_value(cell) for cell in row]
            for column, text in errors.of(number - 1):
                _put(cells, column, cell_error(text))
            if merged:
                merged.fill(number - 1, cells)
            yield number, cells
        for index, below in groupby(errors.rest(), itemgetter(0)):
            cells = []
            for _, column, text in below:
                _put(cells, column, cell_error(text))
            yield index + 1, cells


def _put(cells: list[Any], column: int, value: Any) -> None:
    cells += [""] * (column + 1 - len(cells))
    cells[column] = value


class _Merged:
    """Cells that were merged downwards: what stands in the first holds for each row, as whoever looks at it sees it.

    Cells merged sideways are left alone: those are titles, and their text stands once.
    """

    def __init__(self, ranges: list[tuple[int, int, int]]) -> None:
        self._waiting = sorted(ranges, reverse=True)  # first row, last row, column
        self._under_way: dict[int, tuple[int, Any]] = {}  # column -> last row, value

    def __bool__(self) -> bool:
        return bool(self._waiting or self._under_way)

    def fill(self, index: int, cells: list[Any]) -> None:
        while self._waiting and self._waiting[-1][0] <= index:
            first, last, column = self._waiting.pop()
            if first == index and column < len(cells):
                self._under_way[column] = (last, cells[column])
        for column, (last, value) in list(self._under_way.items()):
            if index > last:
                del self._under_way[column]
            elif column < len(cells) and cells[column] == "":
                cells[column] = value


def _downwards(cells: calamine.CalamineSheet) -> _Merged:
    found = cells.merged_cell_ranges or ()
    return _Merged([(top, bottom, left) for (top, left), (bottom, _) in found if bottom > top])


def read_sheet(file: File, kind: Kind, wanted: str | int | None, max_cells: int) -> Sheet:
    """The sheet that is wanted. Raises Fatal that lists the sheets there are, and for files that cannot be read."""
    try:
        has_errors = True
        if kind is Kind.XLSX:
            guard.check_xlsx(file, max_cells)
        elif kind is Kind.ODS:
            has_errors = guard.check_ods(file, max_cells)
        elif kind is Kind.XLS:
            guard.check_xls(file, max_cells)
        with calamine.CalamineWorkbook.from_path(file.path) as workbook:
            sheet = _choose(file, workbook, wanted)
            number = [each.name for each in workbook.sheets_metadata].index(sheet.name)
        if kind is Kind.XLSX:
            has_errors, hidden = formulas.check_results(file, sheet.name)
            sheet = replace(sheet, hidden=hidden)
        return replace(sheet, errors=_errors(file, kind, sheet.name, number)) if has_errors else sheet
    except calamine.PasswordError as error:
        raise password_protected(file) from error
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError, *guard.DAMAGE) as error:
        raise file.damaged("the workbook is damaged or incomplete", _WHOLE_WORKBOOK) from error
    except BaseException as error:
        # A parser in Rust that met what it had not thought of; its class cannot be imported.
        if type(error).__name__ == "PanicException":
            raise file.damaged("the workbook cannot be understood", _WHOLE_WORKBOOK) from error
        raise


def _errors(file: File, kind: Kind, name: str, number: int) -> Callable[[], Iterable[cell_errors.Shown]]:
    match kind:
        case Kind.XLSX:
            return lambda: cell_errors.in_order(file, cell_errors.of_xlsx(file, name))
        case Kind.ODS:
            return lambda: cell_errors.of_ods(file, name)
        case _:
            return lambda: cell_errors.of_xls(file, number)


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
    chosen = next((name for name in filled if not _is_prose(workbook.get_sheet_by_name(name))), filled[0])
    return _sheet(workbook, chosen, tuple(name for name in filled if name != chosen))


def _is_prose(cells: calamine.CalamineSheet) -> bool:
    """Whether a sheet only tells something, as a cover or instructions do: no row has two cells, and one has a
    sentence."""
    rows = [[cell for cell in row if not is_blank(cell)] for row in islice(cells.iter_rows(), LOOKED_AT)]
    if any(len(row) > 1 for row in rows):
        return False
    return any(len(str(cell).split()) >= _SENTENCE for row in rows for cell in row)


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
