"""The connector: every verb of the contract, for one org."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

from connectors.base import Connector, MadeSecret, unsupported
from connectors.salesforce import soql
from connectors.salesforce.bulk import Bulk
from connectors.salesforce.certificate import make_key
from connectors.salesforce.collection import MOST, Collections
from connectors.salesforce.duplicates import with_alike
from connectors.salesforce.merging import OBJECTS as MERGEABLE
from connectors.salesforce.merging import Merger
from connectors.salesforce.objects import OFFERED, Described, object_of
from connectors.salesforce.session import Session
from connectors.salesforce.settings import SalesforceSettings, SalesforceStream
from solmu.errors import Fatal, Retriable, SolmuError
from solmu.exchange import (
    Batch,
    Capabilities,
    Cursor,
    Job,
    Journal,
    Merging,
    Outcome,
    Payload,
    Remote,
    Result,
    Row,
    StreamInfo,
    User,
    Verb,
    Write,
)

_HOW_TO_ADD = (
    ". To add it: Setup, Object Manager, {object}, Fields & Relationships, New: Text, length 64, field name {field},"
    " Unique (case-insensitive), External ID; visible and editable for our user"
)
# Colleagues, and partners' users; of a community's customers, who own no customers, there may be millions.
_OWNING = ("Standard", "PowerPartner")
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_CALLS_OF_A_JOB = 12  # create, upload, close, three results, and some looks in between


class SalesforceConnector(Connector):
    """Reads a Salesforce org, and writes to it once it is armed."""

    Settings = SalesforceSettings
    StreamSettings = SalesforceStream

    can_write: ClassVar[bool] = True
    can_delete: ClassVar[bool] = True
    can_merge: ClassVar[bool] = True
    upserts_by_external_id: ClassVar[bool] = True
    reports_changes_since: ClassVar[bool] = True
    reports_deletes: ClassVar[bool] = True
    max_batch: ClassVar[int] = MOST
    makes: ClassVar[Mapping[str, str]] = {"private_key": "a new key, with a certificate to upload to Salesforce"}

    settings: SalesforceSettings

    def __init__(self, *, name: str, settings: SalesforceSettings, streams: Mapping[str, Any], folder: Path) -> None:
        super().__init__(name=name, settings=settings, streams=streams, folder=folder)
        self._session = Session(settings)
        self._described: dict[str, Described] = {}

    @classmethod
    def make_secret(cls, key: str, name: str) -> MadeSecret:
        if key != "private_key":
            raise KeyError(key)
        return make_key(name)

    @property
    def capabilities(self) -> Capabilities:
        """Asks the org, once, whether its objects have our external id field."""
        upserts = all(
            self._key(stream) is not None for stream in self.streams or OFFERED if self._describe(stream).writable
        )
        bulk_above = self.settings.bulk_above if upserts else None
        return replace(super().capabilities, upserts_by_external_id=upserts, bulk_above=bulk_above)

    # --- looking ------------------------------------------------------------------------------------------------------

    def check(self) -> Sequence[str]:
        notes: list[str] = []
        with self._naming(None):
            self._enter()
        for stream in self.streams:
            settings = self._stream(stream)
            described = self._describe(stream)
            self._must_have(stream, described, settings.fields)
            with self._naming(stream):
                query = soql.select(["Id"], described.name, _bracketed(settings.where))
                self._session.get("query", {"q": f"{query} LIMIT 1"})
            notes += self._weaknesses(stream, described)
        return notes

    def _enter(self) -> None:
        """Log in and make one call. Where nobody answers, the address is what is wrong."""
        try:
            self._session.user_id()
            self._session.get("sobjects")
        except Retriable as error:
            if error.code != "login-unreachable":
                raise
            raise Fatal(error.message, code=error.code, field=error.field, expected=error.expected) from error
        except Fatal as error:
            if error.code != "NOT_FOUND":
                raise
            raise Fatal(
                f"the org does not speak version {self.settings.api_version} of the API",
                code="api-version",
                field="api_version",
                value=self.settings.api_version,
                expected="a newer version, such as 62.0",
            ) from error

    def _weaknesses(self, stream: str, described: Described) -> list[str]:
        if not described.writable:
            return []
        field = self.settings.external_id_field
        if self._key(stream) is None:
            missing = f"no external id field {field}" if field else "no external id field of ours"
            add = _HOW_TO_ADD.format(object=described.name, field=field.removesuffix("__c")) if field else ""
            return [
                f"{stream}: {described.name} has {missing}: what was sent without an answer is searched for, which is"
                f" slower, and may miss what somebody changed meanwhile{add}"
            ]
        if not described.fields[str(field)].get("unique"):
            return [f"{stream}: {described.name}.{field} is not unique, so that a cloned record copies our id"]
        return []

    def discover(self) -> Sequence[StreamInfo]:
        return [
            replace(self.shape(stream), fields=self._describe(stream).infos(), writable=self._describe(stream).writable)
            for stream in self.streams or OFFERED
        ]

    def shape(self, stream: str) -> StreamInfo:
        return StreamInfo(stream, key=("Id",), full=False, writable=True)

    def unknown_owners(self, owners: Sequence[str]) -> Sequence[str]:
        found = self.fetch("users", [owner for owner in owners if owner.startswith("005")])
        known = {user.remote_id[:15] for user in found if user.payload.get("IsActive")}
        # A queue owns records too, and cannot be looked up by everybody.
        return [each for each in owners if not _ID.fullmatch(each) or (each[:3] != "00G" and each[:15] not in known)]

    def users(self) -> Iterable[User]:
        query = soql.select(["Id", "Name", "IsActive"], "User", soql.among("UserType", _OWNING))
        with self._naming("users"):
            for records in self._pages("query", query):
                for each in records:
                    yield User(each["Id"], each["Name"], bool(each["IsActive"]))

    # --- reading ------------------------------------------------------------------------------------------------------

    def read(self, stream: str, cursor: Cursor | None) -> Iterator[Batch]:
        settings = self._stream(stream)
        described = self._describe(stream)
        self._must_have(stream, described, (*settings.fields, "SystemModstamp"))
        known = str(cursor["since"]) if cursor else None
        if known is None:
            # What was deleted before we came is nothing to us.
            changed = "IsDeleted = false" if "IsDeleted" in described.fields else None
        else:
            since = _moment(known) - timedelta(seconds=self.settings.lag_seconds)
            changed = f"SystemModstamp >= {soql.moment(since)}"
        query = soql.select(
            described.chosen(settings.fields, self.settings.external_id_field),
            described.name,
            changed,
            _bracketed(settings.where),
            order="SystemModstamp, Id",
        )
        with self._naming(stream):
            for records in self._pages("queryAll", query):
                if records:
                    newest = str(records[-1]["SystemModstamp"])
                    known = newest if known is None else max(known, newest, key=_moment)
                    yield Batch([self._row(described.name, record) for record in records], {"since": known})

    def _pages(self, path: str, query: str) -> Iterator[list[Payload]]:
        params: dict[str, str] | None = {"q": query}
        while True:
            page = self._session.get(path, params)
            try:
                records, following = [_plain(record) for record in page["records"]], page.get("nextRecordsUrl")
            except (LookupError, TypeError, AttributeError):
                raise Retriable("the answer to a query could not be read", code="garbled") from None
            yield records
            if not following:
                return
            path, params = str(following), None

    def _row(self, sobject: str, record: Payload) -> Row:
        changed = _moment(str(record.get("LastModifiedDate") or record["SystemModstamp"]))
        return Row(record["Id"], record, changed, bool(record.get("IsDeleted")), f"{sobject} {record['Id']}")

    def fetch(self, stream: str, remote_ids: Sequence[str]) -> Iterator[Remote]:
        # The last three of 18 characters only check the others, and some tools leave them out.
        missing = {remote_id[:15]: remote_id for remote_id in remote_ids}
        for record in self._among(stream, "queryAll", "Id", [id for id in missing.values() if _ID.fullmatch(id)]):
            remote_id = missing.pop(record["Id"][:15], None)
            if remote_id is not None:
                yield self.as_remote(stream, remote_id, record)
        for remote_id in missing.values():
            yield Remote(remote_id, {}, deleted=True)

    def find(self, stream: str, external_ids: Sequence[str]) -> Iterator[Remote]:
        key = self._key(stream)
        if key is not None:
            for record in self._among(stream, "query", key, external_ids):
                yield self.as_remote(stream, record["Id"], record)

    def _among(self, stream: str, path: str, field: str, values: Sequence[str]) -> Iterator[Payload]:
        described = self._describe(stream)
        columns = described.chosen(self._stream(stream).fields, self.settings.external_id_field)
        with self._naming(stream):
            for some in soql.lists(values):
                for records in self._pages(path, soql.select(columns, described.name, soql.among(field, some))):
                    yield from records

    def as_remote(self, stream: str, key: str, payload: Payload) -> Remote:
        stamp = payload.get("LastModifiedDate")
        return Remote(
            key,
            payload,
            external_id=payload.get(self.settings.external_id_field or "") or None,
            version=_version(payload),
            changed_at=_moment(stamp) if stamp else None,
            changed_by_us=payload.get("LastModifiedById") == self._session.user_id(),
            deleted=bool(payload.get("IsDeleted")),
            merged_into=payload.get("MasterRecordId") or None,
        )

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result]:
        described, key = self._describe(stream), self._key(stream)
        if self._goes_as_job(stream, writes):
            yield from self._in_turn(stream, writes, self._bulk(stream), journal)
            return
        if len(writes) > MOST:
            raise ValueError(f"{len(writes)} writes in one call, and at most {MOST} are allowed")
        yield from self._in_turn(stream, writes, Collections(self._session, described, key), journal)

    def begin(self, stream: str, writes: Sequence[Write], journal: Journal) -> Iterator[Result] | None:
        verbs = {write.verb for write in writes}
        if len(verbs) > 1 or not self._goes_as_job(stream, writes):
            return None
        with self._naming(stream):
            results = self._bulk(stream).begin(writes[0].verb, writes, journal)
        return self._named(stream, self.with_alike(stream, writes, results) if Verb.CREATE in verbs else results)

    def _named(self, stream: str, results: Iterator[Result]) -> Iterator[Result]:
        with self._naming(stream):
            yield from results

    def with_alike(self, stream: str, writes: Sequence[Write], results: Iterable[Result]) -> Iterator[Result]:
        return with_alike(self._session, self._describe(stream).name, self._key(stream), writes, results)

    def _goes_as_job(self, stream: str, writes: Sequence[Write]) -> bool:
        above = self.settings.bulk_above
        return above is not None and len(writes) >= above and self._key(stream) is not None

    def _in_turn(
        self, stream: str, writes: Sequence[Write], way: Bulk | Collections, journal: Journal
    ) -> Iterator[Result]:
        """Creates, then updates, then deletes. Once something was sent, what cannot be sent comes again later."""
        sent = False
        for verb in Verb:
            part = [write for write in writes if write.verb is verb]
            if not part:
                continue
            try:
                with self._naming(stream):
                    results = way.write(verb, part, journal)
                    if verb is Verb.CREATE:
                        results = self.with_alike(stream, part, results)
                    yield from results
            except Retriable as error:
                if not sent:
                    raise
                yield from (
                    Result(write.id, Outcome.RETRIABLE, write.remote_id, code=error.code, message=error.message)
                    for write in part
                )
            sent = True

    def resume(self, job: Job) -> Iterator[Result]:
        with self._naming(job.stream):
            yield from self._bulk(job.stream).resume(job)

    def merges(self, stream: str) -> bool:
        return self._object(stream) in MERGEABLE

    def merge(self, stream: str, pairs: Sequence[Merging]) -> Iterator[Result]:
        if not self.merges(stream):
            raise unsupported(self, f"merge {stream}")
        return self._named(stream, Merger(self._session, self._object(stream)).merge(pairs))

    def _bulk(self, stream: str) -> Bulk:
        sobject = self._object(stream)
        key = self.settings.external_id_field or ""
        return Bulk(self._session, stream, sobject, key, self.settings.job_timeout_seconds)

    def calls_for(self, stream: str, writes: int) -> int:
        above = self.settings.bulk_above
        return _CALLS_OF_A_JOB if above is not None and writes >= above else -(-writes // MOST)

    def calls_left(self) -> int | None:
        if self._session.calls_left is None:
            with self._naming(None):
                self._session.get("limits")
        return self._session.calls_left

    def calls_made(self) -> int:
        return self._session.calls

    def record_url(self, stream: str, remote_id: str) -> str | None:
        root = self._session.root
        return f"{root}/{remote_id}" if root else None

    def close(self) -> None:
        self._session.close()

    # --- what the org is like -----------------------------------------------------------------------------------------

    def _stream(self, stream: str) -> SalesforceStream:
        settings = self.streams.get(stream)
        return settings if isinstance(settings, SalesforceStream) else SalesforceStream()

    def _object(self, stream: str) -> str:
        return object_of(self._stream(stream).stream or stream)

    def _describe(self, stream: str) -> Described:
        sobject = self._object(stream)
        if sobject not in self._described:
            with self._naming(stream):
                self._described[sobject] = self._ask_for(sobject)
        return self._described[sobject]

    def _ask_for(self, sobject: str) -> Described:
        try:
            return Described.of(self._session.get(f"sobjects/{sobject}/describe"))
        except (LookupError, TypeError):
            raise Retriable("the description of an object could not be read", code="garbled") from None
        except Fatal as error:
            if error.code != "NOT_FOUND":
                raise
            names = [each["name"] for each in self._session.get_part("sobjects", "sobjects")]
            raise Fatal(
                f"the org has no object {sobject}, or our user may not see it",
                code="no-object",
                field="stream",
                value=sobject,
                expected=_nearest(sobject, names),
            ) from error

    def _key(self, stream: str) -> str | None:
        """The external id field by which records of this stream can be upserted, if the org has it."""
        field = self.settings.external_id_field
        return field if self._describe(stream).is_external_id(field) else None

    def _must_have(self, stream: str, described: Described, fields: Sequence[str]) -> None:
        # A path such as Account.Name leads to another object; whether it exists, the query tells.
        missing = [field for field in fields if "." not in field and field not in described.fields]
        if missing:
            raise Fatal(
                f"{described.name} has no field {', '.join(missing)}, or our user may not see it",
                code="no-field",
                connection=self.name,
                stream=stream,
                field="fields",
                value=missing[0],
                expected=_nearest(missing[0], list(described.fields)),
            )

    @contextmanager
    def _naming(self, stream: str | None) -> Iterator[None]:
        """Errors from inside say which connection and stream they are of, and which setting a query's error is of."""
        try:
            yield
        except SolmuError as error:
            error.connection, error.stream = self.name, stream
            if isinstance(error, Fatal) and error.field is None:
                error.field = {"INVALID_FIELD": "fields", "MALFORMED_QUERY": "where", "INVALID_TYPE": "stream"}.get(
                    error.code
                )
                if error.field == "fields" and stream is not None and self._stream(stream).where:
                    # Stated fields were looked up before; so the condition names one that is not there.
                    error.field = "where"
                error.expected = error.expected or "fields and a condition as SOQL has them"
            raise


def _plain(record: Mapping[str, Any]) -> Payload:
    """A record without what the API says about itself."""
    return {
        name: _plain(value) if isinstance(value, Mapping) else value
        for name, value in record.items()
        if name != "attributes"
    }


def _version(payload: Payload) -> str | None:
    """Orgs show their stamps in whole seconds; who wrote last tells a person's edit from ours within one."""
    stamp = payload.get("SystemModstamp")
    return f"{stamp} {payload.get('LastModifiedById')}" if stamp else None


def _bracketed(condition: str | None) -> str | None:
    return f"({condition})" if condition else None


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).astimezone(UTC)


def _nearest(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    return ", ".join(near) if near else f"one of {', '.join(sorted(names)[:12])} …"
