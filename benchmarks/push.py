"""How many calls a push costs, how long it takes beside simple-salesforce's bulk upsert, and how much memory.

    python -m benchmarks.push [--quick] [--count N] [--memory N] [--json]

Synthetic companies, each another one, from a list into the Salesforce sandbox, a process of its own, over HTTP. The hub
has landed and resolved them beforehand; what is measured is planning and applying: look, plan, seal, guard, look again,
send, store what became of each. Then 1,000 of them move to another town. Once with calls of 200 records, where the peer
is the least number of calls there can be, ⌈n / 200⌉; once by Bulk API 2.0 jobs, where it is one job (three writing
calls) for each 10,000, which is what Solmu puts in one.

The peer for time is simple-salesforce's ``bulk2.<object>.upsert`` of the very same rows, ready-made in memory, with
one job for all of them and no pause between its polls (``wait=0``), into a fresh sandbox. It plans nothing, and stores
nothing. Beside the seconds on the clock stand those of the processor, of either side without the sandbox, which tell
more where the machine has other work too. Memory is the most that the pushing process held, with the one that helps it
to plan, beside that of a tenth of the records. ``--memory N`` measures that alone: a hub that landed and resolved a
tenth of N, pushed, and one that holds it ten times over (``enlarged.py``), whose copies bear the same names, which no
step of a push looks at.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from benchmarks.enlarged import enlarge
from sandbox.start import Running, start

QUICK, SMALL, LARGE = 2_000, 10_000, 100_000
CHANGED = 1_000
COLLECTION = 200
JOB = 10_000
CALLS_OF_A_JOB = 3  # made, filled and closed; asking how far it is, and for its results, are reads
_FILES = {
    "hub.yaml": """
name: Benchmark
admission: {include: [all], exclude: []}
guards: {created_count: 100000000, changed_count: 100000000, changed_share: 1.0, api_reserve: 0.0}
""",
    "connections/list.yaml": """
connector: spreadsheet
direction: source
settings: {folder: .}
streams:
  companies: {files: companies.csv, key: [Number], mapping: companies}
""",
    "connections/crm.yaml": """
connector: salesforce
direction: target
settings:
  login_url: URL
  client_id: file://client_id
  client_secret: file://client_secret
  bulk_above: ABOVE
streams:
  accounts: {mapping: salesforce/account}
""",
    "mappings/sources/companies.yaml": """
record: customer
organisation:
  name: Company
  city: City
  country: {const: FI}
""",
}
_WORK = """
import json, resource, sys, time
from pathlib import Path
import simple_salesforce  # the peer's measure begins after its import, too
from benchmarks.memory import Peak
from sqlalchemy import func, select
from solmu.config import load_hub
from solmu.store import dirty, open_store, time as clock
from solmu.store.tables import golden, outbox
from solmu.sync import run as runs
from solmu.sync.arm import arm, confirm_first_ten

def cpu():
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))

if __name__ == "__main__":
    hub = load_hub(Path(sys.argv[1]))
    peak = Peak()
    before = cpu()
    with open_store(hub.store_url) as store:
        run = runs.begin(hub, store)
        if sys.argv[2] == "prepare":
            arm(store, "crm", who="benchmark", now=clock.now())
            confirm_first_ten(store, "crm", who="benchmark", now=clock.now())
            runs.land_connection(run, "list")
            runs.resolve(run)
            started = time.perf_counter()
        elif sys.argv[2] == "mark":
            with store.read() as connection:
                ids = list(connection.scalars(select(golden.c.id)))
            with store.write() as connection:
                dirty.mark(connection, "target:crm", ids)
            started = time.perf_counter()
        else:
            started = time.perf_counter()
            before = cpu()
            runs.push(run, "crm")
        seconds = time.perf_counter() - started
        held = peak.mib()
        assert not run.problems, run.problems
        with store.read() as connection:
            states = select(outbox.c.state, func.count()).where(outbox.c.run_id == run.id).group_by(outbox.c.state)
            counts = dict(connection.execute(states).tuples().all())
        runs.finish(run)
        print(json.dumps({"seconds": seconds, "cpu": cpu() - before, "peak": held, "counts": counts}))
