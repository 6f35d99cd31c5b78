"""Scores a store with DuckDB and with Spark, in the environment that has both, and prints what each says as JSON.

python -m tests.peers.spark_scores sqlite:///FILE FOLDER CAP [--reports]
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from solmu.config.settings import Matching
from solmu.match.bundles import shipped
from solmu.match.engine import Name, engine
from solmu.match.full import look
from solmu.match.index import Mentions
from solmu.match.rescore import rescore
from solmu.model import Entity
from solmu.store import Store, open_store

_ENGINES: tuple[Name, ...] = ("duckdb", "spark")


def scores(store: Store, name: Name, folder: Path, cap: int) -> dict[str, Any]:
    """By entity what ``rescore`` found, and every candidate with its weight and whether it is behind a crowded key."""
    found: dict[str, Any] = {}
    with engine(name, folder=folder, memory_mb=1024) as scratch, store.read() as connection:
        for entity in Entity:
            mentions = Mentions(entity, crms=(), protected=())
            said = rescore(connection, shipped()(entity), mentions, cap=cap, engine=scratch)
            pairs = scratch.rows(
                "SELECT c.one, c.other, s.weight, c.debt FROM candidates c "
                "JOIN scores s ON s.one = c.one AND s.other = c.other ORDER BY c.one, c.other"
            )
            found[entity.value] = {"said": asdict(said), "pairs": [list(pair) for pair in pairs]}
            scratch.clear()
    return found


def reports(store: Store, name: Name, cap: int) -> dict[str, Any]:
    """The difference report of `solmu match --full`, and the mentions that it would change."""
    report, changed = look(store, Matching(engine=name, block_cap=cap, memory_mb=1024), crms=("crm",))
    return {"report": report, "changed": sorted(changed)}


def main() -> None:
    url, folder, cap = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    with open_store(url) as store:
        if "--reports" in sys.argv:
            found = {name: reports(store, name, cap) for name in _ENGINES}
        else:
            found = {name: scores(store, name, folder, cap) for name in _ENGINES}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
