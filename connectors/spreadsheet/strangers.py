"""What people send instead of a sheet, or under the name of one: what it is, and how to make a list of it."""

from __future__ import annotations

from collections.abc import Collection

BY_ENDING = {
    ".numbers": ("an Apple Numbers document", "Numbers exports it as Excel: File, Export To"),
    ".xlsb": ("a binary workbook", "Excel saves it as xlsx: File, Save As"),
    ".gsheet": ("a link to a sheet at Google, and not the sheet", "File, Download, as xlsx there"),
    ".pdf": ("a document for printing", "the sheet that it was made of, as xlsx or csv"),
    ".zip": ("an archive", "the sheet in it, unpacked"),
}
"""What it is, and what would be right, by the ending of its name."""

_FIRST_BYTES = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a text document",
    b"[{": "a JSON document",
    b'{"': "a JSON document",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
}
_WEB_PAGES = (b"<html", b"<!doctype", b"<?xml", b"<table")
# Archives that are documents, by a member of theirs.
_MEMBERS = {
    "Index/Document.iwa": BY_ENDING[".numbers"],
    "xl/workbook.bin": BY_ENDING[".xlsb"],
    "word/document.xml": ("a text document", "its table, copied into a sheet"),
}
_ARCHIVE = ("a zip archive, and no workbook", "unpack the archive first, or save it as xlsx with an office program")


def by_first_bytes(head: bytes) -> str | None:
    """What a file is that begins like this; None if it may be a text."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGES):
        return "a web page or XML, as some systems export under the name of a workbook"
    return next((what for mark, what in _FIRST_BYTES.items() if head.startswith(mark)), None)


def archive(members: Collection[str]) -> tuple[str, str]:
    """What a zip archive is that is no workbook, and what would be right."""
    return next((what for name, what in _MEMBERS.items() if name in members), _ARCHIVE)
