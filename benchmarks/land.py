"""How fast a long list of leads lands, beside dlt loading the same csv into the same kind of database.

Solmu stores each row as received, maps and normalises it, and stores who it speaks of, in SQLite, with one process to
help it. dlt (https://dlthub.com) loads the csv into SQLite and maps nothing. Each takes its own way of reading it; what
is timed begins when everything is imported and the database is there, and ends when all is committed. Memory is the
most that the process and its helpers held, as the kernel counted it.

dlt runs as its documentation says is best for this ("Optimizing dlt", https://dlthub.com/docs/reference/performance):
"yield pages instead of rows" (lists of 5,000 from csv.DictReader), file rotation with `file_max_items`, and
`[normalize] workers=2`, two processes like ours; it is tried without the latter too, and the faster one counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import leads

ROWS, QUICK_ROWS = 1_000_000, 50_000
PEER = "dlt[sqlalchemy]==1.31.0"
_CACHE = Path(__file__).parent.parent / ".peers" / "dlt"
_LIST = """
connector: spreadsheet
direction: source
settings: {folder: .}
streams:
  leads: {files: leads.csv, key: [Number], mapping: leads}
"""

# --- what runs in processes of its own --------------------------------------------------------------------------------

_MEASURED = """
import json, sys, time
from benchmarks.memory import Peak
def report(seconds, peak, **more):
    print(json.dumps({"seconds": seconds, "peak": peak.mib(), **more}))
"""

_OURS = (
    _MEASURED
    + """
from pathlib import Path
from solmu.config import load_hub
from solmu.config.connectors import open_connector
from solmu.store import open_store
from solmu.sync import ledger, run as runs
from solmu.sync.land import Stream, land

if __name__ == "__main__":
    peak = Peak()
    folder, mapped = Path(sys.argv[1]), sys.argv[2] == "map"
    hub = load_hub(folder)
    config = hub.connection("list")
    with open_store(hub.store_url) as store, open_connector(hub, config) as connector:
        run = runs.begin(hub, store)
        runs.stage_of(hub, config, config.streams["leads"], connector)  # compiles what is compiled once
        started = time.perf_counter()
        if mapped:
            runs.land_connection(run, "list")
        else:
            stream = Stream("list", "leads", full=True, key_fields=("Number",))
            land(store, stream, connector.read("leads", None), run_id=run.id)
        seconds = time.perf_counter() - started
        assert not run.problems, run.problems
        with store.read() as connection:
            ledger.check_balance(connection, run.id)
            counts = ledger.stream_counts(connection, run.id)["list/leads"]
            report(seconds, peak, counts=counts, mentions=ledger.mention_counts(connection)["pending"])
"""
)

_THEIRS = (
    _MEASURED
    + """
import csv, os
from itertools import islice
import dlt

def main():
    peak = Peak()
    folder, file = sys.argv[1:3]

    @dlt.resource(name="leads", write_disposition="append")
    def leads():
        with open(file, newline="", encoding="utf-8") as text:
            rows = csv.DictReader(text)
            while page := list(islice(rows, 5_000)):
                yield page

    pipeline = dlt.pipeline(
        "leads", destination=dlt.destinations.sqlalchemy("sqlite:///" + folder + "/leads.db"),
        dataset_name="main", pipelines_dir=folder + "/pipelines",
    )
    started = time.perf_counter()
    pipeline.run(leads())
    seconds = time.perf_counter() - started
    with pipeline.sql_client() as client:
        [[stored]] = client.execute_sql("SELECT count(*) FROM leads")
    report(seconds, peak, stored=stored)

if __name__ == "__main__":
    main()
"""
)


def _measure(python: str | Path, program: str, *arguments: str, cwd: Path, **environment: str) -> dict[str, Any]:
    """Run a program that ends with one line of JSON. Raises CalledProcessError."""
    script = cwd / "measured.py"  # a file, so that processes which it starts can import it
    script.write_text(program, encoding="utf-8")
    path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [str(python), str(script), *arguments],
        cwd=cwd,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


class Ours:
    """A fresh hub with one list."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.folder, self.rows = folder, rows
        for path, text in {
            "hub.yaml": "name: Benchmark\nstore: sqlite:///solmu.db\n",
            "connections/list.yaml": _LIST,
            "mappings/sources/leads.yaml": leads.MAPPING,
        }.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        leads.write(folder / "leads.csv", rows)

    def run(self, *, mapped: bool = True) -> dict[str, Any]:
        """Land the list; with ``mapped``, make mentions of it too."""
        return _measure(sys.executable, _OURS, str(self.folder), "map" if mapped else "land", cwd=self.folder)

    def first(self) -> dict[str, Any]:
        """The first run, everything in it checked to be there."""
        result = self.run()
        assert (result["counts"]["new"], result["mentions"]) == (self.rows, 2 * self.rows), result
        return result

    def again(self) -> dict[str, Any]:
        """One more run over the list that has not changed."""
        result = self.run()
        assert result["counts"]["unchanged"] == self.rows, result
        return result


