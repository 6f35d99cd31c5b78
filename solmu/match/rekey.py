"""Block keys made anew, where a store has those that another release made.

The index is of use only if whoever comes is looked for under the keys that the others hold. Only the index changes:
what was compared stays as it was judged, until a card changes or everything is matched anew.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from solmu.match.blocking import EDITION
from solmu.match.index import Mentions, nobody_has_keys, store_keys
from solmu.match.resolve import SEEN
from solmu.model import Entity
from solmu.store import Store
from solmu.store.sql import upsert
from solmu.store.tables import mention, meta

_NAME = "keys:edition"


def rekey(store: Store, mentions_of: Callable[[Entity], Mentions], progress: Callable[[int], None]) -> bool:
    """Make all keys anew unless this edition made them; gives whether that was so. ``progress`` is told how many more
    mentions are done.

    The edition is stored at the end, so that a crash begins anew. Of a store that has keys and no edition an earlier
    release made them.
    """
    with store.read() as connection:
        if connection.scalar(select(meta.c.value).where(meta.c.name == _NAME)) == str(EDITION):
            return False
        stale = [entity for entity in Entity if not nobody_has_keys(connection, entity)]
    for entity in stale:
        _rekey(store, entity, mentions_of(entity), progress)
    with store.write() as connection:
        upsert(connection, meta, [{"name": _NAME, "value": str(EDITION)}], conflict=("name",))
    return bool(stale)


def _rekey(store: Store, entity: Entity, mentions: Mentions, progress: Callable[[int], None]) -> None:
    after = 0
    while True:
        with store.read() as connection:
            page = select(mention.c.id).where(mention.c.entity == entity.value, mention.c.id > after)
            ids = list(connection.scalars(page.order_by(mention.c.id).limit(SEEN)))
            seen = mentions.see(connection, ids)
        if not ids:
            return
        with store.write(trusted=True) as connection:
            store_keys(connection, {one.id: one.keys for one in seen})
        after = ids[-1]
        progress(len(ids))
