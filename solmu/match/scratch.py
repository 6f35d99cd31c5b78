"""A copy of what matching rests on, to try something out on: the store itself is not touched.

It holds no payloads and no values of golden records, lies in a folder that only its owner may read, and is gone when
the block ends.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, insert, literal, select

from solmu.store import Store, dirty, open_store
from solmu.store.lease import lease
from solmu.store.tables import (
    affiliation,
    block_key,
    decision,
    decision_mention,
    golden,
    golden_alias,
    link,
    mention,
    pair,
    pin,
    relation,
    source_record,
)

_PAGE = 5_000
# Parents before children, as foreign keys want it.
_TABLES = (source_record, mention, golden, golden_alias, link, block_key, pair, decision, decision_mention, pin,
           affiliation, relation)  # fmt: skip
_LEFT_OUT: dict[Table, dict[str, Any]] = {golden: {"document": {}, "name": None, "search_name": None}}


@contextmanager
def scratch_copy(
    store: Store, *, patience: float = 0, progress: Callable[[int], None] = lambda _: None
) -> Iterator[tuple[Store, Path]]:
    """A store with the same mentions, keys, pairs, links and decisions, and a folder to work in.

    Nobody resolves while it is copied: raises Busy where somebody does, after ``patience`` seconds.
    """
    with tempfile.TemporaryDirectory(prefix="solmu-match-") as name:
        folder = Path(name)
        with open_store(f"sqlite:///{folder / 'scratch.db'}") as copy:
            with lease(store, "resolve", wait=patience), store.read() as source:
                for table in _TABLES:
                    changed = _LEFT_OUT.get(table, {})
                    columns: Sequence[Column[Any]] = [
                        literal(changed[each.name], each.type).label(each.name) if each.name in changed else each  # type: ignore[misc]
                        for each in table.c
                    ]
                    rows = source.execution_options(stream_results=True).execute(select(*columns))
                    for some in rows.mappings().partitions(_PAGE):
                        with copy.write() as connection:
                            connection.execute(insert(table), [dict(row) for row in some])
                        progress(len(some))
            yield copy, folder


def mark_everything(copy: Store) -> int:
    """Mark every mention of a copy to be matched anew; gives how many."""
    with copy.read() as connection:
        ids = list(connection.scalars(select(mention.c.id)))
    with copy.write() as connection:
        dirty.mark(connection, "match", ids)
    return len(ids)
