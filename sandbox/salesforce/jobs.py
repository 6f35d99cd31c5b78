"""Bulk API 2.0 jobs as they are kept: their documents, states, uploads, and what became of each row."""

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import orjson

from sandbox.salesforce import times
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.store import JOB_PREFIX, Store

JobKind = Literal["ingest", "query"]
FINISHED = ("JobComplete", "Failed", "Aborted")
UNFINISHED = ("UploadComplete", "InProgress")
DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
LISTED_AT_ONCE = 1000


def read_csv(document: Mapping[str, Any], content: bytes) -> Iterator[list[str]]:
    """The rows of an upload, header first, decoded as they are read: an upload may have a hundred megabytes."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="replace", newline="")
    return csv.reader(text, delimiter=DELIMITERS[document["columnDelimiter"]])


class JobGone(ApiError):
    """There is no such job; a job at work may be deleted meanwhile."""

    def __init__(self) -> None:
        super().__init__(404, "NOT_FOUND", "The requested resource does not exist")


class Jobs:
    def __init__(self, store: Store) -> None:
        self.store = store

    def create(self, kind: JobKind, state: str, user: str, version: str, fields: dict[str, Any]) -> dict[str, Any]:
        now = times.write(times.now())
        with self.store.write() as db:
            (job,) = self.store.new_ids(db, JOB_PREFIX, 1)
            document = {
                "id": job,
                **fields,
                "createdById": user,
                "createdDate": now,
                "systemModstamp": now,
                "state": state,
                "concurrencyMode": "Parallel",
                "apiVersion": float(version.removeprefix("v")),
            }
            if kind == "ingest":
                document["contentUrl"] = f"services/data/{version}/jobs/ingest/{job}/batches"
            sql = "INSERT INTO job (id, kind, state, document) VALUES (?, ?, ?, ?)"
            db.execute(sql, (job, kind, state, orjson.dumps(document).decode()))
        return document

    def get(self, kind: JobKind, job: str) -> dict[str, Any]:
        """The job's document. Raises JobGone."""
        return self._read(self.store.reader, kind, job)

    @staticmethod
    def _read(db: sqlite3.Connection, kind: JobKind, job: str) -> dict[str, Any]:
        row = db.execute("SELECT document FROM job WHERE id = ? AND kind = ?", (job, kind)).fetchone()
        if row is None:
            raise JobGone
        document: dict[str, Any] = orjson.loads(row[0])
        return document

    def change(self, db: sqlite3.Connection, kind: JobKind, job: str, **changed: Any) -> dict[str, Any]:
        """Changes the document in the caller's transaction."""
        document = self._read(db, kind, job) | changed | {"systemModstamp": times.write(times.now())}
        sql = "UPDATE job SET state = ?, document = ? WHERE id = ?"
        db.execute(sql, (document["state"], orjson.dumps(document).decode(), job))
        return document

    def listing(self, kind: JobKind) -> list[dict[str, Any]]:
        sql = "SELECT document FROM job WHERE kind = ? ORDER BY id DESC LIMIT ?"
        return [orjson.loads(row[0]) for row in self.store.reader.execute(sql, (kind, LISTED_AT_ONCE))]

    def waiting(self) -> list[tuple[JobKind, str]]:
        sql = "SELECT kind, id FROM job WHERE state IN (?, ?) ORDER BY id"
        return list(self.store.reader.execute(sql, UNFINISHED))

    def delete(self, job: str) -> None:
        with self.store.write() as db:
            for table, column in (("job_row", "job"), ("job_upload", "job"), ("job", "id")):
                db.execute(f"DELETE FROM {table} WHERE {column} = ?", (job,))

    def upload(self, job: str, content: bytes) -> None:
        with self.store.write() as db:
            db.execute("INSERT OR REPLACE INTO job_upload VALUES (?, ?)", (job, content))
            db.execute("UPDATE job SET uploads = uploads + 1 WHERE id = ?", (job,))

    def uploads(self, db: sqlite3.Connection, job: str) -> int:
        """How often content was uploaded; more than once is the client's mistake."""
        found: int = db.execute("SELECT uploads FROM job WHERE id = ?", (job,)).fetchone()[0]
        return found

    def content(self, job: str) -> bytes:
        row = self.store.reader.execute("SELECT content FROM job_upload WHERE job = ?", (job,)).fetchone()
        return row[0] if row else b""

    def add_rows(
        self, db: sqlite3.Connection, job: str, rows: Iterable[tuple[int, str | None, int | None, str | None]]
    ) -> None:
        """Line (from 1), record id, created, error: of rows that were processed."""
        db.executemany("INSERT INTO job_row VALUES (?, ?, ?, ?, ?)", ((job, *row) for row in rows))

    def processed(self, db: sqlite3.Connection, job: str) -> tuple[int, int]:
        """How many rows were processed, and how many of them failed. They are the first ones: work is in order."""
        sql = "SELECT COUNT(*), COUNT(error) FROM job_row WHERE job = ?"
        found: tuple[int, int] = db.execute(sql, (job,)).fetchone()
        return found

    def rows(self, job: str) -> Iterator[tuple[int, str | None, int | None, str | None]]:
        sql = "SELECT line, id, created, error FROM job_row WHERE job = ? ORDER BY line"
        yield from self.store.reader.execute(sql, (job,))
