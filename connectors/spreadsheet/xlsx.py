"""Where the cells of an xlsx sheet stand, by its XML: what they say of it themselves, or by counting.

Office programs write each row and cell with its place first (``<c r="B7"``). The place may be left out (ECMA-376 part
1, 18.3.1.4): then a cell stands beside the one before it, and a row below. Both are read; the second takes longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

PREFIX = rb"(?:[^\s<>/:!?]+:)?"
"""Before the name of a tag: some programs give every tag one, as in ``<x:c>``."""

_BEFORE_ITS_PLACE = rb"""(?:\s+(?!r\s*=)[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*"""
_PLACE = rb"""(?:\s+r\s*=\s*["']([A-Za-z]*)0*([0-9]{1,20})["'])?"""
_TO_ITS_END = rb"""(?:(?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(/?)>)?"""
_TAG = re.compile(rb"<" + PREFIX + rb"(row|c)(?=[\s/>])" + _BEFORE_ITS_PLACE + _PLACE + _TO_ITS_END)
_ODD = re.compile(rb"<" + PREFIX + rb"""(?:row|c)(?=[\s/>])(?! r=["'][A-Za-z0-9])""")


def has_odd_cells(piece: bytes) -> bool:
    """Whether a row or cell of this piece of a sheet does not begin with its place. Counting tells most that do."""
    plain = piece.count(b'<c r="') + piece.count(b'<row r="')
    if piece.count(b"<c") + piece.count(b"<row") == plain and b":c" not in piece and b":row" not in piece:
        return False
    return _ODD.search(piece) is not None


def number_of_cells(piece: bytes) -> int:
    """How many cells at most begin in a piece that has no odd ones."""
    return piece.count(b"c r=")


def cells(pieces: Iterable[bytes]) -> Iterator[tuple[int, int, bytes, re.Match[bytes]]]:
    """Row and column, from 1, of every cell however it is written; the piece that it is in, and its tag there, of which
    ``is_blank`` tells. ``pieces`` cut no tag.
    """
    row = column = 0
    for piece in pieces:
        for tag in _TAG.finditer(piece):
            letters, digits = tag[2], tag[3]
            if tag[1] == b"row":
                row, column = (row + 1 if digits is None else int(digits)), 0
            elif letters:
                column = column_number(letters)
                yield int(digits), column, piece, tag
            else:
                column += 1
                yield row, column, piece, tag


def is_blank(tag: re.Match[bytes]) -> bool:
    """Whether a cell is nothing but its tag: it has a place and a look, and no value."""
    return tag[4] == b"/"


def column_number(letters: bytes) -> int:
    """A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
