"""What a plan of 1,000 changes costs in a small and in a large hub.

    python -m benchmarks.plan [--quick] [--small N] [--large N] [--json]

The same number of golden records, spread over the hub, are due for a CRM in memory that has none of them; what is timed
is making the plan: loading what it depends on, planning, storing and sealing it, and writing its file. The small hub is
one of ``hub.py``, with about as many golden records as source records; the large one holds it many times over
(``enlarged.py``). The processor's seconds count, since the copy of a large hub is cold and neighbours make the clock a
poor witness. The peer is Solmu itself, in the small hub; medians of three plans, each superseding the one before.

A person's company is planned along where the CRM lacks it, and of people spread thinly over a large hub fewer share
one: so the large hub's plan has more actions, and what is compared is what a thousand actions cost.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import select

from benchmarks import hub
from benchmarks.enlarged import enlarge
from solmu.store import Store, dirty
from solmu.store.tables import golden
from solmu.sync import run as runs

CHANGES = 1_000
SMALL, LARGE, QUICK_LARGE = 10_000, 1_000_000, 50_000
PLANS = 3


def planned(records: int, times: int = 1) -> list[hub.Cost]:
    """What a thousand actions of each of the plans took, in a hub of ``records`` records, ``times`` over."""
    costs: list[hub.Cost] = []
    with tempfile.TemporaryDirectory() as name:
        folder = hub.copied(hub.resolved(records), Path(name) / "hub")
        if times > 1:
            enlarge(folder, times)
        with hub.opened(folder) as (loaded, store):
            for _ in range(PLANS):
                _mark(store)
                run = runs.begin(loaded, store, kind="plan")
                cost = hub.Cost()
                with cost.measured():
                    runs.push(run, hub.TARGET, send=False)
                report = runs.finish(run)
                actions = report["targets"][hub.TARGET]["planned"]
                assert actions >= CHANGES // 2, report["problems"]
                costs.append(hub.Cost(cost.wall * 1000 / actions, cost.cpu * 1000 / actions))
    return costs


def _mark(store: Store) -> None:
    with store.read() as connection:
        ids = list(connection.scalars(select(golden.c.id).where(golden.c.state == "live").order_by(golden.c.id)))
    with store.write() as connection:
        dirty.mark(connection, f"target:{hub.TARGET}", ids[:: max(1, len(ids) // CHANGES)][:CHANGES])


def measure(small: int, large: int) -> Iterator[dict[str, Any]]:
    """One line for the processor's seconds, one for the clock's."""
    costs = {small: planned(small), large: planned(small, -(-large // small))}
    work = f"1,000 actions of a plan for {CHANGES:,} changes in a hub of {large:,} records, beside one of {small:,}"
    cpu = {records: median(each.cpu for each in those) for records, those in costs.items()}
    wall = {records: median(each.wall for each in those) for records, those in costs.items()}
    yield _line("plan", f"{work}; seconds of the processor", cpu[large], cpu[small], {"op": "<=", "value": 1.5})
    yield _line("plan-wall", f"{work}; seconds on the clock", wall[large], wall[small], None)


def _line(name: str, work: str, ours: float, peer: float, aim: dict[str, Any] | None) -> dict[str, Any]:
    ratio = ours / peer
    return {
        "name": name,
        "work": work,
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "peer_name": "itself, in the small hub",
        "unit": "s",
        "ratio": round(ratio, 3),
        "aim": aim,
        "met": None if aim is None else ratio <= aim["value"],
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_LARGE:,} records instead of {LARGE:,}")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    parser.add_argument("--small", type=int, default=SMALL)
    parser.add_argument("--large", type=int)
    given = parser.parse_args()
    for line in measure(given.small, given.large or (QUICK_LARGE if given.quick else LARGE)):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
