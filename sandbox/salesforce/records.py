"""What happens to records: insert, update, upsert, delete, one batch a call, as the API's batches behave.

A batch holds at most 200 records (the platform's own chunk). Each record succeeds or is refused by itself, unless the
caller rolls the transaction back. Everything here runs inside the caller's write transaction.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce import times
from sandbox.salesforce.derived import NEEDS, derive
from sandbox.salesforce.drafts import Draft, locked_fields
from sandbox.salesforce.errors import RecordError
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.store import USER_PREFIX, Store, placeholders
from sandbox.salesforce.values import Stored

BATCH = 200
_NO_SUCH_RECORD = RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
_DELETED = RecordError("ENTITY_IS_DELETED", "entity is deleted")
ROLLED_BACK = RecordError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


@dataclass(slots=True)
class Outcome:
    """What became of one record of a batch."""

    id: str | None = None
    created: bool = False
    errors: Sequence[RecordError] = ()
    # Ids that a duplicate rule found.
    duplicates: Sequence[str] = ()

    @property
    def success(self) -> bool:
        return not self.errors


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, and under which headers."""

    user: str
    # Sforce-Duplicate-Rule-Header: allowSave=true
    save_duplicates: bool = False
    # Told to fail on demand: takes the next record of the call, gives its error or None.
    fault: Callable[[], RecordError | None] | None = field(default=None, compare=False)


