"""The CRM of the demo: the Salesforce sandbox as a process of its own, filled with what was there before Solmu came."""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from examples.nordic.demo.home import Home
from sandbox import start as sandboxes

_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Crm:
    """A sandbox that listens at ``url``. ``stays``: it will be up when the demo has ended."""

    url: str
    stays: bool = False

    def calls(self, *, after: int = 0, kind: str = "") -> list[dict[str, Any]]:
        """The CRM's own log of who called; ``kind`` is login, read or write."""
        found: list[dict[str, Any]] = self._ask("GET", "/_calls", params={"after": after, "kind": kind})
        return found

    def last_call(self) -> int:
        """The number of the last call so far."""
        return max((call["n"] for call in self.calls()), default=0)

    def edit(self, changes: Sequence[dict[str, Any]]) -> None:
        """What a salesperson changes by hand."""
        self._ask("POST", "/_edit", json=list(changes))

    def fill(self, home: Home) -> dict[str, int]:
        """Load the records of the sample data, and call them by their ids in the truth; gives how many of each object.

        A CRM that has been filled stays as it is, and nothing is given.
        """
        if home.crm_ids.exists():
            return {}
        records = [json.loads(line) for line in (home.folder / "crm.jsonl").read_text(encoding="utf-8").splitlines()]
        refs = {record["ref"]: number for number, record in enumerate(records, start=1)}
        lines = [
            {"type": record["object"], "as": "sales"}
            | {name: f"@{refs[value]}" if value in refs else value for name, value in record["fields"].items()}
            for record in records
        ]
        # What an interrupted attempt may have left goes first.
        self._ask("POST", "/_reset")
        loaded = self._ask("POST", "/_load", content="\n".join(json.dumps(line) for line in lines))
        ids = dict(zip(refs, loaded["ids"], strict=True))
        _name_by_id(home.truth, ids)
        home.crm_ids.write_text(json.dumps(ids, indent=1), encoding="utf-8")
        objects = [record["object"] for record in records]
        return {name: objects.count(name) for name in dict.fromkeys(objects)}

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            self.last_call()
        except (httpx.HTTPError, ValueError):
            return False
        return True

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        # On loopback: no proxy of the user's has a part in it.
        with httpx.Client(base_url=self.url, trust_env=False, timeout=60) as client:
            answer = client.request(method, path, **options)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def open_crm(home: Home, *, keep: bool) -> Iterator[Crm]:
    """The CRM while the block runs, and with ``keep`` after it. One that was kept earlier is used, and stays up."""
    kept = find(home)
    if kept is not None:
        yield kept
        return
    running = sandboxes.start("salesforce", home.crm_data, secrets=home.secrets / "salesforce.json", detached=keep)
    stay = False
    try:
        home.note(sandbox={"url": running.url, "pid": running.pid})
        home.keep_secret("salesforce-url", running.url)
        for name in ("client_id", "client_secret"):
            home.keep_secret(f"salesforce-{name.replace('_', '-')}", running.secrets[name])
        yield Crm(running.url, stays=keep)
        stay = keep
    finally:
        if not stay:
            running.stop()
            home.note(sandbox=None)


def find(home: Home) -> Crm | None:
    """The CRM that was left up, if it still is."""
    noted = home.state().get("sandbox")
    crm = Crm(noted["url"], stays=True) if noted else None
    return crm if crm is not None and crm.answers() else None


def stop(home: Home) -> bool:
    """Stop the CRM that was left up; gives whether there was one."""
    crm = find(home)
    if crm is not None:
        # It answers at the address that was noted with this process id, so the id is still its own.
        os.kill(home.state()["sandbox"]["pid"], signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while crm.answers() and time.monotonic() < deadline:
            time.sleep(0.05)
    if home.state().get("sandbox"):
        home.note(sandbox=None)
    return crm is not None


def _name_by_id(truth: Path, ids: dict[str, str]) -> None:
    """The truth was written before the CRM gave its ids."""
    with truth.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    key = header.index("key")
    part = truth.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([*row[:key], ids.get(row[key], row[key]), *row[key + 1 :]] for row in rows)
    part.replace(truth)
