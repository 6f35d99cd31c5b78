"""The thread that works off bulk jobs, one after another, in the order in which they were closed.

A chunk of rows and the record of what became of them are one transaction: a process that dies in the middle of a job
goes on with the first row that was not processed.
"""

import codecs
import csv
import itertools
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.salesforce import drafts
from sandbox.salesforce.drafts import Draft, Purpose
from sandbox.salesforce.errors import RecordError
from sandbox.salesforce.jobs import FINISHED, JobGone, Jobs, read_csv
from sandbox.salesforce.misbehave import Misbehaving
from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.query import Queries, count
from sandbox.salesforce.records import BATCH, Actor, Outcome, Records

_log = logging.getLogger("sandbox.salesforce")
_DECODED_AT_ONCE = 1 << 20
Column = Field | tuple[Field, SObject, Field]


class _Unusable(Exception):
    """The job's data cannot be worked off at all: the job is Failed, with this message."""


class Worker:
    def __init__(self, jobs: Jobs, records: Records, queries: Queries, misbehaving: Misbehaving) -> None:
        self._jobs = jobs
        self._queries = queries
        self._records = records
        self._misbehaving = misbehaving
        self._wanted = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bulk", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.wake()

    def wake(self) -> None:
        """There may be a job to do."""
        self._wanted.set()

    def stop(self) -> None:
        """Ends after the chunk at hand; the job goes on when the sandbox is started again."""
        self._ending.set()
        self.wake()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            self._wanted.wait()
            self._wanted.clear()
            for kind, job in self._jobs.waiting():
                if self._ending.is_set():
                    return
                try:
                    self._query(job) if kind == "query" else self._ingest(job)
                except JobGone:
                    continue
                except Exception as problem:
                    _log.exception("job %s", job)
                    self._finish(job, "Failed", errorMessage=f"InternalServerError : {problem}")

    def _query(self, job: str) -> None:
        document = self._jobs.get("query", job)
        self._pause()
        compiled = self._queries.compile(document["query"], with_deleted=document["operation"] == "queryAll")
        found = count(self._jobs.store.reader, compiled)
        limit = compiled.query.limit
        with self._jobs.store.write() as db:
            if self._jobs.get("query", job)["state"] not in FINISHED:
                processed = found if limit is None else min(limit, found)
                self._jobs.change(db, "query", job, state="JobComplete", numberRecordsProcessed=processed)

    def _ingest(self, job: str) -> None:
        started = time.monotonic()
        with self._jobs.store.write() as db:
            document = self._jobs.get("ingest", job)
            if document["state"] in FINISHED:  # aborted before its turn came
                return None
            self._jobs.change(db, "ingest", job, state="InProgress")
        self._pause()
        failure = self._misbehaving.take_for_job("fail_job")
        most = failure.rows if failure else None
        try:
            header, rows = _open(document, self._jobs.content(job))
            columns = self._columns(document, header)
            ended = self._work_off(job, document, columns, rows, most)
        except _Unusable as problem:
            return self._finish(job, "Failed", started, errorMessage=str(problem))
        except csv.Error as problem:
            return self._finish(job, "Failed", started, errorMessage=f"InvalidBatch : Failed to parse CSV. {problem}")
        if not ended:
            return None
        if failure is not None:
            message = failure.message or "InternalServerError : Job failed after maximum retries"
            return self._finish(job, "Failed", started, errorMessage=message)
        return self._finish(job, "JobComplete", started)

    def _work_off(
        self, job: str, document: dict[str, Any], columns: Sequence[Column], rows: Iterator[list[str]], most: int | None
    ) -> bool:
        """Whether the rows were worked off (up to `most`), and the job was not aborted or interrupted."""
        sobject = self._records.objects[document["object"]]
        fault = self._misbehaving.take_for_job("partial_job")
        actor = Actor(document["createdById"], fault=fault.partial_fault() if fault else None)
        with self._jobs.store.write() as db:
            done, failed = self._jobs.processed(db, job)
        remaining = itertools.islice(rows, done, most)
        while chunk := list(itertools.islice(remaining, BATCH)):
            if self._ending.is_set():
                return False
            with self._jobs.store.write() as db:
                if self._jobs.get("ingest", job)["state"] != "InProgress":
                    return False
                outcomes = self._apply(db, document, sobject, columns, chunk, actor)
                self._jobs.add_rows(db, job, (_row(done + at, each) for at, each in enumerate(outcomes, start=1)))
                done += len(outcomes)
                failed += sum(not outcome.success for outcome in outcomes)
                self._jobs.change(db, "ingest", job, numberRecordsProcessed=done, numberRecordsFailed=failed)
        return True

    def _apply(
        self, db: sqlite3.Connection, document: dict[str, Any], sobject: SObject, columns: Sequence[Column],
        chunk: list[list[str]], actor: Actor,
    ) -> list[Outcome]:  # fmt: skip
        operation, width = document["operation"], len(columns)
        purpose: Purpose = operation if operation in ("insert", "upsert") else "update"
        made = []
        for row in chunk:
            if len(row) != width:
                message = f"The number of columns in the row ({len(row)}) is not that of the header ({width})"
                made.append(Draft(errors=[RecordError("INVALID_CSV_ROW", message)]))
            else:
                made.append(drafts.from_csv(columns, row, purpose))
        if operation == "insert":
            return self._records.insert(db, sobject, made, actor)
        if operation == "update":
            return self._records.update(db, sobject, made, actor)
        if operation == "upsert":
            key = sobject.fields[document["externalIdFieldName"]]
            return self._records.upsert(db, sobject, key, made, actor)
        outcomes = self._records.delete(db, sobject, made, actor)
        if operation == "hardDelete":
            gone = [(outcome.id,) for outcome in outcomes if outcome.success]
            db.executemany(f'DELETE FROM "{sobject.name}" WHERE Id = ?', gone)
        return outcomes

    def _columns(self, document: dict[str, Any], header: list[str]) -> list[Column]:
        """What each column of the header means. Raises _Unusable for the first that means nothing."""
        sobject, operation = self._records.objects[document["object"]], document["operation"]
        columns: list[Column] = []
        for name in header:
            relationship, dot, key = name.partition(".")
            parent = drafts.parent_column(self._records.objects, sobject, relationship, key) if dot else None
            target = parent or sobject.field(name)
            if target is None:
                raise _Unusable(f"InvalidBatch : Field name not found : {name}")
            columns.append(target)
        named = [each.name for each in columns if isinstance(each, Field)]
        if operation in ("delete", "hardDelete") and named != ["Id"]:
            raise _Unusable(f"InvalidBatch : The '{operation}' batch must contain only ids")
        if operation == "update" and "Id" not in named:
            raise _Unusable("InvalidBatch : Field name not found : Id")
        if operation == "upsert" and document["externalIdFieldName"] not in named:
            raise _Unusable(f"InvalidBatch : Field name not found : {document['externalIdFieldName']}")
        return columns

    def _pause(self) -> None:
        slow = self._misbehaving.take_for_job("slow_job")
        if slow is not None:
            self._ending.wait(slow.seconds)

    def _finish(self, job: str, state: str, started: float | None = None, **changed: Any) -> None:
        if started is not None:
            milliseconds = round((time.monotonic() - started) * 1000)
            changed |= {"totalProcessingTime": milliseconds, "apiActiveProcessingTime": milliseconds}
        with self._jobs.store.write() as db:
            kind = db.execute("SELECT kind FROM job WHERE id = ?", (job,)).fetchone()
            if kind is not None and self._jobs.get(kind[0], job)["state"] not in FINISHED:
                self._jobs.change(db, kind[0], job, state=state, **changed)


def _open(document: dict[str, Any], content: bytes) -> tuple[list[str], Iterator[list[str]]]:
    """The header and the rows. Raises _Unusable for what the documents rule out: encoding, line ends, no header."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content) + 1, _DECODED_AT_ONCE):
            decoder.decode(content[start : start + _DECODED_AT_ONCE], final=start + _DECODED_AT_ONCE > len(content))
    except UnicodeDecodeError:
        raise _Unusable("ClientInputError : the data is not UTF-8") from None
    ending = document["lineEnding"]
    if b"\r\n" in content if ending == "LF" else content.count(b"\n") != content.count(b"\r\n"):
        message = f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {ending}"
        raise _Unusable(message)
    csv.field_size_limit(1 << 20)
    reader = read_csv(document, content)
    header = next(reader, None)
    if not header:
        raise _Unusable("InvalidBatch : Failed to parse CSV. The upload has no header row")
    return header, (row for row in reader if row)


def _row(line: int, outcome: Outcome) -> tuple[int, str | None, int | None, str | None]:
    if outcome.success:
        return line, outcome.id, int(outcome.created), None
    return line, outcome.id, None, outcome.errors[0].for_bulk()
