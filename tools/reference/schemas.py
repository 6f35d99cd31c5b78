"""Settings as tables, from the JSON Schemas of their pydantic models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from tools.reference.comments import comments_of
from tools.reference.markdown import code, prose, table

Schema = Mapping[str, Any]
COLUMNS = ("Key", "Takes", "Default", "Meaning")


def settings_tables(model: type[BaseModel], path: str, also: type[BaseModel] | None = None) -> Iterator[str]:
    """The keys of one model, and of each block within it below a line that says where it stands.

    ``also``: a model that explains keys which this one repeats.
    """
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    said = {name: field.description or "" for name, field in also.model_fields.items()} if also else {}
    yield table(COLUMNS, _rows(schema, definitions, said | comments_of(model))) or "None."
    for name, each in schema.get("properties", {}).items():
        inner, suffix = _inner(each, definitions)
        if inner is not None:
            where = f"{path}.{name}{suffix}"
            yield from [f"`{where}`: {prose(inner.get('description'))}", table(COLUMNS, _rows(inner, definitions, {}))]


def sections(model: type[BaseModel], *, level: int = 2) -> Iterator[str]:
    """The keys of a model, and then of each block within it, under a heading that says where it stands."""
    schema = model.model_json_schema()
    yield from _sections("", schema, schema.get("$defs", {}), level)


def _sections(path: str, schema: Schema, definitions: Schema, level: int) -> Iterator[str]:
    if path:
        yield f"{'#' * level} {code(path) if '*' in path else path}"
    yield prose(schema.get("description"))
    yield table(COLUMNS, _rows(schema, definitions, {}))
    for name, each in schema.get("properties", {}).items():
        inner, suffix = _inner(each, definitions)
        if inner is not None:
            yield from _sections(f"{path}.{name}{suffix}".lstrip("."), inner, definitions, level)


def _inner(schema: Schema, definitions: Schema) -> tuple[Schema | None, str]:
    """The block that a key holds, or holds many of."""
    if "$ref" in schema:
        found = definitions[schema["$ref"].rpartition("/")[2]]
        return (found, "") if "properties" in found else (None, "")
    if "anyOf" in schema:
        return next((found for each in schema["anyOf"] if (found := _inner(each, definitions))[0]), (None, ""))
    if isinstance(schema.get("items"), Mapping):
        inner, suffix = _inner(schema["items"], definitions)
        return inner, f"[]{suffix}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        inner, suffix = _inner(schema["additionalProperties"], definitions)
        return inner, f".*{suffix}"
    return None, ""


def _rows(schema: Schema, definitions: Schema, comments: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    required = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        inner, suffix = _inner(each, definitions)
        default = "required" if name in required else _default(each, is_block=inner is not None and not suffix)
        meaning = each.get("description") or comments.get(name) or ""
        if not meaning and inner is not None:
            meaning = prose(inner.get("description"))
        yield code(name), _takes(each, definitions), default, prose(meaning)


def _default(schema: Schema, *, is_block: bool) -> str:
    if is_block:
        return ""
    value = schema.get("default")
    return "none" if value in (None, [], {}, "") else code(json.dumps(value, ensure_ascii=False))


def _takes(schema: Schema, definitions: Schema) -> str:
    if "$ref" in schema:
        return _takes(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "enum" in schema:
        return ", ".join(code(str(value)) for value in schema["enum"])
    if "const" in schema:
        return code(str(schema["const"]))
    if "anyOf" in schema:
        kinds = [_takes(each, definitions) for each in schema["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    match schema.get("type"):
        case "array":
            return f"list of: {_takes(schema.get('items', {}), definitions)}"
        case "object":
            values = schema.get("additionalProperties")
            return f"block of: {_takes(values, definitions)}" if isinstance(values, Mapping) else "block"
        case "boolean":
            return "true or false"
        case "integer" | "number" as kind:
            return ("whole number" if kind == "integer" else "number") + _range(schema)
        case "string":
            return {"password": "secret", "path": "path"}.get(schema.get("format", ""), "text")
    return "anything"


def _range(schema: Schema) -> str:
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    if lowest is not None and highest is not None:
        return f" from {lowest:g} to {highest:g}"
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is not None and below is not None:
        return f" between {above:g} and {below:g}"
    if lowest is not None:
        return f", {lowest:g} or more"
    return f" above {above:g}" if above is not None else ""
