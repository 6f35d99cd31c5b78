"""An old Excel workbook (xls) as far as it must be known before and beside what calamine reads: how far its cells
reach, and which of them show an error. By [MS-CFB] and [MS-XLS]; BIFF5 and BIFF8."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.spreadsheet.files import File, password_protected

_ENTRY = 128  # bytes of a directory entry
_LAST_SECTOR = 0xFFFFFFFA
_SHORT_STREAM, _STREAM, _ROOT = 4096, 2, 5
_BOUNDSHEET, _FILEPASS, _END, _BEGIN = 0x0085, 0x002F, 0x000A, 0x0809
_DIMENSIONS, _BOOLERR, _FORMULAS = 0x0200, 0x0205, frozenset({0x0006, 0x0206, 0x0406})
_MULTIPLE = frozenset({0x00BD, 0x00BE})  # numbers or blanks in a row: the last column stands at the end
_CELLS = frozenset({0x0203, 0x0204, 0x00FD, 0x027E, 0x00D6, _BOOLERR}) | _FORMULAS | _MULTIPLE
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256
# [MS-XLS] 2.5.10, BErr.
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip


class Damaged(ValueError):
    """The file is no workbook of this kind, or not whole."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows`` and ``columns`` reach to its last cell."""

    rows: int
    columns: int
    _shown: array[int]

    def errors(self) -> Iterator[tuple[int, int, str]]:
        """The cells that show an error: row and column from 0, and its text; by rows."""
        for packed in sorted(self._shown):
            code = packed & 0xFF
            yield packed >> 24, packed >> 8 & 0xFFFF, _ERRORS.get(code, f"#ERROR {code}")


def sheets(file: File) -> list[Sheet]:
    """The sheets in their order. Raises Damaged, and Fatal for a workbook with a password."""
    try:
        stream = _workbook(file.path.read_bytes())
        return [_sheet(stream, offset) for offset in _offsets(file, stream)]
    except (struct.error, IndexError) as error:
        raise Damaged("its structure is broken") from error


def _offsets(file: File, stream: bytes) -> list[int]:
    found = []
    for kind, at, size in _records(stream, 0):
        if kind == _FILEPASS:
            raise password_protected(file)
        if kind == _BOUNDSHEET and size >= 4:
            found.append(struct.unpack_from("<I", stream, at)[0])
    if len(set(found)) < len(found):
        raise Damaged("two of its sheets are one")
    return found


def _sheet(stream: bytes, offset: int) -> Sheet:
    rows = columns = 0
    shown = array("Q")
    for kind, at, size in _records(stream, offset):
        if kind == _DIMENSIONS and size >= 14:
            _, last_row, _, last_column = struct.unpack_from("<IIHH", stream, at)
            if last_row > _MOST_ROWS or last_column > _MOST_COLUMNS:
                raise Damaged("a sheet says that it is larger than one can be")
        elif kind in _CELLS and size >= 6:
            row, column = struct.unpack_from("<HH", stream, at)
            last = struct.unpack_from("<H", stream, at + size - 2)[0] if kind in _MULTIPLE else column
            rows, columns = max(rows, row + 1), max(columns, column + 1, last + 1)
            code = _error(stream, kind, at, size)
            if code is not None:
                shown.append(row << 24 | column << 8 | code)
    return Sheet(rows, columns, shown)


def _error(stream: bytes, kind: int, at: int, size: int) -> int | None:
    if kind == _BOOLERR and size >= 8:
        return stream[at + 6] if stream[at + 7] == 1 else None
    if kind in _FORMULAS and size >= 14 and stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
        return stream[at + 8]
    return None


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of each record of a substream. What is embedded in it (a chart) is passed by."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        at += 4
        depth += (kind == _BEGIN) - (kind == _END)
        if at + size > len(stream):
            return
        if depth <= 1:
            yield kind, at, size
        if kind == _END and depth <= 0:
            return
        at += size


# --- the container ----------------------------------------------------------------------------------------------------


def _workbook(data: bytes) -> bytes:
    """The stream that holds the workbook."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if size not in (512, 4096):
        raise Damaged("its sectors have a size that there is not")
    fat = _table(data, size)
    (first_of_directory,) = struct.unpack_from("<I", data, 48)
    directory = _chained(data, size, fat, first_of_directory)
    entries = {}
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        entry = directory[at : at + _ENTRY]
        length, kind = struct.unpack_from("<HB", entry, 64)
        name = entry[: max(length - 2, 0)].decode("utf-16-le", errors="replace").lower()
        start, bytes_ = struct.unpack_from("<II", entry, 116)
        if kind == _ROOT:
            entries[""] = (start, bytes_)
        elif kind == _STREAM:
            entries.setdefault(name, (start, bytes_))
    found = entries.get("workbook") or entries.get("book")
    if found is None or "" not in entries:
        raise Damaged("there is no workbook in it")
    start, bytes_ = found
    if bytes_ >= _SHORT_STREAM:
        return _chained(data, size, fat, start)[:bytes_]
    # A short one lies in the small sectors of another stream.
    small = 1 << struct.unpack_from("<H", data, 32)[0]
    within = _chained(data, size, fat, entries[""][0])
    (first_of_table,) = struct.unpack_from("<I", data, 60)
    table = _numbers(_chained(data, size, fat, first_of_table))
    return _chained(within, small, table, start, header=0)[:bytes_]


def _table(data: bytes, size: int) -> array[int]:
    """Which sector follows each: the sectors of that table are listed in the header, and in a chain behind it."""
    listed = list(struct.unpack_from("<109I", data, 76))
    (following,) = struct.unpack_from("<I", data, 68)
    for _ in range(len(data) // size):
        if following >= _LAST_SECTOR:
            break
        *more, following = _numbers(_sector(data, size, following))
        listed += more
    table = b"".join(_sector(data, size, each) for each in listed[: len(data) // size + 1] if each < _LAST_SECTOR)
    return _numbers(table)


def _chained(data: bytes, size: int, table: array[int], start: int, *, header: int = 1) -> bytes:
    found: list[bytes] = []
    while start < _LAST_SECTOR:
        if len(found) > len(table):
            raise Damaged("its sectors follow each other in a circle")
        found.append(_sector(data, size, start, header=header))
        start = table[start]
    return b"".join(found)


def _sector(data: bytes, size: int, number: int, *, header: int = 1) -> bytes:
    at = (number + header) * size
    if at >= len(data):
        raise Damaged("it is cut off")
    return data[at : at + size]


def _numbers(data: bytes) -> array[int]:
    whole = len(data) // 4
    return array("I", struct.unpack(f"<{whole}I", data[: whole * 4]))
