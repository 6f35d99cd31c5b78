"""The files of a stream: which there are, what they really are, and whether they stay as they are while being read."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from hashlib import blake2b
from pathlib import Path
from time import time_ns

from connectors.spreadsheet import strangers
from solmu.errors import Fatal, Retriable, SolmuError

_CHUNK = 1 << 20
_MAY_STILL_BE_WRITTEN = 120  # seconds


class Kind(Enum):
    """What a file is, by its content. The value is what a person calls it."""

    XLSX = "an Excel workbook (xlsx)"
    XLS = "an old Excel workbook (xls)"
    ODS = "an OpenDocument sheet (ods)"
    TEXT = "a text file (csv or tsv)"


_ENDINGS = {
    ".xlsx": Kind.XLSX,
    ".xlsm": Kind.XLSX,
    ".xls": Kind.XLS,
    ".ods": Kind.ODS,
    ".csv": Kind.TEXT,
    ".tsv": Kind.TEXT,
    ".tab": Kind.TEXT,
    ".txt": Kind.TEXT,
}

# What operating systems leave in folders.
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class File:
    """One file. ``name`` is its path below the folder, with slashes; ``size`` in bytes."""

    path: Path
    name: str
    size: int
    mtime_ns: int

    def is_unchanged(self, known: object) -> bool:
        """Whether this is what ``known``, an earlier ``fingerprint``, describes."""
        return isinstance(known, dict) and known.get("size") == self.size and known.get("mtime_ns") == self.mtime_ns

    def fingerprint(self, digest: str, columns: Sequence[str]) -> dict[str, object]:
        """What the cursor keeps of it."""
        return {"size": self.size, "mtime_ns": self.mtime_ns, "hash": digest, "columns": list(columns)}

    def must_be_unchanged(self) -> None:
        """Raises Retriable if the file is no longer what it was when it was found."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            raise Retriable("the file went away while it was being read", code="file-changed", file=self.name) from None
        if (stat.st_size, stat.st_mtime_ns) != (self.size, self.mtime_ns):
            raise Retriable("the file changed while it was being read", code="file-changed", file=self.name)

    def damaged(self, message: str, expected: str) -> SolmuError:
        """The error of a file that cannot be read: perhaps somebody is still writing it."""
        if time_ns() - self.mtime_ns < _MAY_STILL_BE_WRITTEN * 1_000_000_000:
            return Retriable(
                f"{message}; it was changed a moment ago and may still be on its way",
                code="file-incomplete",
                file=self.name,
                expected=expected,
            )
        return Fatal(message, code="file-damaged", file=self.name, expected=expected)


def find(folder: Path, patterns: Sequence[str]) -> list[File]:
    """The files that match, by name. Raises Fatal if there is no folder, no right to see into it, or no match."""
    names = list(_names(folder, deep=any("/" in pattern for pattern in patterns)))
    chosen: dict[str, None] = {}
    for pattern in patterns:
        matching = sorted(name for name in names if name == pattern or _matches(name.split("/"), pattern.split("/")))
        if not matching:
            raise Fatal(
                f"no file matches {pattern!r} in {folder}",
                code="no-file",
                field="files",
                value=pattern,
                expected=_some(names) or "a folder with xlsx, xls, ods, csv or tsv files in it",
            )
        chosen |= dict.fromkeys(matching)
    return [_file(folder, name) for name in chosen]


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """As a shell would: ``*`` stays in one folder, ``**`` is any number of them; capitals don't matter."""
    if not pattern or not parts:
        return not pattern and not parts
    if pattern[0] == "**":
        return any(_matches(parts[start:], pattern[1:]) for start in range(len(parts)))
    return fnmatchcase(parts[0].casefold(), pattern[0].casefold()) and _matches(parts[1:], pattern[1:])


def _file(folder: Path, name: str) -> File:
    try:
        stat = (folder / name).stat()
    except FileNotFoundError:
        raise Retriable("the file went away while it was looked at", code="file-changed", file=name) from None
    return File(folder / name, name, stat.st_size, stat.st_mtime_ns)


def sheets_in(folder: Path) -> list[str]:
    """The names of all files in the folder that could be sheets."""
    return sorted(name for name in _names(folder, deep=False) if Path(name).suffix.lower() in _ENDINGS)


