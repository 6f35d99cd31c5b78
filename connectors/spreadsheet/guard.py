"""Looks into a zipped workbook before a parser does: small files can ask for more memory than there is.

A workbook's parser holds a whole sheet as a table, so the table's size is what counts, not the file's: two cells, one
in each corner, ask for 17 thousand million. All limits are far above what office programs write.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.parsers import expat

from connectors.spreadsheet import biff, opendocument, xlsx
from connectors.spreadsheet.files import File
from solmu.errors import Fatal

# What is raised for a workbook that is damaged.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    expat.ExpatError,
    biff.Damaged,
    EOFError,
    NotImplementedError,
    RuntimeError,
)

_CHUNK = 1 << 20
_MAX_UNPACKED = 4 << 30
# Deflate packs at most 1032 to 1; sheets of one repeated row come to about 150.
_SUSPECT_SIZE = 64 << 20
_MAX_RATIO = 400
# Excel stops at 32,767 characters in a cell, LibreOffice a little later.
MAX_CELL = 100_000
_LONG = 4 * MAX_CELL  # bytes, in UTF-8

# The attribute that says where a cell stands; a row has it too, without letters.
_PLACE = re.compile(rb"""\sr=["']([A-Za-z]+)0*([0-9]{1,20})""")
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\s+ref=["'](?:[A-Z]+[0-9]+:)?([A-Z]{1,3})([0-9]{1,7})["']""")
_MOST_ROWS = 1_048_576
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHEET = re.compile(rb"<" + xlsx.PREFIX + rb"""sheet\s[^<]*?:id\s*=\s*["']([^"']+)""")
_RELATED = re.compile(rb"<" + xlsx.PREFIX + rb"Relationship\s[^<]*")
_ID = re.compile(rb"""\sId\s*=\s*["']([^"']+)""")
_TARGET = re.compile(rb"""\sTarget\s*=\s*["']([^"']+)""")


def check_xlsx(file: File, max_cells: int) -> None:
    """Raises Fatal if reading this workbook would need an unreasonable amount of memory."""
    with zipfile.ZipFile(file.path) as archive:
        _check_sizes(file, archive)
        sheets = _sheets(file, archive)
        for name in archive.namelist():
            if name in sheets:
                _check_sheet(file, archive, name, max_cells)
            elif name.lower() == "xl/sharedstrings.xml":
                for _ in pieces(file, archive, name):
                    pass


def check_ods(file: File, max_cells: int) -> bool:
    """The same for an OpenDocument sheet, whose cells and rows say how often they are repeated. Gives whether it has
    cells that show an error."""
    with zipfile.ZipFile(file.path) as archive:
        _check_sizes(file, archive)
        for _ in pieces(file, archive, opendocument.CONTENT):
            pass
    cells, sheet, has_errors = 0, "", False
    for row in opendocument.rows(file):
        cells = row.width * row.times + (cells if row.sheet == sheet else 0)
        sheet, has_errors = row.sheet, has_errors or bool(row.errors)
        if cells > max_cells:
            raise _too_many_cells(file, f"sheet {sheet}", max_cells)
    return has_errors


def check_xls(file: File, max_cells: int) -> None:
    """The same for an old workbook, of which every sheet is read at once."""
    cells = sum(sheet.rows * sheet.columns for sheet in biff.sheets(file))
    if cells > max_cells:
        raise _too_many_cells(file, "the workbook", max_cells)


def _sheets(file: File, archive: zipfile.ZipFile) -> set[str]:
    """The members that hold sheets: those in the usual place, and whatever else the workbook names as one."""
    ids = set(_SHEET.findall(_small(file, archive, _WORKBOOK)))
    related = _RELATED.findall(_small(file, archive, _RELATIONS))
    named = [_TARGET.search(each) for each in related if (id := _ID.search(each)) and id[1] in ids]
    targets = {posixpath.basename(each[1]).decode(errors="replace").lower() for each in named if each}
    return {
        name
        for name in archive.namelist()
        if name.startswith("xl/worksheets/") or posixpath.basename(name).lower() in targets
        if not name.endswith(".rels")
    }


def _small(file: File, archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    size = archive.getinfo(name).file_size
    if size > _SUSPECT_SIZE:
        raise _bomb(file, archive.getinfo(name).compress_size, size)
    return archive.read(name)


def _check_sizes(file: File, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if unpacked > _MAX_UNPACKED or (unpacked > _SUSPECT_SIZE and unpacked / packed > _MAX_RATIO):
        raise _bomb(file, packed, unpacked)


def _bomb(file: File, packed: int, unpacked: int) -> Fatal:
    return Fatal(
        f"the workbook would unpack from {packed:,} to {unpacked:,} bytes, as a zip bomb does",
        code="zip-bomb",
        file=file.name,
        expected="a workbook as an office program saves it",
    )


def _check_sheet(file: File, archive: zipfile.ZipFile, name: str, max_cells: int) -> None:
    """Raises Fatal if the sheet's table, or the cells that are to be put into it, would be too many.

    Most sheets say how large they are. To see that no cell stands outside of that is eight times as fast as to look at
    every place, and that is much faster than to look at every cell, which is done where some do not say their place,
    or where some are far away: it may be that those have a look, and no value, and need no room.
    """
    if _keeps_to_what_it_says(file, archive, name, max_cells):
        return
    rows = columns = 1
    count = 0
    for piece in pieces(file, archive, name):
        if xlsx.has_odd_cells(piece):
            break
        count += xlsx.number_of_cells(piece)
        for letters, digits in set(_PLACE.findall(piece)):
            columns = max(columns, xlsx.column_number(letters))
            rows = max(rows, int(digits))
        if max(rows * columns, count) > max_cells:
            break
    else:
        return
    rows = columns = 1
    for count, (row, column, _, tag) in enumerate(xlsx.cells(pieces(file, archive, name)), 1):
        if not xlsx.is_blank(tag):
            rows, columns = max(rows, row), max(columns, column)
        if max(rows * columns, count) > max_cells:
            raise _too_many_cells(file, name, max_cells)


def _keeps_to_what_it_says(file: File, archive: zipfile.ZipFile, name: str, max_cells: int) -> bool:
    """Whether the sheet states a size, rounded up, that is small enough, and has no cell outside of it, nor more cells
    than it could have."""
    outside: re.Pattern[bytes] | None = None
    count = 0
    for piece in pieces(file, archive, name):
        if outside is None:
            stated = _DIMENSION.search(piece)
            if stated is None or _rounded_up(stated) > max_cells:
                return False
            outside = _outside_of(stated)
        count += xlsx.number_of_cells(piece)
        if count > max_cells or outside.search(piece) or xlsx.has_odd_cells(piece):
            return False
    return True


def _rounded_up(stated: re.Match[bytes]) -> int:
    letters, digits = stated[1], stated[2]
    columns = xlsx.column_number(letters if len(letters) == 1 else b"Z" * len(letters))
    return columns * min(int(b"9" * len(digits)), _MOST_ROWS)


def _outside_of(stated: re.Match[bytes]) -> re.Pattern[bytes]:
    """What the place of a cell beyond the stated size, rounded up, looks like: other letters, or a longer number."""
    letters, digits = stated[1], stated[2]
    beyond = [b"[A-Za-z]{%d}" % (len(letters) + 1), b"[A-Za-z]*[0-9]{%d}" % (len(digits) + 1)]
    if len(letters) == 1 and letters != b"Z":
        next_letter = bytes([letters[0] + 1])
        beyond.append(b"[%s-Z%s-z]" % (next_letter, next_letter.lower()))
    return re.compile(b"""\\sr=["'](?:%s)""" % b"|".join(beyond))


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


def pieces(file: File, archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
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
