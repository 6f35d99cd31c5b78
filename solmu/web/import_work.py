"""Bringing in a list that was looked at on a page, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from solmu.config import Hub, load_hub
from solmu.propose import Kind, Order
from solmu.store import open_store
from solmu.sync import imports
from solmu.web import uploads


def prepared(hub: Hub, one: uploads.Upload) -> imports.Import:
    """How a list would be read, with all that was said of it."""
    return imports.prepare(
        hub,
        one.file(hub.folder),
        partner=one.partner or None,
        event=one.event or None,
        kind=cast("Kind", one.kind) if one.kind else None,
        chosen=one.chosen,
        save=one.called or None,
        place=_place(one),
        order=cast("Order", one.dates) if one.dates else None,
    )


def _place(one: uploads.Upload) -> dict[str, Any]:
    """Where in the file the list stands. A small number is a sheet's place, a year more likely its name."""
    sheet = int(one.sheet) if one.sheet.isdecimal() and len(one.sheet) < 3 else one.sheet
    return {name: value for name, value in {"sheet": sheet, "header": one.header}.items() if value}


def bring_in(folder: Path, tell: Callable[[str, int], None], *, token: str, send: bool) -> dict[str, Any]:
    """Save the mapping, land the list, resolve, and push where that is wished; gives the run report."""
    hub = load_hub(folder)
    one = uploads.find(folder, token)
    ready = prepared(hub, one)
    written = imports.save(ready)
    with open_store(written.store_url) as store:
        report = imports.bring_in(written, store, ready, send=send, tell=tell)
    uploads.keep(folder, one, outcome=report)
    return report
