"""Bulk API 2.0: many writes as one job ("Bulk API 2.0 and Bulk API Developer Guide").

Create, upload, close, poll and fetch are separate steps, so that the job is known to us before the org has any of its
data, and a later process can ask for its results.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.salesforce.answers import Unanswered, problem_of_row
from connectors.salesforce.session import Session
from solmu.errors import Fatal, Retriable, Skippable, SolmuError
from solmu.exchange import Job, Journal, Outcome, Result, Verb, Write

_MOST_BYTES = 90_000_000  # a job takes 100 MB, and some of its processing counts with the encoding
_NULL = "#N/A"  # a blank cell leaves its field alone
_JOBS = "jobs/ingest"
# A job that failed for these will fail again: a column that the object does not have, for instance.
_UNUSABLE = ("InvalidBatch", "ClientInputError")
_FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})
# A short job is not waited for much longer than it takes, and a long one costs few questions.
_FIRST_PAUSE, _LONGER, _LONGEST_PAUSE = 0.05, 1.3, 10.0


class Bulk:
    """Writes to one object by jobs. ``key`` is the external id field that creates go by."""

    def __init__(self, session: Session, stream: str, sobject: str, key: str, patience: float) -> None:
        self._session = session
        self._stream = stream
        self._object = sobject
        self._key = key
        self._patience = patience

    def write(self, verb: Verb, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        """One result a write. Raises Retriable or Fatal only before the first job exists."""
        yield from self.begin(verb, writes, journal)

    def begin(self, verb: Verb, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        """The same, but everything is uploaded when this returns; the results are waited for later."""
        begun: list[Job] = []
        early: list[Result] = []  # of what did not get as far as to be worked on
        broken: SolmuError | None = None
        for content, part in _uploads(verb, self._key, writes):
            try:
                job = self._create(verb, part)
            except (Unanswered, Retriable) as error:
                if not (begun or early) and isinstance(error, Retriable):
                    raise
                # A job without data does nothing, whether it came about or not.
                early += [_result(write.id, Outcome.RETRIABLE, write.remote_id, error) for write in part]
                continue
            except SolmuError as error:
                if not (begun or early):
                    raise
                broken = error
                break
            journal(job)
            begun.append(job)
            try:
                self._session.upload(f"{_JOBS}/{job.id}/batches", content)
                self._session.send("PATCH", f"{_JOBS}/{job.id}", json={"state": "UploadComplete"})
            except (Unanswered, Retriable) as error:
                early += self._unanswered(begun.pop(), error)
            except SolmuError as error:
                begun.pop()
                if not (begun or early):
                    raise
                broken = error
                break
        return self._collected(begun, early, broken)

    def _collected(self, jobs: Sequence[Job], early: Sequence[Result], broken: SolmuError | None) -> Iterator[Result]:
        yield from early
        for job in jobs:
            try:
                yield from self._results(job, self._finished(job))
            except (Unanswered, Retriable) as error:
                yield from self._unanswered(job, error)
        if broken is not None:
            raise broken

    @staticmethod
    def _unanswered(job: Job, error: Unanswered | Retriable) -> Iterator[Result]:
        """Asked again by ``resume``: the job is journalled."""
        ids = [None] * len(job.action_ids) if job.verb is Verb.CREATE else job.detail["keys"]
        for action, remote_id in zip(job.action_ids, ids, strict=True):
            yield _result(action, Outcome.UNKNOWN, remote_id, error)

    def resume(self, job: Job) -> Iterator[Result]:
        """The results of a job that an earlier process began. Raises Retriable while it still runs."""
        try:
            if self._session.get_part(f"{_JOBS}/{job.id}", "state") == "Open":
                # It was never closed, so nothing of it was done, and now nothing will be.
                self._session.send("PATCH", f"{_JOBS}/{job.id}", json={"state": "Aborted"})
                yield from (_never(action) for action in job.action_ids)
                return
        except Unanswered as error:
            raise Retriable(error.message, code=error.code) from error
        except Fatal as error:
            if error.code != "NOT_FOUND":
                raise
            # Jobs are kept for a week.
            yield from (_never(action) for action in job.action_ids)
            return
        yield from self._results(job, self._finished(job))

    def _create(self, verb: Verb, writes: Sequence[Write]) -> Job:
        document = {"object": self._object, "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA"}
        match verb:
            case Verb.CREATE:
                document |= {"operation": "upsert", "externalIdFieldName": self._key}
                keys = [str(write.external_id) for write in writes]
            case Verb.UPDATE:
                document["operation"] = "update"
                keys = [str(write.remote_id) for write in writes]
            case Verb.DELETE:
                document["operation"] = "delete"
                keys = [str(write.remote_id) for write in writes]
        try:
            answer = self._session.send("POST", _JOBS, json=document)
        except Skippable as error:
            # No record is to blame: there are none in it yet.
            raise Fatal(f"Salesforce takes no such job: {error.message}", code=error.code) from error
        if not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
            raise Unanswered("garbled", "the answer names no job")
        return Job(answer["id"], self._stream, verb, tuple(write.id for write in writes), {"keys": keys})

    def _finished(self, job: Job) -> Mapping[str, Any]:
        """The job once it has ended. Raises Retriable when that takes too long."""
        until = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            document: Mapping[str, Any] = self._session.get(f"{_JOBS}/{job.id}")
            if document.get("state") in _FINISHED:
                return document
            if time.monotonic() + pause > until:
                raise Retriable(f"the bulk job {job.id} is still being worked off", code="job-running")
            time.sleep(pause)
            pause = min(pause * _LONGER, _LONGEST_PAUSE)

    def _results(self, job: Job, document: Mapping[str, Any]) -> Iterator[Result]:
        """Successful, failed and unprocessed rows, each to its action; what is in none of them is unknown."""
        column = self._key if job.verb is Verb.CREATE else "Id"
        waiting = dict(zip(job.detail["keys"], job.action_ids, strict=True))
        for key, written, created in self._rows(job, "successfulResults", column, "sf__Id", "sf__Created"):
            action = waiting.pop(key, None)
            if action is not None:
                yield Result(action, Outcome.CREATED if created == "true" else Outcome.UPDATED, written)
        if not waiting:
            return  # every row has its result: the other two lists would be empty
        for key, why in self._rows(job, "failedResults", column, "sf__Error"):
            action = waiting.pop(key, None)
            if action is not None:
                problem = problem_of_row(why)
                remote_id = None if job.verb is Verb.CREATE else key
                yield Result(
                    action,
                    problem.outcome,
                    remote_id,
                    code=problem.code,
                    message=problem.sentence,
                    field=problem.field,
                )
        unprocessed = {key for (key,) in self._rows(job, "unprocessedrecords", column)}
        why = str(document.get("errorMessage") or f"the job ended as {document.get('state')}")
        again = Outcome.REJECTED if why.startswith(_UNUSABLE) else Outcome.RETRIABLE
        for key, action in waiting.items():
            remote_id = None if job.verb is Verb.CREATE else key
            if key in unprocessed:
                yield Result(action, again, remote_id, code="not-processed", message=why)
            else:
                yield Result(action, Outcome.UNKNOWN, remote_id, code="no-result", message=why)

    def _rows(self, job: Job, kind: str, *columns: str) -> Iterator[Sequence[str]]:
        """These columns of one of a job's lists of results."""
        rows = csv.reader(io.StringIO(self._session.get_text(f"{_JOBS}/{job.id}/{kind}"), newline=""))
        header = next(rows, [])
        if not set(columns) <= set(header):
            raise Retriable(f"the {kind} of job {job.id} could not be read", code="garbled")
        places = [header.index(name) for name in columns]
        # A row that was cut off has no result: it stays unknown.
        return ([row[place] for place in places] for row in rows if len(row) >= len(header))


