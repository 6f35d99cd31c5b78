"""Compiles the blocks that make mentions: ``organisation``, ``person``, ``person#2`` …"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from solmu.mapping.cells import ReadsMany, plainly, read_together
from solmu.mapping.derived import NAME_PARTS, OWN_ADDRESSES, Derive, city_with_postcode, name_of_parts, own_domain
from solmu.mapping.draft import Draft
from solmu.mapping.fields import FieldProgram, field_program
from solmu.mapping.references import Target, target_of
from solmu.mapping.row import Columns, Fill, Row
from solmu.mapping.specs import country_option, parse_spec
from solmu.mapping.values import MappedMention
from solmu.model import CanonicalField, Entity

SLOT = re.compile(r"(organisation|person)(#[2-9]|#[1-9][0-9]+)?")

RELATIONS = ("parent", "site", "brand", "dealer")
"""Kinds of tie between organisations; each is a key of an organisation's block."""

_TELLING = {
    Entity.ORGANISATION: frozenset({"name", "business_id", "customer_number", "domain", "website", "email", "phone"}),
    Entity.PERSON: frozenset({"name", "given_name", "family_name", "email", "phone"}),
}
"""Fields that say who is meant. A country alone makes no mention: everybody in Finland is not one organisation."""


@dataclass(frozen=True, slots=True)
class EntityProgram:
    """A compiled block. ``derived``: what follows from the fields that are read, in this order; ``fields``: the columns
    that each field may be read from; ``also``: those of their options. ``telling``: fields that say who is meant.
    ``ties``: the employer of a person, or what the organisation belongs to, each with the kind of the tie."""

    slot: str
    entity: Entity
    fills: tuple[Fill, ...]
    many: tuple[ReadsMany, ...]
    derived: tuple[Derive, ...]
    fields: Mapping[str, Columns]
    also: Columns
    telling: frozenset[str]
    ties: tuple[tuple[str, str, Target], ...]

    @property
    def columns(self) -> Columns:
        """All that the block may read."""
        read = [*self.fields.values(), self.also, *(target.columns for _, _, target in self.ties)]
        return tuple(dict.fromkeys(name for names in read for name in names))

    def read(self, row: Row) -> MappedMention | None:
        """The mention that the row makes here, None if it does not say of whom it speaks."""
        fields: dict[str, Any] = {}
        columns: dict[str, Columns] = {}
        for fill in self.fills:
            fill(row, fields, columns)
        for derive in self.derived:
            origin, pairs = derive(fields)
            for name, value in pairs:
                fields[name], columns[name] = value, columns[origin]
        return self.mention(fields, columns)

    def read_all(self, rows: Sequence[Row], odd: set[int]) -> Iterator[MappedMention | None]:
        """The same of many rows, but for what columns its fields were read from; see ``ReadsMany`` for ``odd``."""
        for fields in read_together(self.many, rows, odd):
            for derive in self.derived:
                _, pairs = derive(fields)
                if pairs:
                    fields.update(pairs)
            yield self.mention(fields, {})

    def mention(self, fields: dict[str, Any], columns: dict[str, Columns]) -> MappedMention | None:
        """The mention that has these fields."""
        return None if self.telling.isdisjoint(fields) else MappedMention(self.slot, self.entity, fields, columns)


def entity_program(
    draft: Draft, slot: str, value: Any, known: Mapping[Entity, Mapping[str, CanonicalField]]
) -> EntityProgram:
    """Compile a block, noting what is wrong with it. ``known``: the canonical fields, the hub's own among them."""
    entity = Entity(slot.partition("#")[0])
    block = draft.block((slot,), value)
    tied = _tie_names(entity)
    specified = {name: spec for name, spec in block.items() if name not in tied}
    # Given and family name are read together: only both tell what the whole name is.
    apart = [name for name in NAME_PARTS if _plain(specified.get(name))] if entity is Entity.PERSON else []
    parts = {name: parse_spec(draft, (slot, name), specified[name]) for name in apart}
    home = _home(draft, slot, specified.get("country"))
    programs: list[FieldProgram] = []
    # A whole name comes last, since it fills in what the others leave blank.
    for name, spec in sorted(specified.items(), key=lambda item: item[0] == "name"):
        target = known[entity].get(name)
        if target is None:
            draft.unknown((slot, name), f"field of {entity}", [*known[entity], *tied])
        elif name not in apart:
            program = field_program(draft, (slot, name), spec, target, entity, home)
            programs += [program] if program else []
    fills = [program.fill for program in programs]
    many = [program.many for program in reversed(programs)]  # so that a whole name only fills in what is blank
    if parts:
        fill, read_many = name_of_parts(parts)
        fills.insert(0, fill)
        many = [plainly(*fills)] if "name" in specified else [read_many, *many]
    derived: list[Derive] = []
    if entity is Entity.ORGANISATION and "domain" not in specified and not specified.keys().isdisjoint(OWN_ADDRESSES):
        derived.append(own_domain())
    if "city" in specified:
        derived.append(city_with_postcode())
    ties = tuple(_tie(draft, slot, entity, name, block[name]) for name in tied if name in block)
    fields = {program.name: program.columns for program in programs}
    fields |= {name: tuple(column for each in spec.columns for column in each.names) for name, spec in parts.items()}
    also = tuple(name for program in programs for name in program.also)
    return EntityProgram(
        slot=slot,
        entity=entity,
        fills=tuple(fills),
        many=tuple(many),
        derived=tuple(derived),
        fields=fields,
        also=also,
        telling=_TELLING[entity],
        ties=ties,
    )


def _home(draft: Draft, slot: str, stated: Any) -> Any:
    """What reads the block's own country; nothing if it makes no sense, which is said of the country itself."""
    if stated is None:
        return None
    spec = {"from": stated} if isinstance(stated, str | list) else stated
    trial = replace(draft, problems=[])
    country_option(trial, (slot, "country"), spec)
    return None if trial.problems else spec


_PLAIN_KEYS = {"from", "on_invalid"}


def _plain(spec: Any) -> bool:
    """Whether a part of a name is read as it is, so that the whole name can be made of both."""
    return isinstance(spec, str | list) or (
        isinstance(spec, Mapping) and "from" in spec and not set(spec) - _PLAIN_KEYS
    )


def _tie_names(entity: Entity) -> tuple[str, ...]:
    return ("employer",) if entity is Entity.PERSON else RELATIONS


def _tie(draft: Draft, slot: str, entity: Entity, name: str, value: Any) -> tuple[str, str, Target]:
    kind = name
    if entity is Entity.ORGANISATION and isinstance(value, Mapping) and "kind" in value:
        kind = draft.one_of((slot, name, "kind"), value["kind"], RELATIONS)
        value = {key: each for key, each in value.items() if key != "kind"}
    return name, kind, target_of(draft, (slot, name), value, Entity.ORGANISATION)
