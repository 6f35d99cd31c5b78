"""JSON Schemas of the hub's YAML files, for editors and for ``docs/reference``."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from solmu.config.connections import ConnectionDocument
from solmu.config.connectors import connector_class, connector_names
from solmu.config.settings import HubSettings
from solmu.errors import Fatal

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def hub_schema() -> dict[str, Any]:
    """The schema of ``hub.yaml``."""
    return {**HubSettings.model_json_schema(), "$schema": DIALECT, "title": "hub.yaml"}


def connection_schema(connectors: dict[str, Any] | None = None) -> dict[str, Any]:
    """The schema of a file in ``connections/``, with the settings of every connector that is installed.

    ``connectors`` are classes by name; default: those that are installed.
    """
    classes = _installed() if connectors is None else connectors
    schema = ConnectionDocument.model_json_schema()
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    branches = []
    for name, found in classes.items():
        settings = _definition(definitions, f"{name}.settings", found.Settings.model_json_schema())
        stream = _definition(definitions, f"{name}.stream", found.StreamSettings.model_json_schema())
        # The connector's keys stand beside the hub's in a stream, so neither schema may forbid the other's.
        definitions[f"{name}.stream"].pop("additionalProperties", None)
        branches.append(
            {
                "if": {"properties": {"connector": {"const": name}}},
                "then": {
                    "properties": {"settings": settings, "streams": {"additionalProperties": {"allOf": [stream]}}}
                },
            }
        )
    schema["properties"]["connector"]["examples"] = list(classes)
    return {**schema, "$schema": DIALECT, "title": "connection", "allOf": branches}


def _installed() -> dict[str, Any]:
    """The connectors that can be loaded: a plug-in that cannot is told of when it is used, and not here."""
    classes: dict[str, Any] = {}
    for name in connector_names():
        with suppress(Fatal):
            classes[name] = connector_class(name)
    return classes


def _definition(definitions: dict[str, Any], name: str, schema: dict[str, Any]) -> dict[str, str]:
    """Take a model's schema into ours, under names of its own, and give the reference to it."""
    inner = schema.pop("$defs", {})
    definitions |= {f"{name}.{key}": _moved(value, name) for key, value in inner.items()}
    definitions[name] = _moved(schema, name)
    return {"$ref": f"#/$defs/{name}"}


def _moved(schema: Any, name: str) -> Any:
    if isinstance(schema, dict):
        moved = {key: _moved(value, name) for key, value in schema.items()}
        if isinstance(moved.get("$ref"), str):
            moved["$ref"] = moved["$ref"].replace("#/$defs/", f"#/$defs/{name}.")
        return moved
    return [_moved(each, name) for each in schema] if isinstance(schema, list) else schema
