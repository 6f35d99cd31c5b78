"""How many deliveries a second `solmu serve` takes durably, and how long a sender waits, beside the least there can be.

Solmu checks the signature, recognises redeliveries, and commits to `intake.db`. The peer is a bare ASGI handler that
commits the same bytes to a SQLite file of its own and does nothing else: one uvicorn worker like ours, with the same
protocol and event loop; one connection, `journal_mode=WAL` and `synchronous=FULL`, which is what SQLite's documentation
says makes a commit in WAL mode durable (https://www.sqlite.org/pragma.html#pragma_synchronous). It commits in the event
loop, and is tried with a thread as well; the faster one counts, and of waits the shorter one.

Deliveries are synthetic form submissions of 1.5 KiB, signed as Typeform signs. The rate limit is out of the way. Each
server takes a hundred deliveries that are not timed before those that are.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import leads
from benchmarks.posting import Posted, post, request
from benchmarks.serving import SECRET, SOLMU, environment, listening, served

COUNT, QUICK_COUNT = 10_000, 2_000
CONNECTIONS = 32
UNTIMED = 100
CALM_RATE = 50.0
NIGHT_ROWS = 300_000
PEER = "bare ASGI handler, uvicorn, SQLite WAL synchronous=FULL"
_HUB = {
    "hub.yaml": "name: Benchmark\nintake: {rate: 1000000}\n",
    "connections/form.yaml": """
connector: webform
direction: source
settings: {scheme: typeform, secret: "${BENCHMARK_SECRET}"}
streams:
  leads: {mapping: leads}
""",
    "connections/list.yaml": """
connector: spreadsheet
direction: source
settings: {folder: .}
streams:
  leads: {files: leads.csv, key: [Number], mapping: leads}
""",
    "mappings/sources/leads.yaml": leads.MAPPING,
}
_PEER = """
import asyncio, json, socket, sqlite3, sys
from pathlib import Path
import uvicorn

