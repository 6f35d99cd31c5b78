"""One table as a file, written beside its place first and then put there at once."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.file.settings import FileSettings, Form
from solmu.report.export import Sheet
from solmu.report.formats import XLSX_ROWS, harmless, pages, write

_DELIMITERS = {"tab": "\t"}


def write_parts(
    folder: Path,
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    form: Form,
    settings: FileSettings,
    worksheet_rows: int = XLSX_ROWS,
) -> list[str]:
    """Write the table into hidden files in ``folder``, safe on disk; gives the names that ``put`` puts them under.

    That is one, unless a worksheet cannot hold all rows: an import reads the first worksheet of a file only.
    """
    waiting = iter(rows)
    names: list[str] = []
    try:
        for page in pages(waiting, worksheet_rows) if form == "xlsx" else [waiting]:
            names.append(f"{name}.{form}" if not names else f"{name}.{len(names) + 1}.{form}")
            path = hidden(folder, names[-1])
            if form == "csv":
                _write_csv(path, header, page, settings)
            else:
                # A worksheet's name has 31 characters at most.
                write(Sheet(name[:31], tuple(header), (tuple(map(plain, row)) for row in page)), form, path)
            _sync(path)
    except BaseException as error:
        for each in names:
            with suppress(OSError):
                hidden(folder, each).unlink(missing_ok=True)
        if isinstance(error.__cause__, OSError):
            raise error.__cause__ from None  # xlsxwriter wraps it
        raise
    return names


def put(folder: Path, names: Iterable[str]) -> None:
    """Put what ``write_parts`` wrote in its place; one that is there already was put there before."""
    for name in names:
        with suppress(FileNotFoundError):
            hidden(folder, name).replace(folder / name)
    if os.name == "posix":
        with suppress(OSError):  # shares that cannot do it; and the folder may be gone with all that was in it
            _sync(folder)


def hidden(folder: Path, name: str) -> Path:
    """Where a file stands until it is whole."""
    return folder / f".{name}.part"


def plain(value: Any) -> Any:
    """A value as a cell: a list becomes text, true and false are spelt alike everywhere."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "; ".join(str(plain(each)) for each in value if each is not None)
    return value


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], settings: FileSettings) -> None:
    delimiter = _DELIMITERS.get(settings.delimiter, settings.delimiter)
    with path.open("w", encoding=settings.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows([_csv_cell(cell, settings) for cell in row] for row in rows)


def _csv_cell(value: Any, settings: FileSettings) -> Any:
    value = plain(value)
    if isinstance(value, float | Decimal):
        return str(value).replace(".", settings.decimal)
    return harmless(value) if settings.guard_formulas else value


def _sync(path: Path) -> None:
    """Wait until it is on the disk, and not only on its way there."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
