"""Deliveries saved in files, one each: another way in, for what was exported, kept by a proxy, or comes with a demo.

``name.json`` is a request (``{"headers": {…}, "body": …}``, also with ``method``, ``path``, ``url`` and
``received_at``; a body that is not text as ``body_base64``), or just a JSON body. ``name.body`` is a raw body, with its
headers in ``name.headers.json`` beside it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.webform.submission import moment_of
from solmu.errors import Fatal
from solmu.exchange import Request

LARGEST = 10_000_000
"""Bytes of one file; a submission has a few thousand."""

_HEADERS = ".headers.json"
_KEYS = frozenset({"method", "path", "url", "headers", "body", "body_base64", "received_at"})


@dataclass(frozen=True, slots=True)
class SavedFile:
    """``stamp_ns`` is when the file last came or changed here, which nobody can set back."""

    path: Path
    name: str
    stamp_ns: int
    mtime_ns: int
    size: int


@dataclass(frozen=True, slots=True)
class Saved:
    """A delivery in a file. ``received_at`` is what the file itself says of it; None where it does not."""

    request: Request
    received_at: datetime | None


class Unusable(ValueError):
    """The file is no delivery; the text says why."""


def files_in(folder: Path) -> list[SavedFile]:
    """The deliveries in a folder and below, those that came last at the end. Raises Fatal where there is no folder."""
    if not folder.is_dir():
        raise Fatal(
            f"there is no folder {folder}",
            code="no-folder",
            field="folder",
            value=str(folder),
            expected="a folder that exists, with deliveries as .json or .body files",
        )
    try:
        return sorted(_files(folder), key=lambda file: (file.stamp_ns, file.name))
    except PermissionError as error:
        raise _no_permission(folder.name) from error


def read_saved(file: SavedFile) -> Saved | None:
    """A file's delivery; None where it went away since it was listed. Raises Unusable."""
    try:
        if file.size > LARGEST:
            raise Unusable(f"it has {file.size:,} bytes, and at most {LARGEST:,} are read")
        data = file.path.read_bytes()
        beside = file.path.with_name(file.path.name.removesuffix(".body") + _HEADERS)
        headers = beside.read_bytes() if file.path.suffix == ".body" and beside.is_file() else b"{}"
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise _no_permission(file.name) from error
    written = datetime.fromtimestamp(file.mtime_ns / 1e9, UTC)
    if file.path.suffix == ".body":
        return _saved({"headers": _json(headers)}, data, written)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    # Whether a broken file was meant as a request cannot be known: it is a body that cannot be read.
    if isinstance(found, dict) and found.keys() <= _KEYS and {"body", "body_base64"} & found.keys():
        return _saved(found, _body(found), written)
    return _saved({"headers": {"content-type": "application/json"}}, data, written)


def _files(folder: Path) -> Iterator[SavedFile]:
    for path in folder.rglob("*"):
        if path.name.startswith(".") or path.name.endswith(_HEADERS) or path.suffix not in (".json", ".body"):
            continue
        try:
            stat = path.stat()
        except PermissionError as error:
            raise _no_permission(path.relative_to(folder).as_posix()) from error
        except OSError:  # it went away since, or is a link to nothing or in a circle
            continue
        if path.is_file():
            stamp = max(stat.st_ctime_ns, stat.st_mtime_ns) if os.name == "nt" else stat.st_ctime_ns
            yield SavedFile(path, _shown(path.relative_to(folder)), stamp, stat.st_mtime_ns, stat.st_size)


def _shown(path: Path) -> str:
    """A name as text: whoever unpacked an old archive has names that are none."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _saved(said: dict[str, Any], body: bytes, written: datetime) -> Saved:
    headers = said.get("headers", {})
    try:
        json.dumps([headers, *map(said.get, ("method", "path", "url"))], ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Unusable("its headers or its address hold half a character") from None
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise Unusable("its headers are no block of texts")
    stated = moment_of(said.get("received_at"))
    if stated is None and said.get("received_at") is not None:
        raise Unusable("received_at is no time with a zone, such as 2026-07-01T07:00:00Z")
    request = Request(
        method=str(said.get("method", "POST")),
        path=str(said.get("path", "")),
        url=str(said.get("url", "")),
        headers={str(name).lower(): value for name, value in headers.items()},
        body=body,
        received_at=stated or written,
    )
    return Saved(request, stated)


def _body(said: dict[str, Any]) -> bytes:
    if "body_base64" in said:
        try:
            return base64.b64decode(said["body_base64"], validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise Unusable("body_base64 is no base64") from None
    body = said["body"]
    try:
        # What was signed is a text, to the byte; of a block only its content is known.
        return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()
    except UnicodeEncodeError:
        raise Unusable("its body holds half a character") from None


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise Unusable(f"the {_HEADERS} beside it is no JSON") from None


def _no_permission(name: str) -> Fatal:
    return Fatal(
        "there is no permission to read this file",
        code="no-permission",
        file=name,
        field="folder",
        expected="files that the user who runs Solmu may read",
    )