file, ready, threaded = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "thread"
db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA synchronous=FULL")
db.execute("CREATE TABLE delivery (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
one_at_a_time = asyncio.Lock()

def commit(body):
    db.execute("INSERT INTO delivery (body) VALUES (?)", (body,))

async def app(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body += message["body"]
        more = message.get("more_body", False)
    if threaded:
        async with one_at_a_time:
            await asyncio.to_thread(commit, body)
    else:
        commit(body)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        ready.write_text(json.dumps({"url": "http://127.0.0.1:%d" % sockets[0].getsockname()[1]}))

listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_keep_alive=75)
Server(config).run(sockets=[listener])
"""

# --- the two servers --------------------------------------------------------------------------------------------------


def deliveries(url: str, count: int) -> list[bytes]:
    """Synthetic submissions, each of another person, as requests."""
    return [request(url, body, _signed(body)) for body in map(_submission, range(count))]


def _submission(number: int) -> bytes:
    answers = [{"type": "email", "email": f"person{number}@company{number // 4}.example", "field": {"id": "a1"}}]
    answers += [
        {"type": "text", "text": f"Question {each}, machine {number}", "field": {"id": f"b{each}"}}
        for each in range(14)
    ]
    form = {"form_id": "synthetic", "token": f"{number:032x}", "answers": answers}
    return json.dumps({"event_id": f"{number:026d}", "event_type": "form_response", "form_response": form}).encode()


def _signed(body: bytes) -> dict[str, str]:
    digest = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    return {"content-type": "application/json", "typeform-signature": f"sha256={digest}"}


def ours(count: int, *, rate: float | None = None, hub: Path | None = None) -> Posted:
    """Posted to `solmu serve` of a fresh hub, or of the one given; every one is there afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = hub or make_hub(Path(name))
        with served(folder) as url:
            posted = _posted(url, count, rate)
        _check(folder / "intake.db", count)
    return posted


def theirs(count: int, how: str, *, rate: float | None = None) -> Posted:
    """The same, to the bare handler, committing in the ``loop`` or in a ``thread``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "peer.py"
        script.write_text(_PEER)
        with listening([str(script), str(folder / "peer.db"), str(folder / "ready"), how], folder / "ready") as url:
            posted = _posted(url, count, rate)
        _check(folder / "peer.db", count)
    return posted


def _posted(url: str, count: int, rate: float | None) -> Posted:
    requests = deliveries(f"{url}/in/form", UNTIMED + count)
    post(url, requests[:UNTIMED], connections=CONNECTIONS)
    return post(url, requests[UNTIMED:], connections=CONNECTIONS, rate=rate)


def make_hub(folder: Path, rows: int = 0) -> Path:
    """A hub with a form, and with a list if it is to have a night."""
    for path, text in _HUB.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    if rows:
        leads.write(folder / "leads.csv", rows)
    return folder


def _check(file: Path, count: int) -> None:
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("SELECT count(*) FROM delivery").fetchone() == (UNTIMED + count,)


# --- the claims -------------------------------------------------------------------------------------------------------


def measure(count: int, runs: int, night_rows: int, tell: Callable[[dict[str, Any]], None]) -> None:
    """Every claim in turn. Ours and theirs alternate, so that what else the machine does hits both."""
    busy: dict[str, list[Posted]] = {"ours": [], "loop": [], "thread": []}
    calm: dict[str, list[Posted]] = {"ours": [], "loop": [], "thread": []}
    few = max(200, count // 20)
    for _ in range(runs):
        for how in busy:
            post_to = ours if how == "ours" else lambda number, rate=None, how=how: theirs(number, how, rate=rate)
            busy[how].append(post_to(count))
            calm[how].append(post_to(few, rate=CALM_RATE))
    per_second = {how: median(each.per_second for each in posted) for how, posted in busy.items()}
    best = max(per_second["loop"], per_second["thread"])
    work = f"{count:,} deliveries of 1.5 KiB, {CONNECTIONS} connections"
    tell(_line("intake", f"{work}, idle", per_second["ours"], best, "deliveries/s", (">=", 0.7)))
    for name, waits, text in (
        ("intake-p99", busy, f"{work}, idle, p99"),
        ("intake-p99-calm", calm, f"{few:,} deliveries, {CALM_RATE:.0f} a second, idle, p99"),
    ):
        p99 = {how: median(each.percentile(0.99) for each in posted) for how, posted in waits.items()}
        tell(_line(name, text, p99["ours"], min(p99["loop"], p99["thread"]), "ms", ("<=", 2.0)))
    at_night = by_night(count, night_rows)
    work += f", while a night lands {night_rows:,} rows"
    tell(_line("intake-night", work, at_night.per_second, None, "deliveries/s", None))
    tell(_line("intake-night-p99", f"{work}, p99", at_night.percentile(0.99), None, "ms", None))


def by_night(count: int, rows: int) -> Posted:
    """Ours, while another process lands a list in the same hub. Raises AssertionError if it ended too early."""
    with tempfile.TemporaryDirectory() as name:
        hub = make_hub(Path(name), rows)
        command = [sys.executable, "-c", SOLMU, "run", "--hub", str(hub), "--select", "list", "--output", "json"]
        with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL) as night:
            try:
                while not _landing(hub / "solmu.db"):
                    assert night.poll() is None, "the night ended by itself"
                    time.sleep(0.2)
                posted = ours(count, hub=hub)
                assert night.poll() is None, "the night was over before the last delivery: give it more rows"
            finally:
                night.kill()
    return posted


def _landing(store: Path) -> bool:
    """Whether the night has landed its first rows."""
    if not store.exists():
        return False
    try:
        with closing(sqlite3.connect(store)) as db:
            found: tuple[int] = db.execute("SELECT count(*) FROM source_record").fetchone()
            return found[0] > 0
    except sqlite3.OperationalError:  # its tables are being made
        return False


def _line(
    name: str, work: str, ours: float, theirs: float | None, unit: str, aim: tuple[str, float] | None
) -> dict[str, Any]:
    ratio = None if theirs is None else ours / theirs
    met = None if ratio is None or aim is None else ratio >= aim[1] if aim[0] == ">=" else ratio <= aim[1]
    return {
        "name": name,
        "work": work,
        "ours": round(ours, 1),
        "peer": None if theirs is None else round(theirs, 1),
        "peer_name": None if theirs is None else PEER,
        "unit": unit,
        "ratio": None if ratio is None else round(ratio, 3),
        "aim": None if aim is None else {"op": aim[0], "value": aim[1]},
        "met": met,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK_COUNT:,} deliveries instead of {COUNT:,}, one run"
    )
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    given = parser.parse_args(arguments)
    count, runs = (QUICK_COUNT, 1) if given.quick else (COUNT, 3)
    measure(count, runs, NIGHT_ROWS, lambda line: print(json.dumps(line), flush=True))


if __name__ == "__main__":
    main()
