"""A target mapping: YAML that says what a target should hold of a golden record, or of what hangs on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from solmu.config.hub import Hub
from solmu.config.nearest import choice_of
from solmu.config.settings import EXCLUDES, INCLUDES
from solmu.config.yaml import Lines
from solmu.mapping.draft import Draft
from solmu.mapping.files import read_mapping
from solmu.mapping.hanging import BLOCKS
from solmu.mapping.recipe import recipe_hash
from solmu.mapping.target_field import Document, TargetField, target_field
from solmu.mapping.values import Wanted
from solmu.model import FIELDS, HANGING_FIELDS, CanonicalField, Entity, Hanging

KEYS = ("object", "entity", "hanging", "only", "external_id", "include", "exclude", "fields", "taken_back", "target")


_POINTS_NOWHERE = "an organisation's record points at no other record: relations between organisations are not pushed"
_POINTING = "`parent` in the mapping of a person, or of what hangs on a record; leave this field out"


@dataclass(frozen=True, slots=True)
class TargetMapping:
    """A mapping, compiled. Either ``entity`` or ``hanging`` says what it pushes; ``include`` and ``exclude`` are None
    where the hub's admission holds.

    ``only`` narrows what hangs to what holds these values. ``taken_back`` is what the fields hold once a record that we
    made there is taken back: none is ever deleted unasked, but a task can be closed.
    """

    name: str
    file: Path
    recipe: str
    object: str
    entity: Entity | None
    hanging: Hanging | None
    external_id: str | None
    include: tuple[str, ...] | None
    exclude: tuple[str, ...] | None
    fields: Mapping[str, TargetField]
    only: Mapping[str, Any]
    taken_back: Mapping[str, Any]
    _nothing: Mapping[str, Wanted] = field(init=False, repr=False, compare=False)
    _always: tuple[TargetField, ...] = field(init=False, repr=False, compare=False)
    _reading: Mapping[str, tuple[TargetField, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        reading: dict[str, list[TargetField]] = {}
        for each in self.fields.values():
            for name in each.reads if each.plain else ():
                reading.setdefault(name, []).append(each)
        object.__setattr__(self, "_nothing", {name: each.nothing for name, each in self.fields.items()})
        object.__setattr__(
            self, "_always", tuple(each for each in self.fields.values() if each.make and not each.plain)
        )
        object.__setattr__(self, "_reading", {name: tuple(some) for name, some in reading.items()})

    @property
    def parents(self) -> dict[str, str]:
        """The target's fields that point at another record of it, with that record's stream."""
        return {name: each.parent for name, each in self.fields.items() if each.parent}

    @property
    def columns(self) -> tuple[str, ...]:
        """The target's fields that the mapping writes."""
        return tuple(self.fields)

    def fitted(self, described: Collection[str]) -> TargetMapping:
        """The same for a target that describes these fields: without those that are only written where they are."""
        gone = {name for name, each in self.fields.items() if each.if_there and name not in described}
        return replace(self, fields={n: each for n, each in self.fields.items() if n not in gone}) if gone else self

    def desired(self, document: Document) -> dict[str, Wanted]:
        """What the target should hold of ``{canonical field: value}``. Pure. Raises Skippable as ``wanted`` does."""
        found = dict(self._nothing)
        for each in self._always:
            found[each.name] = each.wanted(document)
        for name in document:
            for each in self._reading.get(name, ()):
                found[each.name] = each.wanted(document)
        return found


def load_target_mapping(hub: Hub, name: str) -> TargetMapping:
    """The mapping ``name`` of the hub, or of those that ship with Solmu.

    Raises ConfigurationError with file, line and the nearest valid name; all that is wrong is in its notes.
    """
    file, data, lines = read_mapping(hub, "targets", name)
    return target_mapping(name, file, data, lines, {entity: hub.fields(entity) for entity in Entity})


def target_mapping(
    name: str,
    file: Path,
    data: Any,
    lines: Lines,
    known: Mapping[Entity, Mapping[str, CanonicalField]] | None = None,
) -> TargetMapping:
    """The same of a document that is already read. ``known``: the canonical fields of each entity."""
    if not isinstance(data, Mapping):
        raise lines.error((), "a mapping is a block", expected="object: …, entity: …, fields: …")
    draft = Draft(data, lines)
    draft.only((), data, KEYS)
    entity, hanging = _subject(draft, data)
    fields: dict[str, TargetField] = {}
    if entity or hanging:
        names = HANGING_FIELDS[hanging] if hanging else (known or FIELDS)[entity or Entity.ORGANISATION]
        for field, value in draft.block(("fields",), data.get("fields", {})).items():
            made = target_field(draft, ("fields", field), value, names)
            if made is not None and made.parent is not None and entity is Entity.ORGANISATION:
                draft.problem(("fields", field, "parent"), _POINTS_NOWHERE, _POINTING, made.parent)
            elif made is not None:
                fields[field] = made
    if not data.get("fields") and not draft.problems:
        draft.problem((), "`fields` is missing", "what the target's fields take: {Name: {from: name}}")
    include = _conditions(draft, data, "include", INCLUDES)
    exclude = _conditions(draft, data, "exclude", EXCLUDES)
    external_id = draft.text(("external_id",), data["external_id"]) if "external_id" in data else None
    if external_id in fields:
        draft.problem(("fields", str(external_id)), f"{external_id} is the external id, which Solmu fills in itself")
    only = _values(draft, data, "only", HANGING_FIELDS[hanging] if hanging else {})
    taken_back = _values(draft, data, "taken_back", fields)
    draft.finish()
    return TargetMapping(
        name=name,
        file=file,
        recipe=recipe_hash({"mapping": data}),
        object=str(data.get("object", name)),
        entity=entity,
        hanging=hanging,
        external_id=external_id,
        include=include,
        exclude=exclude,
        fields=fields,
        only=only,
        taken_back=taken_back,
    )


def _subject(draft: Draft, data: Mapping[str, Any]) -> tuple[Entity | None, Hanging | None]:
    if ("entity" in data) is ("hanging" in data):
        draft.problem((), "this mapping does not say what it pushes", "either `entity` or `hanging`")
        return None, None
    key, choices = ("entity", list(Entity)) if "entity" in data else ("hanging", list(BLOCKS))
    chosen = draft.one_of((key,), data[key], [each.value for each in choices])
    if chosen not in [each.value for each in choices]:
        return None, None
    return (Entity(chosen), None) if key == "entity" else (None, Hanging(chosen))


def _conditions(draft: Draft, data: Mapping[str, Any], key: str, known: tuple[str, ...]) -> tuple[str, ...] | None:
    if key not in data:
        return None
    stated = data[key] if isinstance(data[key], list) else [data[key]]
    return tuple(draft.one_of((key, number), each, known) for number, each in enumerate(stated))


def _values(draft: Draft, data: Mapping[str, Any], key: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """A block of fixed values for some of the fields ``names``."""
    found = {}
    for name, value in draft.block((key,), data[key]).items() if key in data else ():
        if name not in names:
            draft.problem((key, name), f"unknown field `{name}`", choice_of(name, names), name)
        elif not isinstance(value, str | int | float):
            draft.problem((key, name), f"{name} needs a fixed value", "a text, a number, true or false")
        else:
            found[name] = value
    return found
