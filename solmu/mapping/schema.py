"""JSON Schemas of mapping files, for editors and for ``docs/reference``; made of the same lists that check them."""

from __future__ import annotations

from typing import Any

from solmu.config.mappings import Side
from solmu.config.schema import DIALECT
from solmu.config.settings import EXCLUDES, INCLUDES
from solmu.mapping.conditions import KEYS as CONDITION_KEYS
from solmu.mapping.entities import RELATIONS
from solmu.mapping.hanging import BLOCKS
from solmu.mapping.outputs import OUTPUTS
from solmu.mapping.row import ON_INVALID
from solmu.mapping.transform import Option
from solmu.mapping.transforms import TRANSFORMS
from solmu.model import FIELDS, HANGING_FIELDS, CanonicalField, Entity, Hanging

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_VALUE: Schema = {"type": ["string", "number", "boolean"]}
_VALUES: Schema = {"oneOf": [_VALUE, {"type": "array", "items": _VALUE}]}


def mapping_schema(side: Side) -> Schema:
    """The schema of a file in ``mappings/sources/`` or ``mappings/targets/``."""
    return _source_schema() if side == "sources" else _target_schema()


def _source_schema() -> Schema:
    reference = _closed(
        {
            "stream": _TEXT,
            "key": _ref("columns"),
            "connection": _TEXT,
            "slot": _TEXT,
            "kind": {"enum": list(RELATIONS)},
        },
        required=("stream", "key"),
    )
    properties: Schema = {
        "record": {**_TEXT, "description": "What people call one record: lead, customer, order …"},
        "source": {"description": "Notes on where the records come from."},
        "observed_at": {**_ref("field"), "description": "When the source saw this, as a date or a point in time."},
        "ignore": {
            "type": "array",
            "items": _TEXT,
            "description": "Columns known and not wanted; * stands for anything.",
        },
        "ignore_when": _one_or_more(_ref("condition")),
        "require": {
            "type": "array",
            "items": _TEXTS,
            "description": "Of each inner list at least one field must be there.",
        },
        "people_in_notes": {"oneOf": [_TEXT, _closed({"from": _TEXT, "region": _ref("field")}, required=("from",))]},
        "consent": {
            "type": "object",
            "additionalProperties": _ref("field"),
            "description": "Purpose -> whether allowed.",
        },
        "became": {
            "type": "object",
            "patternProperties": {r"^(organisation|person)(#[0-9]+)?$": _ref("reference")},
            "additionalProperties": False,
            "description": "Slot -> the record of another stream that it goes on as: a converted lead's contact.",
        },
        "vocabularies": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"oneOf": [_TEXTS, {"type": "null"}]}},
        },
        "affiliation": _closed(_fields(HANGING_FIELDS[Hanging.AFFILIATION])),
    }
    definitions: Schema = {
        "columns": {"oneOf": [_TEXTS, _closed({"from": _TEXTS}, required=("from",))]},
        "condition": _closed({key: {} for key in CONDITION_KEYS} | {"from": _TEXTS}, required=("from",)),
        "reference": {"oneOf": [_TEXT, reference, {"type": "array", "items": {"oneOf": [_TEXT, reference]}}]},
        "field": {"oneOf": [_TEXTS, _field_block()]},
    }
    patterns: Schema = {}
    for entity in Entity:
        ties = ("employer",) if entity is Entity.PERSON else RELATIONS
        fields = _fields(FIELDS[entity]) | {name: _ref("reference") for name in ties}
        definitions[entity.value] = _closed(fields) | {"patternProperties": {r"^custom\.": _ref("field")}}
        patterns[f"^{entity.value}(#[0-9]+)?$"] = _ref(entity.value)
    for kind in BLOCKS:
        definitions[kind.value] = _closed(_fields(HANGING_FIELDS[kind]) | {"of": _ref("reference")})
        properties[kind.value] = _one_or_more(_ref(kind.value))
    return {
        "$schema": DIALECT,
        "title": "source mapping",
        "type": "object",
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": False,
        "$defs": definitions,
    }


