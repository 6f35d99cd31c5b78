"""A hub that holds another one many times over, for what is measured on a million golden records.

To resolve a million records takes hours, and planning reads nothing of how they were matched: so the large hub is the
small one, resolved by the real pipeline, with its records, mentions, golden records, links, employers and leads copied
under ids and keys of their own. Every table and index that a plan reads is as large as it would be; versions, pairs and
block keys, which it does not read, stay those of the small hub.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from benchmarks import hub

_IDS = {
    "source_record": ("id", "version_id"),
    "mention": ("id", "record_id", "version_id"),
    "golden_alias": ("mention_id",),
    "golden": ("id",),
    "link": ("id", "mention_id", "golden_id"),
    "affiliation": ("id", "record_id", "mention_id", "other_mention_id"),
    "lead": ("id", "record_id", "mention_id"),
}
"""The tables that are copied, and their columns that hold ids."""

_UNIQUE = {"source_record": "key", "mention": "public_id", "golden_alias": "public_id", "golden": "public_id"}
"""Their columns of texts that are unique."""


def enlarge(folder: Path, times: int) -> None:
    """Make the store of the hub in ``folder`` hold everything ``times`` times."""
    with hub.opened(folder):
        pass  # the newest tables
    with closing(sqlite3.connect(folder / "solmu.db", isolation_level=None)) as store:
        for pragma in ("journal_mode=OFF", "foreign_keys=OFF", "synchronous=OFF", "cache_size=-262144"):
            store.execute(f"PRAGMA {pragma}")
        highest = (f'SELECT COALESCE(MAX({ids[0]}), 0) FROM "{table}"' for table, ids in _IDS.items())
        step = max(store.execute(query).fetchone()[0] for query in highest)
        for table in _IDS:
            print(f"copying {table} {times} times …", file=sys.stderr, flush=True)
            store.execute("BEGIN")
            _copy(store, table, step, times)
            store.execute("COMMIT")
        store.execute("ANALYZE")


def _copy(store: sqlite3.Connection, table: str, step: int, times: int) -> None:
    names = [row[1] for row in store.execute(f'PRAGMA table_info("{table}")')]
    listed = ", ".join(f'"{name}"' for name in names)
    rows = store.execute(f'SELECT {listed} FROM "{table}"').fetchall()
    marks = ", ".join("?" * len(names))
    copies = (row for copy in range(1, times) for row in _copied(table, names, rows, copy, copy * step))
    store.executemany(f'INSERT INTO "{table}" ({listed}) VALUES ({marks})', copies)


def _copied(table: str, names: list[str], rows: list[Any], copy: int, by: int) -> Iterator[tuple[Any, ...]]:
    ids = {names.index(name) for name in _IDS[table]}
    unique = names.index(_UNIQUE[table]) if table in _UNIQUE else None
    document = names.index("document") if table == "golden" else None
    for row in rows:
        values = list(row)
        for place in ids:
            values[place] = None if values[place] is None else values[place] + by
        if unique is not None:
            values[unique] = f"{values[unique]}x{copy}"
        if document is not None:
            fields = orjson.loads(values[document])
            values[document] = orjson.dumps({name: _entry(each, by) for name, each in fields.items()}).decode()
        yield tuple(values)


def _entry(entry: Mapping[str, Any], by: int) -> dict[str, Any]:
    """A golden field's entry, said by the copy's mentions."""
    moved = dict(entry)
    if moved.get("mention") is not None:
        moved["mention"] += by
    if moved.get("mentions"):
        moved["mentions"] = [None if id is None else id + by for id in moved["mentions"]]
    return moved
