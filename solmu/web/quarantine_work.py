"""Mending and replaying refused rows, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from solmu.config import load_hub
from solmu.report.quarantine import Which, refused_row, waiting_records
from solmu.store import open_store
from solmu.sync.mend import mend, replay

Tell = Callable[[str, int], None]


def mend_row(folder: Path, tell: Tell, *, number: int, payload: dict[str, Any], steward: str) -> dict[str, Any]:
    """Put a corrected row in the place of a refused one; gives the run report. Raises what went wrong with it."""
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        return mend(hub, store, number, payload, who=steward, tell=tell)


def replay_rows(
    folder: Path, tell: Tell, *, which: dict[str, str], upto: int | None, number: int | None, steward: str
) -> dict[str, Any]:
    """Try rows again, all of a kind or the one with that number; gives the run report."""
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        with store.read() as connection:
            if number is None:
                records = waiting_records(connection, Which(**which, upto=upto))
            else:
                row = refused_row(connection, number)
                waits = row["state"] == "waiting" and row["stage"] != "read"
                records = {(row["connection"], row["stream"]): [row["record"]]} if waits else {}
        return replay(hub, store, records, who=steward, tell=tell)