def _target_schema() -> Schema:
    field = _closed(
        {
            "from": {
                **_TEXTS,
                "description": "A canonical field or a JMESPath over them; of several the first with a value.",
            },
            "as": {
                **_one_or_more({"enum": list(OUTPUTS)}),
                "description": "; ".join(f"{each.name}: {each.purpose}" for each in OUTPUTS.values()),
            },
            "const": {},
            "template": {
                **_TEXT,
                "description": "Text with {field|transform}; a part in [ ] is left out if a value is blank.",
            },
            "parent": {**_TEXT, "description": "The stream of this target whose record this field points at."},
            "assign": {"const": True, "description": "The owner, by hub.yaml's assignment rules."},
            "default": {},
            "required": {"type": "boolean"},
            "only_on": {"enum": ["create", "update"]},
            "if_there": {"type": "boolean", "description": "Left out where the target has no such field."},
            **_options(option for each in OUTPUTS.values() for option in each.options.values()),
        }
    )
    return {
        "$schema": DIALECT,
        "title": "target mapping",
        **_closed(
            {
                "object": {**_TEXT, "description": "What the target calls these records."},
                "entity": {"enum": [entity.value for entity in Entity]},
                "hanging": {"enum": [kind.value for kind in BLOCKS]},
                "target": {"description": "Notes on the target."},
                "external_id": {**_TEXT, "description": "The target's unique field for our id."},
                "include": {"type": "array", "items": {"enum": list(INCLUDES)}},
                "exclude": {"type": "array", "items": {"enum": list(EXCLUDES)}},
                "fields": {"type": "object", "additionalProperties": {"oneOf": [_TEXTS, field]}},
                "only": {
                    "type": "object",
                    "additionalProperties": _VALUE,
                    "description": "Of what hangs, only what holds these values.",
                },
                "taken_back": {
                    "type": "object",
                    "additionalProperties": _VALUE,
                    "description": "What the target's fields hold once a record that we made there is taken back.",
                },
            },
            required=("fields",),
        ),
        "oneOf": [{"required": ["entity"]}, {"required": ["hanging"]}],
    }


def _field_block() -> Schema:
    return _closed(
        {
            "from": {**_TEXTS, "description": "A column, or a JMESPath; of several the first that says something."},
            "as": {
                "enum": list(TRANSFORMS),
                "description": "; ".join(f"{each.name}: {each.purpose}" for each in TRANSFORMS.values()),
            },
            "const": _VALUES,
            "default": _VALUES,
            "on_invalid": {"enum": list(ON_INVALID)},
            "of": {**_TEXT, "description": "Of a consent: the slot of whoever gives it."},
            **_options(option for each in TRANSFORMS.values() for option in each.options.values()),
        }
    )


def _options(options: Any) -> Schema:
    """Options of several transforms may share a name: each of their meanings is fine."""
    found: dict[str, list[Schema]] = {}
    for option in options:
        schema = _option(option)
        if schema not in found.setdefault(option.name, []):
            found[option.name].append(schema)
    return {name: each[0] if len(each) == 1 else {"anyOf": each} for name, each in found.items()}


def _option(option: Option) -> Schema:
    match option.kind:
        case "flag":
            schema: Schema = {"type": "boolean"}
        case "list":
            schema = dict(_VALUES)
        case "map":
            schema = {"type": "object", "additionalProperties": _VALUE}
        case "row":
            schema = {"oneOf": [_TEXT, _ref("field")]}
        case _:
            schema = {"enum": list(option.choices)} if option.choices else dict(_VALUE)
    return {**schema, "description": option.purpose}


def _fields(fields: dict[str, CanonicalField]) -> Schema:
    return {name: {**_ref("field"), "description": field.label} for name, field in fields.items()}


def _closed(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | {"required": list(required)} if required else schema


def _one_or_more(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "array", "items": schema}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