"""


class Org:
    """The sandbox, and what it was called for."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self._http = httpx.Client(base_url=running.url, timeout=120)
        self._seen = 0

    def writes(self) -> tuple[int, int]:
        """How many writing calls and others came since this was asked last; logins and our own left out."""
        calls = self._http.get("/_calls").json()
        new, self._seen = calls[self._seen :], len(calls)
        data = [each for each in new if each["path"].startswith("/services/data/")]
        writing = sum(each["method"] != "GET" for each in data)
        return writing, len(data) - writing


def make_hub(folder: Path, running: Running, count: int, above: int | None) -> Path:
    for path, text in _FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        filled = text.replace("URL", running.url).replace("ABOVE", "null" if above is None else str(above))
        (folder / path).write_text(filled.lstrip(), encoding="utf-8")
    for name in ("client_id", "client_secret"):
        (folder / name).write_text(running.secrets[name], encoding="utf-8")
    write_list(folder, count, "Oulu")
    return folder


def write_list(folder: Path, count: int, moved_to: str) -> None:
    """Companies that nobody takes for one another; the first thousand are in ``moved_to``."""
    chance = random.Random(7)
    with (folder / "companies.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("Number", "Company", "City"))
        for number in range(count):
            name = "".join(chance.choices("abdeghiklmnoprstuvy", k=12)).title()
            writer.writerow((number, f"{name} Oy", moved_to if number < CHANGED else "Oulu"))


def work(folder: Path, what: str) -> dict[str, Any]:
    """Prepare a hub, or push from it, in a process of its own."""
    path = os.pathsep.join(filter(None, [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH")]))
    script = folder / "work.py"
    script.write_text(_WORK)
    done = subprocess.run(
        [sys.executable, str(script), str(folder), what],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def pushed(count: int, above: int | None) -> dict[str, Any]:
    """Creates of ``count`` companies, then updates of a thousand; with the rows that were sent, for the peer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with start("salesforce", folder / "org.db", extra=["--daily-calls", "10000000"]) as running:
            org = Org(running)
            hub = make_hub(folder / "hub", running, count, above)
            work(hub, "prepare")
            org.writes()
            created = work(hub, "push")
            assert created["counts"] == {"created": count}, created["counts"]
            creates = org.writes()
            rows = _rows(hub)
            write_list(hub, count, "Turku")
            work(hub, "prepare")
            org.writes()
            updated = work(hub, "push")
            assert updated["counts"]["updated"] == min(CHANGED, count), updated["counts"]
            updates = org.writes()
    return {**created, "creates": creates, "updates": updates, "rows": rows}


def peaks(count: int) -> tuple[float, float]:
    """The most memory that pushing ``count`` companies took, in MiB, and that pushing a tenth of them took."""
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name) / "few", Path(name) / "many"
        with start("salesforce", few.with_suffix(".db"), extra=["--daily-calls", "10000000"]) as running:
            work(make_hub(few, running, count // 10, 1), "prepare")
            shutil.copytree(few, many)
            tenth = work(few, "push")
            assert tenth["counts"] == {"created": count // 10}, tenth["counts"]
        with start("salesforce", many.with_suffix(".db"), extra=["--daily-calls", "10000000"]) as running:
            make_hub(many, running, count // 10, 1)
            enlarge(many, 10)
            work(many, "mark")
            whole = work(many, "push")
            assert whole["counts"] == {"created": count // 10 * 10}, whole["counts"]
    return whole["peak"], tenth["peak"]


def _rows(hub: Path) -> list[dict[str, str]]:
    """What was sent, as the peer takes it."""
    (plan,) = (hub / "plans").glob("*.json")
    actions = json.loads(plan.read_bytes())["actions"]
    rows = []
    for action in actions:
        fields = {name: str(each["new"]) for name, each in action["fields"].items()}
        rows.append({"Solmu_Id__c": action["subject"].rpartition("/")[2], **fields})
    return rows


def theirs(rows: Sequence[dict[str, str]]) -> tuple[float, float]:
    """Seconds that the same rows take with simple-salesforce, on the clock and of the processor."""
    from simple_salesforce.api import Salesforce

    with tempfile.TemporaryDirectory() as name, start("salesforce", Path(name) / "org.db") as running:
        form = {"grant_type": "client_credentials"} | {n: running.secrets[n] for n in ("client_id", "client_secret")}
        token = httpx.post(f"{running.url}/services/oauth2/token", data=form).json()["access_token"]
        host = running.url.partition("://")[2]
        client = Salesforce(session_id=token, instance=host, version="62.0")
        client.bulk2_url = client.bulk2_url.replace("https://", "http://", 1)
        started, before = time.perf_counter(), time.process_time()
        handlers: Any = client.bulk2
        (done,) = handlers.Account.upsert(records=list(rows), external_id_field="Solmu_Id__c", wait=0)
        seconds, cpu = time.perf_counter() - started, time.process_time() - before
        assert int(done["numberRecordsProcessed"]) == len(rows), done
        assert int(done["numberRecordsFailed"]) == 0, done
    return seconds, cpu


def measure(small: int, large: int) -> Iterator[dict[str, Any]]:
    """Every claim in turn."""
    batches = pushed(small, None)
    least = -(-small // COLLECTION)
    yield _line("push-calls", f"writing calls for {small:,} creates, {COLLECTION} records a call",
                batches["creates"][0], least, "the least there can be", "calls", 1.05)  # fmt: skip
    changed = min(CHANGED, small)
    yield _line("push-calls-updates", f"writing calls for {changed:,} updates among {small:,}, {COLLECTION} a call",
                batches["updates"][0], -(-changed // COLLECTION), "the least there can be", "calls", 1.05)  # fmt: skip
    yield _line("push-reads-updates", f"reading calls for {changed:,} updates among {small:,}",
                batches["updates"][1], None, None, "calls", None)  # fmt: skip
    bulk = pushed(large, 1)
    jobs = -(-large // JOB)
    yield _line("push-calls-bulk", f"writing calls for {large:,} creates, by jobs of {JOB:,}",
                bulk["creates"][0], jobs * CALLS_OF_A_JOB, "three a job", "calls", 1.05)  # fmt: skip
    seconds, cpu = theirs(bulk["rows"])
    peer = "simple-salesforce bulk2.upsert of the same rows, ready-made"
    yield _line("push", f"{large:,} creates by Bulk API 2.0, plan and apply", bulk["seconds"], seconds, peer, "s", 1.5)
    yield _line("push-cpu", "the same, of the processor, the sandbox left out", bulk["cpu"], cpu, peer, "s", None)
    few = max(100, large // 10)
    tenth = pushed(few, 1)
    yield _memory(large, bulk["peak"], few, tenth["peak"])


def _memory(many: int, peak: float, few: int, tenth: float) -> dict[str, Any]:
    text = f"peak memory while pushing {many:,}, beside {few:,}"
    return _line("push-memory", text, peak, tenth, f"itself, {few:,}", "MiB", 1.3)


def _line(
    name: str, text: str, ours: float, theirs: float | None, peer: str | None, unit: str, aim: float | None
) -> dict[str, Any]:
    ratio = None if theirs is None else ours / theirs
    return {
        "name": name,
        "work": text,
        "ours": round(ours, 2),
        "peer": None if theirs is None else round(theirs, 2),
        "peer_name": peer,
        "unit": unit,
        "ratio": None if ratio is None else round(ratio, 3),
        "aim": None if aim is None else {"op": "<=", "value": aim},
        "met": None if ratio is None or aim is None else ratio <= aim,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} records instead of {SMALL:,} and {LARGE:,}")
    parser.add_argument("--count", type=int, help=f"records pushed by jobs; default {LARGE:,}")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    parser.add_argument("--memory", type=int, metavar="N", help="only the memory, while pushing N records")
    given = parser.parse_args()
    if given.memory:
        whole, tenth = peaks(given.memory)
        print(json.dumps(_memory(given.memory, whole, given.memory // 10, tenth)))
        return
    small, large = (QUICK, QUICK) if given.quick else (SMALL, LARGE)
    for line in measure(small, given.count or large):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
