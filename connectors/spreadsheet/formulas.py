"""Formulas that nobody has worked out: programs that write workbooks may leave out the results, and then there is none.

Office programs store the result beside each formula, and that is what is read. A cell with a formula and no result
looks blank to a reader, and a value that people see would be lost without a word.
"""

from __future__ import annotations

import re
import zipfile
from posixpath import join, normpath
from xml.etree import ElementTree

from connectors.spreadsheet import xlsx
from connectors.spreadsheet.files import File
from solmu.errors import Fatal

_CHUNK = 1 << 20
_BLANK = re.compile(
    rb"<(" + xlsx.PREFIX + rb")c\b([^>]*)>\s*<\1f\b(?:[^>]*/>|[^>]*>[^<]*</\1f>)"
    rb"\s*(?:<\1v\s*/>|<\1v>\s*</\1v>)?\s*</\1c>"
)
# A formula may come to an empty text, and its cell says that it holds text.
_TEXT = re.compile(rb"""\st=["']str["']""")
_PLACE = re.compile(rb"""\sr=["']([A-Z]+)([0-9]+)["']""")
_HIDDEN = re.compile(
    rb"<" + xlsx.PREFIX + rb"""row\s(?:[^<>]*\s)?hidden=["'](?:1|true)["'](?=[^<>/]*>\s*(?:<[^/]|\Z))"""
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def check_results(file: File, sheet: str) -> tuple[bool, int]:
    """Whether an xlsx sheet may have cells that show an error, and how many of its rows are hidden. Raises Fatal for
    the first formula that has no result stored."""
    has_errors, hidden = False, 0
    with zipfile.ZipFile(file.path) as archive:
        name = member_of(archive, sheet)
        if name is None:
            return False, 0
        with archive.open(name) as member:
            rest = b""
            while chunk := member.read(_CHUNK):
                piece = rest + chunk
                if b"<f" in piece or b":f" in piece:
                    _check(file, sheet, piece)
                has_errors = has_errors or b'"e"' in piece or b"'e'" in piece
                begun = last_cell(piece)
                hidden += _hidden(piece[: max(begun, 0)] if begun >= 0 else piece)
                rest = piece[begun:] if begun >= 0 else b""
            hidden += _hidden(rest)
    return has_errors, hidden


def _hidden(piece: bytes) -> int:
    return len(_HIDDEN.findall(piece)) if b" hidden=" in piece else 0


def last_cell(piece: bytes) -> int:
    """Where the last cell of a piece begins; -1 if there is none."""
    prefixed = piece.rfind(b":c ")
    return max(piece.rfind(b"<c "), piece.rfind(b"<", 0, prefixed) if prefixed >= 0 else -1)


def _check(file: File, sheet: str, piece: bytes) -> None:
    for found in _BLANK.finditer(piece):
        if _TEXT.search(found[2]):
            continue
        place = _PLACE.search(found[2])
        cell = f"{place[1].decode()}{place[2].decode()}" if place else "a cell"
        raise Fatal(
            f"sheet {sheet}, {cell} has a formula without its result, so nobody can tell what it says",
            code="formula-without-result",
            file=file.name,
            line=int(place[2]) if place else None,
            field=place[1].decode() if place else None,
            expected="the workbook opened in an office program and saved there, or values instead of formulas",
        )


def member_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The member that holds a sheet (ECMA-376 part 1, 18.2.19: by the relation that the workbook names)."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 (expat limits entities)
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except KeyError:
        return None
    wanted = next((each.get(_RELATION) for each in book.iter() if _is_sheet(each, sheet)), None)
    target = next((each.get("Target") for each in relations if each.get("Id") == wanted), None)
    if wanted is None or target is None:
        return None
    name = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
    return name if name in archive.namelist() else None


def _is_sheet(element: ElementTree.Element, name: str) -> bool:
    return element.tag.endswith("}sheet") and element.get("name") == name
