"""How long the pages take on a large hub: server time of each page and search, beside SQL written by hand.

    python -m benchmarks.pages [--quick] [--json] [--size N] [--store sqlite|postgresql]

The hub is synthetic: organisations with two people each, one lead a person, e-mail addresses and phone numbers, written
straight into the store (`pages_hub.py`), on SQLite and on a PostgreSQL of its own. Every company is in a CRM in memory
and has ordered once; pairs, refused rows and conflicts wait, there are a plan and three years of runs
(`pages_more.py`). Of the keys that matching looks under it has only those of e-mail and phone.

The pages are asked in process, signed in, and warm: session, reading, HTML. Every page of the menu is one, and so are
the views and searches below. The peer is the SQL that somebody would write for all that the page's own function reads
(`pages_sql.py`): sent by the driver itself, one statement after the other, in one transaction, as a page sees one state
of the store; documents are read from their JSON, as what a page shows stands in them. *Reading* is what the page's own
function takes, without session and HTML. The two take turns, for the same customers, and it is their medians that are
compared: of a fraction of a millisecond the 95th percentile tells of the machine's other work.

With *while a night runs*, another process lands a list of 5,000 rows and resolves it on the same store, over and over;
the night plans for the CRM, which is not armed.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import orjson
from anyio.from_thread import start_blocking_portal
from sqlalchemy import Connection
from starlette.datastructures import QueryParams

from benchmarks import hub, pages_hub
from benchmarks.pages_sql import BY_HAND, EVIDENCE, WHOM
from solmu.followup.count import summary
from solmu.followup.lists import FIGURES
from solmu.golden.explain import explain
from solmu.golden.find import find
from solmu.store.owners import owners
from solmu.sync.run import run_all
from solmu.web import customer_around, customer_read, customer_timeline, passwords, sessions, users
from solmu.web.app import make_pages
from solmu.web.pages import all_pages, home
from solmu.web.pages.customers import LISTINGS
from solmu.web.roles import Role
from solmu.web.site import Site
from tests.peers import postgres
from tests.web.client import Client

QUICK, FULL = 20_000, 1_000_000
TIMES_QUICK, TIMES = 40, 300
NIGHT_ROWS = 5_000
SEED = 7
WARM = 3
BOUND = {"op": "<=", "value": 100.0}
BESIDE = {"op": "<=", "value": 3.0}
PEER = "the same query by hand, in SQL"

Read = Callable[[Site, Connection, pages_hub.Who], object]

SEARCHES = {"search by name": "begins", "search by e-mail": "email", "search by lead number": "number"}


@dataclass(frozen=True)
class View:
    """A page to be asked for: its address, and what it reads where there is a peer to compare that with."""

    name: str
    address: Callable[[pages_hub.Who], str]
    read: Read | None = None


def views() -> list[View]:
    """Those with a peer, and all pages of the menu."""
    menu = [View(f"page {one.name}", lambda who, path=one.path: path) for one in all_pages() if one.order is not None]  # type: ignore[misc]
    lists = [View(f"list {name}", lambda who, name=name: f"/figures/{name}", _list(name)) for name in FIGURES]  # type: ignore[misc]
    return [
        *(View(name, _sought(of), _search(of)) for name, of in SEARCHES.items()),
        View("a customer", lambda who: f"/customers/{who.public_id}", _customer),
        View("all customers", lambda who: "/customers", _listing()),
        View("all customers, page 200", lambda who: "/customers?page=200", _listing(page="200")),
        View("customers of a country", lambda who: "/customers?country=FI", _listing(country="FI")),
        *lists,
        View("a customer's sources", lambda who: f"/customers/{who.public_id}?view=sources"),
        View("a customer's history", lambda who: f"/customers/{who.public_id}?view=history"),
        View("a customer in the CRM", lambda who: f"/customers/{who.public_id}?view=targets"),
        *menu,
    ]


def _sought(of: str) -> Callable[[pages_hub.Who], str]:
    return lambda who: f"/customers?q={getattr(who, of)}"


def _search(of: str) -> Read:
    return lambda site, connection, who: customer_read.found_rows(connection, find(connection, getattr(who, of)))


def _listing(**asked: str) -> Read:
    return lambda site, connection, who: next(iter(LISTINGS.values())).look(connection, QueryParams(asked))


def _list(name: str) -> Read:
    def read(site: Site, connection: Connection, who: pages_hub.Who) -> object:
        return home.list_of(site.hub, name, summary(connection), owners(connection)).look(connection, QueryParams())

    return read


def _customer(site: Site, connection: Connection, who: pages_hub.Who) -> object:
    row = customer_read.resolve(connection, who.public_id)
    near = customer_around.around(connection, row.id, row.entity)
    theirs = [row.id, *(one.golden_id for one in near)]
    return explain(connection, row.id), customer_timeline.timeline(connection, theirs)


def by_hand(site: Site, name: str, who: pages_hub.Who) -> object:
    """Ask the driver."""
    with site.store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        cursor, dialect = driver.cursor(), connection.dialect.name
        try:
            if dialect == "sqlite":
                cursor.execute("BEGIN")
            if name in SEARCHES:
                return _found(cursor, who, getattr(who, SEARCHES[name]), dialect)
            return [_rows(cursor, statement, who.parameters(), dialect) for statement in BY_HAND[name]]
        finally:
            cursor.close()
            driver.rollback()


def _found(cursor: Any, who: pages_hub.Who, text: str, dialect: str) -> object:
    values = {**who.parameters(), "text": text}
    for statement in EVIDENCE:
        if "email" in statement and "@" not in text:
            continue
        found = _rows(cursor, statement, values, dialect)
        if found:
            return [_rows(cursor, WHOM, {"found": row[0]}, dialect) for row in found]
    return []


def _rows(cursor: Any, statement: str, values: dict[str, Any], dialect: str) -> list[Any]:
    if dialect == "postgresql":
        for each in sorted(values, key=len, reverse=True):
            statement = statement.replace(f":{each}", f"%({each})s")
    else:  # SQLite's LIKE knows no index; the range is what somebody who knows that writes
        statement = statement.replace("search_name LIKE :begins", "search_name >= :low AND search_name < :high")
    found: list[Any] = cursor.execute(statement, values).fetchall()
    if dialect == "sqlite":  # PostgreSQL's driver reads JSON by itself
        return [[_read(value) for value in row] for row in found]
    return found


def _read(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


def work_all_night(folder: Path) -> None:
    """Runs, one after the other, each of which finds other rows in the list."""
    with hub.opened(folder) as (loaded, store):
        for rows in count(NIGHT_ROWS):
            pages_hub.refill(folder, rows)
            run_all(loaded, store)


@contextmanager
def night(folder: Path) -> Iterator[None]:
    """Nights in a process of their own, one after the other, for as long as the context lasts."""
    process = subprocess.Popen([sys.executable, __file__, "--night", str(folder)], stdout=subprocess.DEVNULL)
    try:
        yield
        assert process.poll() is None, "the night ended by itself"
    finally:
        process.kill()  # asked politely, it would end its run and begin the next; the store is thrown away
        process.wait()


def beside(
    times: int,
    people: Sequence[pages_hub.Who],
    ours: Callable[[pages_hub.Who], object],
    theirs: Callable[[pages_hub.Who], object],
) -> tuple[float, float]:
    """The medians of both in milliseconds, warm, by turns."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(times + WARM):
        turns = [(ours, took[0]), (theirs, took[1])]
        for ask, kept in turns if number % 2 else turns[::-1]:
            kept.append(_milliseconds(ask, people[number % len(people)]))
    return median(took[0][WARM:]), median(took[1][WARM:])


