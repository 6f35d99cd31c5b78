"""Rows as they would land, by the names that people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from solmu.config import Hub
from solmu.model import HANGING_FIELDS, CanonicalField, Entity, Hanging
from solmu.web.words import part


def landing(hub: Hub, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a preview: ``place``, and ``parts`` that are ``of`` something and have ``fields`` by their titles."""
    return [
        {
            "place": (row["place"] or row["key"]).rpartition(", ")[2],
            "parts": [
                _part(hub, str(part.get("slot") or part["kind"]), part["fields"])
                for part in (*row["mentions"], *row["hanging"], *row["consents"])
                if part["fields"]
            ],
        }
        for row in rows
    ]


def _part(hub: Hub, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    known = _fields(hub, name.partition("#")[0])
    titled = {known[each].label if each in known else each.replace("_", " "): value for each, value in fields.items()}
    return {"of": part(name), "fields": titled}


def _fields(hub: Hub, of: str) -> Mapping[str, CanonicalField]:
    if of in set(Hanging):
        return HANGING_FIELDS.get(Hanging(of), {})
    # A slot may have a name of its own; the fields of both entities are told apart by their names.
    entities = [Entity(of)] if of in set(Entity) else list(Entity)
    return {name: field for entity in entities for name, field in hub.fields(entity).items()}
