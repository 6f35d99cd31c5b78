"""Where the header of a sheet is, by the sheet's shape alone: below the titles and notes that people put above it."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from typing import Any

from connectors.keys import numbered
from solmu.exchange import error_in

LOOKED_AT = 60
"""Rows from the top among which the header must be."""

_LONGEST_LABEL = 80
# What stands in data and not in headers: addresses, numbers, dates, phones.
_DATA = re.compile(r"\S+@\S+\.\S+|https?://\S+|[\d\s.,:;/+()%€$£-]*\d[\d\s.,:;/+()%€$£-]*")
_YEAR = re.compile(r"(?:19|20)\d\d")


def find_header(rows: Sequence[Sequence[Any]], expected: Sequence[str] = (), spread: Container[int] = ()) -> int | None:
    """The index of the header among the first rows of a sheet; None if there is none to be seen.

    It is the first row that is as wide as the table below it and consists of labels; below it, if that row only says
    which columns belong together. A row that has all ``expected`` columns is it in any case. ``spread`` are the indexes
    of rows in which a cell spreads over several columns.
    """
    rows = rows[:LOOKED_AT]
    if expected:
        for index, row in enumerate(rows):
            if set(expected) <= set(labels(row)):
                return index
    widths = [sum(not is_blank(cell) for cell in row) for row in rows]
    for index, row in enumerate(rows):
        widest = max(widths[index:])
        if not widths[index] or widths[index] < min(2, widest) or widths[index] < 0.6 * widest:
            continue
        # As wide as the table, and no header: then this is the table already.
        if not are_labels(row):
            return None
        return index + 1 if _groups(row, rows[index + 1 :][:1], is_spread=index in spread) else index
    return None


def _groups(row: Sequence[Any], following: Sequence[Sequence[Any]], *, is_spread: bool) -> bool:
    """Whether a row only groups the columns under it ("Customer", "Customer", "Address", "Address"): then the row that
    follows has labels which are all different, and a label for every column."""
    above = [label for label in labels(row) if label]
    below = [label for each in following for label in labels(each) if label]
    if len(above) < 2 or len(set(below)) < len(below) or not all(map(are_labels, following)):
        return False
    repeats = len(above) > 2 and len(set(above)) * 2 <= len(above) <= len(below)
    return repeats or (is_spread and len(below) > len(above))


def apart_from_the_rest(header: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[int]:
    """The columns of what may be a second table beside the first: beyond a column without anything in it, two or more,
    and not as long as the first. Empty if there is none."""
    end = max((at for at, cell in enumerate(header) if not is_blank(cell)), default=0)
    gap = next((at for at in range(1, end) if all(_is_blank_at(row, at) for row in (header, *rows))), None)
    if gap is None:
        return []
    beside = [at for at in range(gap + 1, end + 1) if not is_blank(header[at])]
    first = [not all(_is_blank_at(row, at) for at in range(gap)) for row in rows]
    second = [not all(_is_blank_at(row, at) for at in beside) for row in rows]
    return beside if len(beside) > 1 and first != second else []


def _is_blank_at(row: Sequence[Any], at: int) -> bool:
    return at >= len(row) or is_blank(row[at])


def are_labels(row: Sequence[Any]) -> bool:
    """Whether the cells of a row could all name columns; one in five may be something else."""
    filled = [cell for cell in row if not is_blank(cell)]
    odd = sum(not _is_label(cell) for cell in filled)
    return bool(filled) and odd * 5 <= len(filled)


def _is_label(cell: Any) -> bool:
    if _YEAR.fullmatch(str(cell)):
        return True
    return isinstance(cell, str) and len(cell) <= _LONGEST_LABEL and not _DATA.fullmatch(cell.strip())


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def labels(row: Sequence[Any]) -> list[str]:
    """A header's cells as text, with single spaces; a blank one is an empty text."""
    return [
        "" if is_blank(cell) else " ".join(str(error_in(cell) or cell).replace("\ufeff", "").split()) for cell in row
    ]


def column_names(row: Sequence[Any]) -> list[str]:
    """What the columns under a header are called: a label that comes again gets a number, a blank one its letter."""
    return numbered([label or f"column {column_letters(index)}" for index, label in enumerate(labels(row))])


def column_letters(index: int) -> str:
    """What office programs call the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
