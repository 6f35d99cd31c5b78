"""Trying a connection from a page, in a process of its own: a system may take its time to answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from solmu.config import load_hub
from solmu.config.edit import set_enabled
from solmu.store import open_store
from solmu.sync.adding import NewStream
from solmu.sync.preview import preview
from solmu.sync.trying import checked, logged_in, offered, tried
from solmu.web.worker import Telling

Tell = Callable[[str, int], None]


def check(folder: Path, tell: Tell, *, name: str) -> dict[str, Any]:
    """Make the connection's real call."""
    return {"notes": checked(load_hub(folder), name)}


def login(folder: Path, tell: Telling, *, name: str) -> dict[str, Any]:
    """Have somebody log in for it."""
    logged_in(load_hub(folder), name, tell.say)
    return {"logged_in": True}


def enable(folder: Path, tell: Tell, *, name: str) -> dict[str, Any]:
    """Let it take part in runs, if it answers."""
    hub = load_hub(folder)
    notes = checked(hub, name)
    set_enabled(hub.connection(name), True)
    return {"notes": notes, "enabled": True}


def discover(folder: Path, tell: Tell, *, name: str) -> dict[str, Any]:
    """See what the system offers."""
    return {"offered": offered(load_hub(folder), name)}


def look(folder: Path, tell: Tell, *, name: str, stream: str) -> dict[str, Any]:
    """Map the first rows of a stream, and store none of them."""
    hub = load_hub(folder)
    config = hub.connection(name)
    with open_store(hub.store_url) as store:
        return {"previews": [preview(hub, store, config, config.source_streams[stream])]}


def try_stream(
    folder: Path,
    tell: Tell,
    *,
    name: str,
    stream: str,
    called: str,
    options: dict[str, Any],
    mapping: str | None,
    rows_are: str | None,
) -> dict[str, Any]:
    """See what one more stream would become."""
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        return {"tried": tried(hub, store, name, NewStream(called, stream, options, mapping), kind=rows_are)}
