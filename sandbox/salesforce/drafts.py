"""Drafts: records as a client sent them, checked field by field, before anything is looked up in the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.salesforce import values
from sandbox.salesforce.errors import RecordError, Refused
from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.values import Stored

Purpose = Literal["insert", "update", "upsert"]
_SECURITY = (
    "Please check the security settings of this field and verify that it is read/write for your profile"
    " or permission set."
)
NULL_IN_CSV = "#N/A"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A parent named by an external id of its own: `{"Account": {"Solmu_Id__c": "…"}}`."""

    reference: Field
    parent: SObject
    key: Field
    value: str


@dataclass(slots=True)
class Draft:
    """What one record is to become; `errors` says why it cannot."""

    values: dict[str, Stored] = field(default_factory=dict)
    lookups: list[Lookup] = field(default_factory=list)
    errors: list[RecordError] = field(default_factory=list)
    # The record's id, for an update or delete.
    record_id: str | None = None

    @classmethod
    def refused(cls, code: str, message: str, *fields: str) -> "Draft":
        return cls(errors=[RecordError(code, message, fields)])


def from_json(
    objects: Mapping[str, SObject],
    sobject: SObject,
    record: Mapping[str, Any],
    purpose: Purpose,
    key: Field | None = None,
) -> Draft:
    """A draft of a JSON record. `key` is the external id of an upsert; it may be written where others may not."""
    draft = Draft()
    locked: list[str] = []
    for name, value in record.items():
        if name == "attributes":
            continue
        target = sobject.field(name)
        if target is None:
            lookup = _lookup(objects, sobject, name, value)
            if lookup is None:
                message = f"No such column '{name}' on sobject of type {sobject.name}"
                return Draft.refused("INVALID_FIELD", message)
            draft.lookups.append(lookup)
            continue
        if target.kind == "id":
            if purpose == "insert":
                return Draft.refused("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
            if key is not None and key.kind != "id":
                return Draft.refused("INVALID_FIELD", "The Id field should not be specified in the sobject data.", "Id")
            continue
        if not _may_write(target, purpose):
            locked.append(target.name)
            continue
        try:
            draft.values[target.name] = values.from_json(target, value)
        except Refused as refusal:
            draft.errors.append(refusal.error)
    if locked:
        draft.errors.append(locked_fields(locked))
    return draft


def from_csv(columns: Sequence[Field | tuple[Field, SObject, Field]], row: Sequence[str], purpose: Purpose) -> Draft:
    """A draft of a CSV row: blank leaves a field alone, `#N/A` makes it null.

    A column is a field, or (reference, parent object, its external id) for a parent named by external id.
    """
    draft = Draft()
    kept = draft.values
    locked: list[str] = []
    for target, text in zip(columns, row, strict=True):
        if not text:
            continue
        if type(target) is tuple:
            draft.lookups.append(Lookup(*target, text.strip()))
            continue
        assert isinstance(target, Field)
        if target.kind == "id":
            draft.record_id = text.strip()
            continue
        if not _may_write(target, purpose):
            locked.append(target.name)
            continue
        if text == NULL_IN_CSV:
            kept[target.name] = None
            continue
        try:
            kept[target.name] = values.from_csv(target, text)
        except Refused as refusal:
            draft.errors.append(refusal.error)
    if locked:
        draft.errors.append(locked_fields(locked))
    return draft


def _may_write(target: Field, purpose: Purpose) -> bool:
    if purpose == "insert":
        return target.createable
    if purpose == "update":
        return target.updateable
    # Whether an upsert creates or updates is not known yet.
    return target.createable or target.updateable


def locked_fields(names: Sequence[str]) -> RecordError:
    message = f"Unable to create/update fields: {', '.join(names)}. {_SECURITY}"
    return RecordError("INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(names))


def parent_column(
    objects: Mapping[str, SObject], sobject: SObject, relationship: str, key_name: str
) -> tuple[Field, SObject, Field] | None:
    """The reference, parent object and external id that `Account.Solmu_Id__c` names."""
    for reference in sobject.fields.values():
        if reference.relationship is None or reference.relationship.lower() != relationship.lower():
            continue
        for target in reference.refers_to:
            key = objects[target].field(key_name)
            if key is not None and key.external_id:
                return reference, objects[target], key
    return None


def _lookup(objects: Mapping[str, SObject], sobject: SObject, name: str, value: Any) -> Lookup | None:
    if not isinstance(value, Mapping):
        return None
    named = [(key, text) for key, text in value.items() if key != "attributes"]
    if len(named) != 1 or not isinstance(named[0][1], str):
        return None
    found = parent_column(objects, sobject, name, named[0][0])
    return Lookup(*found, named[0][1].strip()) if found else None
