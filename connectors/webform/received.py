"""Deliveries out of the intake, in the order in which they were stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from connectors.webform.rows import Arrived
from solmu.errors import Fatal, Retriable
from solmu.exchange import Cursor
from solmu.intake.store import IntakeStore, Stored


def received(path: Path, connection: str, at: Cursor, limit: int) -> Iterator[list[Stored]]:
    """What came after ``at`` (``seq``, and ``last``: the id that stood there), ``limit`` deliveries at a time.

    Nothing where no receiver ever ran. Raises Retriable or Fatal where the file cannot be read.
    """
    if not path.exists():
        return
    try:
        with IntakeStore(path) as store:
            seq = 0 if _is_another(store, connection, at) else int(at["seq"])
            while stored := store.after(connection, seq, limit):
                yield stored
                seq = stored[-1].seq
    except sqlite3.OperationalError as error:
        raise Retriable(f"the intake cannot be read now: {error}", code="intake-busy", file=path.name) from error
    except sqlite3.DatabaseError as error:
        raise Fatal(
            f"the intake cannot be read: {error}",
            code="intake-broken",
            file=path.name,
            expected="the file that `solmu serve` writes; restore it from a backup",
        ) from error


def arrived_of(stored: Stored) -> Arrived:
    """A stored delivery as rows are made of it."""
    return Arrived(
        stored.delivery_id,
        stored.received_at,
        True,
        stored.content_type,
        stored.headers.get("content-encoding", ""),
        stored.body,
        f"delivery {stored.seq}, received {stored.received_at:%Y-%m-%d %H:%M:%S} UTC",
    )


def _is_another(store: IntakeStore, connection: str, at: Cursor) -> bool:
    """Whether the intake is not the one that the cursor is of: it was deleted or restored, and numbers anew.

    Then what was read last does not stand where it stood, or something stands before it. What had landed may be
    emptied, oldest first, and is no sign. In doubt all that is kept is read again, which changes nothing.
    """
    seq = int(at["seq"])
    if not seq:
        return False
    here = store.after(connection, seq - 1, 1)
    if here and here[0].seq == seq:
        return here[0].delivery_id != str(at.get("last", here[0].delivery_id))
    earliest = store.after(connection, 0, 1)
    return bool(earliest) and earliest[0].seq < seq