class Records:
    """The records of an org. `whole_seconds` cuts stamps to seconds, which is what live orgs show."""

    def __init__(
        self, store: Store, objects: Mapping[str, SObject], *, duplicate_rule: bool = False, whole_seconds: bool = False
    ) -> None:
        self.store = store
        self.objects = objects
        self._duplicate_rule = duplicate_rule
        self._whole_seconds = whole_seconds
        self.by_prefix = {each.prefix: each for each in objects.values()}

    def stamp(self) -> int:
        now = times.now()
        return now - now % 1000 if self._whole_seconds else now

    # -- insert

    def insert(self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft], actor: Actor) -> list[Outcome]:
        _inject(drafts, actor)
        return self._insert(db, sobject, drafts, actor)

    def _insert(self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft], actor: Actor) -> list[Outcome]:
        self._find_parents(db, sobject, drafts)
        self._check_references(db, sobject, drafts)
        for draft in drafts:
            self._complete(sobject, draft, actor)
        self._check_unique(db, sobject, drafts)
        found = self._find_duplicates(db, sobject, drafts, actor)
        good = [draft for draft in drafts if not draft.errors]
        ids = self.store.new_ids(db, sobject.prefix, len(good)) if good else []
        now = self.stamp()
        names = tuple(sobject.fields)
        start: dict[str, Stored] = {"IsDeleted": 0, "CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
        start |= {"CreatedById": actor.user, "LastModifiedById": actor.user}
        rows = []
        for draft, record_id in zip(good, ids, strict=True):
            draft.record_id = record_id
            values = {**start, **draft.values, "Id": record_id}
            rows.append(tuple(map(values.get, names)))
        if rows:
            columns = ", ".join(f'"{name}"' for name in names)
            db.executemany(f'INSERT INTO "{sobject.name}" ({columns}) VALUES ({placeholders(len(names))})', rows)
        return [
            Outcome(errors=draft.errors, duplicates=found.get(index, ()))
            if draft.errors
            else Outcome(id=draft.record_id, created=True)
            for index, draft in enumerate(drafts)
        ]

    def _complete(self, sobject: SObject, draft: Draft, actor: Actor) -> None:
        """Defaults, derived fields, and what a new record must have."""
        if draft.errors:
            return
        values = draft.values
        for target in sobject.fields.values():
            if target.default is not None and values.get(target.name) is None:
                values[target.name] = int(target.default) if isinstance(target.default, bool) else target.default
        if "OwnerId" in sobject.fields and values.get("OwnerId") is None:
            values["OwnerId"] = actor.user
        missing = [each.name for each in sobject.fields.values() if each.required and values.get(each.name) is None]
        if missing:
            draft.errors.append(_required(missing))
            return
        if sobject.name == "CampaignMember" and (values.get("LeadId") is None) == (values.get("ContactId") is None):
            message = "Exactly one of ContactId and LeadId must be specified"
            draft.errors.append(RecordError("FIELD_INTEGRITY_EXCEPTION", message, ("ContactId", "LeadId")))
            return
        values.update(derive(sobject.name, values, {}))

    # -- update

    def update(self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft], actor: Actor) -> list[Outcome]:
        """Updates the records that the drafts name by `record_id`."""
        _inject(drafts, actor)
        return self._update(db, sobject, drafts, actor)

    def _update(self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft], actor: Actor) -> list[Outcome]:
        self._find_parents(db, sobject, drafts)
        self._check_references(db, sobject, drafts)
        before = self._existing(db, sobject, drafts)
        for draft in drafts:
            if draft.errors:
                continue
            required = [name for name, value in draft.values.items() if value is None and sobject.fields[name].required]
            if required:
                draft.errors.append(_required(required))
            owner = draft.values.get("OwnerId", "")
            if owner is None:
                draft.errors.append(
                    RecordError("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank", ("OwnerId",))
                )
        self._check_unique(db, sobject, drafts)
        now = self.stamp()
        grouped: dict[tuple[str, ...], list[list[Stored]]] = {}
        for draft in drafts:
            if draft.errors:
                continue
            assert draft.record_id is not None
            known = before[draft.record_id]
            previous = known["SystemModstamp"]
            step = 0 if self._whole_seconds else 1
            # Two writes of one record never carry one stamp, however fast they follow each other.
            stamp = known["SystemModstamp"] = max(now, int(previous or 0) + step)
            changed = draft.values | derive(sobject.name, draft.values, known)
            known.update((name, value) for name, value in changed.items() if name in known)
            names = tuple(changed)
            row = [*changed.values(), stamp, stamp, actor.user, draft.record_id]
            grouped.setdefault(names, []).append(row)
        for names, rows in grouped.items():
            sets = "".join(f'"{name}" = ?, ' for name in names)
            stamps = "LastModifiedDate = ?, SystemModstamp = ?, LastModifiedById = ?"
            db.executemany(f'UPDATE "{sobject.name}" SET {sets}{stamps} WHERE Id = ?', rows)
        return [Outcome(id=draft.record_id, errors=draft.errors) for draft in drafts]

    def _existing(
        self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft]
    ) -> dict[str, dict[str, Stored]]:
        """The records to change, as far as it must be known; drafts of records that are gone are refused."""
        for draft in drafts:
            if draft.record_id is None:
                draft.errors.append(RecordError("MISSING_ARGUMENT", "Id not specified in an update call", ("Id",)))
                continue
            known = full_id(draft.record_id)
            if known is None or known[:3] != sobject.prefix:
                message = f"{sobject.fields['Id'].label}: id value of incorrect type: {draft.record_id}"
                draft.errors.append(RecordError("MALFORMED_ID", message, ("Id",)))
            draft.record_id = known or draft.record_id
        names = ("Id", "IsDeleted", "SystemModstamp", *NEEDS.get(sobject.name, ()))
        ids = [draft.record_id for draft in drafts if not draft.errors]
        columns = ", ".join(names)
        rows = db.execute(f'SELECT {columns} FROM "{sobject.name}" WHERE Id IN ({placeholders(len(ids))})', ids)
        found: dict[str, dict[str, Stored]] = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
        for draft in drafts:
            if draft.errors:
                continue
            record = found.get(str(draft.record_id))
            if record is None:
                draft.errors.append(_NO_SUCH_RECORD)
            elif record["IsDeleted"]:
                draft.errors.append(_DELETED)
            elif record.get("IsConverted"):
                draft.errors.append(RecordError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"))
        return found

    # -- upsert

    def upsert(
        self, db: sqlite3.Connection, sobject: SObject, key: Field, drafts: Sequence[Draft], actor: Actor
    ) -> list[Outcome]:
        """Creates or updates by the value that each draft has in the external-id field `key` (or by `Id`)."""
        _inject(drafts, actor)
        matches = {} if key.kind == "id" else self._match(db, sobject, key, drafts)
        new: list[Draft] = []
        old: list[Draft] = []
        for draft in drafts:
            value = None if key.kind == "id" else str(draft.values.get(key.name) or "")
            ids = matches.get(value.casefold(), []) if value else []
            if draft.errors or (key.kind == "id" and not draft.record_id):
                new.append(draft)
            elif key.kind == "id":
                old.append(draft)
            elif not value:
                message = f"{key.name} not specified"
                draft.errors.append(RecordError("MISSING_ARGUMENT", message, (key.name,)))
                new.append(draft)
            elif len(ids) > 1:
                message = f"{key.name}: more than one record found for external id field: [{', '.join(ids)}]"
                draft.errors.append(RecordError("DUPLICATE_EXTERNAL_ID", message, (key.name,)))
                new.append(draft)
            elif ids:
                draft.record_id = ids[0]
                # It is there already, perhaps in another case, and stays as it is.
                draft.values.pop(key.name)
                old.append(draft)
            else:
                new.append(draft)
        for draft in old:
            locked = [name for name in draft.values if not sobject.fields[name].updateable]
            if locked:
                draft.errors.append(locked_fields(locked))
        outcomes = dict(zip(map(id, new), self._insert(db, sobject, new, actor), strict=True)) if new else {}
        if old:
            outcomes |= dict(zip(map(id, old), self._update(db, sobject, old, actor), strict=True))
        return [outcomes[id(draft)] for draft in drafts]

    def _match(
        self, db: sqlite3.Connection, sobject: SObject, key: Field, drafts: Sequence[Draft]
    ) -> dict[str, list[str]]:
        """Ids by external id, folded; every draft whose external id stands twice in the batch is refused."""
        counted: dict[str, int] = {}
        for draft in drafts:
            folded = str(draft.values.get(key.name) or "").casefold()
            counted[folded] = counted.get(folded, 0) + 1
        for draft in drafts:
            value = draft.values.get(key.name)
            if value is not None and counted[str(value).casefold()] > 1:
                message = f"Duplicate external id specified: {value}"
                draft.errors.append(RecordError("DUPLICATE_VALUE", message, (key.name,)))
        return self.ids_by_key(
            db, sobject, key, (str(draft.values[key.name]) for draft in drafts if draft.values.get(key.name))
        )

    def ids_by_key(
        self, db: sqlite3.Connection, sobject: SObject, key: Field, wanted: Iterable[str]
    ) -> dict[str, list[str]]:
        """Live records' ids by the folded value of an external-id field."""
        found: dict[str, list[str]] = {}
        asked = list(wanted)
        for start in range(0, len(asked), 500):
            part = asked[start : start + 500]
            among = f'"{key.name}" IN ({placeholders(len(part))})'
            sql = f'SELECT "{key.name}", Id FROM "{sobject.name}" WHERE {among} AND IsDeleted = 0'
            for value, record_id in db.execute(sql, part):
                found.setdefault(str(value).casefold(), []).append(record_id)
        return found

    # -- delete

    def delete(self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft], actor: Actor) -> list[Outcome]:
        """To the recycle bin, with what hangs on the record."""
        _inject(drafts, actor)
        self._existing(db, sobject, drafts)
        gone: list[str] = []
        for draft in drafts:
            if not draft.errors:
                assert draft.record_id is not None
                gone.append(draft.record_id)
        self.put_in_bin(db, sobject, gone, actor.user)
        return [Outcome(id=draft.record_id, errors=draft.errors) for draft in drafts]

    def put_in_bin(
        self, db: sqlite3.Connection, sobject: SObject, ids: Sequence[str], user: str, master: str | None = None
    ) -> None:
        if not ids:
            return
        stamp = self.stamp()
        marks = placeholders(len(ids))
        merged = ", MasterRecordId = ?" if master else ""
        step = 0 if self._whole_seconds else 1
        db.execute(
            f'UPDATE "{sobject.name}" SET IsDeleted = 1, LastModifiedById = ?,'
            f" LastModifiedDate = MAX(?, SystemModstamp + {step}),"
            f" SystemModstamp = MAX(?, SystemModstamp + {step}){merged} WHERE Id IN ({marks})",
            [user, stamp, stamp, *([master] if master else []), *ids],
        )
        if master:
            return
        for child in self.objects.values():
            for reference in child.fields.values():
                if reference.cascade and sobject.name in reference.refers_to:
                    sql = f'SELECT Id FROM "{child.name}" WHERE "{reference.name}" IN ({marks}) AND IsDeleted = 0'
                    hanging = [row[0] for row in db.execute(sql, list(ids))]
                    for start in range(0, len(hanging), BATCH):
                        self.put_in_bin(db, child, hanging[start : start + BATCH], user)

    # -- checks that need the store

    def _find_parents(self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft]) -> None:
        wanted: dict[tuple[str, str], set[str]] = {}
        for draft in drafts:
            for lookup in draft.lookups:
                wanted.setdefault((lookup.parent.name, lookup.key.name), set()).add(lookup.value)
        if not wanted:
            return
        found = {
            (parent, key): self.ids_by_key(db, self.objects[parent], self.objects[parent].fields[key], sorted(given))
            for (parent, key), given in wanted.items()
        }
        for draft in drafts:
            for lookup in draft.lookups:
                ids = found[lookup.parent.name, lookup.key.name].get(lookup.value.casefold(), [])
                if len(ids) == 1:
                    draft.values[lookup.reference.name] = ids[0]
                else:
                    message = (
                        f"Foreign key external ID: {lookup.value} not found for field {lookup.key.name}"
                        f" in entity {lookup.parent.name}"
                    )
                    draft.errors.append(RecordError("INVALID_FIELD", message))

    def _check_references(self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft]) -> None:
        references = [
            each for each in sobject.fields.values() if each.refers_to and (each.createable or each.updateable)
        ]
        asked: dict[str, set[str]] = {}
        for reference in references:
            for draft in drafts:
                value = draft.values.get(reference.name)
                if value is None:
                    continue
                parent = self.by_prefix.get(str(value)[:3])
                if parent is None or parent.name not in reference.refers_to:
                    message = f"{reference.label}: id value of incorrect type: {value}"
                    draft.errors.append(RecordError("FIELD_INTEGRITY_EXCEPTION", message, (reference.name,)))
                else:
                    asked.setdefault(parent.name, set()).add(str(value))
        alive: dict[str, Stored] = {}
        for name, ids in asked.items():
            standing_sql = "IsActive" if name == "User" else "1 - IsDeleted"
            sql = f'SELECT Id, {standing_sql} FROM "{name}" WHERE Id IN ({placeholders(len(ids))})'
            alive.update(db.execute(sql, sorted(ids)))
        for reference in references:
            for draft in drafts:
                value = draft.values.get(reference.name)
                if value is None or draft.errors:
                    continue
                standing = alive.get(str(value))
                if standing is None:
                    error = RecordError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (reference.name,))
                    draft.errors.append(error)
                elif not standing and str(value).startswith(USER_PREFIX):
                    message = f"operation performed with inactive user [{value}] as owner of {sobject.name.lower()}"
                    draft.errors.append(RecordError("INACTIVE_OWNER_OR_USER", message, (reference.name,)))
                elif not standing:
                    draft.errors.append(_DELETED)

    def _check_unique(self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft]) -> None:
        for target in sobject.fields.values():
            if not target.unique:
                continue
            asked = [(draft, str(draft.values[target.name])) for draft in drafts if draft.values.get(target.name)]
            if not asked:
                continue
            holders = self.ids_by_key(db, sobject, target, (value for _, value in asked))
            seen: dict[str, Draft] = {}
            for draft, value in asked:
                if draft.errors:
                    continue
                others = [holder for holder in holders.get(value.casefold(), []) if holder != draft.record_id]
                first = seen.setdefault(value.casefold(), draft)
                if first is not draft and (draft.record_id is None or draft.record_id != first.record_id):
                    others.append(first.record_id or "<unknown>")
                if others:
                    message = f"duplicate value found: {target.name} duplicates value on record with id: {others[0]}"
                    draft.errors.append(RecordError("DUPLICATE_VALUE", message, (target.name,)))

    def _find_duplicates(
        self, db: sqlite3.Connection, sobject: SObject, drafts: Sequence[Draft], actor: Actor
    ) -> dict[int, list[str]]:
        """The optional duplicate rule: people by e-mail, accounts by name. It alerts; a header saves all the same."""
        match_on = {"Contact": "Email", "Lead": "Email", "Account": "Name"}.get(sobject.name)
        found: dict[int, list[str]] = {}
        if not self._duplicate_rule or match_on is None or actor.save_duplicates:
            return found
        for index, draft in enumerate(drafts):
            value = draft.values.get(match_on)
            if draft.errors or value is None:
                continue
            sql = f'SELECT Id FROM "{sobject.name}" WHERE "{match_on}" = ? AND IsDeleted = 0 LIMIT 5'
            ids = [row[0] for row in db.execute(sql, (value,))]
            if ids:
                found[index] = ids
                draft.errors.append(RecordError("DUPLICATES_DETECTED", "Use one of these records?"))
        return found


def _inject(drafts: Sequence[Draft], actor: Actor) -> None:
    if actor.fault is not None:
        for draft in drafts:
            error = actor.fault()
            if error is not None:
                draft.errors.append(error)


def _required(names: Sequence[str]) -> RecordError:
    message = f"Required fields are missing: [{', '.join(names)}]"
    return RecordError("REQUIRED_FIELD_MISSING", message, tuple(names))


def rows_by_id(
    db: sqlite3.Connection, sobject: SObject, names: Sequence[str], ids: Sequence[str]
) -> dict[str, tuple[Any, ...]]:
    """The named columns of records, by id; also of those in the recycle bin."""
    found: dict[str, tuple[Any, ...]] = {}
    columns = ", ".join(f'"{name}"' for name in names)
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        sql = f'SELECT Id, {columns} FROM "{sobject.name}" WHERE Id IN ({placeholders(len(part))})'
        found.update((row[0], row[1:]) for row in db.execute(sql, part))
    return found
