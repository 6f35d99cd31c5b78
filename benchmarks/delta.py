"""What 1,000 changed records cost in a small and in a large hub: the night's cost must follow the change.

    python -m benchmarks.delta [--quick] [--json] [--small N] [--large N] [--dense] [--scans]

The same 1,000 changes are made in hubs of 10,000 and of 1,000,000 records (``hub.py``), which hold about as many golden
records: telephone numbers, e-mail addresses and contact persons of rows spread over the whole list. What is timed is
all that a night does after reading: landing the changed rows, mapping, resolving, computing golden records, planning
for a CRM, and closing the run with its report. The processor's seconds count, because a copy of a large hub is cold,
and neighbours make the clock a poor witness; seconds on the clock stand beside them.

The peer is Solmu itself: the small hub, and for the last figure the first, full resolving of the large one.
``--scans`` prints every statement that reads a whole table, as SQLite's EXPLAIN QUERY PLAN says, once a statement.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import Engine, event

from benchmarks import hub, leads
from solmu.config.connectors import open_connector
from solmu.sync import run as runs
from solmu.sync.claims import map_pending
from solmu.sync.land import land
from solmu.sync.stream import Stream

CHANGES = 1_000
SMALL, LARGE, QUICK_LARGE = 10_000, 1_000_000, 100_000
_SCAN = re.compile(r"SCAN (?!\w+ VIRTUAL|CONSTANT|\()", re.IGNORECASE)  # a virtual table is a list of ours


def change(path: Path, records: int) -> None:
    """Leave of a list 1,000 rows, spread over all of it, each with something else in one of its columns."""
    step = max(1, records // CHANGES)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for number, row in enumerate(csv.DictReader(file)) if number % step == 0][:CHANGES]
    for number, row in enumerate(rows):
        if number % 10 < 6:
            row["Phone"] = f"040 {7_000_000 + number}"
        elif number % 10 < 9:
            row["E-mail"] = f"new{number}@{row['E-mail'].partition('@')[2]}"
        else:
            row["Contact person"] = f"Uusi Henkilo{number}"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, leads.HEADER)
        writer.writeheader()
        writer.writerows(rows)


def night(folder: Path, *, scans: bool = False) -> dict[str, hub.Cost]:
    """What each step of a night costs that finds the list in this folder to be what has changed."""
    costs = {name: hub.Cost() for name in ("land", "map", "resolve", "plan", "finish")}
    with hub.opened(folder) as (loaded, store):
        if scans:
            watch_for_scans(store.engine, lambda text: print(text, file=sys.stderr))
        config = loaded.connection("list")
        run = runs.begin(loaded, store)
        with open_connector(loaded, config) as connector:
            stage = runs.stage_of(loaded, config, config.streams["leads"], connector)
            batches = list(connector.read("leads", None))
            with costs["land"].measured():
                stream = Stream("list", "leads", full=False, key_fields=("Number",))
                land(store, stream, batches, run_id=run.id)
            with costs["map"].measured():
                map_pending(store, stage, run_id=run.id, count=True)
        with costs["resolve"].measured():
            runs.resolve(run)
        with costs["plan"].measured():
            runs.push(run, hub.TARGET, send=False)
        with costs["finish"].measured():
            report = runs.finish(run)
    assert not run.problems, run.problems
    assert report["streams"]["list/leads"]["changed"] == CHANGES, report["streams"]
    return costs


def in_a_copy(records: int, dense: bool, scans: bool) -> dict[str, hub.Cost]:
    """The same in a copy of a hub, in a process of its own."""
    found = hub.in_a_copy(
        __file__,
        hub.resolved(records, dense=dense),
        *(["--scans"] if scans else []),
        prepare=lambda copy: change(copy / "leads.csv", records),
    )
    return {name: hub.Cost(*each) for name, each in found.items()}


def watch_for_scans(engine: Engine, tell: Callable[[str], None]) -> None:
    """Tell of each statement that reads a whole table, on SQLite, when it is run first."""
    seen: set[str] = set()

    @event.listens_for(engine, "before_cursor_execute")
    def explain(_: Any, cursor: Any, statement: str, parameters: Any, __: Any, many: bool) -> None:
        if statement in seen or statement.split(None, 1)[0].upper() not in ("SELECT", "UPDATE", "DELETE"):
            return
        seen.add(statement)
        rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters[0] if many else parameters)
        if found := [row[3] for row in rows if _SCAN.match(row[3])]:
            tell(f"{', '.join(found)}: {' '.join(statement.split())[:300]}")


def measure(small: int, large: int, *, dense: bool, scans: bool, times: int) -> Iterator[dict[str, Any]]:
    """Every claim in turn. The two sizes alternate, so that what else the machine does hits both."""
    nights: dict[int, list[dict[str, hub.Cost]]] = {small: [], large: []}
    for _ in range(times):
        for records, costs in nights.items():
            costs.append(in_a_copy(records, dense, scans))

    def seconds(records: int, what: Callable[[hub.Cost], float], *names: str) -> float:
        return median(sum(what(cost) for name, cost in each.items() if name in names) for each in nights[records])

    work = f"{CHANGES:,} changed records in a hub of {large:,}{', dense' if dense else ''}"
    everything = tuple(nights[small][0])
    peer = f"the same in a hub of {small:,}"

    def beside(name: str, work: str, what: Callable[[hub.Cost], float], steps: tuple[str, ...], unit: str,
               at_most: float | None = None) -> dict[str, Any]:  # fmt: skip
        ours, theirs = (seconds(records, what, *steps) for records in (large, small))
        return hub.line(name, work, ours, unit, peer=theirs, peer_name=peer, at_most=at_most)

    yield beside("delta", f"{work}: all steps after reading", _cpu, everything, "CPU s", 1.5)
    for name in everything:
        yield beside(f"delta-{name}", work, _cpu, (name,), "CPU s")
    yield beside("delta-wall", work, _wall, everything, "s")
    full = hub.steps(hub.resolved(large, dense=dense))["resolve"].cpu
    yield hub.line("delta-of-full", f"{work}: resolving", seconds(large, _cpu, "resolve"), "CPU s", peer=full,
                   peer_name="its first, full resolving", at_most=0.05)  # fmt: skip


def _cpu(cost: hub.Cost) -> float:
    return cost.cpu


def _wall(cost: hub.Cost) -> float:
    return cost.wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"a large hub of {QUICK_LARGE:,} instead of {LARGE:,}")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    parser.add_argument("--small", type=int, default=SMALL)
    parser.add_argument("--large", type=int)
    parser.add_argument("--dense", action="store_true", help="400 towns, however large the hub")
    parser.add_argument("--scans", action="store_true", help="print every statement that reads a whole table")
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder:
        costs = night(given.folder, scans=given.scans)
        print(json.dumps({name: [cost.wall, cost.cpu] for name, cost in costs.items()}))
        return
    large = given.large or (QUICK_LARGE if given.quick else LARGE)
    times = 1 if given.quick or given.scans else 3
    for line in measure(given.small, large, dense=given.dense, scans=given.scans, times=times):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
