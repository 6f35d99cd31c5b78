"""The rows of an OpenDocument sheet as its XML has them: how wide they are, how often they are repeated, and which
cells show an error. Nothing of it is kept, however large it is."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from connectors.spreadsheet.files import File

CONTENT = "content.xml"
_CHUNK = 1 << 18
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
# OpenDocument has no type for errors; LibreOffice marks them in its own namespace, and their text stands in the cell.
_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_CELLS = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})
_BLANK_ATTRIBUTES = frozenset({f"{_TABLE}number-columns-repeated", f"{_TABLE}style-name"})


@dataclass(frozen=True, slots=True)
class Row:
    """A row of ``sheet``, ``index`` from 0, repeated so many ``times``. ``width`` is up to its last cell with anything
    in it; ``errors`` are (column from 0, number of columns, text)."""

    sheet: str
    index: int
    times: int
    width: int
    errors: tuple[tuple[int, int, str], ...]


def rows(file: File) -> Iterator[Row]:
    """The rows of all sheets. Raises expat's error for XML that is damaged."""
    reader = _Reader()
    with zipfile.ZipFile(file.path) as archive, archive.open(CONTENT) as content:
        while chunk := content.read(_CHUNK):
            reader.parser.Parse(chunk, False)
            yield from reader.taken()
        reader.parser.Parse(b"", True)
        yield from reader.taken()


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._rows: list[Row] = []
        self._sheet = ""
        self._index = self._times = self._width = self._before = self._cells = 0
        self._filled = False
        self._error: list[str] | None = None
        self._errors: list[tuple[int, int, str]] = []

    def taken(self) -> list[Row]:
        """The rows that have ended since it was last asked."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _CELLS:
            self._cells = _repeated(attributes, "number-columns-repeated")
            self._filled = bool(attributes.keys() - _BLANK_ATTRIBUTES)
            self._error = [] if attributes.get(_TYPE) == "error" else None
        elif name == f"{_TABLE}table-row":
            self._times = _repeated(attributes, "number-rows-repeated")
            self._width = self._before = 0
        elif name == f"{_TABLE}table":
            self._sheet, self._index = attributes.get(f"{_TABLE}name", ""), 0
        else:
            self._filled = True

    def _end(self, name: str) -> None:
        if name in _CELLS:
            if self._error is not None:
                self._errors.append((self._before, self._cells, "".join(self._error).strip()))
                self._error = None
            self._before += self._cells
            if self._filled:
                self._width = self._before
        elif name == f"{_TABLE}table-row":
            self._rows.append(Row(self._sheet, self._index, self._times, self._width, tuple(self._errors)))
            self._index += self._times
            self._errors = []

    def _text(self, text: str) -> None:
        if self._error is not None:
            self._error.append(text)


def _repeated(attributes: Mapping[str, str], name: str) -> int:
    text = attributes.get(f"{_TABLE}{name}", "1")
    return int(text) if text.isdigit() and len(text) < 12 else 1
