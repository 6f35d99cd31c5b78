"""The connection to a space: every verb of the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

from pydantic import Field

from connectors.base import Connector, Settings, ask, unsupported
from connectors.memory.merging import merge
from connectors.memory.space import Pending, Rules, Space, Stored, Trouble, micros, space
from solmu.errors import Fatal, Retriable, SolmuError
from solmu.exchange import (
    Batch,
    Capabilities,
    Cursor,
    FieldInfo,
    Job,
    Journal,
    Merging,
    Outcome,
    Payload,
    Remote,
    Result,
    Row,
    StreamInfo,
    Verb,
    Write,
)

Action = TypeVar("Action", bound=Write | Merging)


class MemorySettings(Settings):
    """``space`` names the system in this process; ``file`` (SQLite) keeps it beyond the process."""

    space: str = "default"
    file: Path | None = Field(None, json_schema_extra=ask())
    # Under which name our own writes are stamped.
    user: str = "solmu"
    # Rows a batch when reading.
    page: int = 1000
    # How far behind the cursor reading starts again, for rows that commit late.
    lag_seconds: float = 0.0
    # False: creates name no id of ours, as in a CRM whose administrator may not add a field.
    external_ids: bool = True
    # True: two records can be merged into one.
    merges: bool = False
    # From how many writes on a bulk job is used.
    bulk_above: int | None = None


class MemoryStream(Settings):
    """``full`` reads the whole list each time; a write that leaves a ``required`` field blank is refused."""

    key: tuple[str, ...] = ()
    full: bool = False
    required: tuple[str, ...] = ()


class MemoryConnector(Connector):
    """A small CRM to practise on: in a file, or in this process."""

    Settings = MemorySettings
    StreamSettings = MemoryStream

    can_write: ClassVar[bool] = True
    can_delete: ClassVar[bool] = True
    upserts_by_external_id: ClassVar[bool] = True
    reports_changes_since: ClassVar[bool] = True
    reports_deletes: ClassVar[bool] = True
    writes_conditionally: ClassVar[bool] = True

    settings: MemorySettings

    def __init__(self, *, name: str, settings: MemorySettings, streams: Mapping[str, Any], folder: Path) -> None:
        super().__init__(name=name, settings=settings, streams=streams, folder=folder)
        self._file = folder / settings.file if settings.file else None
        self._calls = 0

    @property
    def space(self) -> Space:
        """What this connection speaks to."""
        return space(self.settings.space, self._file)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            can_read=True,
            can_write=True,
            can_delete=True,
            can_merge=self.settings.merges,
            upserts_by_external_id=self.settings.external_ids,
            reports_changes_since=True,
            reports_deletes=True,
            writes_conditionally=True,
            max_batch=self.max_batch,
            bulk_above=self.settings.bulk_above,
        )

    def check(self) -> Sequence[str]:
        if self._file is not None and not self._file.parent.is_dir():
            raise Fatal(
                "the folder of the setting 'file' does not exist",
                code="file-missing",
                connection=self.name,
                field="file",
                value=str(self.settings.file),
                expected="a path in a folder that exists",
            )
        self._call("check", "", 0)
        return [] if self.settings.external_ids else ["creates carry no id of ours: a lost answer may mean a double"]

    def discover(self) -> Sequence[StreamInfo]:
        return [self._describe(stream, settings) for stream, settings in self.streams.items()]

    def shape(self, stream: str) -> StreamInfo:
        settings = self._stream(stream)
        return StreamInfo(stream, key=settings.key, full=settings.full, writable=True)

    def _describe(self, stream: str, settings: MemoryStream) -> StreamInfo:
        names = dict.fromkeys(name for payload in self.space.records(stream).values() for name in payload)
        required = set(settings.required)
        fields = tuple(FieldInfo(name, required=name in required) for name in (names | dict.fromkeys(required)))
        return replace(self.shape(stream), fields=fields)

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        full = self._stream(stream).full
        since = 0 if full or not cursor else int(cursor["since"]) - round(self.settings.lag_seconds * 1_000_000)
        after = (-1, "")
        while True:
            pending = self._call("read", stream, self.settings.page)
            if pending is not None:
                raise _broken(pending, self.name, stream)
            page = self.space.since(stream, since, self.settings.page, after)
            if page:
                after = (micros(page[-1].changed_at), page[-1].id)
            last = len(page) < self.settings.page
            rows = [self._row(record) for record in page if not (full and record.deleted)]
            if rows or full:
                # A later row may still commit with the stamp of the last one: from there on it comes again.
                yield Batch(rows, None if full else {"since": after[0]}, complete=full and last)
            if last:
                return

    def _row(self, record: Stored) -> Row:
        return Row(record.id, _seen(record), record.changed_at, record.deleted, f"record {record.id}")

    def as_remote(self, stream: str, key: str, payload: Payload) -> Remote:
        return Remote(
            key,
            payload,
            external_id=payload.get("_external_id"),
            version=payload.get("_version"),
            changed_by_us=payload.get("_changed_by") == self.settings.user,
            merged_into=payload.get("_merged_into"),
        )

    def fetch(self, stream: str, remote_ids: Sequence[str]) -> Iterator[Remote]:
        pending = self._call("fetch", stream, len(remote_ids))
        if pending is not None:
            raise _broken(pending, self.name, stream)
        for remote_id in remote_ids:
            record = self.space.get(stream, remote_id)
            yield self._remote(record) if record else Remote(remote_id, {}, deleted=True)

    def find(self, stream: str, external_ids: Sequence[str]) -> Iterator[Remote]:
        pending = self._call("find", stream, len(external_ids))
        if pending is not None:
            raise _broken(pending, self.name, stream)
        for external_id in external_ids:
            record = self.space.by_external_id(stream, external_id)
            if record is not None:
                yield self._remote(record)

    def _remote(self, record: Stored) -> Remote:
        remote = self.as_remote("", record.id, _seen(record))
        return replace(remote, changed_at=record.changed_at, deleted=record.deleted)

    def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        results = self.begin(stream, writes, journal)
        if results is not None:
            yield from results
            return
        if len(writes) > self.max_batch:
            raise ValueError(f"{len(writes)} writes in one call, and at most {self.max_batch} are allowed")
        rules = self._rules(stream)
        pending = self._call("write", stream, len(writes))
        yield from self._each(stream, writes, pending, lambda some: self.space.apply(stream, some, rules))

    def merges(self, stream: str) -> bool:
        return self.settings.merges

    def merge(self, stream: str, pairs: Sequence[Merging]) -> Iterator[Result]:
        if not self.merges(stream):
            raise unsupported(self, "merge")
        user = self.settings.user
        pending = self._call("merge", stream, len(pairs))
        yield from self._each(stream, pairs, pending, lambda some: merge(self.space, stream, some, user))

    def _each(
        self,
        stream: str,
        actions: Sequence[Action],
        pending: Pending | None,
        do: Callable[[Sequence[Action]], list[Result]],
    ) -> Iterator[Result]:
        """The results of what is done in one call, through the trouble that it runs into."""
        match pending.trouble if pending else None:
            case None:
                yield from do(actions)
            case Trouble.THROTTLE | Trouble.EXPIRE:
                assert pending is not None
                raise _broken(pending, self.name, stream)
            case Trouble.REJECT | Trouble.LOCK as trouble:
                assert pending is not None
                bad = pending.after
                yield from do([*actions[:bad], *actions[bad + 1 :]])
                yield from (_refused(action, trouble) for action in actions[bad : bad + 1])
            case Trouble.FAIL:
                assert pending is not None
                do(actions[: pending.after])
                yield from (_unanswered(action, Trouble.FAIL) for action in actions)
            case trouble:
                do(actions)
                yield from (_unanswered(action, trouble) for action in actions)

    def begin(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result] | None:
        above = self.settings.bulk_above
        if above is None or len(writes) < above:
            return None
        parts = [[write for write in writes if write.verb is verb] for verb in Verb]
        return chain.from_iterable([self._job(stream, part, journal) for part in parts if part])

    def _job(self, stream: str, writes: Sequence[Write], journal: Journal) -> Sequence[Result]:
        """One bulk job, of writes of one kind."""
        self._call("job", stream, 0)
        job = Job(uuid4().hex, stream, writes[0].verb, tuple(write.id for write in writes))
        journal(job)
        pending = self._call("upload", stream, len(writes))
        if pending is None or pending.trouble is not Trouble.FAIL:
            self.space.apply(stream, writes, self._rules(stream), job.id)
        if pending is not None:
            return [_unanswered(write, pending.trouble) for write in writes]
        return list(self.space.job_results(job.id))

    def resume(self, job: Job) -> Iterator[Result]:
        self._call("resume", job.stream, len(job.action_ids))
        results = {result.id: result for result in self.space.job_results(job.id)}
        for action in job.action_ids:
            never = Result(action, Outcome.UNKNOWN, code="not-processed", message="the job ended without this record")
            yield results.get(action, never)

    def calls_made(self) -> int:
        return self._calls

    def record_url(self, stream: str, remote_id: str) -> str | None:
        return f"memory://{self.settings.space}/{stream}/{remote_id}"

    def _call(self, verb: str, stream: str, size: int) -> Pending | None:
        """Make one call. An expired session is opened again once; if it expires again, the call runs into it."""
        self._calls += 1
        pending = self.space.call(verb, stream, size)
        if pending is not None and pending.trouble is Trouble.EXPIRE:
            self._calls += 1
            pending = self.space.call(verb, stream, size)
        return pending

    def _stream(self, stream: str) -> MemoryStream:
        settings = self.streams.get(stream)
        return settings if isinstance(settings, MemoryStream) else MemoryStream()

    def _rules(self, stream: str) -> Rules:
        return Rules(self.settings.user, self._stream(stream).required)


def _seen(record: Stored) -> Payload:
    """A record as the system shows it: its own fields, and after an underscore what the system keeps of it."""
    system = {
        "_external_id": record.external_id,
        "_version": str(record.version),
        "_changed_by": record.by,
        "_merged_into": record.merged_into,
    }
    return record.payload | system


def _broken(pending: Pending, connection: str, stream: str) -> SolmuError:
    """The error of a call that did nothing."""
    if pending.trouble is Trouble.EXPIRE:
        return Fatal(
            "the session ends as soon as it is opened", code="session-expired", connection=connection, stream=stream
        )
    if pending.trouble is Trouble.THROTTLE:
        return Retriable("too many calls", code="throttled", retry_after=7.0, connection=connection, stream=stream)
    return Retriable(
        "no answer, or none that can be read", code=pending.trouble.value, connection=connection, stream=stream
    )


def _refused(action: Write | Merging, trouble: Trouble) -> Result:
    outcome = Outcome.RETRIABLE if trouble is Trouble.LOCK else Outcome.REJECTED
    return Result(action.id, outcome, action.remote_id, code=trouble.value, message="told to refuse this record")


def _unanswered(action: Write | Merging, trouble: Trouble) -> Result:
    return Result(action.id, Outcome.UNKNOWN, action.remote_id, code=trouble.value, message="no answer came")
