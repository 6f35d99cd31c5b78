"""sObject Collections: up to 200 records a call ("Using sObject Collections")."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from sandbox.salesforce import drafts, values
from sandbox.salesforce.drafts import Draft, Purpose
from sandbox.salesforce.errors import ApiError, not_found
from sandbox.salesforce.exchange import Call, Reply, answer
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import BATCH, ROLLED_BACK, Outcome, rows_by_id

MAX_CHUNKS = 10
MAX_RETRIEVED = 2000

Work: TypeAlias = Callable[[sqlite3.Connection, SObject, Sequence[Draft]], list[Outcome]]


class Collections:
    def __init__(self, org: Org) -> None:
        self.org = org

    def create(self, call: Call) -> Reply:
        actor = self.org.actor(call)
        insert = self.org.records.insert
        return self._write(call, "insert", lambda db, sobject, part: insert(db, sobject, part, actor))

    def update(self, call: Call) -> Reply:
        actor = self.org.actor(call)
        update = self.org.records.update
        return self._write(call, "update", lambda db, sobject, part: update(db, sobject, part, actor))

    def upsert(self, call: Call, name: str, key_name: str) -> Reply:
        actor = self.org.actor(call)
        sobject = self.org.sobject(name)
        key = sobject.field(key_name)
        if key is None or not (key.external_id or key.kind == "id"):
            raise not_found(f"Provided external ID field does not exist or is not accessible: {key_name}")
        found = key
        upsert = self.org.records.upsert
        return self._write(call, "upsert", lambda db, each, part: upsert(db, each, found, part, actor), sobject, key)

    def delete(self, call: Call) -> Reply:
        given = call.parameters
        ids = [each.strip() for each in given.get("ids", "").split(",") if each.strip()]
        _check_size(len(ids), BATCH)
        actor = self.org.actor(call)
        delete = self.org.records.delete
        items = [(self._sobject_of(each), Draft(record_id=each)) for each in ids]
        all_or_none = given.get("allOrNone", "false").lower() == "true"
        return self._run(items, lambda db, sobject, part: delete(db, sobject, part, actor), all_or_none, created=False)

    def retrieve(self, call: Call, name: str) -> Reply:
        """GET with `ids` and `fields` in the URL, POST with them in the body; what is not there is null."""
        sobject = self.org.sobject(name)
        given: Mapping[str, Any] = call.json_object() if call.method == "POST" else call.parameters
        ids, names = _listed(given.get("ids")), _listed(given.get("fields"))
        _check_size(len(ids), MAX_RETRIEVED)
        chosen: list[Field] = []
        for each in names:
            target = sobject.field(each)
            if target is None:
                raise ApiError(400, "INVALID_FIELD", f"No such column '{each}' on entity '{sobject.name}'")
            chosen.append(target)
        known = [full_id(each) or each for each in ids]
        rows = rows_by_id(self.org.store.reader, sobject, ["IsDeleted", *(each.name for each in chosen)], known)
        base = f"/services/data/{call.version}/sobjects/{sobject.name}"
        records: list[dict[str, Any] | None] = []
        for each in known:
            row = rows.get(each)
            if row is None or row[0]:
                records.append(None)
                continue
            record: dict[str, Any] = {"attributes": {"type": sobject.name, "url": f"{base}/{each}"}}
            record |= {target.name: values.to_json(target, row[1 + at]) for at, target in enumerate(chosen)}
            records.append(record)
        return answer(records, records=len(records))

    def _sobject_of(self, record_id: str) -> SObject | None:
        known = full_id(record_id)
        return self.org.records.by_prefix.get(known[:3]) if known else None

    def _write(
        self, call: Call, purpose: Purpose, work: Work, only: SObject | None = None, key: Field | None = None
    ) -> Reply:
        document = call.json_object()
        records = document.get("records")
        if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
            raise ApiError(400, "JSON_PARSER_ERROR", "records must be a list of sObjects at [line:1, column:1]")
        _check_size(len(records), BATCH)
        items = [self._item(record, purpose, only, key) for record in records]
        return self._run(items, work, document.get("allOrNone") is True, created=purpose == "upsert")

    def _item(
        self, record: Mapping[str, Any], purpose: Purpose, only: SObject | None, key: Field | None
    ) -> tuple[SObject | None, Draft]:
        attributes = record.get("attributes")
        name = attributes.get("type") if isinstance(attributes, Mapping) else None
        if not isinstance(name, str):
            raise ApiError(400, "INVALID_TYPE", "each record needs attributes with a type")
        sobject = next((each for each in self.org.objects.values() if each.name.lower() == name.lower()), None)
        if sobject is None or not sobject.writable:
            return None, Draft.refused("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        if only is not None and sobject is not only:
            return only, Draft.refused("INVALID_TYPE", f"sObject type '{name}' does not match the URI's {only.name}")
        draft = drafts.from_json(self.org.objects, sobject, record, purpose, key)
        if purpose == "update" or (key is not None and key.kind == "id"):
            given = record.get("id", record.get("Id"))
            draft.record_id = given if isinstance(given, str) and given else None
        return sobject, draft

    def _run(
        self, items: Sequence[tuple[SObject | None, Draft]], work: Work, all_or_none: bool, *, created: bool
    ) -> Reply:
        chunks = [
            (sobject, [draft for _, draft in group]) for sobject, group in groupby(items, key=lambda item: item[0])
        ]
        if len(chunks) > MAX_CHUNKS:
            message = f"Cannot process more than {MAX_CHUNKS} chunks of different object types in one request"
            raise ApiError(400, "LIMIT_EXCEEDED", message)
        outcomes: list[Outcome] = []
        try:
            with self.org.store.write() as db:
                for sobject, chunk in chunks:
                    outcomes += _unknown(chunk) if sobject is None else work(db, sobject, chunk)
                if all_or_none and not all(outcome.success for outcome in outcomes):
                    raise _RolledBack
        except _RolledBack:
            outcomes = [Outcome(errors=outcome.errors or (ROLLED_BACK,)) for outcome in outcomes]
        return answer([_result(outcome, created) for outcome in outcomes], records=len(outcomes))


class _RolledBack(Exception):
    pass


def _unknown(chunk: Iterable[Draft]) -> list[Outcome]:
    return [
        Outcome(errors=draft.errors or Draft.refused("MALFORMED_ID", f"malformed id {draft.record_id}").errors)
        for draft in chunk
    ]


def _result(outcome: Outcome, created: bool) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if outcome.success:
        result["id"] = outcome.id
    result["success"] = outcome.success
    result["errors"] = [error.for_collection() for error in outcome.errors]
    if created and outcome.success:
        result["created"] = outcome.created
    return result


def _check_size(count: int, most: int) -> None:
    if count > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message)


def _listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    return [str(each) for each in value] if isinstance(value, list) else []
