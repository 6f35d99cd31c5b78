"""Bulk API 2.0 resources: jobs of records to write, jobs of queries ("Bulk API 2.0 and Bulk API Developer Guide")."""

import base64
import binascii
import csv
import io
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sandbox.salesforce import values
from sandbox.salesforce.errors import ApiError, not_found
from sandbox.salesforce.exchange import Call, Reply, answer
from sandbox.salesforce.jobs import DELIMITERS, FINISHED, LINE_ENDINGS, JobKind, Jobs, read_csv
from sandbox.salesforce.limits import MAX_UPLOAD_BYTES
from sandbox.salesforce.org import Org
from sandbox.salesforce.query import Result, matching_rows
from sandbox.salesforce.store import placeholders
from sandbox.salesforce.worker import Worker

_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_QUERY_PAGE = 50_000
_FETCHED_AT_ONCE = 5_000
_KEPT_RESULTS = 10
_CSV = "text/csv;charset=UTF-8"


class Bulk:
    def __init__(self, org: Org, jobs: Jobs, worker: Worker) -> None:
        self.org = org
        self.jobs = jobs
        self.worker = worker
        self._results: OrderedDict[str, Result] = OrderedDict()
        self._lock = threading.Lock()

    # -- jobs that write

    def create(self, call: Call) -> Reply:
        given = call.json_object()
        operation = given.get("operation")
        if operation not in _OPERATIONS:
            raise ApiError(
                400, "INVALIDJOB", f"InvalidJob : Invalid operation: {operation}; valid: {', '.join(_OPERATIONS)}"
            )
        name = str(given.get("object", ""))
        sobject = next((each for each in self.org.objects.values() if each.name.lower() == name.lower()), None)
        if sobject is None or not sobject.writable:
            raise ApiError(400, "INVALIDENTITY", f"InvalidEntity : Unable to find object: {name}")
        fields = {"operation": operation, "object": sobject.name, "contentType": "CSV", **_format(given)}
        if operation == "upsert":
            key = sobject.field(str(given.get("externalIdFieldName", "")))
            if key is None or not (key.external_id or key.kind == "id"):
                message = "InvalidJob : External ID field name is required for upsert and must be an external ID"
                raise ApiError(400, "INVALIDJOB", message)
            fields["externalIdFieldName"] = key.name
        return answer(self.jobs.create("ingest", "Open", call.user, call.version, fields))

    def upload(self, call: Call, job: str) -> Reply:
        document = self.jobs.get("ingest", job)
        if document["state"] != "Open":
            raise _wrong_state(document, "upload data to")
        if len(call.body) > MAX_UPLOAD_BYTES:
            raise ApiError(413, "REQUEST_TOO_LARGE", f"a job's data may have {MAX_UPLOAD_BYTES} bytes")
        self.jobs.upload(job, call.body)
        return Reply(201, records=max(0, call.body.count(b"\n") - 1))

    def change_state(self, call: Call, job: str) -> Reply:
        """Close (`UploadComplete`) or abort (`Aborted`)."""
        wanted = call.json_object().get("state")
        if wanted not in ("UploadComplete", "Aborted"):
            raise ApiError(400, "INVALIDJOBSTATE", f"InvalidJobState : cannot set the state to {wanted}")
        with self.org.store.write() as db:
            document = self.jobs.change(db, "ingest", job)
            state = document["state"]
            if state in FINISHED or (wanted == "UploadComplete" and state != "Open"):
                raise _wrong_state(document, f"set the state {wanted} of")
            uploads = self.jobs.uploads(db, job)
            if wanted == "UploadComplete" and uploads > 1:
                # The second PUT is taken; only closing tells.
                message = (
                    f"Found multipe contents for job: <{job}>, please 'Close' / 'Abort' / 'Delete' the current Job then"
                    " create a new Job and make sure you only do 'PUT' once on a given Job."
                )
                raise ApiError(400, "INVALIDJOB", message)
            document = self.jobs.change(db, "ingest", job, state=wanted)
        self.worker.wake()
        return answer(document)

    def get(self, call: Call, job: str) -> Reply:
        return answer(self._info("ingest", self.jobs.get("ingest", job)))

    def list_all(self, call: Call) -> Reply:
        return self._list("ingest")

    def delete(self, call: Call, job: str) -> Reply:
        document = self.jobs.get("ingest", job)
        if document["state"] not in FINISHED and document["state"] != "UploadComplete":
            raise _wrong_state(document, "delete")
        self.jobs.delete(job)
        return Reply(204)

    def successful(self, call: Call, job: str) -> Reply:
        lead = ("sf__Id", "sf__Created")
        rows = (
            (row, (str(each[1]), "true" if each[2] else "false"))
            for row, each in self._outcomes(job)
            if each and not each[3]
        )
        return self._csv(job, lead, rows)

    def failed(self, call: Call, job: str) -> Reply:
        rows = ((row, (each[1] or "", each[3])) for row, each in self._outcomes(job) if each and each[3])
        return self._csv(job, ("sf__Id", "sf__Error"), rows)

    def unprocessed(self, call: Call, job: str) -> Reply:
        rows = ((row, ()) for row, each in self._outcomes(job) if not each)
        return self._csv(job, (), rows)

    def _outcomes(self, job: str) -> Iterator[tuple[list[str], Any]]:
        """The upload's rows, each with what became of it (None where nothing did)."""
        document = self.jobs.get("ingest", job)
        if document["state"] not in FINISHED:
            raise _wrong_state(document, "get the results of")
        known = self.jobs.rows(job)
        upcoming = next(known, None)
        for line, row in enumerate(self._rows(document), start=1):
            if upcoming is not None and upcoming[0] == line:
                yield row, upcoming
                upcoming = next(known, None)
            else:
                yield row, None

    def _rows(self, document: dict[str, Any]) -> Iterator[list[str]]:
        reader = read_csv(document, self.jobs.content(document["id"]))
        next(reader, None)
        return (row for row in reader if row)

    def _csv(self, job: str, lead: Sequence[str], rows: Iterable[tuple[list[str], tuple[Any, ...]]]) -> Reply:
        document = self.jobs.get("ingest", job)
        header = next(read_csv(document, self.jobs.content(job)), [])
        delimiter, ending = DELIMITERS[document["columnDelimiter"]], LINE_ENDINGS[document["lineEnding"]]
        # The order of results is not that of the upload, say the documents; here every second row comes last.
        halves = [io.BytesIO(), io.BytesIO()]
        texts = [io.TextIOWrapper(half, encoding="utf-8", newline="") for half in halves]
        writers = [
            csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL) for text in texts
        ]
        writers[0].writerow([*lead, *header])
        count = 0
        for count, (row, extra) in enumerate(rows, start=1):
            writers[count % 2].writerow([*extra, *row])
        for text in texts:
            text.flush()
        return Reply(200, b"".join(half.getbuffer() for half in halves), _CSV, records=count)

    # -- jobs that read

    def create_query(self, call: Call) -> Reply:
        given = call.json_object()
        operation = given.get("operation")
        if operation not in ("query", "queryAll"):
            raise ApiError(400, "INVALIDJOB", f"InvalidJob : Invalid operation: {operation}")
        text = str(given.get("query", ""))
        compiled = self.org.queries.compile(text, with_deleted=operation == "queryAll")
        if compiled.aggregates or compiled.counts_only:
            raise ApiError(400, "INVALIDJOB", "InvalidJob : Aggregate functions are not supported in bulk queries")
        fields = {
            "operation": operation,
            "query": text,
            "object": compiled.sobject.name,
            "contentType": "CSV",
            **_format(given),
        }
        document = self.jobs.create("query", "UploadComplete", call.user, call.version, fields)
        self.worker.wake()
        return answer(document)

    def get_query(self, call: Call, job: str) -> Reply:
        return answer(self._info("query", self.jobs.get("query", job)))

    def list_queries(self, call: Call) -> Reply:
        return self._list("query")

    def abort_query(self, call: Call, job: str) -> Reply:
        if call.json_object().get("state") != "Aborted":
            raise ApiError(400, "INVALIDJOBSTATE", "InvalidJobState : a query job can only be Aborted")
        with self.org.store.write() as db:
            document = self.jobs.change(db, "query", job)
            if document["state"] in FINISHED:
                raise _wrong_state(document, "abort")
            document = self.jobs.change(db, "query", job, state="Aborted")
        return answer(document)

    def delete_query(self, call: Call, job: str) -> Reply:
        document = self.jobs.get("query", job)
        if document["state"] not in FINISHED:
            raise _wrong_state(document, "delete")
        self.jobs.delete(job)
        return Reply(204)

    def query_results(self, call: Call, job: str) -> Reply:
        """CSV pages: `?maxRecords=&locator=`; the header `Sforce-Locator` names the next one, or is `null`."""
        document = self.jobs.get("query", job)
        if document["state"] != "JobComplete":
            raise _wrong_state(document, "get the results of")
        given = call.parameters
        most = int(given["maxRecords"]) if given.get("maxRecords", "").isdecimal() else _QUERY_PAGE
        start = _decode(given["locator"]) if given.get("locator") else 0
        result = self._result(document)
        end = min(start + max(1, most), len(result.rows))
        body = self._query_csv(document, result, start, end)
        following = _encode(end) if end < len(result.rows) else "null"
        headers = {"Sforce-Locator": following, "Sforce-NumberOfRecords": str(end - start)}
        return Reply(200, body, _CSV, headers, records=end - start)

    def _result(self, document: dict[str, Any]) -> Result:
        """The rows that the job found; found again if the process that found them is gone."""
        job = document["id"]
        with self._lock:
            known = self._results.get(job)
        if known is None:
            compiled = self.org.queries.compile(document["query"], with_deleted=document["operation"] == "queryAll")
            known = Result(compiled, matching_rows(self.org.store.reader, compiled), _QUERY_PAGE)
            with self._lock:
                self._results[job] = known
                while len(self._results) > _KEPT_RESULTS:
                    self._results.popitem(last=False)
        return known

    def _query_csv(self, document: dict[str, Any], result: Result, start: int, end: int) -> bytes:
        columns = result.compiled.columns
        delimiter, ending = DELIMITERS[document["columnDelimiter"]], LINE_ENDINGS[document["lineEnding"]]
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
        writer.writerow([".".join((*each.parents, each.field.name)) for each in columns])
        selected = ", ".join(["t.rowid", *(each.sql for each in columns)])
        for at in range(start, end, _FETCHED_AT_ONCE):
            part = list(result.rows[at : min(at + _FETCHED_AT_ONCE, end)])
            sql = f"SELECT {selected} FROM {result.compiled.tables} WHERE t.rowid IN ({placeholders(len(part))})"
            by_row = {row[0]: row[1:] for row in self.org.store.reader.execute(sql, part)}
            for number in part:
                row = by_row[number]
                writer.writerow([values.to_csv(each.field, value) for each, value in zip(columns, row, strict=True)])
        return buffer.getvalue().encode()

    # -- shared

    def _info(self, kind: JobKind, document: dict[str, Any]) -> dict[str, Any]:
        if document["state"] == "Open":
            return document
        counted = {"numberRecordsProcessed": 0, "retries": 0, "totalProcessingTime": 0}
        if kind == "ingest":
            counted |= {"numberRecordsFailed": 0, "apiActiveProcessingTime": 0, "apexProcessingTime": 0}
            document.pop("contentUrl", None)
        return {**counted, **document, "jobType": "V2Ingest" if kind == "ingest" else "V2Query"}

    def _list(self, kind: JobKind) -> Reply:
        listed = [self._info(kind, each) for each in self.jobs.listing(kind)]
        return answer({"done": True, "records": listed, "nextRecordsUrl": None}, records=len(listed))


def _format(given: dict[str, Any]) -> dict[str, str]:
    if given.get("contentType", "CSV") != "CSV":
        raise ApiError(400, "INVALIDJOB", "InvalidJob : Only CSV is supported as contentType")
    ending, delimiter = str(given.get("lineEnding", "LF")), str(given.get("columnDelimiter", "COMMA"))
    if ending not in LINE_ENDINGS or delimiter not in DELIMITERS:
        raise ApiError(400, "INVALIDJOB", f"InvalidJob : Invalid lineEnding or columnDelimiter: {ending}, {delimiter}")
    return {"lineEnding": ending, "columnDelimiter": delimiter}


def _wrong_state(document: dict[str, Any], what: str) -> ApiError:
    return ApiError(400, "INVALIDJOBSTATE", f"InvalidJobState : Cannot {what} a job in state {document['state']}")


def _encode(row: int) -> str:
    return base64.urlsafe_b64encode(str(row).encode()).decode().rstrip("=")


def _decode(locator: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except (binascii.Error, ValueError):
        raise not_found("Invalid locator") from None