def peer() -> Path:
    """The Python of an environment that has dlt, made when it is first wanted."""
    python = _CACHE / "bin" / "python"
    if not python.exists():
        venv.create(_CACHE, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True, stdout=sys.stderr)
    return python


def dlt(python: Path, file: Path, rows: int, *, processes: int) -> dict[str, Any]:
    """Load the list with dlt into a database of its own."""
    environment = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR", "DO_NOT_TRACK": "1"}
    if processes > 1:
        # One that loads: SQLite has one writer at a time, and more of them stumble over its lock.
        environment |= {
            "NORMALIZE__WORKERS": str(processes),
            "DATA_WRITER__FILE_MAX_ITEMS": str(max(5_000, rows // 8)),
            "LOAD__WORKERS": "1",
        }
    with tempfile.TemporaryDirectory() as name:
        result = _measure(python, _THEIRS, name, str(file), cwd=Path(name), **environment)
    assert result["stored"] == rows, result
    return result


# --- the claims -------------------------------------------------------------------------------------------------------


def _line(
    name: str, work: str, ours: float, theirs: float | None, whose: str | None, unit: str, aim: tuple[str, float] | None
) -> dict[str, Any]:
    ratio = None if theirs is None else ours / theirs
    met = None
    if aim is not None and ratio is not None:
        met = ratio >= aim[1] if aim[0] == ">=" else ratio <= aim[1]
    return {
        "name": name,
        "work": work,
        "ours": round(ours, 1),
        "peer": None if theirs is None else round(theirs, 1),
        "peer_name": whose,
        "unit": unit,
        "ratio": None if ratio is None else round(ratio, 3),
        "aim": None if aim is None else {"op": aim[0], "value": aim[1]},
        "met": met,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def _seconds(measure: Callable[[], dict[str, Any]], runs: int) -> float:
    return median(measure()["seconds"] for _ in range(runs))


def measure(rows: int, runs: int, tell: Callable[[dict[str, Any]], None]) -> None:
    """Every claim in turn. Ours and theirs alternate, so that what else the machine does hits both."""
    python = peer()
    tenth = rows // 10
    work = f"{rows:,} leads × {len(leads.HEADER)} columns from csv into SQLite"
    firsts: list[dict[str, Any]] = []
    theirs: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        small = Ours(Path(folder, "small"), tenth).first()
        for number in range(runs):
            hub = Ours(Path(folder, f"hub{number}"), rows)
            firsts.append(hub.first())
            for processes, seconds in theirs.items():
                loaded = dlt(python, hub.folder / "leads.csv", rows, processes=processes)
                seconds.append(loaded["seconds"])
        seconds = median(first["seconds"] for first in firsts)
        best = min(median(each) for each in theirs.values())
        tell(_line("land", f"{work}, mapped and normalised", rows / seconds, rows / best, PEER, "rows/s", (">=", 1.0)))
        again = _seconds(hub.again, runs)
        tell(_line("land-again", f"{work}, nothing changed", again, seconds, "the first run", "s", ("<=", 0.25)))
        raw = [Ours(Path(folder, f"raw{number}"), rows).run(mapped=False) for number in range(runs)]
        alone = median(each["seconds"] for each in raw)
        tell(_line("land-alone", f"{work}, only landed", rows / alone, rows / best, PEER, "rows/s", None))
        peak = median(first["peak"] for first in firsts)
        words = f"peak memory for {rows:,} rows"
        tell(_line("land-memory", words, peak, small["peak"], f"{tenth:,} rows", "MiB", ("<=", 1.3)))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} rows instead of {ROWS:,}")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    parser.add_argument("--rows", type=int, help="so many rows")
    parser.add_argument("--runs", type=int, help="so many runs each, of which the median counts")
    given = parser.parse_args(arguments)
    rows = given.rows or (QUICK_ROWS if given.quick else ROWS)
    measure(rows, given.runs or (1 if given.quick else 3), lambda line: print(json.dumps(line), flush=True))


if __name__ == "__main__":
    main()
