"""Hubs of many records to measure on: made once by the real pipeline, kept under ``.peers/hubs``, copied for each use.

A hub holds one list of synthetic leads (``leads.py``), landed, mapped, and, where asked for, resolved and computed. Its
density is the same at every size: a town has as many companies in a hub of a million as in one of ten thousand, as a
hub that covers more of the world has more towns. A *dense* one keeps 400 towns instead: then common words crowd the
block keys of the large hub, up to the cap.

A target, a CRM in memory, counts as up to date when the hub is made: a plan on a copy is of what has changed since.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import delete

from benchmarks import leads
from solmu.config import Hub, load_hub
from solmu.match.blocking import EDITION
from solmu.store import Store, open_store
from solmu.store.tables import dirty
from solmu.sync import run as runs
from solmu.sync.rules import follow_rules, target_rules

CACHE = Path(__file__).parent.parent / ".peers" / "hubs"
TARGET = "crm"
_ROWS_A_TOWN = 25
_STAMP = "made"
FILES = {
    "hub.yaml": """
name: Benchmark
store: sqlite:///solmu.db
assignment:
  default: nobody
""",
    "connections/list.yaml": """
connector: spreadsheet
direction: source
settings: {folder: .}
streams:
  leads: {files: leads.csv, key: [Number], mapping: leads}
""",
    "connections/crm.yaml": """
connector: memory
direction: target
settings: {space: benchmark}
streams:
  accounts: {mapping: account}
  contacts: {mapping: contact}
""",
    "mappings/sources/leads.yaml": leads.MAPPING,
    "mappings/targets/account.yaml": """
object: Account
entity: organisation
fields:
  Name: {from: name, required: true}
  City: {from: city}
  Owner: {assign: true}
""",
    "mappings/targets/contact.yaml": """
object: Contact
entity: person
fields:
  FirstName: {from: given_name}
  LastName: {from: [family_name, name, "email[0]"], required: true}
  Email: {from: "email[0]"}
  Phone: {from: "phone[0]"}
  AccountId: {parent: accounts}
""",
}


@dataclass
class Cost:
    """What a step took: seconds on the clock, and seconds of processor time of this process and its children."""

    wall: float = 0.0
    cpu: float = 0.0

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Add what the block takes."""
        wall, cpu = perf_counter(), _cpu()
        try:
            yield
        finally:
            self.wall += perf_counter() - wall
            self.cpu += _cpu() - cpu


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def landed(records: int, *, dense: bool = False) -> Path:
    """The folder of a hub with that many source records, landed and mapped; nothing is resolved. Not to be changed."""
    return _made(records, dense, "landed", _land)


def resolved(records: int, *, dense: bool = False) -> Path:
    """The same, resolved and with golden records; what that took is in ``steps(folder)``. Not to be changed."""
    landed(records, dense=dense)
    return _made(records, dense, "resolved", _resolve)


def steps(folder: Path) -> dict[str, Cost]:
    """What each step took when the hub was made, by its name."""
    return {name: Cost(*each) for name, each in json.loads((folder / "steps.json").read_text()).items()}


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Hub, Store]]:
    """A hub's configuration and store."""
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        yield hub, store


def copied(folder: Path, to: Path) -> Path:
    """A copy of a hub, to be worked on."""
    return Path(shutil.copytree(folder, to, ignore=shutil.ignore_patterns(_STAMP)))


def in_a_copy(script: str, folder: Path, *options: str, prepare: Callable[[Path], None] = lambda _: None) -> Any:
    """What a benchmark's script prints last, as JSON, when it is run ``--in`` a copy of a hub in a process of its own.

    ``prepare`` is done to the copy before.
    """
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        copy = copied(folder, Path(name, "hub"))
        prepare(copy)
        done = subprocess.run(
            [sys.executable, script, "--in", str(copy), *options], check=True, stdout=subprocess.PIPE, text=True
        )
    return json.loads(done.stdout.splitlines()[-1])


def line(
    name: str,
    work: str,
    ours: float,
    unit: str,
    *,
    peer: float | None = None,
    peer_name: str | None = None,
    at_most: float | None = None,
) -> dict[str, Any]:
    """A figure as benchmarks print it; ``at_most`` is the aim of ours beside the peer's."""
    ratio = ours / peer if peer else None
    return {
        "name": name,
        "work": work,
        "ours": round(ours, 2),
        "peer": None if peer is None else round(peer, 2),
        "peer_name": None if peer is None else peer_name,
        "unit": unit,
        "ratio": None if ratio is None else round(ratio, 3),
        "aim": None if at_most is None else {"op": "<=", "value": at_most},
        "met": None if at_most is None or ratio is None else ratio <= at_most,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def _made(records: int, dense: bool, stage: str, make: Callable[[Path, int, bool], dict[str, Cost]]) -> Path:
    folder = CACHE / f"{records}{'-dense' if dense else ''}-{stage}"
    # What the hub is made of; not the code that makes it, which is what is measured. But a night makes other keys anew.
    made_of: tuple[Any, ...] = (Path(str(leads.__file__)).read_text(), sorted(FILES.items()), _ROWS_A_TOWN)
    made_of += (EDITION,) if stage == "resolved" else ()
    stamp, wanted = folder / _STAMP, hashlib.sha256(repr(made_of).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    print(f"making a hub of {records:,} records, {stage} …", file=sys.stderr, flush=True)
    took = make(folder, records, dense)
    (folder / "steps.json").write_text(json.dumps({name: [each.wall, each.cpu] for name, each in took.items()}))
    stamp.write_text(wanted)
    return folder


def _land(folder: Path, records: int, dense: bool) -> dict[str, Cost]:
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.lstrip(), encoding="utf-8")
    leads.write(folder / "leads.csv", records, towns=leads.TOWNS if dense else max(1, records // _ROWS_A_TOWN))
    cost = Cost()
    with opened(folder) as (hub, store):
        run = runs.begin(hub, store)
        with cost.measured():
            runs.land_connection(run, "list")
        _whole(run)
    return {"land": cost}


def _resolve(folder: Path, records: int, dense: bool) -> dict[str, Cost]:
    from_folder = landed(records, dense=dense)
    copied(from_folder, folder)
    cost = Cost()
    with opened(folder) as (hub, store):
        run = runs.begin(hub, store)
        with cost.measured():
            runs.resolve(run)
        _whole(run)
        config = hub.connection(TARGET)
        follow_rules(store, f"target:{TARGET}", target_rules(hub, config))
        with store.write() as connection:
            connection.execute(delete(dirty).where(dirty.c.consumer == f"target:{TARGET}"))
    return {**steps(from_folder), "resolve": cost}


def _whole(run: runs.Run) -> None:
    if run.problems:
        raise run.problems[0]
    runs.finish(run)
