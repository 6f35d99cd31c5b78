"""Resources of single records, their metadata, and queries: `/services/data/vXX.X/…` ("REST API Developer Guide")."""

import base64
import hashlib
import sqlite3
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from sandbox.salesforce import drafts, times, values
from sandbox.salesforce.describe import describe, summary
from sandbox.salesforce.errors import ApiError, RecordError, not_found
from sandbox.salesforce.exchange import Call, Reply, answer
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.query import page_size
from sandbox.salesforce.records import Outcome, rows_by_id

OLDEST, NEWEST = 50, 64
_STATUS = {"ENTITY_IS_DELETED": 404, "NOT_FOUND": 404, "INVALID_CROSS_REFERENCE_KEY": 400}
_RESOURCES = ("sobjects", "query", "queryAll", "composite", "jobs", "limits")


class Rest:
    def __init__(self, org: Org) -> None:
        self.org = org

    # -- what there is

    def versions(self, call: Call) -> Reply:
        return answer([
            {"label": f"Version {number}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(OLDEST, NEWEST + 1)
        ])  # fmt: skip

    def resources(self, call: Call) -> Reply:
        base = f"/services/data/{call.version}"
        listed = {name: f"{base}/{name}" for name in _RESOURCES}
        return answer({**listed, "identity": f"{self.org.url}/id"})

    def limits(self, call: Call) -> Reply:
        db = self.org.store.reader
        total = sum(db.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in self.org.objects)
        jobs = db.execute("SELECT COUNT(*) FROM job").fetchone()[0]
        return answer(self.org.limits.listing(total, jobs))

    def global_describe(self, call: Call) -> Reply:
        listed = [summary(each, call.version) for each in self.org.objects.values()]
        return answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})

    def basic_information(self, call: Call, name: str) -> Reply:
        sobject = self.org.sobject(name)
        return answer({"objectDescribe": summary(sobject, call.version), "recentItems": []})

    def describe(self, call: Call, name: str) -> Reply:
        return answer(describe(self.org.objects, self.org.sobject(name), call.version))

    # -- queries

    def query(self, call: Call) -> Reply:
        return self._query(call, with_deleted=False)

    def query_all(self, call: Call) -> Reply:
        return self._query(call, with_deleted=True)

    def _query(self, call: Call, *, with_deleted: bool) -> Reply:
        text = call.parameters.get("q")
        if not text:
            raise ApiError(400, "MALFORMED_QUERY", "unexpected token: '<EOF>'")
        page = page_size(call.headers.get("sforce-query-options"))
        found = self.org.queries.run(text, call.version, with_deleted=with_deleted, page=page)
        return answer(found, records=len(found["records"]))

    def query_more(self, call: Call, locator: str) -> Reply:
        found = self.org.queries.more(locator, call.version)
        return answer(found, records=len(found["records"]))

    # -- one record

    def create(self, call: Call, name: str) -> Reply:
        org, sobject = self.org, _writable(self.org.sobject(name))
        draft = drafts.from_json(org.objects, sobject, call.json_object(), "insert")
        with org.store.write() as db:
            (outcome,) = org.records.insert(db, sobject, [draft], org.actor(call))
        if not outcome.success:
            return self._refused(sobject, outcome, call)
        headers = {"Location": f"/services/data/{call.version}/sobjects/{sobject.name}/{outcome.id}"}
        return answer({"id": outcome.id, "success": True, "errors": []}, 201, records=1, headers=headers)

    def retrieve(self, call: Call, name: str, record_id: str) -> Reply:
        sobject = self.org.sobject(name)
        return self._retrieve(call, sobject, self._known(sobject, record_id))

    def retrieve_by_key(self, call: Call, name: str, key_name: str, value: str) -> Reply:
        sobject = self.org.sobject(name)
        if key_name.lower() == "id":
            return self._retrieve(call, sobject, self._known(sobject, value))
        ids = self._matching(self.org.store.reader, sobject, _key(sobject, key_name), value)
        if len(ids) > 1:
            return self._several(call, sobject, ids)
        if not ids:
            raise not_found()
        return self._retrieve(call, sobject, ids[0])

    def _retrieve(self, call: Call, sobject: SObject, record_id: str) -> Reply:
        chosen = list(sobject.fields.values())
        wanted = call.parameters.get("fields")
        if wanted:
            chosen = [_field(sobject, name.strip()) for name in wanted.split(",") if name.strip()]
        names = ["IsDeleted", "LastModifiedDate", *(each.name for each in chosen)]
        row = rows_by_id(self.org.store.reader, sobject, names, [record_id]).get(record_id)
        if row is None:
            raise not_found()
        if row[0]:
            raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted")
        headers = {"Last-Modified": formatdate(row[1] // 1000, usegmt=True)}
        if sobject.name == "Account":
            headers["ETag"] = _etag(record_id, row[1])
        since = _http_date(call, "if-modified-since")
        named = _etags(call, "if-none-match")
        if (since is not None and row[1] // 1000 <= since) or headers.get("ETag") in named:
            return Reply(304, headers=headers)
        _check_conditions(call, sobject, record_id, row[1])
        url = f"/services/data/{call.version}/sobjects/{sobject.name}/{record_id}"
        record: dict[str, Any] = {"attributes": {"type": sobject.name, "url": url}}
        record |= {each.name: values.to_json(each, row[2 + at]) for at, each in enumerate(chosen)}
        return answer(record, records=1, headers=headers)

    def update(self, call: Call, name: str, record_id: str) -> Reply:
        org, sobject = self.org, _writable(self.org.sobject(name))
        document = call.json_object()
        if any(each.lower() == "id" for each in document):
            raise ApiError(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.")
        draft = drafts.from_json(org.objects, sobject, document, "update")
        draft.record_id = self._known(sobject, record_id)
        with org.store.write() as db:
            row = rows_by_id(db, sobject, ["LastModifiedDate"], [draft.record_id]).get(draft.record_id)
            if row is not None:
                _check_conditions(call, sobject, draft.record_id, row[0])
            (outcome,) = org.records.update(db, sobject, [draft], org.actor(call))
        return Reply(204, records=1) if outcome.success else self._refused(sobject, outcome, call)

    def upsert(self, call: Call, name: str, key_name: str, value: str) -> Reply:
        if key_name.lower() == "id":
            return self.update(call, name, value)
        org, sobject = self.org, _writable(self.org.sobject(name))
        key = _key(sobject, key_name)
        document = call.json_object()
        if any(each.lower() == key.name.lower() for each in document):
            message = f"The {key.name} field should not be specified in the sobject data."
            raise ApiError(400, "INVALID_FIELD", message)
        draft = drafts.from_json(org.objects, sobject, {**document, key.name: value}, "upsert", key)
        with org.store.write() as db:
            ids = self._matching(db, sobject, key, value)
            if len(ids) > 1:
                return self._several(call, sobject, ids)
            (outcome,) = org.records.upsert(db, sobject, key, [draft], org.actor(call))
        if not outcome.success:
            return self._refused(sobject, outcome, call)
        document = {"id": outcome.id, "success": True, "errors": [], "created": outcome.created}
        return answer(document, 201 if outcome.created else 200, records=1)

    def delete(self, call: Call, name: str, record_id: str) -> Reply:
        org, sobject = self.org, _writable(self.org.sobject(name))
        draft = drafts.Draft(record_id=self._known(sobject, record_id))
        with org.store.write() as db:
            (outcome,) = org.records.delete(db, sobject, [draft], org.actor(call))
        return Reply(204, records=1) if outcome.success else self._refused(sobject, outcome, call)

    def delete_by_key(self, call: Call, name: str, key_name: str, value: str) -> Reply:
        sobject = self.org.sobject(name)
        ids = self._matching(self.org.store.reader, sobject, _key(sobject, key_name), value)
        if len(ids) > 1:
            return self._several(call, sobject, ids)
        if not ids:
            raise not_found()
        return self.delete(call, name, ids[0])

    # -- changes in a span of time

    def updated(self, call: Call, name: str) -> Reply:
        sobject = self.org.sobject(name)
        start, end = _span(call)
        ids = [record_id for record_id, _ in self._changed(sobject, 0, start, end)]
        return answer({"ids": ids, "latestDateCovered": times.write(end)}, records=len(ids))

    def deleted(self, call: Call, name: str) -> Reply:
        sobject = self.org.sobject(name)
        start, end = _span(call)
        changed = self._changed(sobject, 1, start, end)
        found = [{"id": record_id, "deletedDate": times.write(stamp)} for record_id, stamp in changed]
        earliest = self.org.store.reader.execute("SELECT MIN(CreatedDate) FROM Organization").fetchone()[0]
        covered = {"earliestDateAvailable": times.write(earliest), "latestDateCovered": times.write(end)}
        return answer({"deletedRecords": found, **covered}, records=len(found))

    def _changed(self, sobject: SObject, deleted: int, start: int, end: int) -> list[tuple[str, int]]:
        sql = (
            f'SELECT Id, SystemModstamp FROM "{sobject.name}"'
            " WHERE IsDeleted = ? AND SystemModstamp >= ? AND SystemModstamp < ? ORDER BY SystemModstamp"
        )
        return self.org.store.reader.execute(sql, (deleted, start, end)).fetchall()

    # -- shared

    def _known(self, sobject: SObject, text: str) -> str:
        """A record id out of a URL; what is none reads as the name of an external id that is not there."""
        known = full_id(text)
        if known is None:
            raise not_found(f"Provided external ID field does not exist or is not accessible: {text}")
        if known[:3] != sobject.prefix:
            raise not_found()
        return known

    def _matching(self, db: sqlite3.Connection, sobject: SObject, key: Field, value: str) -> list[str]:
        return self.org.records.ids_by_key(db, sobject, key, [value.strip()]).get(value.strip().casefold(), [])

    @staticmethod
    def _several(call: Call, sobject: SObject, ids: list[str]) -> Reply:
        base = f"/services/data/{call.version}/sobjects/{sobject.name}"
        return answer([f"{base}/{each}" for each in ids], 300)

    def _refused(self, sobject: SObject, outcome: Outcome, call: Call) -> Reply:
        first = outcome.errors[0]
        # A record named by the URL that is not there is a missing resource, not a bad reference.
        if first == RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"):
            raise not_found()
        documents = [each.for_request() for each in outcome.errors]
        if outcome.duplicates:
            documents[0] = _duplicate(sobject, first, outcome.duplicates, call.version)
        return answer(documents, _STATUS.get(first.code, 400))


def _duplicate(sobject: SObject, error: RecordError, ids: Any, version: str) -> dict[str, Any]:
    base = f"/services/data/{version}/sobjects/{sobject.name}"
    matches = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": {"type": sobject.name, "url": f"{base}/{each}"}, "Id": each},
        }
        for each in ids
    ]
    rule = f"Standard_{sobject.name}_Match_Rule_v1_0"
    result = {
        "allowSave": True,
        "duplicateRule": f"Standard_{sobject.name}_Duplicate_Rule",
        "duplicateRuleEntityType": sobject.name,
        "errorMessage": error.message,
        "matchResults": [
            {
                "entityType": sobject.name,
                "errors": [],
                "matchEngine": "ExactMatchEngine",
                "matchRecords": matches,
                "rule": rule,
                "size": len(matches),
                "success": True,
            }
        ],
    }
    return {"duplicateResult": result, "errorCode": error.code, "message": error.message}


def _writable(sobject: SObject) -> SObject:
    if not sobject.writable:
        message = f"entity type {sobject.name} is not writable in this sandbox"
        raise ApiError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)
    return sobject


def _key(sobject: SObject, name: str) -> Field:
    found = sobject.field(name)
    if found is None or not found.external_id:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return found


def _field(sobject: SObject, name: str) -> Field:
    found = sobject.field(name)
    if found is None:
        raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    return found


def _http_date(call: Call, header: str) -> int | None:
    """A conditional header's date, in whole seconds. Raises ApiError for one that cannot be read."""
    text = call.headers.get(header)
    if text is None:
        return None
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except ValueError:
        raise ApiError(400, "INVALID_HEADER_VALUE", f"{header}: not a date of HTTP: {text}") from None


def _etag(record_id: str, modified: int) -> str:
    """The tag of an account as it is now; the API has them for accounts only."""
    digest = hashlib.sha256(f"{record_id} {modified}".encode()).digest()
    return f'"{base64.b64encode(digest[:20]).decode()}-gzip"'


def _etags(call: Call, header: str) -> list[str]:
    return [each.strip() for each in call.headers.get(header, "").split(",") if each.strip()]


def _check_conditions(call: Call, sobject: SObject, record_id: str, modified: int) -> None:
    """Raises ApiError 412 where If-Unmodified-Since or (for accounts) If-Match does not hold."""
    since = _http_date(call, "if-unmodified-since")
    named = _etags(call, "if-match") if sobject.name == "Account" else []
    changed = since is not None and modified // 1000 > since
    if changed or (named and _etag(record_id, modified) not in named):
        raise ApiError(412, "PRECONDITION_FAILED", "The precondition of the request was not met.")


def _span(call: Call) -> tuple[int, int]:
    """The minutes that `start` and `end` name; seconds are ignored, as the documents say."""
    given: Mapping[str, str] = call.parameters
    start = times.read(given.get("start", "").replace(" ", "+"))
    end = times.read(given.get("end", "").replace(" ", "+"))
    if start is None or end is None:
        raise ApiError(400, "INVALID_FIELD", "start and end must be date and time in ISO 8601")
    minute = 60_000
    start, end = start - start % minute, end - end % minute
    if start >= end:
        raise ApiError(400, "INVALID_REPLICATION_DATE", "startDate must be at least one minute before endDate")
    if times.now() - start > 30 * 24 * 60 * minute:
        raise ApiError(400, "INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
    return start, end