def _names(folder: Path, *, deep: bool) -> Iterable[str]:
    """All files in the folder, or also below it, without hidden ones and the lock files of office programs."""
    if not folder.is_dir():
        raise Fatal(
            f"the folder {folder} does not exist" if not folder.exists() else f"{folder} is no folder",
            code="folder-missing",
            field="folder",
            value=str(folder),
            expected="a folder with sheets in it",
        )
    for place, folders, files in os.walk(folder, onerror=_no_right):
        folders[:] = sorted(name for name in folders if deep and not name.startswith("."))
        for name in files:
            if not name.startswith((".", "~$")) and name.lower() not in _SYSTEM_FILES:
                yield Path(place, name).relative_to(folder).as_posix()


def _no_right(error: OSError) -> None:
    raise Fatal(
        f"there is no permission to look into {error.filename}",
        code="no-permission",
        field="folder",
        value=str(error.filename),
        expected="a folder that the user who runs Solmu may read",
    ) from error


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(sorted(names)[:8])
    return f"{shown} …" if len(names) > 8 else shown


def kind_of(file: File) -> Kind:
    """What the file is. Raises Fatal if its name promises something else, or it is nothing that can be read."""
    promised = _ENDINGS.get(file.path.suffix.lower())
    if promised is None:
        listed = "one of " + ", ".join(_ENDINGS)
        what, way = strangers.BY_ENDING.get(file.path.suffix.lower(), ("", ""))
        raise Fatal(
            f"this is {what}" if what else "this is no kind of file that can be read",
            code="unknown-format",
            file=file.name,
            expected=f"{listed}; {way}" if way else listed,
        )
    try:
        with file.path.open("rb") as stream:
            head = stream.read(4096)
    except PermissionError as error:
        raise Fatal(
            "there is no permission to read this file",
            code="no-permission",
            file=file.name,
            expected="a file that the user who runs Solmu may read",
        ) from error
    if not head.strip():
        raise file.damaged("the file is empty", "a header and rows")
    found = _kind_by_content(file, head)
    if found is not promised:
        raise Fatal(
            f"the name ends in {file.path.suffix}, but the file is {found.value}",
            code="wrong-ending",
            file=file.name,
            expected=f"{promised.value}; open it in an office program and save it as one, or rename it so that it ends"
            f" in {_ending_of(found)}",
        )
    return found


def _ending_of(kind: Kind) -> str:
    return next(ending for ending, each in _ENDINGS.items() if each is kind)


def _kind_by_content(file: File, head: bytes) -> Kind:
    if head.startswith(_ZIP):
        return _kind_of_zip(file)
    if head.startswith(_OLE):
        if _has_encrypted_package(file):
            raise password_protected(file)
        return Kind.XLS
    stranger = strangers.by_first_bytes(head)
    if stranger:
        raise Fatal(
            f"the file is {stranger}",
            code="wrong-ending",
            file=file.name,
            expected="an xlsx, xls, ods, csv or tsv file; open it in an office program and save it as xlsx",
        )
    return Kind.TEXT


def _kind_of_zip(file: File) -> Kind:
    try:
        with zipfile.ZipFile(file.path) as archive:
            names = set(archive.namelist())
            if "content.xml" in names:
                if b"encryption-data" in _start_of(archive, "META-INF/manifest.xml"):
                    raise password_protected(file)
                return Kind.ODS
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise file.damaged(
            "the workbook is damaged or incomplete", "a workbook that an office program opens"
        ) from error
    if "xl/workbook.xml" not in names:
        what, way = strangers.archive(names)
        raise Fatal(f"the file is {what}", code="wrong-ending", file=file.name, expected=f"a workbook; {way}")
    return Kind.XLSX


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    with archive.open(name) as member:
        return member.read(_CHUNK)


def _has_encrypted_package(file: File) -> bool:
    """Whether an OLE file is an encrypted xlsx: then it has a stream ``EncryptedPackage`` (MS-OFFCRYPTO)."""
    with file.path.open("rb") as stream:
        before = b""
        while chunk := stream.read(_CHUNK):
            if _ENCRYPTED in before + chunk:
                return True
            before = chunk[-len(_ENCRYPTED) :]
    return False


def password_protected(file: File) -> Fatal:
    return Fatal(
        "the workbook is protected by a password",
        code="password",
        file=file.name,
        expected="a workbook without a password",
    )


def digest_of(path: Path) -> str:
    """Hash of the file's content."""
    digest = blake2b(digest_size=16)
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
