"""Lists that somebody brought to the pages: each in a folder of its own in the hub, with what was said of it so far.

They are customers' data as their senders wrote it: only the hub's own user may read the folders, and a list that
nobody imported goes after a week.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time as clock
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from solmu.errors import SolmuError
from solmu.store import time

FOLDER = "imports"
SUFFIXES = (".xlsx", ".xls", ".ods", ".csv", ".tsv", ".xlsm")
_ABOUT = "about.json"
_KEPT_SECONDS = 7 * 86_400
_LONG_AGO_SECONDS = 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,40}")
_LONGEST_NAME = 120  # bytes


@dataclass(frozen=True)
class Upload:
    """One list. ``chosen`` are the fields that were corrected by hand, by column; ``dates`` is how they are
    written where no date shows it, blank while nobody says; ``called`` names it as a list of its own, ``sheet`` and
    ``header`` (a row, from 1) say where in the file it stands; ``outcome`` is the run report once it was imported."""

    token: str
    name: str
    who: str
    at: int
    kind: str = ""
    partner: str = ""
    event: str = ""
    dates: str = ""
    chosen: Mapping[str, str | None] = field(default_factory=dict)
    outcome: dict[str, Any] | None = None
    called: str = ""
    sheet: str = ""
    header: int | None = None

    def file(self, hub: Path) -> Path:
        """The list itself."""
        return hub / FOLDER / self.token / self.name


def begin(hub: Path, name: str, *, who: str) -> Upload:
    """A place for a list of that name. Raises SolmuError for a name of no kind that can be read."""
    base = re.sub(r"[^\w. ()-]+", "_", Path(name.replace("\\", "/")).name).strip(". ")
    suffix = Path(base).suffix.lower()
    if suffix not in SUFFIXES:
        raise SolmuError(
            "this is no list that can be read", code="no-list", value=suffix or base, expected=", ".join(SUFFIXES)
        )
    forget_old(hub)
    one = Upload(secrets.token_urlsafe(18), f"{_short(base[: -len(suffix)])}{suffix}", who, time.now())
    folder = one.file(hub).parent
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    keep(hub, one)
    return one


def arrived(hub: Path, one: Upload) -> None:
    """All of the list is there. Raises SolmuError, and forgets it, where that is nothing."""
    path = one.file(hub)
    if path.stat().st_size == 0:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise SolmuError("this file is empty", code="empty-list", value=one.name, expected="a header and rows below it")
    # What was written a moment ago counts as still on its way wherever files are read; this one is complete.
    before = clock.time() - _LONG_AGO_SECONDS
    os.utime(path, (before, before))


def _short(name: str) -> str:
    """As much of a name as any file system takes; letters count by their bytes there."""
    return name.encode()[:_LONGEST_NAME].decode(errors="ignore")


def find(hub: Path, token: str) -> Upload:
    """The list of that token. Raises SolmuError where there is none (any more)."""
    path = hub / FOLDER / token / _ABOUT
    if not _TOKEN.fullmatch(token) or not path.is_file():
        raise SolmuError("there is no such list here any more", code="no-list", expected="the list, dropped again")
    return Upload(**json.loads(path.read_text(encoding="utf-8")))


def keep(hub: Path, one: Upload, **changes: Any) -> Upload:
    """Remember what was said of a list."""
    one = replace(one, **changes)
    path = hub / FOLDER / one.token / _ABOUT
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(one), ensure_ascii=False, default=str), encoding="utf-8")
    part.chmod(0o600)
    part.replace(path)
    return one


def forget_old(hub: Path) -> None:
    """Remove lists that nobody imported for a week."""
    for about in (hub / FOLDER).glob(f"*/{_ABOUT}"):
        is_old = clock.time() - about.stat().st_mtime > _KEPT_SECONDS
        if is_old and not json.loads(about.read_text(encoding="utf-8")).get("outcome"):
            shutil.rmtree(about.parent, ignore_errors=True)


def drop(hub: Path, one: Upload) -> None:
    """Forget a list that was only looked at."""
    if one.outcome is None:
        shutil.rmtree(one.file(hub).parent, ignore_errors=True)


def recent(hub: Path, limit: int) -> list[Upload]:
    """The newest lists, imported or not."""
    paths = sorted((hub / FOLDER).glob(f"*/{_ABOUT}"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [find(hub, path.parent.name) for path in paths[:limit]]
