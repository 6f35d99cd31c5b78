"""From a web form's 2xx to the record in the CRM, at one lead a second: how long a salesperson waits for a lead.

    python -m benchmarks.lead_to_crm [--quick] [--seconds N] [--json]

A real `solmu serve` with its small runs, a real Salesforce sandbox over HTTP, both processes of their own; ten minutes
of leads, one a second, each of another synthetic person at a company that four others are of. A lead's wait is from the
moment its delivery was acknowledged to the moment that the sandbox stamped the contact with, rounded up to whole
milliseconds; one that never came fails the run. Beforehand the CRM holds a thousand contacts that the hub has landed.

There is no peer: what forms otherwise push into a CRM by are services on the internet. The aim is a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from benchmarks.serving import SECRET, served
from sandbox.start import Running, start
from solmu.config import load_hub
from solmu.store import open_store
from solmu.store import time as clock
from solmu.sync.arm import arm, confirm_first_ten
from solmu.sync.run import run_all

SECONDS, QUICK_SECONDS = 600, 60
CUSTOMERS = 1_000
PATIENCE_SECONDS = 180
"""After the last lead; what has not come by then is lost."""

_HUB = {
    "hub.yaml": "name: Benchmark\nguards: {created_count: 100000, changed_share: 1.0}\n",
    "connections/form.yaml": """
connector: webform
direction: source
settings: {scheme: header, secret: "${BENCHMARK_SECRET}"}
streams:
  enquiries: {mapping: webform/contact-form}
""",
    "connections/crm.yaml": """
connector: salesforce
direction: both
settings:
  login_url: URL
  client_id: file://client_id
  client_secret: file://client_secret
streams:
  accounts: {mapping: salesforce/account}
  contacts: {mapping: salesforce/contact}
  tasks: {mapping: salesforce/lead-task, direction: target}
""",
}


class Crm:
    """The sandbox's REST API."""

    def __init__(self, org: Running) -> None:
        self._http = httpx.Client(base_url=org.url, timeout=60)
        form = {"grant_type": "client_credentials"} | {n: org.secrets[n] for n in ("client_id", "client_secret")}
        token = self._http.post("/services/oauth2/token", data=form).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def fill(self, count: int) -> None:
        """Contacts that were there before."""
        for begin in range(0, count, 200):
            records = [
                {
                    "attributes": {"type": "Contact"},
                    "FirstName": "Old",
                    "LastName": f"Customer{_word(number)}",
                    "Email": f"old{number}@customer{number}.example",
                }
                for number in range(begin, min(begin + 200, count))
            ]
            done = self._http.post("/services/data/v59.0/composite/sobjects", json={"records": records}).json()
            assert all(each["success"] for each in done), done[0]

    def contacts(self) -> dict[str, float]:
        """When each contact of a visitor was made, by e-mail address, in seconds since 1970."""
        found: dict[str, float] = {}
        path: str | None = "/services/data/v59.0/query"
        params: dict[str, str] | None = {"q": "SELECT Email, CreatedDate FROM Contact WHERE Email LIKE 'visitor%'"}
        while path:
            page = self._http.get(path, params=params).json()
            found |= {each["Email"]: _seconds(each["CreatedDate"]) for each in page["records"]}
            path, params = page.get("nextRecordsUrl"), None
        return found

    def calls(self) -> int:
        """How many calls it has had."""
        return len(self._http.get("/_calls").json())


