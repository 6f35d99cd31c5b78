"""What can go wrong with a folder, as errors that say what would be right."""

from __future__ import annotations

import errno
import sqlite3

from connectors.file.ledger import NAME
from solmu.errors import Fatal, Retriable, SolmuError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_GONE = {errno.ENOENT, errno.ENOTDIR}
_BY_SQLITE = {
    sqlite3.SQLITE_FULL: "disk-full",
    sqlite3.SQLITE_READONLY: "no-permission",
    sqlite3.SQLITE_PERM: "no-permission",
    sqlite3.SQLITE_CANTOPEN: "no-permission",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_CORRUPT: "ledger-broken",
    sqlite3.SQLITE_NOTADB: "ledger-broken",
}
_SAID = {
    "disk-full": ("the disk of the setting 'folder' is full", "room on that disk, or a folder on another one"),
    "no-permission": (
        "nothing may be written to the folder of the setting 'folder', or a file in it is open in another program",
        "a folder that this user may write to, and its files closed in Excel",
    ),
    "folder-missing": ("the folder of the setting 'folder' does not exist", "a folder that exists: make it first"),
    "ledger-broken": (
        f"{NAME} in the folder of the setting 'folder' cannot be read",
        f"{NAME} from a backup of this folder, or a connection of another name to an empty folder",
    ),
    "ledger-version": (f"{NAME} was made by another version of Solmu", "the version of Solmu that made it, or later"),
    "folder-trouble": ("the folder of the setting 'folder' cannot be used", "a folder on a disk that works"),
}


def named(error: BaseException, *, connection: str, stream: str | None, value: str) -> SolmuError:
    """The error of the setting ``folder`` (``value``) that an OSError or sqlite3.Error stands for."""
    if isinstance(error, SolmuError):
        error.connection = error.connection or connection
        return error
    code = _code(error)
    if code == "busy":
        return Retriable(
            "another process is writing to this folder",
            code="busy",
            retry_after=5.0,
            connection=connection,
            stream=stream,
        )
    message, expected = _SAID[code]
    if code == "folder-trouble":
        message = f"{message}: {error}"
    return Fatal(
        message, code=code, connection=connection, stream=stream, field="folder", value=value, expected=expected
    )


def _code(error: BaseException) -> str:
    if isinstance(error, sqlite3.NotSupportedError):
        return "ledger-version"
    if isinstance(error, sqlite3.Error):
        # The low byte says what it is, the others which kind of it.
        return _BY_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "folder-trouble")
    number = error.errno if isinstance(error, OSError) else None
    for numbers, code in ((_FULL, "disk-full"), (_FORBIDDEN, "no-permission"), (_GONE, "folder-missing")):
        if number in numbers:
            return code
    return "folder-trouble"
