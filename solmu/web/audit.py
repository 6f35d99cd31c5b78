"""Lines in the audit for what people do with the pages: who and what, and a digest instead of values."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from sqlalchemy import Connection, insert
from starlette.datastructures import QueryParams

from solmu.store import time
from solmu.store.migrate import hash_key
from solmu.store.tables import audit

_NO_FILTER = ("format", "page", "sort")
NOBODY = "somebody"
"""Who it was, where nobody had signed in."""


def note(
    connection: Connection, who: str, what: str, subject: str | None = None, *, values: Any = None, **detail: Any
) -> None:
    """Add a line. ``values`` are kept as a keyed digest only; ``detail`` as it is, so no personal value in it."""
    connection.execute(
        insert(audit).values(
            at=time.now(),
            who=who,
            what=f"web: {what}",
            subject=subject,
            digest=None if values is None else digest(connection, values),
            detail=detail,
        )
    )


def note_export(connection: Connection, who: str, what: str, asked: QueryParams) -> None:
    """Somebody has fetched a list as a file; of the filters only a digest is kept: they may name people."""
    narrowed = sorted((name, value) for name, value in asked.multi_items() if value and name not in _NO_FILTER)
    note(connection, who, "list exported", f"list:{what}", values=narrowed, format=asked.get("format", "")[:10])


def digest(connection: Connection, values: Any) -> str:
    """Keyed with the store's own key: the same values give the same digest, which says nothing to whoever lacks it."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hmac.new(hash_key(connection), text.encode(), hashlib.sha256).hexdigest()[:32]