def measure(seconds: int, customers: int = CUSTOMERS) -> dict[str, Any]:
    """Waits in seconds, sorted, and how many API calls were made meanwhile. Raises AssertionError for a lost lead."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with start("salesforce", folder / "org.db") as org, closing(Crm(org)) as crm:
            crm.fill(customers)
            hub = _make_hub(folder / "hub", org)
            before = crm.calls()
            with served(hub) as url:
                acknowledged = _post_all(f"{url}/in/form", seconds)
                made = _wait_for(crm, acknowledged)
            calls = crm.calls() - before
    waits = sorted(made[email] - when for email, when in acknowledged.items())
    return {"waits": waits, "calls": calls}


def _make_hub(folder: Path, org: Running) -> Path:
    os.environ["BENCHMARK_SECRET"] = SECRET
    for path, text in _HUB.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace("URL", org.url), encoding="utf-8")
    for name in ("client_id", "client_secret"):
        (folder / name).write_text(org.secrets[name], encoding="utf-8")
    hub = load_hub(folder)
    with open_store(hub.store_url) as store:
        arm(store, "crm", who="benchmark", now=clock.now())
        confirm_first_ten(store, "crm", who="benchmark", now=clock.now())
        report = run_all(hub, store)
        assert report["exit"] == 0, report["problems"]
    return folder


def _post_all(url: str, seconds: int) -> dict[str, float]:
    """One lead a second; gives when each was acknowledged, by its e-mail address."""
    acknowledged: dict[str, float] = {}
    begun = time.monotonic()
    with httpx.Client(headers={"x-webhook-secret": SECRET}, timeout=30) as http:
        for number in range(seconds):
            time.sleep(max(0.0, begun + number - time.monotonic()))
            lead = _lead(number)
            answer = http.post(url, json=lead)
            assert answer.status_code == 200, answer.text
            acknowledged[lead["email"]] = time.time()
    return acknowledged


def _lead(number: int) -> dict[str, str]:
    company = _word(number // 4, 5)
    return {
        "company": f"{company} Oy",
        "name": f"{_word(number, 3)} {_word(number + 7, 4)}",
        "email": f"visitor{number}@{company.lower()}.example",
        "message": f"An enquiry about machine {number}.",
    }


def _word(number: int, length: int = 6) -> str:
    """Words that nobody takes for one another."""
    letters = "katorisalomenupivehajukonitaromilasu"
    syllables = [letters[place : place + 2] for place in range(0, len(letters), 2)]
    word, rest = "", number * 7919 + 104_729
    for _ in range(length):
        rest, place = divmod(rest, len(syllables))
        word += syllables[place]
        rest += 31
    return word.capitalize()


def _wait_for(crm: Crm, wanted: Mapping[str, float]) -> dict[str, float]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = crm.contacts()
        missing = wanted.keys() - found.keys()
        if not missing:
            return found
        assert time.monotonic() < deadline, f"{len(missing)} leads of {len(wanted)} are not in the CRM"
        time.sleep(2)


def _seconds(stamp: str) -> float:
    # Sandboxes may stamp in whole seconds; what was cut off is added.
    moment = datetime.fromisoformat(stamp).timestamp()
    return moment + (1.0 if moment.is_integer() else 0.001)


def lines(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One line a claim."""
    waits: Sequence[float] = found["waits"]
    work = f"{len(waits):,} leads, 1 a second, from the form's 2xx to the contact in the Salesforce sandbox"
    yield _line("lead-to-crm", f"{work}, p95", quantiles(waits, n=20)[-1], {"op": "<=", "value": 60})
    yield _line("lead-to-crm-median", f"{work}, median", median(waits), None)
    yield _line("lead-to-crm-calls", f"{work}: API calls a lead", found["calls"] / len(waits), None, "calls")


def _line(name: str, work: str, ours: float, aim: dict[str, Any] | None, unit: str = "s") -> dict[str, Any]:
    return {
        "name": name,
        "work": work,
        "ours": round(ours, 2),
        "peer": None,
        "peer_name": None,
        "unit": unit,
        "ratio": None,
        "aim": aim,
        "met": None if aim is None else ours <= aim["value"],
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SECONDS} leads instead of {SECONDS}")
    parser.add_argument("--seconds", type=int, help="how many leads")
    parser.add_argument("--json", action="store_true", help="only the JSON lines; there is nothing else to print")
    given = parser.parse_args()
    for line in lines(measure(given.seconds or (QUICK_SECONDS if given.quick else SECONDS))):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
