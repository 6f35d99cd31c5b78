"""Where the header of a sheet is, by the sheet's shape alone: below the titles and notes that people put above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from connectors.keys import numbered

LOOKED_AT = 60
"""Rows from the top among which the header must be."""

_LONGEST_LABEL = 80
# What stands in data and not in headers: addresses, numbers, dates, phones.
_DATA = re.compile(r"\S+@\S+\.\S+|https?://\S+|[\d\s.,:;/+()%€$£-]*\d[\d\s.,:;/+()%€$£-]*")
_YEAR = re.compile(r"(?:19|20)\d\d")


def find_header(rows: Sequence[Sequence[Any]], expected: Sequence[str] = ()) -> int | None:
    """The index of the header among the first rows of a sheet; None if there is none to be seen.

    It is the first row that is as wide as the table below it and consists of labels. A row that has all ``expected``
    columns is it in any case.
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
        return index if are_labels(row) else None
    return None


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
    return ["" if is_blank(cell) else " ".join(str(cell).replace("\ufeff", "").split()) for cell in row]


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