def _uploads(verb: Verb, key: str, writes: Sequence[Write]) -> Iterator[tuple[bytes, Sequence[Write]]]:
    """The writes as CSV, in as many uploads as their size takes."""
    first = key if verb is Verb.CREATE else "Id"
    names: dict[str, Any] = {}
    for write in writes if verb is not Verb.DELETE else ():
        names.update(write.fields)
    others = [name for name in names if name != first]
    yield from _parts([first, *others], [_line(verb, key, write, others) for write in writes], writes)


def _parts(
    columns: Sequence[str], lines: Sequence[Sequence[str]], writes: Sequence[Write]
) -> Iterator[tuple[bytes, Sequence[Write]]]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    content = text.getvalue().encode()
    if len(content) <= _MOST_BYTES or len(writes) < 2:
        yield content, writes
        return
    middle = len(writes) // 2
    yield from _parts(columns, lines[:middle], writes[:middle])
    yield from _parts(columns, lines[middle:], writes[middle:])


def _line(verb: Verb, key: str, write: Write, others: Sequence[str]) -> list[str]:
    """The cells of a write: what it goes by, and the columns ``others``."""
    values, first = write.fields, write.external_id
    if verb is not Verb.CREATE:
        values = {key: first, **values} if first else values
        first = write.remote_id
    return [_cell(first), *[_cell(values[name]) if name in values else "" for name in others]]


def _cell(value: Any) -> str:
    if value is None or value == "":
        return _NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else str(value)
    # The job's line ends are LF, also inside of cells.
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _never(action: int) -> Result:
    return Result(action, Outcome.UNKNOWN, code="not-uploaded", message="the job ended before it had any data")


def _result(action: int, outcome: Outcome, remote_id: str | None, error: Unanswered | Retriable) -> Result:
    return Result(action, outcome, remote_id, code=error.code, message=error.message)
