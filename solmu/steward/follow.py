"""What became of a change: followed at once where that is possible, else by the run that is under way, or the next."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from solmu.config import Hub
from solmu.review.settle import Settled, settle
from solmu.steward.intent import Intent, goldens_of
from solmu.store import Store
from solmu.store.sql import chunks
from solmu.store.tables import golden


def followed(hub: Hub, store: Store, intent: Intent, *, later: bool = False) -> dict[str, Any]:
    """``followed, why_not``, and ``golden``: the golden records, by public id, where the mentions concerned are now."""
    settled = Settled(False, "the next run takes it along") if later else settle(hub, store)
    with store.read() as connection:
        places = set(goldens_of(connection, intent.mentions).values())
        names: list[str] = []
        for some in chunks(sorted(places)):
            names += connection.scalars(select(golden.c.public_id).where(golden.c.id.in_(some)).order_by(golden.c.id))
    return {"followed": settled.done, "why_not": settled.why, "golden": names}
