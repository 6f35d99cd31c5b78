"""Arming a target, and its first ten records.

A target is read-only until somebody has seen what would happen and armed it. The first apply then stops after ten
records, until somebody has looked at those in the CRM and said so. Both are kept in ``meta``, and audited.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from solmu.errors import ConfigurationError
from solmu.store import Store
from solmu.store.sql import upsert
from solmu.store.tables import audit, meta

FIRST = 10


@dataclass(frozen=True, slots=True)
class Arming:
    """Whether a target may be written to. ``left`` is how many of the first ten may still go; None: no such limit."""

    armed: bool
    left: int | None


def arm(store: Store, target: str, *, who: str, now: int) -> None:
    """Let Solmu write to the target. Arming what is armed changes nothing."""
    with store.write() as connection:
        if _get(connection, f"armed:{target}") is None:
            _set(connection, f"armed:{target}", {"who": who, "at": now})
            _note(connection, "target armed", target, who, now)


def disarm(store: Store, target: str, *, who: str, now: int) -> None:
    """Make the target read-only again. Its first ten records are asked about anew when it is armed the next time."""
    with store.write() as connection:
        connection.execute(delete(meta).where(meta.c.name.in_((f"armed:{target}", f"first-ten:{target}"))))
        _note(connection, "target disarmed", target, who, now)


def confirm_first_ten(store: Store, target: str, *, who: str, now: int) -> None:
    """The first ten records look right: the rest may follow. Raises ConfigurationError if the target is not armed."""
    with store.write() as connection:
        if _get(connection, f"armed:{target}") is None:
            raise ConfigurationError(
                "this target is not armed", connection=target, expected=f"`solmu target arm {target}` first"
            )
        state = _get(connection, f"first-ten:{target}") or {"sent": 0}
        _set(connection, f"first-ten:{target}", {**state, "who": who, "at": now})
        _note(connection, "first ten confirmed", target, who, now)


def arming(connection: Connection, target: str) -> Arming:
    """How things stand with the target."""
    armed = _get(connection, f"armed:{target}") is not None
    first = _get(connection, f"first-ten:{target}") or {"sent": 0}
    return Arming(armed, None if "who" in first else max(0, FIRST - int(first["sent"])))


def count_first(connection: Connection, target: str, sent: int) -> None:
    """Count records towards the first ten, in the transaction that marks them as sent."""
    state = _get(connection, f"first-ten:{target}") or {"sent": 0}
    if "who" not in state:
        _set(connection, f"first-ten:{target}", {"sent": int(state["sent"]) + sent})


def _get(connection: Connection, name: str) -> dict[str, Any] | None:
    text = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    if text is None:
        return None
    value: dict[str, Any] = json.loads(text)
    return value


def _set(connection: Connection, name: str, value: dict[str, Any]) -> None:
    upsert(connection, meta, [{"name": name, "value": json.dumps(value)}], conflict=("name",))


def _note(connection: Connection, what: str, target: str, who: str, now: int) -> None:
    connection.execute(insert(audit), [{"at": now, "who": who, "what": what, "subject": target, "detail": {}}])
