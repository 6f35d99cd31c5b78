"""A record as its API shows it, as a payload, and as it is sent. Pure.

A payload is flat: a record that is referred to is its id, ``owner`` and ``contact`` are the first of those assigned and
linked, and a custom field is ``cf_<key>``, as in the API's own filters. What BottleCRM works out afresh for each viewer
(totals, labels, how long ago) is left out: it changes without anybody having changed the record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from connectors.bottlecrm.objects import Kind
from solmu.exchange import Payload

CUSTOM = "cf_"
_SYSTEM = ("id", "created_by", "created_at", "updated_at")
_NUMBERS = frozenset({"int", "currency"})
# What a field has that nobody has said anything of.
_BY_ITSELF = {"is_active": True, "do_not_call": False, "probability": "0"}


def payload_of(kind: Kind, record: Mapping[str, Any]) -> Payload:
    """What a record that the API gave says."""
    payload = {name: _id(record[name]) for name in _SYSTEM if name in record}
    for info in kind.fields:
        listed = kind.lists.get(info.name)
        if listed is not None:
            payload[info.name] = next((_id(each) for each in record.get(listed) or ()), None)
        elif info.name in record:
            payload[info.name] = _id(record[info.name])
    payload["tags"] = [tag["name"] for tag in record.get("tags") or ()]
    return payload | {f"{CUSTOM}{key}": value for key, value in (record.get("custom_fields") or {}).items()}


def body_of(kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a payload, as they are sent."""
    body: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name, value in fields.items():
        if name.startswith(CUSTOM):
            custom[name.removeprefix(CUSTOM)] = value
        elif name in kind.lists:
            body[kind.lists[name]] = [value] if value else []
        else:
            body[name] = value
    return body | {"custom_fields": custom} if custom else body


def version_of(kind: Kind, payload: Mapping[str, Any], stamp_field: str) -> str:
    """16 hexadecimal digits that change whenever somebody changes one of the record's own fields."""
    types = {info.name: info.type for info in kind.fields}
    own = {name: value for name, value in payload.items() if name in types or name.startswith(CUSTOM)}
    own.pop(f"{CUSTOM}{stamp_field}", None)
    said = {name: _plain(value, types.get(name)) for name, value in own.items()}
    kept = {name: value for name, value in said.items() if value not in (None, "", _BY_ITSELF.get(name))}
    return hashlib.blake2b(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def _plain(value: Any, type: str | None) -> Any:
    """One writing for what BottleCRM keeps as one value: it trims text, and shows money with two decimals."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        value = value.strip()
    if type in _NUMBERS and value != "":
        try:
            return str(Decimal(str(value)).normalize())
        except InvalidOperation:
            return value
    return value


def _id(value: Any) -> Any:
    return value["id"] if isinstance(value, Mapping) and "id" in value else value
