"""Looks into a zipped workbook before a parser does: small files can ask for more memory than there is.

A workbook's parser holds a whole sheet as a table, so the table's size is what counts, not the file's: two cells, one
in each corner, ask for 17 thousand million. All limits are far above what office programs write.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

from connectors.spreadsheet.files import File
from solmu.errors import Fatal

# What the parsers of the standard library raise for a workbook that is damaged.
DAMAGE = (zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, NotImplementedError, RuntimeError)

_CHUNK = 1 << 20
_MAX_UNPACKED = 4 << 30
# Deflate packs at most 1032 to 1; sheets of one repeated row come to about 150.
_SUSPECT_SIZE = 64 << 20
_MAX_RATIO = 400
# Excel stops at 32,767 characters in a cell, LibreOffice a little later.
MAX_CELL = 100_000
_LONG = 4 * MAX_CELL  # bytes, in UTF-8

# The attribute that says where a cell stands; a row has it too, without letters.
_PLACE = re.compile(rb"""\sr=["']([A-Za-z]{1,4})([0-9]{1,10})""")
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\s+ref=["'](?:[A-Z]+[0-9]+:)?([A-Z]{1,3})([0-9]{1,7})["']""")
_MOST_ROWS = 1_048_576

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def check_xlsx(file: File, max_cells: int) -> None:
    """Raises Fatal if reading this workbook would need an unreasonable amount of memory."""
    with zipfile.ZipFile(file.path) as archive:
        _check_sizes(file, archive)
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                _check_sheet(file, archive, name, max_cells)
            elif name == "xl/sharedStrings.xml":
                for _ in _pieces(file, archive, name):
                    pass


def check_ods(file: File, max_cells: int) -> None:
    """The same for an OpenDocument sheet, whose cells and rows say how often they are repeated."""
    with zipfile.ZipFile(file.path) as archive:
        _check_sizes(file, archive)
        cells = width = pending = 0
        for _ in _pieces(file, archive, "content.xml"):
            pass
        with archive.open("content.xml") as content:
            for event, element in ElementTree.iterparse(content, events=("start", "end")):  # noqa: S314 (expat limits entities)
                if event == "start":
                    if element.tag == f"{_TABLE}table":
                        cells = pending = 0
                    elif element.tag == f"{_TABLE}table-row":
                        width = pending = 0
                    continue
                if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                    pending += _repeated(element, "number-columns-repeated")
                    if len(element) or element.attrib.keys() - _BLANK_ATTRIBUTES:
                        width = pending
                elif element.tag == f"{_TABLE}table-row":
                    cells += width * _repeated(element, "number-rows-repeated")
                    element.clear()
                    if cells > max_cells:
                        raise _too_many_cells(file, "content.xml", max_cells)


_BLANK_ATTRIBUTES = {f"{_TABLE}number-columns-repeated", f"{_TABLE}style-name"}


def _repeated(element: ElementTree.Element, name: str) -> int:
    text = element.get(f"{_TABLE}{name}", "1")
    return int(text) if text.isdigit() and len(text) < 12 else 1


def _check_sizes(file: File, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if unpacked > _MAX_UNPACKED or (unpacked > _SUSPECT_SIZE and unpacked / packed > _MAX_RATIO):
        raise Fatal(
            f"the workbook would unpack from {packed:,} to {unpacked:,} bytes, as a zip bomb does",
            code="zip-bomb",
            file=file.name,
            expected="a workbook as an office program saves it",
        )


def _check_sheet(file: File, archive: zipfile.ZipFile, name: str, max_cells: int) -> None:
    """Raises Fatal if the sheet's table would be too large.

    Most sheets say how large they are. To see that no cell stands outside of that is eight times as fast as to look at
    every cell, which is done where it is not enough.
    """
    if _keeps_to_what_it_says(file, archive, name, max_cells):
        return
    rows = columns = 1
    for piece in _pieces(file, archive, name):
        for letters, digits in set(_PLACE.findall(piece)):
            columns = max(columns, _column_number(letters.upper()))
            rows = max(rows, int(digits))
        if rows * columns > max_cells:
            raise _too_many_cells(file, name, max_cells)


def _keeps_to_what_it_says(file: File, archive: zipfile.ZipFile, name: str, max_cells: int) -> bool:
    """Whether the sheet states a size, rounded up, that is small enough, and has no cell outside of it."""
    outside: re.Pattern[bytes] | None = None
    for piece in _pieces(file, archive, name):
        if outside is None:
            stated = _DIMENSION.search(piece)
            if stated is None or _rounded_up(stated) > max_cells:
                return False
            outside = _outside_of(stated)
        if outside.search(piece):
            return False
    return True


def _rounded_up(stated: re.Match[bytes]) -> int:
    letters, digits = stated[1], stated[2]
    columns = _column_number(letters if len(letters) == 1 else b"Z" * len(letters))
    return columns * min(int(b"9" * len(digits)), _MOST_ROWS)


def _outside_of(stated: re.Match[bytes]) -> re.Pattern[bytes]:
    """What the place of a cell beyond the stated size, rounded up, looks like: other letters, or a longer number."""
    letters, digits = stated[1], stated[2]
    beyond = [b"[A-Za-z]{%d}" % (len(letters) + 1), b"[A-Za-z]*[0-9]{%d}" % (len(digits) + 1)]
    if len(letters) == 1 and letters != b"Z":
        next_letter = bytes([letters[0] + 1])
        beyond.append(b"[%s-Z%s-z]" % (next_letter, next_letter.lower()))
    return re.compile(b"""\\sr=["'](?:%s)""" % b"|".join(beyond))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def too_long(file: File, line: int | None = None) -> Fatal:
    return Fatal(
        f"a cell holds more than {MAX_CELL:,} characters",
        code="cell-too-long",
        file=file.name,
        line=line,
        expected="cells of at most 32,767 characters, as office programs allow",
    )


def _too_many_cells(file: File, name: str, max_cells: int) -> Fatal:
    return Fatal(
        f"{name} has more than {max_cells:,} cells, most of them perhaps empty",
        code="too-many-cells",
        file=file.name,
        field="max_cells",
        expected="fewer rows or columns, or a larger max_cells",
    )


def _pieces(file: File, archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The member's XML in pieces that cut no tag, up to its true end. Raises Fatal for text that is too long."""
    with archive.open(name) as member:
        rest = b""
        while chunk := member.read(_CHUNK):
            piece = rest + chunk
            end = piece.rfind(b"<")
            if _has_long_text(piece):
                raise too_long(file)
            yield piece[: max(end, 0)]
            rest = piece[max(end, 0) :]
        yield rest


def _has_long_text(piece: bytes) -> bool:
    """Whether too many bytes stand between two tags. It leaps from tag to tag, each time as far as it may."""
    at = 0
    while len(piece) - at > _LONG:
        following = piece.rfind(b"<", at + 1, at + _LONG)
        if following < 0:
            return True
        at = following
    return False
