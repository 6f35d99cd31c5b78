"""Mail in files: a maildir, .eml files, and mbox files with many mails each."""

from __future__ import annotations

import mailbox
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path

from solmu.errors import Fatal, Retriable

HEAD = 262_144
"""Bytes that are read of a mail that is too large: headers, and text, which programs put before attachments."""

_PATTERNS = ("*.eml", "*.mbox")


class Place(Enum):
    """What a path is."""

    MAILDIR = "a maildir"
    MBOX = "an mbox file"
    FOLDER = "a folder of mail files"


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file with mail in it. ``name`` is its path below the mailbox, with slashes. ``stamp_ns`` is when the file last
    came or changed here: unlike the time of its content, nobody can set that back, so that what is copied or moved in
    later never looks old. ``holds_many``: it is an mbox."""

    path: Path
    name: str
    size: int
    stamp_ns: int
    mtime_ns: int
    holds_many: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The bytes of one mail, or the beginning of ``size`` bytes; ``size`` is None for a whole one."""

    data: bytes
    size: int | None
    place: str
    name: str


def place_of(path: Path) -> Place:
    """What kind of mailbox a path is. Raises Fatal where there is none."""
    if path.is_file():
        return Place.MBOX
    if not path.is_dir():
        raise Fatal(
            f"there is no mailbox {path}",
            code="no-mailbox",
            field="path",
            value=str(path),
            expected="a maildir, an mbox file, or a folder of .eml and .mbox files",
        )
    return Place.MAILDIR if _is_maildir(path) else Place.FOLDER


def folders_in(path: Path) -> list[str]:
    """The folders of a maildir: INBOX, and those below it, as Maildir++ or as plain folders."""
    below = sorted(each.name for each in path.iterdir() if _is_maildir(each))
    return ["INBOX", *(name.removeprefix(".") for name in below)]


def files_of(path: Path, names: Sequence[str]) -> list[MailFile]:
    """The mail files of a stream, those that came last at the end. ``names``: folders of a maildir, or patterns."""
    match place_of(path):
        case Place.MBOX:
            paths = [path]
        case Place.MAILDIR:
            paths = [each for name in names or ("INBOX",) for each in _maildir_files(path, name)]
        case Place.FOLDER:
            patterns = [name.casefold() for name in names or _PATTERNS]
            paths = [
                each
                for each in path.rglob("*")
                if each.is_file()
                and not each.name.startswith(".")
                and any(
                    fnmatchcase(text.casefold(), pattern)
                    for pattern in patterns
                    for text in (each.name, each.relative_to(path).as_posix())
                )
            ]
    base = path.parent if path.is_file() else path
    found = [file for each in paths if (file := _file(each, base)) is not None]
    if place_of(path) is not Place.MAILDIR:
        found = [replace(file, holds_many=_is_mbox(file.path)) for file in found]
    return sorted(found, key=lambda file: (file.stamp_ns, file.name))


def read_one(file: MailFile, max_bytes: int) -> Found | None:
    """The one mail of a file; None where it was moved or deleted since it was listed.

    A mail program renames a maildir's file when somebody reads the mail; the file then comes with the next reading, as
    its stamp is new.
    """
    try:
        with file.path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = stream.read(HEAD if size > max_bytes else -1)
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise _no_permission(file) from error
    return Found(data, size if size > max_bytes else None, file.name, file.name)


def read_many(file: MailFile, max_bytes: int) -> Iterator[Found]:
    """The mails of an mbox, in order. Raises Retriable where it changed meanwhile."""
    try:
        box = mailbox.mbox(file.path, create=False)
    except (FileNotFoundError, mailbox.NoSuchMailboxError):
        raise Retriable("the file went away", code="file-changed", file=file.name) from None
    except PermissionError as error:
        raise _no_permission(file) from error
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            with box.get_file(key) as stream:
                stream.seek(0, os.SEEK_END)
                size = stream.tell()
                stream.seek(0)
                data = stream.read(HEAD if size > max_bytes else size)
            yield Found(data, size if size > max_bytes else None, f"{file.name}, mail {number}", file.name)
    finally:
        box.close()
    now = _file(file.path, file.path.parent)
    if now is None or (now.size, now.mtime_ns) != (file.size, file.mtime_ns):
        raise Retriable("the file changed while it was being read", code="file-changed", file=file.name)


def _maildir_files(path: Path, name: str) -> Iterator[Path]:
    choices = [path] if name.upper() == "INBOX" else [path / f".{name}", path / name]
    folder = next((each for each in choices if _is_maildir(each)), None)
    if folder is None:
        raise Fatal(
            f"the maildir has no folder {name!r}",
            code="no-folder",
            field="folders",
            value=name,
            expected=", ".join(folders_in(path)),
        )
    for part in ("cur", "new"):
        yield from (each for each in (folder / part).iterdir() if each.is_file() and not each.name.startswith("."))


def _is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() and (path / "new").is_dir()


def _file(path: Path, base: Path) -> MailFile | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    stamp = max(stat.st_ctime_ns, stat.st_mtime_ns) if os.name == "nt" else stat.st_ctime_ns
    return MailFile(path, path.relative_to(base).as_posix(), stat.st_size, stamp, stat.st_mtime_ns)


def _is_mbox(path: Path) -> bool:
    if path.suffix.lower() == ".mbox":
        return True
    try:
        with path.open("rb") as stream:
            return stream.read(5) == b"From "
    except OSError:
        return False


def _no_permission(file: MailFile) -> Fatal:
    return Fatal(
        "there is no permission to read this file",
        code="no-permission",
        file=file.name,
        field="path",
        expected="files that the user who runs Solmu may read",
    )
