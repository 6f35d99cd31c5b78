"""Values on their way in and out of a record: what each field accepts, how it is kept, how it is shown.

Kept in SQLite as: text for text, dates (`YYYY-MM-DD`) and references; 0 or 1 for booleans; numbers for numbers;
milliseconds for date and time. Text is trimmed, and empty text is null ("Field Types" in the Object Reference).
"""

import re
from typing import Any, TypeAlias

from sandbox.salesforce import times
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import NUMBER_KINDS, TEXT_KINDS, Field

Stored: TypeAlias = str | int | float | None

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@[^@\s,;<>()\[\]\\\"]+\.[^@\s.,;<>()\[\]\\\"]{2,}")
_JSON_TOKENS = {
    dict: "START_OBJECT", list: "START_ARRAY", str: "VALUE_STRING", bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT",
    float: "VALUE_NUMBER_FLOAT",
}  # fmt: skip


def from_json(field: Field, value: Any) -> Stored:
    """A value of a JSON record, checked and in the form in which it is kept. Raises Refused."""
    if value is None:
        return None
    kind = field.kind
    if kind in TEXT_KINDS:
        if type(value) is not str:
            raise _cannot_deserialize("string", value)
        return _text(field, value)
    if kind == "reference" or kind == "id":
        if type(value) is not str:
            raise _cannot_deserialize("string", value)
        return _reference(field, value.strip())
    if kind == "boolean":
        return _boolean(value)
    if kind in NUMBER_KINDS:
        return _number(field, value)
    if type(value) is not str:
        raise _cannot_deserialize(kind, value)
    if not value.strip():
        return None
    moment = times.read_date(value) if kind == "date" else times.read(value)
    if moment is None:
        raise _cannot_deserialize(kind, value)
    return moment


def from_csv(field: Field, text: str) -> Stored:
    """A non-blank value of a CSV row, checked and in the form in which it is kept. Raises Refused."""
    kind = field.kind
    if kind in TEXT_KINDS:
        return _text(field, text)
    if kind == "reference" or kind == "id":
        return _reference(field, text.strip())
    try:
        if kind == "boolean":
            return _boolean(text.strip())
        if kind in NUMBER_KINDS:
            return _number(field, text.strip())
        moment = times.read_date(text) if kind == "date" else times.read(text)
    except Refused:
        moment = None
    if moment is None:
        xml_type = "dateTime" if kind == "datetime" else "double" if kind in NUMBER_KINDS else kind
        raise Refused(
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            f"Value not of required type: '{text}' is not a valid value for the type xsd:{xml_type}",
            field.name,
        )
    return moment


def to_json(field: Field, stored: Stored) -> Any:
    """A kept value as JSON shows it."""
    if stored is None:
        return None
    if field.kind == "boolean":
        return bool(stored)
    if field.kind == "datetime":
        return times.write(int(stored))
    if field.kind == "int":
        return int(stored)
    return stored


def to_csv(field: Field, stored: Stored) -> str:
    """A kept value as the CSV of a bulk query shows it; date and time end in Z there."""
    if stored is None:
        return ""
    if field.kind == "boolean":
        return "true" if stored else "false"
    if field.kind == "datetime":
        return times.write(int(stored)).replace("+0000", "Z")
    return str(stored)


def _text(field: Field, value: str) -> str | None:
    text = value.strip()
    if not text:
        return None
    if len(text) > field.length:
        raise Refused(
            "STRING_TOO_LONG", f"{field.label}: data value too large: {text} (max length={field.length})", field.name
        )
    if field.kind == "email":
        if not _EMAIL.fullmatch(text):
            raise Refused("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", field.name)
        return text.lower()
    if field.restricted:
        return _restricted(field, text)
    return text


def _restricted(field: Field, text: str) -> str:
    for value in field.values:
        if value.lower() == text.lower():
            return value
    raise Refused(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{field.label}: bad value for restricted picklist field: {text}",
        field.name,
    )


def _reference(field: Field, text: str) -> str | None:
    if not text:
        return None
    known = full_id(text)
    if known is None:
        raise Refused("MALFORMED_ID", f"{field.label}: id value of incorrect type: {text}", field.name)
    return known


def _boolean(value: Any) -> int:
    if type(value) is bool:
        return int(value)
    if type(value) is str and value.strip().lower() in ("true", "false", "1", "0"):
        return int(value.strip().lower() in ("true", "1"))
    raise _cannot_deserialize("boolean", value)


def _number(field: Field, value: Any) -> int | float | None:
    kind = "int" if field.kind == "int" else "double"
    if type(value) is str:
        if not value.strip():
            return None
        try:
            value = float(value)
        except ValueError:
            raise _cannot_deserialize(kind, value) from None
    if type(value) not in (int, float) or value != value or abs(value) >= 1e18:
        raise _cannot_deserialize(kind, value)
    if field.kind == "int":
        if abs(value) > 2**31 - 1:
            raise Refused(
                "NUMBER_OUTSIDE_VALID_RANGE", f"{field.label}: value outside of valid range: {value}", field.name
            )
        return int(value)
    return round(float(value), 2 if field.kind == "currency" else 8)


def _cannot_deserialize(wanted: str, value: Any) -> Refused:
    token = _JSON_TOKENS.get(type(value), "VALUE_NULL")
    shown = f" value {value}" if token.startswith("VALUE") else ""
    return Refused(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {wanted} from {token}{shown} or request may be missing a required field",
    )
