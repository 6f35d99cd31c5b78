"""A few lines to talk to the sandbox with, so that its tests show what goes over the wire."""

import csv
import io
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import httpx

from sandbox.start import Running

VERSION = "v59.0"
DONE = ("JobComplete", "Failed", "Aborted")


class Api:
    """The REST API under one session. Paths are relative to `/services/data/v59.0`, or start with a slash."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.http = httpx.Client(base_url=running.url, timeout=30)
        self.log_in()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def log_in(self) -> None:
        known = self.running.secrets
        form = {"grant_type": "client_credentials"}
        form |= {name: known[name] for name in ("client_id", "client_secret")}
        token = self.http.post("/services/oauth2/token", data=form).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        full = path if path.startswith("/") else f"/services/data/{VERSION}/{path}"
        return self.http.request(method, full, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options).json()

    def create(self, sobject: str, **fields: Any) -> str:
        response = self.call("POST", f"sobjects/{sobject}", json=fields)
        assert response.status_code == 201, response.text
        created: str = response.json()["id"]
        return created

    def read(self, sobject: str, record_id: str) -> dict[str, Any]:
        record: dict[str, Any] = self.get(f"sobjects/{sobject}/{record_id}")
        return record

    def query(self, soql: str, *, everything: bool = False) -> list[dict[str, Any]]:
        """The records of a query, without their attributes, all pages."""
        found = self.get("queryAll" if everything else "query", params={"q": soql})
        records: list[dict[str, Any]] = found["records"]
        while not found["done"]:
            found = self.get(found["nextRecordsUrl"])
            records += found["records"]
        return [{key: value for key, value in each.items() if key != "attributes"} for each in records]

    def values(self, soql: str) -> list[Any]:
        """The only column of a query."""
        return [next(iter(record.values())) for record in self.query(soql)]

    def upsert_many(self, sobject: str, records: Iterable[Mapping[str, Any]], key: str = "Solmu_Id__c") -> Any:
        typed = [{"attributes": {"type": sobject}, **record} for record in records]
        return self.call("PATCH", f"composite/sobjects/{sobject}/{key}", json={"records": typed}).json()

    def misbehave(self, **what: Any) -> None:
        assert self.call("POST", "/_misbehave", json=what).status_code == 200

    def edit(self, **change: Any) -> Any:
        response = self.call("POST", "/_edit", json=change)
        assert response.status_code == 200, response.text
        return response.json()[0]

    def calls(self, **selection: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.get("/_calls", params=selection)
        return listed

    def open_job(self, operation: str, sobject: str = "Account", **more: str) -> str:
        body = {"operation": operation, "object": sobject, "contentType": "CSV", "lineEnding": "LF", **more}
        response = self.call("POST", "jobs/ingest", json=body)
        assert response.status_code == 200, response.text
        job: str = response.json()["id"]
        return job

    def upload(self, job: str, text: str) -> httpx.Response:
        return self.call(
            "PUT", f"jobs/ingest/{job}/batches", content=text.encode(), headers={"Content-Type": "text/csv"}
        )

    def close(self, job: str) -> httpx.Response:
        return self.call("PATCH", f"jobs/ingest/{job}", json={"state": "UploadComplete"})

    def finish(self, job: str, kind: str = "ingest") -> dict[str, Any]:
        """Waits until the job has ended; its document then."""
        deadline = time.monotonic() + 60
        while True:
            document: dict[str, Any] = self.get(f"jobs/{kind}/{job}")
            if document["state"] in DONE:
                return document
            assert time.monotonic() < deadline, document
            time.sleep(0.02)

    def run_job(
        self, operation: str, rows: Sequence[Mapping[str, str]], sobject: str = "Account", **more: str
    ) -> dict[str, Any]:
        job = self.open_job(operation, sobject, **more)
        assert self.upload(job, to_csv(rows)).status_code == 201
        assert self.close(job).status_code == 200
        return self.finish(job)

    def results(self, job: str, which: str) -> list[dict[str, str]]:
        text = self.call("GET", f"jobs/ingest/{job}/{which}").text
        return list(csv.DictReader(io.StringIO(text)))


def to_csv(rows: Sequence[Mapping[str, str]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def error(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of a refused request."""
    first = response.json()[0]
    return response.status_code, first["errorCode"], first["message"]
