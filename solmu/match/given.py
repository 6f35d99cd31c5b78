"""What somebody gives to be looked up: canonical fields as JSON, read and checked as a mapping reads a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from solmu.config import Hub
from solmu.config.nearest import choice_of
from solmu.config.yaml import Lines
from solmu.errors import ConfigurationError, Skippable
from solmu.mapping import SourceMapping, load_source_mapping
from solmu.mapping.source import source_mapping
from solmu.mapping.values import Mapped
from solmu.model import CanonicalField, Entity

Known = Mapping[Entity, Mapping[str, CanonicalField]]
ASKED = "asked"
"""The connection that a record is of which nobody has landed."""
_USUAL = "usual country"  # the column of what stands in for a country that is not given
_COUNTRY = {"phone": "region", "business_id": "country"}  # fields that are read with a country, and what they call it


def canonical_mapping(known: Known) -> SourceMapping:
    """A mapping that reads ``{"organisation": {…}, "person": {…}}`` with the names of the canonical fields."""
    blocks = {entity.value: {name: _spec(entity, name) for name in known[entity]} for entity in Entity}
    return source_mapping(
        "canonical", Path("canonical fields"), {"record": "record", **blocks}, Lines("canonical fields"), known
    )


def read_canonical(
    mapping: SourceMapping, document: Any, known: Known, usual: Callable[[], str | None] = lambda: None
) -> Mapped:
    """What the document says. Raises ConfigurationError that names the field, and what would be right.

    ``usual`` gives the country by which numbers are read where none is given.
    """
    expected = '{"organisation": {"name": …, "city": …}, "person": {"name": …, "email": …}}, one of the two or both'
    if not isinstance(document, Mapping) or not document:
        raise ConfigurationError("this is no record", code="no-record", expected=expected)
    entities = [entity.value for entity in Entity]
    for slot, fields in document.items():
        if slot not in entities:
            raise ConfigurationError(
                f"{slot!r} is no entity", code="no-record", field=slot, expected=choice_of(slot, entities)
            )
        if not isinstance(fields, Mapping):
            raise ConfigurationError(
                f"{slot} is no block of fields", code="no-record", field=slot, value=fields, expected=expected
            )
        for name in fields:
            if name not in known[Entity(slot)]:
                raise ConfigurationError(
                    f"{slot} has no field {name!r}",
                    code="no-field",
                    field=f"{slot}.{name}",
                    expected=choice_of(name, known[Entity(slot)]),
                )
    # Flat, so that what is wrong is named by its field and not by its block.
    flat = {f"{slot}.{name}": value for slot, fields in document.items() for name, value in fields.items()}
    if _COUNTRY.keys() & {name for fields in document.values() for name in fields}:
        flat[_USUAL] = usual()
    return read_mapped(mapping, flat)


def read_mapped(mapping: SourceMapping, payload: Mapping[str, Any]) -> Mapped:
    """What a payload says by a mapping. Raises ConfigurationError as a row's refusal would be worded."""
    try:
        return mapping.map(payload, connection=ASKED)
    except Skippable as refused:
        raise ConfigurationError(
            refused.message, code=refused.code, field=refused.field, value=refused.value, expected=refused.expected
        ) from refused


def read_given(
    hub: Hub, document: Any, mapping: str | None = None, usual: Callable[[], str | None] = lambda: None
) -> Mapped:
    """What a document says, as a row of that source mapping, or by the canonical fields. Raises ConfigurationError.

    ``usual`` gives the country by which canonical fields are read where none is given.
    """
    if mapping is None:
        known = {entity: hub.fields(entity) for entity in Entity}
        return read_canonical(canonical_mapping(known), document, known, usual)
    if not isinstance(document, Mapping):
        raise ConfigurationError(
            "a row is a block of columns", code="no-record", expected='{"Company": "Kotka Kone Oy", …}'
        )
    return read_mapped(load_source_mapping(hub, mapping), document)


def _spec(entity: Entity, name: str) -> Any:
    column = f"{entity.value}.{name}"
    if name not in _COUNTRY:
        return column
    places = [f"{entity.value}.country", f"{Entity.ORGANISATION.value}.country", _USUAL]
    return {"from": column, _COUNTRY[name]: {"from": list(dict.fromkeys(places))}}
