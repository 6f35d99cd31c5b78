"""The cells of a sheet that show an error (``#REF!``, ``#N/A``). calamine gives them as blank, and what was received
would be lost; so their texts are read beside it, only of workbooks that have any, and in the order of the rows."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain

from connectors.spreadsheet import biff, guard, opendocument, xlsx
from connectors.spreadsheet.files import File
from connectors.spreadsheet.formulas import last_cell, member_of

Shown = tuple[int, int, str]
"""Row and column, from 0, and the text."""

_IS_ERROR = re.compile(rb"""<[^<>]*\st\s*=\s*["']e["'][^<>]*>""")
_RESULT = re.compile(rb"<" + xlsx.PREFIX + rb"v>([^<]*)<")
_NAMELESS = "#ERROR!"


def of_xlsx(file: File, sheet: str) -> Iterator[Shown]:
    """Those of an xlsx sheet, by its name."""
    with zipfile.ZipFile(file.path) as archive:
        name = member_of(archive, sheet)
        if name is None:
            return
        # Pieces without an error are passed by, unless places must be counted in them.
        counted = any(map(xlsx.has_odd_cells, guard.pieces(file, archive, name)))
        whole = _whole_cells(guard.pieces(file, archive, name))
        for row, column, piece, tag in xlsx.cells(each for each in whole if counted or _may_have(each)):
            head = _IS_ERROR.match(piece, tag.start())
            if head is not None:
                result = _RESULT.search(piece, head.end(), _end(piece, head.end()))
                text = html.unescape(result[1].decode("utf-8", errors="replace")).strip() if result else ""
                yield row - 1, column - 1, text or _NAMELESS


def _may_have(piece: bytes) -> bool:
    return b'"e"' in piece or b"'e'" in piece


def _end(piece: bytes, begun: int) -> int:
    """Where the cell ends that begins there: before the next one, at the latest."""
    following = [at for mark in (b"<c ", b":c ", b"</c>", b":c>") if (at := piece.find(mark, begun)) >= 0]
    return min(following, default=len(piece))


def _whole_cells(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same text, cut before cells."""
    rest = b""
    for piece in pieces:
        piece = rest + piece
        begun = last_cell(piece)
        yield piece[: max(begun, 0)] if begun >= 0 else piece
        rest = piece[begun:] if begun >= 0 else b""
    yield rest


def of_ods(file: File, sheet: str) -> Iterator[Shown]:
    """Those of an OpenDocument sheet, by its name."""
    for row in opendocument.rows(file):
        if row.sheet == sheet and row.errors:
            for index in range(row.index, row.index + row.times):
                for column, times, text in row.errors:
                    yield from ((index, column + more, text or _NAMELESS) for more in range(times))


def of_xls(file: File, number: int) -> Iterator[Shown]:
    """Those of a sheet of an old workbook, by its number from 0."""
    sheets = biff.sheets(file)
    return sheets[number].errors() if number < len(sheets) else iter(())


def in_order(file: File, shown: Iterable[Shown]) -> Iterator[Shown]:
    """The same. Raises the error of a damaged workbook where a row comes after one that is below it."""
    last = 0
    for each in shown:
        if each[0] < last:
            raise file.damaged("the rows of the workbook are not in order", "a workbook as an office program saves it")
        last = each[0]
        yield each


class InRows:
    """Errors by the row that they stand in. They come in the rows' order, and rows are asked for in it."""

    def __init__(self, shown: Iterable[Shown]) -> None:
        self._shown = iter(shown)
        self._next = next(self._shown, None)

    def of(self, row: int) -> Iterator[tuple[int, str]]:
        """Column and text of those in a row."""
        while self._next is not None and self._next[0] <= row:
            yield self._next[1:]
            self._next = next(self._shown, None)

    def rest(self) -> Iterator[Shown]:
        """Those that were not asked for."""
        return chain([self._next] if self._next is not None else [], self._shown)
