"""`python -m sandbox.salesforce --port 0 --data FILE --ready-file F`: the sandbox as a process of its own."""

import argparse
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from sandbox.salesforce.app import App
from sandbox.salesforce.auth import Auth, Secrets
from sandbox.salesforce.bulk import Bulk
from sandbox.salesforce.calls import CallLog
from sandbox.salesforce.jobs import Jobs
from sandbox.salesforce.limits import DAILY_CALLS, Limits
from sandbox.salesforce.misbehave import Misbehaving
from sandbox.salesforce.objects import org as objects_of
from sandbox.salesforce.org import Org
from sandbox.salesforce.query import Queries
from sandbox.salesforce.records import Records
from sandbox.salesforce.seed import seed
from sandbox.salesforce.service import Service
from sandbox.salesforce.store import Store
from sandbox.salesforce.worker import Worker

_KEEP_ALIVE_SECONDS = 300


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m sandbox.salesforce", description="A stand-in for Salesforce, on loopback only."
    )
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="the SQLite file that keeps the records")
    parser.add_argument("--ready-file", type=Path, help='gets {"url", "pid", "secrets"} once the sandbox listens')
    parser.add_argument(
        "--secrets", type=Path, help="JSON file with what a client must know; made (0600) if it is missing"
    )
    parser.add_argument(
        "--external-id", choices=("unique", "plain", "none"), default="unique", help="how Solmu_Id__c was made"
    )
    parser.add_argument(
        "--duplicate-rule", action="store_true", help="an alerting duplicate rule: people by e-mail, accounts by name"
    )
    parser.add_argument("--whole-seconds", action="store_true", help="stamps in whole seconds, as live orgs show them")
    parser.add_argument("--daily-calls", type=int, default=DAILY_CALLS, help="API calls before REQUEST_LIMIT_EXCEEDED")
    return parser.parse_args()


def _secrets(path: Path) -> Secrets:
    if path.exists():
        return Secrets.read(path)
    made = Secrets.at_random()
    path.parent.mkdir(parents=True, exist_ok=True)
    made.write(path)
    return made


def _listen(port: int) -> socket.socket:
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is; else each answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(256)
    return listening


def _announce(path: Path, url: str, secrets: Path) -> None:
    """Whole or not at all: whoever waits for the file reads it the moment it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_text(json.dumps({"url": url, "pid": os.getpid(), "secrets": str(secrets)}), encoding="utf-8")
    unfinished.replace(path)


def main() -> int:
    arguments = _arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    listening = _listen(arguments.port)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    secrets_file = (arguments.secrets or arguments.data.with_suffix(".secrets.json")).resolve()
    objects = objects_of(arguments.external_id)
    store = Store(arguments.data, objects)
    seed(store, objects)
    records = Records(store, objects, duplicate_rule=arguments.duplicate_rule, whole_seconds=arguments.whole_seconds)
    auth = Auth(_secrets(secrets_file), url)
    limits = Limits(arguments.daily_calls)
    queries = Queries(store, objects, whole_seconds=arguments.whole_seconds)
    misbehaving = Misbehaving()
    org = Org(url, objects, store, records, queries, auth, limits, CallLog(), misbehaving)
    jobs = Jobs(store)
    worker = Worker(jobs, records, queries, misbehaving)
    service = Service(org, Bulk(org, jobs, worker))

    def started() -> None:
        worker.start()
        if arguments.ready_file:
            _announce(arguments.ready_file, url, secrets_file)
        else:
            print(url, flush=True)

    def stopped() -> None:
        worker.stop()
        store.close()

    config = uvicorn.Config(
        App(org, service, started, stopped),
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
    )
    # Uvicorn ends in good order on SIGTERM, then sends itself the signal again: being asked to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.Server(config).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
