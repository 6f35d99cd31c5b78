"""From claims to golden records: wall time and memory, beside Splink on the same records.

    python -m benchmarks.resolve [--quick] [--json] [--records N] [--dense]

Ours takes a hub (``hub.py``) whose records have landed and are mapped, each a company and a person, and does what a
first night does with them: candidates from the block index, scores, rules, clusters, links, golden records with the
origin of every value, all of it in the store and in short transactions. Filling the block index is what stays there for
the nights to come, and is left out; a figure of its own says what it costs.

The peer is Splink with DuckDB (``peers/splink_clusters.py``), with its documented steps: settings from its comparison
library, training, prediction, clusters, of companies and of people; it reads the same claims from the same store, and
writes who is in which cluster into a table there. It makes no golden records, and asks nobody.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import select

from benchmarks import hub
from benchmarks.memory import Peak
from solmu.match.index import Mentions, store_keys
from solmu.match.resolve import KEYED, SEEN
from solmu.model import Entity
from solmu.store.sql import chunks
from solmu.store.tables import golden, mention
from solmu.sync import run as runs

FULL, QUICK = 1_000_000, 50_000
_PEER = "Splink: train, predict, cluster, write"


def resolve(folder: Path) -> dict[str, float]:
    """Resolve everything in a hub."""
    cost, peak = hub.Cost(), Peak()
    with hub.opened(folder) as (loaded, store):
        run = runs.begin(loaded, store)
        with cost.measured():
            runs.resolve(run)
        assert not run.problems, run.problems
        with store.read() as connection:
            assert connection.scalar(select(golden.c.id).where(golden.c.document_hash != b"").limit(1))
    return _figures(cost, peak)


def index(folder: Path) -> dict[str, float]:
    """Only make the keys of all mentions and store them: what is timed begins when the keys are known."""
    cost, peak = hub.Cost(), Peak()
    with hub.opened(folder) as (loaded, store):
        for entity in Entity:
            settings = loaded.settings.matching
            mentions = Mentions(entity, crms=(), protected=settings.protected, identity=settings)
            with store.read() as connection:
                ids = list(connection.scalars(select(mention.c.id).where(mention.c.entity == entity.value)))
            for some in chunks(ids, KEYED):
                keys: dict[int, frozenset[str]] = {}
                for few in chunks(some, SEEN):
                    with store.read() as connection:
                        keys |= {id: one.keys for id, one in mentions.load(connection, few).items()}
                with cost.measured(), store.write() as connection:
                    store_keys(connection, keys)
    return _figures(cost, peak)


def splink(folder: Path) -> dict[str, float]:
    """The peer."""
    from benchmarks.peers.splink_clusters import clusters_into

    cost, peak = hub.Cost(), Peak()
    with cost.measured():
        counts = clusters_into(folder / "solmu.db")
    print(f"Splink: {counts} clusters", file=sys.stderr)
    return _figures(cost, peak)


def _figures(cost: hub.Cost, peak: Peak) -> dict[str, float]:
    return {"wall": cost.wall, "cpu": cost.cpu, "peak": peak.mib()}


_KINDS = {"ours": resolve, "index": index, "splink": splink}


def measure(records: int, times: int, *, dense: bool) -> Iterator[dict[str, Any]]:
    """Every claim in turn. Ours and the peer alternate, so that what else the machine does hits both."""
    hub.landed(records, dense=dense)
    took: dict[str, list[dict[str, float]]] = {kind: [] for kind in _KINDS}
    for _ in range(times):
        for kind, each in took.items():
            each.append(hub.in_a_copy(__file__, hub.landed(records, dense=dense), "--kind", kind))

    def figure(kind: str, what: str) -> float:
        return median(each[what] for each in took[kind])

    work = f"{records:,} records with a company and a person each{', dense' if dense else ''}"
    for name, what, unit, aim in (("resolve", "wall", "s", 2.5), ("resolve-cpu", "cpu", "CPU s", None)):
        ours, theirs = figure("ours", what) - figure("index", what), figure("splink", what)
        told = f"{work}, from claims to golden records"
        yield hub.line(name, told, ours, unit, peer=theirs, peer_name=_PEER, at_most=aim)
    ours, theirs = figure("ours", "peak"), figure("splink", "peak")
    told = f"{work}, peak memory"
    yield hub.line("resolve-memory", told, ours, "MiB", peer=theirs, peer_name=_PEER, at_most=1.5)
    yield hub.line("resolve-index", f"{work}, filling the block index", figure("index", "cpu"), "CPU s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} records instead of {FULL:,}")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    parser.add_argument("--records", type=int)
    parser.add_argument("--dense", action="store_true", help="400 towns, however many records")
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--kind", choices=_KINDS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder:
        print(json.dumps(_KINDS[given.kind](given.folder)))
        return
    records = given.records or (QUICK if given.quick else FULL)
    for line in measure(records, 1 if given.quick or given.records else 3, dense=given.dense):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
