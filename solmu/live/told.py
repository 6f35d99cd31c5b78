"""Telling people of small runs: each trouble once a day, however many runs meet it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from solmu.config import Hub
from solmu.notify.tell import announce
from solmu.store import Store, time
from solmu.store.sql import upsert
from solmu.store.tables import meta

AGAIN_MICROS = 24 * 3600 * 1_000_000
_NAME = "small-runs:told"
_BUSY = "busy"


def troubles(report: Mapping[str, Any]) -> frozenset[str]:
    """What went wrong in a run, by connection and kind; that another run was in its way is no trouble."""
    found = {f"{each['connection']}/{each['code']}" for each in report["problems"] if each["code"] != _BUSY}
    return frozenset(found | {"books" for _ in report["unbalanced"]})


def news(found: frozenset[str], told: Mapping[str, int], now: int) -> frozenset[str]:
    """Those of the troubles that nobody was told of within a day. Pure."""
    return frozenset(each for each in found if now - told.get(each, now - AGAIN_MICROS) >= AGAIN_MICROS)


def tell_once(hub: Hub, store: Store, report: Mapping[str, Any]) -> bool:
    """Send the message about a small run if it met a trouble that is news; gives whether it did."""
    found, now = troubles(report), time.now()
    if not found:
        return False
    with store.read() as connection:
        told: dict[str, int] = json.loads(connection.scalar(select(meta.c.value).where(meta.c.name == _NAME)) or "{}")
    if not news(found, told, now):
        return False
    kept = {name: at for name, at in told.items() if now - at < AGAIN_MICROS} | dict.fromkeys(found, now)
    with store.write() as connection:
        upsert(connection, meta, [{"name": _NAME, "value": json.dumps(kept)}], conflict=("name",))
    announce(hub, store, report)
    return True