def p95(times: int, people: Sequence[pages_hub.Who], ask: Callable[[pages_hub.Who], object]) -> tuple[float, float]:
    """The 95th percentiles in milliseconds, warm, of a different customer each time: on the clock, and of this process
    on the processor, which the machine's other work does not lengthen; on SQLite the database is in it."""
    took, worked = [], []
    for number in range(times + WARM):
        before = process_time()
        took.append(_milliseconds(ask, people[number % len(people)]))
        worked.append(1000 * (process_time() - before))
    return quantiles(took[WARM:], n=20)[-1], quantiles(worked[WARM:], n=20)[-1]


def _milliseconds(ask: Callable[[pages_hub.Who], object], who: pages_hub.Who) -> float:
    started = perf_counter()
    ask(who)
    return 1000 * (perf_counter() - started)


def measure(folder: Path, size: int, times: int, store: str) -> Iterator[dict[str, Any]]:
    """All views, first on a quiet hub, then while a night runs."""
    with Site(folder) as site, start_blocking_portal() as portal:
        with site.write() as connection:
            user = users.add(connection, "aino", Role.ADMINISTRATOR, passwords.hashed("a synthetic phrase"), by="b")
            session = sessions.begin(connection, user.id)
        with site.read() as connection:
            people = pages_hub.some(connection, Random(SEED), times)
        client = Client(make_pages(site), portal)
        client.enter(session)
        work = f"{size:,} golden records, {store}"
        with ExitStack() as running:
            for suffix in ("", ", while a night runs"):
                if suffix:
                    running.enter_context(night(folder))
                for view in views():
                    yield from _lines(site, client, view, people, times, f"{work}{suffix}")
        client.close()


def _lines(
    site: Site, client: Client, view: View, people: Sequence[pages_hub.Who], times: int, work: str
) -> Iterator[dict[str, Any]]:
    def page(who: pages_hub.Who) -> None:
        answer = client.get(view.address(who))
        assert answer.status_code in (200, 303), f"{view.address(who)}: {answer.status_code}"

    def reading(who: pages_hub.Who) -> None:
        assert view.read is not None
        with site.read() as connection:
            view.read(site, connection, who)

    took, worked = p95(times, people, page)
    yield _line(
        view.name, f"{work}; server time, 95th percentile of {times}; {worked:.1f} ms on the processor", took, None
    )
    if view.read is not None:
        ours, theirs = beside(times, people, reading, lambda who: by_hand(site, view.name, who))
        yield _line(f"{view.name}, reading", f"{work}; median of {times}", ours, theirs)


def _line(name: str, work: str, ours: float, peer: float | None) -> dict[str, Any]:
    ratio = None if peer is None else ours / peer
    aim = BOUND if ratio is None else BESIDE
    return {
        "name": name,
        "work": work,
        "ours": round(ours, 2),
        "peer": None if peer is None else round(peer, 2),
        "peer_name": None if peer is None else PEER,
        "unit": "ms",
        "ratio": None if ratio is None else round(ratio, 2),
        "aim": aim,
        "met": (ours if ratio is None else ratio) <= aim["value"],  # type: ignore[operator]
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} golden records instead of {FULL:,}")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    parser.add_argument("--size", type=int, help="golden records")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), help="only this one")
    parser.add_argument("--night", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.night:
        work_all_night(given.night)
        return
    # Whoever stops this stops the night as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    logging.disable(logging.WARNING)
    size, times = given.size or (QUICK if given.quick else FULL), TIMES_QUICK if given.quick else TIMES
    for store in [given.store] if given.store else ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
            url = "sqlite:///solmu.db"
            if store == "postgresql":
                server = stack.enter_context(postgres.running())
                url = stack.enter_context(server.database()).render_as_string(hide_password=False)
            folder = pages_hub.made(Path(name, "hub"), size, url)
            for line in measure(folder, size, times, store):
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
